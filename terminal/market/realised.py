"""Realised volatility from bars: seven estimators, annualised over 365 days, gaps left out."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

import numpy as np
from msgspec import Struct

from terminal.core.units import YEAR
from terminal.market.arrays import IndexArray, InstantArray, whole, within
from terminal.market.bars import Bars, asked_window, between
from terminal.pricing.rows import FloatArray

LN2: Final = math.log(2.0)
ALPHA: Final = 1.34
"""Yang and Zhang's expected fourth-moment ratio, the value they recommend."""
LEAST_SHARE: Final = 0.5
"""Share of the window that must have been seen before a volatility is stated."""
LEAST_TERMS: Final = 2


class Estimator(StrEnum):
    """How a bar is turned into variance.

    Attributes
    ----------
    CLOSE_CLOSE
        Sample variance of log returns, ddof 1: takes out the mean.
    CLOSE_CLOSE_ZERO_MEAN
        Mean squared log return: what gamma is paid.
    PARKINSON
        High and low; no drift, no jump between bars.
    GARMAN_KLASS
        High, low, open and close; no drift.
    ROGERS_SATCHELL
        High, low, open and close; any drift.
    GARMAN_KLASS_YANG_ZHANG
        Garman-Klass with the jump from the previous close.
    YANG_ZHANG
        Any drift, jumps between bars.
    """

    CLOSE_CLOSE = "close_close"
    CLOSE_CLOSE_ZERO_MEAN = "close_close_zero_mean"
    PARKINSON = "parkinson"
    GARMAN_KLASS = "garman_klass"
    ROGERS_SATCHELL = "rogers_satchell"
    GARMAN_KLASS_YANG_ZHANG = "garman_klass_yang_zhang"
    YANG_ZHANG = "yang_zhang"


class Realised(Struct, frozen=True):
    """A realised volatility and what it was measured on.

    Attributes
    ----------
    vol : float or None
        Annual volatility as a fraction, ACT/365; None with a reason.
    terms : int
        Bars that entered.
    covered, asked : int
        Time those bars cover, and the time asked for, ns.
    breaks : int
        Bars whose previous close is unknown: the first, and every one after a gap.
    faulty : int
        Bars set aside because they cannot be.
    reason : str
        Why there is no volatility; empty where there is one.
    """

    vol: float | None
    terms: int
    covered: int
    asked: int
    breaks: int
    faulty: int
    reason: str = ""


class RollingVol(NamedTuple):
    """Realised volatility over a moving window, one value at the close of every bar.

    Attributes
    ----------
    at : ndarray of int64 (n,)
        UtcNs of the bar's close.
    vol : ndarray (n,)
        Annual volatility as a fraction; NaN while too little of the window was seen.
    share : ndarray (n,)
        Part of the window that entered, 0 to 1.
    """

    at: InstantArray
    vol: FloatArray
    share: FloatArray


class _Terms(NamedTuple):
    """What an estimator sums: `rows` over the bars numbered `bar`, one row for each moment."""

    bar: IndexArray
    rows: FloatArray


def realised(
    bars: Bars,
    estimator: Estimator = Estimator.YANG_ZHANG,
    *,
    window: int | None = None,
    least_share: float = LEAST_SHARE,
) -> Realised:
    """Realised volatility of bars.

    Parameters
    ----------
    bars : Bars
        Any length of bar.
    estimator : Estimator
        Which; close-close and Yang-Zhang need the previous close and leave out bars without one.
    window : int, optional
        Time asked for, ns, ending at the last close; everything where it is not given.
    least_share : float
        Part of that time which must have been measured, above 0 and below 1.

    Returns
    -------
    Realised
        `vol` is None with a reason where fewer than two bars or too little time is covered.

    Raises
    ------
    ValueError
        `window` below one bar, or `least_share` out of range.

    Notes
    -----
    Variance per bar first, annualised last by ``365 days / span``. Parkinson (1980), Garman and
    Klass (1980), Rogers and Satchell (1991), Yang and Zhang (2000); definitions as in the R
    package TTR. Sampled highs and lows miss the extremes: on bars built from few trades the range
    estimators read low. A return over a gap is left out, not spread over the time it took.
    """
    within("least_share", least_share, 0.0, 1.0)
    start, end = asked_window(bars)
    if window is not None:
        start = end - whole("window", window, bars.span)
        bars = between(bars, start, end)
    used, rows = _terms(bars, Estimator(estimator))
    count = used.size
    covered, asked = count * bars.span, end - start
    facts = (count, covered, asked, int(np.isnan(bars.previous).sum()), bars.faulty.size)
    if count < LEAST_TERMS:
        return Realised(None, *facts, f"{count} usable bars, at least {LEAST_TERMS} are needed")
    if covered < least_share * asked:
        return Realised(None, *facts, f"only {covered / asked:.0%} of the window was seen")
    sums = np.sum(rows, axis=1, keepdims=True)
    variance = _variance(sums, np.array([float(count)]), estimator)
    return Realised(math.sqrt(float(variance[0]) * YEAR / bars.span), *facts)


