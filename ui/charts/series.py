"""A curve that grows at its end and can be drawn at any zoom in time set by the screen's width.

Minima and maxima of blocks of eight, of blocks of blocks, and so on, are kept as points arrive;
drawing a range reads a few values per pixel whatever the number of points behind them.
"""

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

FAN = 8
"""Points under one block of the next level."""


class _Level:
    """Minimum, maximum and gap of each full block of the level below."""

    def __init__(self) -> None:
        self.low = np.empty(64)
        self.high = np.empty(64)
        self.count = 0

    def extend(self, low: Column, high: Column) -> None:
        need = self.count + len(low)
        if need > len(self.low):
            self.low = _grown(self.low, self.count, need)
            self.high = _grown(self.high, self.count, need)
        self.low[self.count : need] = low
        self.high[self.count : need] = high
        self.count = need


class Series:
    """Times and values, appended in time order; NaN interrupts the curve and is kept."""

    def __init__(self) -> None:
        self._times = np.empty(1024)
        self._values = np.empty(1024)
        self.count = 0
        self._levels: list[_Level] = []

    @property
    def times(self) -> Column:
        """Times so far, shape (count,)."""
        return self._times[: self.count]

    @property
    def values(self) -> Column:
        """Values so far, shape (count,)."""
        return self._values[: self.count]

    def clear(self) -> None:
        """Begin anew."""
        self.count = 0
        self._levels = []

    def extend(self, times: Column, values: Column) -> None:
        """Append points, at times not before the last one.

        Parameters
        ----------
        times, values : ndarray, shape (n,)
            Seconds UTC; values of any unit.
        """
        need = self.count + len(times)
        if need > len(self._times):
            self._times = _grown(self._times, self.count, need)
            self._values = _grown(self._values, self.count, need)
        self._times[self.count : need] = times
        self._values[self.count : need] = values
        self.count = need
        self._summarise()

    def _summarise(self) -> None:
        low, high, count = self._values, self._values, self.count
        depth = 0
        while count >= FAN:
            if depth == len(self._levels):
                self._levels.append(_Level())
            level = self._levels[depth]
            blocks = count // FAN
            if blocks > level.count:
                span = slice(level.count * FAN, blocks * FAN)
                level.extend(
                    _of_blocks(low[span], np.minimum), _of_blocks(high[span], np.maximum)
                )
            low, high, count = level.low, level.high, level.count
            depth += 1

    def view(self, start: float, end: float, pixels: int) -> tuple[Column, Column]:
        """Points to draw between two times.

        Parameters
        ----------
        start, end : float
            Seconds UTC.
        pixels : int
            Width to draw on.

        Returns
        -------
        times, values : ndarray
            All points where there are few, otherwise a low and a high per block, at most about
            five per pixel; one point beyond each end, so that the curve runs out of the picture.
        """
        first = max(int(np.searchsorted(self.times, start)) - 1, 0)
        last = min(int(np.searchsorted(self.times, end, side="right")) + 1, self.count)
        level, size = -1, 1
        while (last - first) / size > 2 * max(pixels, 1) and level + 1 < len(self._levels):
            level += 1
            size *= FAN
        if level < 0:
            return self._times[first:last], self._values[first:last]
        return self._blocks(level, size, first, last)

    def _blocks(self, level: int, size: int, first: int, last: int) -> tuple[Column, Column]:
        """Low and high of each block in turn, then the points after the last full block."""
        chosen = self._levels[level]
        begin, end = first // size, min(-(-last // size), chosen.count)
        tail = slice(end * size, last)
        starts = self._times[begin * size : end * size : size]
        times = np.repeat(starts, 2)
        values = np.empty(2 * (end - begin))
        values[0::2] = chosen.low[begin:end]
        values[1::2] = chosen.high[begin:end]
        return (
            np.concatenate((times, self._times[tail])),
            np.concatenate((values, self._values[tail])),
        )

    def bounds(self, start: float, end: float) -> tuple[float, float] | None:
        """Least and greatest value between two times; None where there is none."""
        _, values = self.view(start, end, 64)
        known = values[np.isfinite(values)]
        return (float(known.min()), float(known.max())) if len(known) else None

    def last(self) -> float | None:
        """Newest value; None when there is none or it is unknown."""
        if not self.count or np.isnan(self._values[self.count - 1]):
            return None
        return float(self._values[self.count - 1])


def _grown(old: Column, count: int, need: int) -> Column:
    new = np.empty(max(2 * len(old), need))
    new[:count] = old[:count]
    return new


def _of_blocks(values: Column, pick: np.ufunc) -> Column:
    """Fold each block of ``FAN``; one unknown point makes it unknown, so that gaps stay gaps."""
    result: Column = pick.reduce(values.reshape(-1, FAN), axis=1)
    return result
