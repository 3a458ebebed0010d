"""Whether gamma is cheap or dear: forecast against implied volatility, and what it may miss by."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.market.signature import signature
from terminal.model.gamma import EdgeView, Forecaster, Stance
from terminal.pricing.rows import FloatArray

SAMPLING: Final = (5 * MINUTE, HOUR)
"""Steps that returns are sampled at: five minutes, or an hour where prices come seldom."""

LEAST_WINDOW: Final = HOUR
LONGEST_WINDOW: Final = 30 * DAY

MISSES: Final = ((HOUR, 0.55), (6 * HOUR, 0.45), (DAY, 0.40), (7 * DAY, 0.33), (30 * DAY, 0.31))
"""Standard deviation of ln(realised / forecast) by the window that the forecast looks back over.

Measured on five-minute bars of BTC, ETH and SOL, 2019 to 2026, for what followed in the next day,
week and month; the last on hourly bars of BTC, 2017 to 2024. What follows hardly matters beside
how much was seen."""


class VolGuess(Struct, frozen=True):
    """A forecast of realised volatility, and how it was made.

    ``error`` is one standard deviation of what comes instead; None with a reason. ``fallback`` is
    why it was not made by the better model.
    """

    vol: float | None
    error: float | None
    window: int  # ns that were seen
    reason: str = ""
    model: Forecaster = Forecaster.PERSISTENCE
    fallback: str = ""


def persistence(times: FloatArray, prices: FloatArray, horizon: int) -> VolGuess:
    """Forecast that volatility over the horizon is that of as long a past.

    Parameters
    ----------
    times, prices : ndarray (n,)
        As in `terminal.market.signature.signature`.
    horizon : int
        ns ahead, cut to an hour at least and thirty days at most.

    Returns
    -------
    VolGuess
        The error has two parts: of measuring the past, and of the future not being like it
        (``MISSES``).
    """
    wanted = min(max(horizon, LEAST_WINDOW), LONGEST_WINDOW)
    since = np.searchsorted(times, times[-1] - wanted / SECOND) if times.size else 0
    seen = times[since:]
    window = round(float(seen[-1] - seen[0]) * SECOND) if seen.size else 0
    if window < 0.9 * LEAST_WINDOW:
        return VolGuess(None, None, window, "an hour of prices is needed for a forecast")
    found = next(
        (each for each in signature(seen, prices[since:], SAMPLING) if each.error is not None), None
    )
    if found is None or found.vol is None or found.error is None:
        return VolGuess(None, None, window, "too few returns for a forecast")
    return VolGuess(found.vol, math.hypot(found.error, miss(window) * found.vol), window)


def miss(window: int) -> float:
    """Relative standard deviation of what a forecast from this long a past misses by."""
    spans, misses = zip(*MISSES, strict=True)
    return float(np.interp(math.log(max(window, 1)), np.log(spans), misses))


def edge_of(guess: VolGuess, implied: float | None, cost: float | None, expiry: int) -> EdgeView:
    """Say whether long or short gamma has an edge, which by default neither has.

    Parameters
    ----------
    guess : VolGuess
    implied : float or None
        Annual fraction.
    cost : float or None
        What trading the options once and hedging them costs, in volatility; None counts as 0 and
        is said.
    expiry : int
        UtcNs that implied volatility is of; 0 without one.

    Returns
    -------
    EdgeView
        A side has an edge only if the difference of forecast and implied volatility, less the
        cost, is larger than the forecast's own error.
    """
    forecast, error, paid = guess.vol, guess.error, cost or 0.0
    stance = Stance.NONE
    if implied is None or forecast is None or error is None:
        why = guess.reason or "no option near the money is quoted on both sides"
        says = f"No edge can be stated: {why}."
    else:
        gap = forecast - implied
        if abs(gap) - paid > error:
            stance = Stance.LONG if gap > 0.0 else Stance.SHORT
        says = f"{_words(stance, gap, error, cost)} {_made_by(guess)}"
    return EdgeView(
        stance=stance,
        expiry=expiry,
        implied=implied,
        forecast=forecast,
        error=error,
        cost=cost,
        window=guess.window,
        says=says,
        model=guess.model,
        fallback=guess.fallback,
    )


def _made_by(guess: VolGuess) -> str:
    """Say which model made a forecast, and why it was not the better one."""
    if guess.model is Forecaster.HAR:
        return f"Forecast by HAR on {guess.window / DAY:.0f} days, with its own error band."
    why = f": {guess.fallback}" if guess.fallback else ""
    return f"Forecast by persistence{why}."


def _words(stance: Stance, gap: float, error: float, cost: float | None) -> str:
    left = 100.0 * (abs(gap) - (cost or 0.0))
    after = "costs unknown" if cost is None else f"after {100.0 * cost:.1f} of costs"
    side = "above" if gap > 0.0 else "below"
    told = f"the forecast is {100.0 * abs(gap):.1f} vol points {side} implied"
    if stance is Stance.NONE:
        return (
            f"No edge: {told}, {left:.1f} {after}, and the forecast misses by {100.0 * error:.1f}."
            " A side has an edge only beyond that."
        )
    if stance is Stance.LONG:
        meaning = "long gamma should earn more than its rent, short gamma lose"
    else:
        meaning = "short gamma is paid more than it should lose, and carries the crash"
    beyond = f"{left:.1f} {after}, the forecast misses by {100.0 * error:.1f}"
    return f"Edge for {stance.value}: {told}, {beyond}: {meaning}."
