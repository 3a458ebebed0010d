"""The forecast that gamma is judged by: a heterogeneous autoregression, or that nothing changes."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.market.edge import LONGEST_WINDOW, SAMPLING, VolGuess, persistence
from terminal.market.har import har_forecast
from terminal.market.signature import LONGEST_AGE, grid_returns
from terminal.model.gamma import Forecaster
from terminal.pricing.rows import FloatArray

LEAST_DAYS: Final = 60
"""Days of prices below which no autoregression over a month can have met thirty outcomes."""

LEAST_SHARE: Final = 0.5
"""Part of a day's returns that must be known for the day to count."""

DAY_S: Final = DAY / SECOND


def forecast(times: FloatArray, prices: FloatArray, horizon: int) -> VolGuess:
    """Best forecast of realised volatility that a past allows.

    Parameters
    ----------
    times, prices : ndarray (n,)
        As in `terminal.market.signature.signature`, the whole past.
    horizon : int
        ns ahead, rounded to days and cut to 1 to 30 for the autoregression.

    Returns
    -------
    VolGuess
        By the autoregression where it could be fitted and has met enough outcomes for a band of its
        own; else by persistence, with ``fallback`` saying why.

    Notes
    -----
    The log-HAR forecast had the lowest QLIKE of day-ahead forecasts of BTC, ETH and SOL in
    walk-forward tests (`terminal.market.har`); its error is the wider side of the band that 68 %
    of its own past forecasts stayed in.
    """
    guess = har_guess(times, prices, horizon)
    if guess.vol is not None:
        return guess
    since = np.searchsorted(times, times[-1] - LONGEST_WINDOW / SECOND) if times.size else 0
    return replace(persistence(times[since:], prices[since:], horizon), fallback=guess.reason)


def har_guess(times: FloatArray, prices: FloatArray, horizon: int) -> VolGuess:
    """Forecast of the autoregression alone; without a volatility and with the reason if none."""
    span = float(times[-1] - times[0]) if times.size else 0.0
    window = round(span * SECOND)
    blank = VolGuess(None, None, window, model=Forecaster.HAR)
    if span < LEAST_DAYS * DAY_S:
        why = f"HAR needs {LEAST_DAYS} days of prices, {span / DAY_S:.1f} are known"
        return replace(blank, reason=why)
    days = min(max(round(horizon / DAY), 1), LONGEST_WINDOW // DAY)
    found = har_forecast(daily_variances(times, prices), span=DAY, horizon=days)
    if found.vol is None:
        return replace(blank, reason=f"HAR: {found.reason}")
    if found.low is None or found.high is None:
        why = f"HAR has met too few outcomes over {days} days to know its own error"
        return replace(blank, reason=why)
    error = max(found.high - found.vol, found.vol - found.low)
    return replace(blank, vol=found.vol, error=error)


def daily_variances(times: FloatArray, prices: FloatArray) -> FloatArray:
    """Realised variance of each whole day up to the last price, oldest first.

    Parameters
    ----------
    times, prices : ndarray (n,)
        As in `terminal.market.signature.signature`, n >= 1.

    Returns
    -------
    ndarray (d,)
        Per day; NaN for a day of which less than half is known. Days end with the last price, not
        at midnight, so that none is half over.

    Notes
    -----
    Sums of squared five-minute returns, or hourly ones where prices come more seldom, scaled to
    the whole day by the part that is known.
    """
    spacing = float(np.median(np.diff(times[-1000:]))) if times.size > 1 else DAY_S
    width = next((each / SECOND for each in SAMPLING if each / SECOND >= spacing), DAY_S)
    squares = np.square(grid_returns(times, prices, width, LONGEST_AGE * max(spacing, width)))
    a_day = round(DAY_S / width)
    days = squares.size // a_day
    table = squares[squares.size - days * a_day :].reshape(days, a_day)
    known = np.isfinite(table)
    count = known.sum(axis=1)
    total = np.where(known, table, 0.0).sum(axis=1)
    scaled = total * a_day / np.maximum(count, 1)
    return np.where(count >= LEAST_SHARE * a_day, scaled, np.nan)
