"""A series of bars of one length, which knows where time is missing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.market.arrays import LARGEST, InstantArray, MaskArray, instants, numbers, whole
from terminal.pricing.rows import FloatArray


class Bars(NamedTuple):
    """Possible bars of one instrument, oldest first; make them with `bars_of`.

    Attributes
    ----------
    span : int
        Length of every bar, ns.
    start : ndarray of int64 (n,)
        UtcNs at which a bar opens; at least `span` apart.
    previous : ndarray (n,)
        Close of the bar that ended when this one opened; NaN after a gap, where the market moved
        for an unknown number of steps. No return is ever measured from a NaN.
    open, high, low, close : ndarray (n,)
        Prices, 1e-150 to 1e150, low <= open, close <= high.
    faulty : ndarray of int64 (f,)
        UtcNs of bars set aside because they cannot be: NaN, not positive, or high and low do not
        enclose open and close. Their time counts as missing.
    """

    span: int
    start: InstantArray
    previous: FloatArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    faulty: InstantArray


def bars_of(
    start: npt.ArrayLike,
    prices: npt.ArrayLike,
    *,
    span: int,
    previous_close: float | None = None,
) -> Bars:
    """Bars of recorded opens, highs, lows and closes.

    Parameters
    ----------
    start : array_like of int (n,)
        UtcNs of each bar's open, strictly increasing, at least `span` apart.
    prices : array_like (4, n)
        Rows open, high, low, close.
    span : int
        Length of every bar, ns, > 0.
    previous_close : float, optional
        Close of the bar just before the first, where it is known.

    Returns
    -------
    Bars
        Impossible bars are set aside and named in `faulty`.

    Raises
    ------
    TypeError
        `start` is not whole nanoseconds, or `prices` are not numbers.
    ValueError
        Times not in order, bars that overlap, or shapes that do not fit.
    """
    span = whole("span", span)
    at = instants("start", start)
    table = numbers("prices", prices, dimensions=2)
    if table.shape != (4, at.size):
        raise ValueError(f"prices must be open, high, low, close of {at.size} bars: (4, {at.size})")
    overlaps = np.flatnonzero(np.diff(at) < span)
    if overlaps.size:
        raise ValueError(f"start: bar {int(overlaps[0]) + 1} opens before the one before it ends")
    possible = _possible(table)
    kept, (opened, high, low, close) = at[possible], table[:, possible]
    previous = np.full(kept.size, np.nan)
    previous[1:] = np.where(np.diff(kept) == span, close[:-1], np.nan)
    if previous_close is not None and possible[:1].any():
        previous[0] = _price("previous_close", previous_close)
    return Bars(span, kept, previous, opened, high, low, close, at[~possible])


def between(bars: Bars, start: int, end: int) -> Bars:
    """Bars that lie wholly in ``[start, end)`` (UtcNs), each still knowing its previous close."""
    low, high = np.searchsorted(bars.start, (start, end - bars.span + 1))
    part = slice(int(low), int(high))
    faulty = bars.faulty[(bars.faulty >= start) & (bars.faulty <= end - bars.span)]
    prices = (bars.open[part], bars.high[part], bars.low[part], bars.close[part])
    return Bars(bars.span, bars.start[part], bars.previous[part], *prices, faulty)


def asked_window(bars: Bars) -> tuple[int, int]:
    """First open and last close (UtcNs), faulty bars included; (0, 0) where there are none."""
    ends = np.concatenate((bars.start[:1], bars.start[-1:], bars.faulty[:1], bars.faulty[-1:]))
    return (int(ends.min()), int(ends.max()) + bars.span) if ends.size else (0, 0)


def _possible(table: FloatArray) -> MaskArray:
    """Mask of the columns that can be a bar; a comparison with NaN is false."""
    opened, high, low, close = table
    encloses = (low <= np.minimum(opened, close)) & (high >= np.maximum(opened, close))
    possible: MaskArray = encloses & (low > 1.0 / LARGEST) & (high < LARGEST)
    return possible


def _price(name: str, value: float) -> float:
    number = float(numbers(name, value, dimensions=0))
    if not 1.0 / LARGEST < number < LARGEST:
        raise ValueError(f"{name} must be a positive price, not {value!r}; leave it out if unknown")
    return number
