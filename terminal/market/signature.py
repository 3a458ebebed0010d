"""Signature of volatility: what returns over ever longer steps say about the same stretch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.model.gamma import SignaturePoint
from terminal.pricing.rows import FloatArray

STEPS: Final = (
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    4 * HOUR,
    DAY,
)
LEAST_RETURNS: Final = 8
LONGEST_AGE: Final = 3.0
"""Steps of the feed after which its last price speaks for nothing any more."""


def signature(
    times: FloatArray, prices: FloatArray, steps: Sequence[int] = STEPS
) -> tuple[SignaturePoint, ...]:
    """Realised volatility by sampling step, all over the same stretch of time.

    Parameters
    ----------
    times : ndarray (n,)
        Seconds since 1970 UTC, not decreasing.
    prices : ndarray (n,)
        Price that holds from each time on; NaN where it is unknown until the next.
    steps : sequence of int
        Sampling steps, ns, > 0.

    Returns
    -------
    tuple of SignaturePoint
        In the order of ``steps``; without a volatility, and with the reason, where prices come
        more seldom or fewer than eight returns were seen.

    Notes
    -----
    Root of the mean squared log return (no mean is taken out: that is what gamma is paid), each
    return from grid time to grid time in UTC, none over a gap. The standard error is that of the
    mean square with Newey and West's (1987) weights, so that clustered volatility widens it, and
    never less than vol / sqrt(2 n), that of normal returns.
    """
    known = np.flatnonzero(np.isfinite(prices) & (prices > 0.0))
    if known.size < 2:
        return tuple(SignaturePoint(step, None, None, 0, "no prices yet") for step in steps)
    spacing = float(np.median(np.diff(times[known[-1000:]])))
    return tuple(_point(times, prices, step, spacing) for step in steps)


def _point(times: FloatArray, prices: FloatArray, step: int, spacing: float) -> SignaturePoint:
    width = step / SECOND
    if width < 0.99 * spacing:
        return SignaturePoint(step, None, None, 0, f"prices come every {spacing:g} s")
    squares = np.square(grid_returns(times, prices, width, LONGEST_AGE * spacing))
    squares = squares[np.isfinite(squares)]
    count = squares.size
    if count < LEAST_RETURNS:
        why = f"only {count} of the {LEAST_RETURNS} returns that are needed"
        return SignaturePoint(step, None, None, count, why)
    mean = float(np.mean(squares))
    scale = math.sqrt(YEAR / step)
    vol = math.sqrt(mean) * scale
    if mean == 0.0:
        return SignaturePoint(step, 0.0, None, count, "the price has not moved")
    spread = math.sqrt(long_run_variance(squares) / count) / (2.0 * math.sqrt(mean)) * scale
    return SignaturePoint(step, vol, max(spread, vol / math.sqrt(2.0 * count)), count)


def grid_returns(
    times: FloatArray, prices: FloatArray, width: float, longest_age: float
) -> FloatArray:
    """Log returns between multiples of a step; NaN where either end is unknown.

    Parameters
    ----------
    times, prices : ndarray (n,)
        As in `signature`, n >= 1.
    width : float
        Step, s, > 0.
    longest_age : float
        Age, s, beyond which a price does not hold any more.
    """
    first, last = math.ceil(times[0] / width), math.floor(times[-1] / width)
    points = np.arange(first, last + 1, dtype=np.float64) * width
    rows = np.searchsorted(times, points, side="right") - 1
    found = prices[rows]
    usable = (points - times[rows] <= longest_age) & (found > 0.0)
    with np.errstate(all="ignore"):
        logs = np.where(usable, np.log(found), np.nan)
    return np.diff(logs)


def long_run_variance(values: FloatArray) -> float:
    """Variance of the mean of a series times its length, neighbours allowed to resemble.

    Notes
    -----
    Newey and West (1987) with Bartlett weights and 4 (n / 100)^(2/9) lags.
    """
    away = values - np.mean(values)
    count = away.size
    lags = min(int(4.0 * (count / 100.0) ** (2.0 / 9.0)), count - 1)
    # Not by matrix products, whose threads cost a frame more than they save on a busy machine.
    total = float(np.sum(away * away))
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(np.sum(away[lag:] * away[:-lag]))
    return max(total / count, 0.0)
