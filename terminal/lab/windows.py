"""Windows of market time that a policy is tried on: recorded ones, and simulated ones."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY, YEAR
from terminal.market.arrays import InstantArray
from terminal.market.bars import Bars
from terminal.pricing.rows import FloatArray

SHORT_DAYS: Final = 7
LONG_DAYS: Final = 30


class Setup(Struct, frozen=True, kw_only=True):
    """What every window and every policy has in common."""

    days: int = 7  # length of a window
    tenor_days: int = 7  # life of the straddle when its window opens, at least as long
    notional: float = 600_000.0  # USD of each leg of the straddle when its window opens
    cost: float = 5e-4  # one-way proportional cost, a fraction of notional
    order_cost: float = 0.0  # USD an order
    premium: float = 1.05  # implied volatility over realised, when a window opens


class Windows(NamedTuple):
    """Prices of many windows of equal length.

    Attributes
    ----------
    start : ndarray of int64 (w,)
        UtcNs at which each window opens.
    price : ndarray (n + 1, w)
        USD per coin at each bar's end, the opening instant first.
    vol : ndarray (w,)
        Annual volatility at which the straddle is bought and hedged, known at the opening.
    step : float
        Years from one price to the next.
    left_out : int
        Days on which no window could open because a bar of it or of its history is missing.
    """

    start: InstantArray
    price: FloatArray
    vol: FloatArray
    step: float
    left_out: int


def cut(bars: Bars, setup: Setup) -> Windows:
    """One window a UTC day, wherever its bars and those of the 30 days before are all there.

    Parameters
    ----------
    bars : Bars
        Of a span that divides a day.
    setup : Setup

    Returns
    -------
    Windows
        None at all (w = 0) where the bars are too few.

    Raises
    ------
    ValueError
        The span does not divide a day, or there are no bars.

    Notes
    -----
    Implied volatility is premium * sqrt(RV7^2 / 2 + RV30^2 / 2), realised volatilities of the 7 and
    30 days before the window opens: nothing of the window itself.
    """
    if not bars.start.size or DAY % bars.span:
        raise ValueError(f"{bars.start.size} bars of {bars.span} ns: give bars that divide a day")
    per_day = DAY // bars.span
    first = int(-(-int(bars.start[0]) // DAY) * DAY)
    price = _grid(bars, first)
    days = (price.size - 1) // per_day
    opens = np.arange(LONG_DAYS, days - setup.days + 1) * per_day
    missing = np.concatenate(([0], np.cumsum(np.isnan(price))))
    end = opens + setup.days * per_day + 1
    whole = missing[end] == missing[opens - LONG_DAYS * per_day]
    kept = opens[whole]
    rows = np.arange(setup.days * per_day + 1)[:, None]
    vol = _implied(price, kept, per_day, setup.premium)
    start = first + kept * bars.span
    step = bars.span / YEAR
    return Windows(start, price[kept + rows], vol, step, int((~whole).sum()))


def _grid(bars: Bars, first: int) -> FloatArray:
    """Price at every instant of the bars' grid from ``first`` on; NaN where none is known."""
    last = int(bars.start[-1]) + bars.span
    price = np.full(max((last - first) // bars.span + 1, 1), np.nan)
    for at, value in ((bars.start, bars.open), (bars.start + bars.span, bars.close)):
        place = (at - first) // bars.span  # a close is written last: it is the later print
        inside = place >= 0
        price[place[inside]] = value[inside]
    return price


def _implied(price: FloatArray, opens: InstantArray, per_day: int, premium: float) -> FloatArray:
    """Implied volatility of each window from the prices before it."""
    squares = np.nan_to_num(np.diff(np.log(price))) ** 2  # holes lie in windows already left out
    total = np.concatenate(([0.0], np.cumsum(squares)))
    yearly = [
        (total[opens] - total[opens - days * per_day]) * 365.0 / days
        for days in (SHORT_DAYS, LONG_DAYS)
    ]
    return np.asarray(premium * np.sqrt(0.5 * yearly[0] + 0.5 * yearly[1]))


def simulated(setup: Setup, seed: int, count: int, *, spot: float, vol: float) -> Windows:
    """Windows of geometric Brownian motion without drift, a price every ten minutes.

    Parameters
    ----------
    setup : Setup
    seed : int
    count : int
        Windows, all independent.
    spot : float
        USD per coin at the opening.
    vol : float
        Annual volatility, implied and realised alike.

    Returns
    -------
    Windows
        Equal for equal arguments.
    """
    steps, step = setup.days * 144, 1.0 / (144 * 365)
    draws = np.random.default_rng(seed).standard_normal((steps, count))
    moves = vol * math.sqrt(step) * draws - 0.5 * vol * vol * step
    logs = np.vstack((np.zeros((1, count)), np.cumsum(moves, axis=0)))
    start = np.zeros(count, dtype=np.int64)
    return Windows(start, spot * np.exp(logs), np.full(count, vol), step, 0)