def rolling(
    bars: Bars,
    estimator: Estimator = Estimator.YANG_ZHANG,
    *,
    window: int,
    least_share: float = LEAST_SHARE,
) -> RollingVol:
    """Realised volatility over a moving window of time, for charts and cones.

    Parameters
    ----------
    bars : Bars
        Any length of bar.
    estimator : Estimator
        As in `realised`, which gives the same value on the same window.
    window : int
        Time, ns, at least one bar; after a gap it holds fewer bars, never older ones.
    least_share : float
        As in `realised`.

    Returns
    -------
    RollingVol

    Raises
    ------
    ValueError
        `window` below one bar, or `least_share` out of range.
    """
    window = whole("window", window, bars.span)
    within("least_share", least_share, 0.0, 1.0)
    used, rows = _terms(bars, Estimator(estimator))
    at = bars.start + bars.span
    starts = bars.start[used]
    first = np.searchsorted(starts, at - window)
    last = np.cumsum(np.bincount(used, minlength=at.size))
    count = (last - first).astype(np.float64)
    sums = _window_sums(rows, first, last, max(1, window // bars.span))
    share = count * (bars.span / window)
    enough = (count >= LEAST_TERMS) & (share >= least_share)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = _variance(sums, count, estimator)
        vol = np.sqrt(variance * (YEAR / bars.span))
    return RollingVol(at, np.where(enough, vol, np.nan), share)


def _terms(bars: Bars, estimator: Estimator) -> _Terms:
    """Moments of every bar that the estimator can use."""
    everything = np.arange(bars.start.size)
    after_close = np.flatnonzero(~np.isnan(bars.previous))
    match estimator:
        case Estimator.CLOSE_CLOSE:
            move = np.log(bars.close[after_close] / bars.previous[after_close])
            return _Terms(after_close, np.stack((move, move * move)))
        case Estimator.CLOSE_CLOSE_ZERO_MEAN:
            move = np.log(bars.close[after_close] / bars.previous[after_close])
            return _Terms(after_close, (move * move)[np.newaxis])
        case Estimator.PARKINSON:
            spread = np.log(bars.high / bars.low)
            return _Terms(everything, (spread * spread / (4.0 * LN2))[np.newaxis])
        case Estimator.GARMAN_KLASS:
            return _Terms(everything, _garman_klass(bars)[np.newaxis])
        case Estimator.ROGERS_SATCHELL:
            return _Terms(everything, _rogers_satchell(bars)[np.newaxis])
        case Estimator.GARMAN_KLASS_YANG_ZHANG:
            jump = np.log(bars.open[after_close] / bars.previous[after_close])
            return _Terms(after_close, (_garman_klass(bars)[after_close] + jump * jump)[np.newaxis])
        case Estimator.YANG_ZHANG:
            jump = np.log(bars.open[after_close] / bars.previous[after_close])
            move = np.log(bars.close[after_close] / bars.open[after_close])
            inside = _rogers_satchell(bars)[after_close]
            return _Terms(after_close, np.stack((jump, jump * jump, move, move * move, inside)))
        case _:
            assert_never(estimator)


def _garman_klass(bars: Bars) -> FloatArray:
    spread = np.log(bars.high / bars.low)
    move = np.log(bars.close / bars.open)
    variance: FloatArray = 0.5 * spread * spread - (2.0 * LN2 - 1.0) * move * move
    return variance


def _rogers_satchell(bars: Bars) -> FloatArray:
    variance: FloatArray = np.log(bars.high / bars.close) * np.log(bars.high / bars.open)
    variance += np.log(bars.low / bars.close) * np.log(bars.low / bars.open)
    return variance


def _variance(sums: FloatArray, count: FloatArray, estimator: Estimator) -> FloatArray:
    """Variance per bar from the sums of `_terms` over `count` bars."""
    if estimator is Estimator.CLOSE_CLOSE:
        return _sample_variance(sums[0], sums[1], count)
    if estimator is Estimator.YANG_ZHANG:
        weight = (ALPHA - 1.0) / (ALPHA + (count + 1.0) / (count - 1.0))
        jumps = _sample_variance(sums[0], sums[1], count)
        moves = _sample_variance(sums[2], sums[3], count)
        mixed: FloatArray = jumps + weight * moves + (1.0 - weight) * sums[4] / count
        return mixed
    mean: FloatArray = np.maximum(sums[0], 0.0) / count
    return mean


def _sample_variance(total: FloatArray, squares: FloatArray, count: FloatArray) -> FloatArray:
    """Variance with ddof 1; safe in this form because returns deviate more than they drift."""
    variance: FloatArray = np.maximum(squares - total * total / count, 0.0) / (count - 1.0)
    return variance


def _window_sums(
    rows: FloatArray, first: IndexArray, last: IndexArray, longest: int
) -> FloatArray:
    """Sums of rows over ``[first, last)``, windows of at most `longest` columns.

    Running sums start afresh every `longest` columns, so that a window is the end of one block
    and the beginning of the next: a storm long ago leaves no rounding noise in a quiet hour, as it
    would in a running sum of the whole series.
    """
    moments, columns = rows.shape
    if columns == 0:
        return np.zeros((moments, first.size))
    block = min(longest, columns)
    padded = np.zeros((moments, -(-columns // block) * block))
    padded[:, :columns] = rows
    blocks = padded.reshape(moments, -1, block)
    upto = np.cumsum(blocks, axis=2).reshape(moments, -1)
    onward = np.cumsum(blocks[:, :, ::-1], axis=2)[:, :, ::-1].reshape(moments, -1)
    begin = np.minimum(first, columns - 1)
    end = np.maximum(last - 1, 0)
    sums: FloatArray = np.take(upto, end, axis=1)
    sums += np.take(onward, begin, axis=1)
    inside = np.flatnonzero(begin // block == end // block)
    low, high = begin[inside], end[inside]
    sums[:, inside] = upto[:, high] - upto[:, low] + padded[:, low]
    sums[:, last <= first] = 0.0
    return sums
