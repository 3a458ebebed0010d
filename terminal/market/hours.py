"""Hours and days of realised variance from five-minute prices, gaps left open."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.market.arrays import LARGEST, instants, numbers
from terminal.pricing.rows import FloatArray

STEP: Final = 5 * MINUTE
"""Prices are sampled this far apart: finer, bounce between bid and ask reads as volatility."""

AN_HOUR: Final = HOUR // STEP
A_DAY: Final = DAY // HOUR
LEAST_SHARE: Final = 0.5
"""Part of an hour's returns, and of a day's hours, that must be known for it to count."""


class Spans(NamedTuple):
    """Equal consecutive spans of time; NaN where less than half of one was seen.

    Attributes
    ----------
    first : int
        UtcNs at which the first begins, a whole number of them since 1970.
    span : int
        Length of each, ns.
    variance : ndarray (n,)
        Sum of squared log returns, scaled up to the whole span by the part that was seen.
    bipower : ndarray (n,)
        Bipower variation, likewise: the part of the variance that is not jumps.
    move : ndarray (n,)
        Log return over the span, as far as it was seen.
    """

    first: int
    span: int
    variance: FloatArray
    bipower: FloatArray
    move: FloatArray

    @property
    def end(self) -> int:
        """UtcNs at which the last span ends."""
        return self.first + self.variance.size * self.span


def hours_of(at: npt.ArrayLike, prices: npt.ArrayLike) -> Spans:
    """Whole hours of a series of prices.

    Parameters
    ----------
    at : array_like of int (n,)
        UtcNs of each price, oldest first; each stands for the five-minute mark before or at it.
    prices : array_like (n,)
        USD; NaN, or anything that is no price, where unknown.

    Returns
    -------
    Spans
        From the first hour that was seen from its beginning to the last that is over.

    Raises
    ------
    TypeError, ValueError
        Not instants in order, not numbers, or of different lengths.

    Notes
    -----
    Barndorff-Nielsen and Shephard (2004): ``BPV = pi / 2 * sum |r_i| |r_i-1|``, here over the pairs
    inside an hour. No return is taken over a missing price.
    """
    stamps, levels = instants("at", at), numbers("prices", prices)
    if stamps.size != levels.size:
        raise ValueError("at and prices must have the same length")
    if stamps.size == 0:
        return Spans(0, HOUR, *(np.empty(0) for _ in range(3)))
    first = -(-int(stamps[0]) // HOUR) * HOUR
    count = max((int(stamps[-1]) - first) // HOUR, 0)
    grid = np.full(count * AN_HOUR + 1, np.nan)
    place = (stamps - first) // STEP
    inside = (place >= 0) & (place < grid.size)
    inside &= (levels > 1.0 / LARGEST) & (levels < LARGEST)
    grid[place[inside]] = np.log(levels[inside])
    table = np.diff(grid).reshape(count, AN_HOUR)
    variance = _whole(np.square(table), AN_HOUR)
    pairs = np.abs(table[:, 1:]) * np.abs(table[:, :-1])
    return Spans(
        first,
        HOUR,
        variance,
        0.5 * np.pi * _whole(pairs, AN_HOUR),
        np.where(np.isfinite(variance), np.nansum(table, axis=1), np.nan),
    )


def days_of(hours: Spans) -> Spans:
    """Whole UTC days of some hours; the one under way is left out."""
    first = -(-hours.first // DAY) * DAY
    skipped = (first - hours.first) // HOUR
    count = max((hours.variance.size - skipped) // A_DAY, 0)

    def table(values: FloatArray) -> FloatArray:
        return values[skipped : skipped + count * A_DAY].reshape(count, A_DAY)

    variance = _whole(table(hours.variance), A_DAY)
    return Spans(
        first,
        DAY,
        variance,
        _whole(table(hours.bipower), A_DAY),
        np.where(np.isfinite(variance), np.nansum(table(hours.move), axis=1), np.nan),
    )


def daily_means(hours: Spans, values: FloatArray) -> FloatArray:
    """Mean of a value of each hour by UTC day; NaN for a day of which less than half is known."""
    if values.size == 0:
        return np.empty(0)
    day = (hours.first // HOUR + np.arange(values.size)) // A_DAY
    place = (day - day[0])[np.isfinite(values)]
    count = int(day[-1] - day[0]) + 1
    seen = np.bincount(place, minlength=count)
    total = np.bincount(place, weights=values[np.isfinite(values)], minlength=count)
    return np.where(seen >= LEAST_SHARE * A_DAY, total / np.maximum(seen, 1), np.nan)


def joined(older: Spans, newer: Spans) -> Spans:
    """Hours of two sources as one series; where both know an hour, the newer source counts."""
    if older.variance.size == 0 or newer.variance.size == 0:
        return older if older.variance.size else newer
    first, end = min(older.first, newer.first), max(older.end, newer.end)
    columns = []
    for name in ("variance", "bipower", "move"):
        column = np.full((end - first) // HOUR, np.nan)
        for each in (older, newer):
            start = (each.first - first) // HOUR
            known = np.isfinite(each.variance)
            place = start + np.flatnonzero(known)
            column[place] = getattr(each, name)[known]
        columns.append(column)
    return Spans(first, HOUR, *columns)


def until(hours: Spans, at: int) -> Spans:
    """The hours that are over at an instant (UtcNs)."""
    count = min(max((at - hours.first) // hours.span, 0), hours.variance.size)
    return Spans(hours.first, hours.span, *(each[:count] for each in hours[2:]))


def latest(hours: Spans, most: int) -> Spans:
    """The last `most` hours at most."""
    drop = max(hours.variance.size - most, 0)
    kept = (hours.variance[drop:], hours.bipower[drop:], hours.move[drop:])
    return Spans(hours.first + drop * hours.span, hours.span, *kept)


def _whole(parts: FloatArray, full: int) -> FloatArray:
    """Sum of every row scaled to `full` parts; NaN where less than half of the row is known."""
    known = np.isfinite(parts)
    seen = known.sum(axis=1)
    total = np.where(known, parts, 0.0).sum(axis=1)
    enough = seen >= LEAST_SHARE * parts.shape[1]
    return np.where(enough, total * full / np.maximum(seen, 1), np.nan)
