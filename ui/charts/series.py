"""A curve that grows at its end and is drawn at any zoom in time set by the screen's width."""

import math
from bisect import bisect_left, bisect_right

import numpy as np

from ui.charts.pyramid import FAN, Column, Pyramid, fold, grown

CAPACITY = 2_000_000
"""Points kept by default: 23 days of seconds."""

ROOM = 1 << 14
"""Points that a curve has room for at first, four hours of seconds: taken at once and written to,
so that a day's memory does not creep."""

PLAIN = 4
"""Points per pixel up to which they are drawn as they are."""

BLOCKS = 1.0
"""Blocks per pixel beyond that; each is a low and a high, and a break where it is interrupted."""

WORK = 8
"""Blocks per pixel read to make those that are drawn."""


class Series:
    """Times and values, appended in time order; NaN interrupts the curve and is kept.

    Parameters
    ----------
    capacity : int
        Points kept; the oldest quarter goes when there are more.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        if capacity < 4 * FAN:
            raise ValueError(f"a series keeps at least {4 * FAN} points, not {capacity}")
        self._capacity = capacity
        room = min(ROOM, capacity)
        self._times, self._values = np.full(room, math.nan), np.full(room, math.nan)
        self._pyramid = Pyramid()
        self._gaps = _Gaps()
        self.count = 0
        self.revision = 0
        """Changes with every point, so that a drawing knows when it is old."""

    @property
    def times(self) -> Column:
        """Times kept, shape (count,), seconds UTC."""
        return self._times[: self.count]

    @property
    def values(self) -> Column:
        """Values kept, shape (count,)."""
        return self._values[: self.count]

    def clear(self) -> None:
        """Begin anew."""
        self.count = 0
        self.revision += 1
        self._pyramid.clear()
        self._gaps = _Gaps()

    def extend(self, times: Column, values: Column) -> None:
        """Append points.

        Parameters
        ----------
        times, values : ndarray, shape (n,)
            Seconds UTC, none before the one before it; values of any unit, NaN where unknown.

        Raises
        ------
        ValueError
            The columns differ in length, or a time is not finite or goes back; nothing is taken.
        """
        if not len(times) and not len(values):
            return
        self._check(times, values)
        self._gaps.extend(times, values)
        for start in range(0, len(times), self._capacity // 4):
            part = slice(start, start + self._capacity // 4)
            self._append(times[part], values[part])
        self.revision += 1

    def _check(self, times: Column, values: Column) -> None:
        if times.shape != values.shape or times.ndim != 1:
            raise ValueError(f"{len(times)} times do not go with {len(values)} values")
        if not np.isfinite(times).all():
            raise ValueError("a time is not finite: every point of a curve needs its time")
        newest = self._times[self.count - 1] if self.count else -math.inf
        if times[0] < newest:
            raise ValueError(f"time {times[0]:.3f} is before {newest:.3f}: append in time order")
        back = np.flatnonzero(times[1:] < times[:-1])
        if len(back):
            first = int(back[0])
            raise ValueError(
                f"time {times[first + 1]:.3f} is before {times[first]:.3f}: append in time order"
            )

    def _append(self, times: Column, values: Column) -> None:
        if self.count + len(times) > self._capacity:
            self._evict()
        need = self.count + len(times)
        if need > len(self._times):
            size = min(max(2 * len(self._times), need), self._capacity)
            self._times = grown(self._times, self.count, size)
            self._values = grown(self._values, self.count, size)
        self._times[self.count : need] = times
        self._values[self.count : need] = values
        self.count = need
        self._pyramid.summarise(self.values)

    def _evict(self) -> None:
        """Drop the oldest quarter, in whole blocks as large as that allows."""
        quarter = self._capacity // 4
        size = FAN ** int(math.log(quarter, FAN))
        gone = min(-(-quarter // size) * size, self.count)
        kept = self.count - gone
        self._times[:kept] = self._times[gone : self.count].copy()
        self._values[:kept] = self._values[gone : self.count].copy()
        self.count = kept
        self._pyramid.drop(gone, self.values)
        self._gaps.forget(float(self._times[0]) if kept else math.inf)

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
            All points where there are few, and one beyond each end, so that the curve runs out
            of the picture. Otherwise the least and the greatest value of each block of less than
            two pixels, and NaN after a block in which something is unknown: at most five points
            per pixel.
        """
        first = max(int(np.searchsorted(self.times, start)) - 1, 0)
        last = min(int(np.searchsorted(self.times, end, side="right")) + 1, self.count)
        wide = max(pixels, 1)
        if last - first <= PLAIN * wide:
            return self._times[first:last], self._values[first:last]
        depth, size = self._pyramid.level_for(last - first, WORK * wide)
        # Groups in powers of two keep blocks where they are while the window moves on.
        group = 2 ** max(math.ceil(math.log2((last - first) / (size * BLOCKS * wide))), 0)
        return self._drawn(depth, size, group, first, last)

    def _drawn(
        self, depth: int, size: int, group: int, first: int, last: int
    ) -> tuple[Column, Column]:
        step = size * group
        begin, stop = first // step, -(-last // step)
        blocks = fold(self._pyramid.blocks(depth, begin * group, stop * group, self.values), group)
        places = np.arange(begin, stop) * step
        times = np.empty((len(places), 3))
        times[:, 0] = self._times[places]
        times[:, 1] = times[:, 2] = self._times[np.minimum(places + step // 2, self.count - 1)]
        values = np.column_stack((blocks.low, blocks.high, np.full(len(places), np.nan)))
        if not blocks.broken.any():
            return times[:, :2].reshape(-1), values[:, :2].reshape(-1)
        keep = np.ones(values.shape, dtype=np.bool_)
        keep[:, 2] = blocks.broken
        return times[keep], values[keep]

    def gaps(self, start: float, end: float, least: float) -> list[tuple[float, float]]:
        """Spans of at least ``least`` seconds without a known value that touch a window.

        Each runs from the point before the unknown ones to the next known one, or to the newest
        point while the value is still unknown.
        """
        newest = float(self._times[self.count - 1]) if self.count else start
        return [
            (begin, until)
            for begin, until in self._gaps.within(start, end, newest)
            if until - begin >= least
        ]

    def at(self, time: float) -> float | None:
        """Value of the newest point not after a time; None when there is none or it is unknown."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return None
        value = float(self._values[place])
        return None if math.isnan(value) else value


class _Gaps:
    """Spans without a known value, in time order; the last may still be open."""

    def __init__(self) -> None:
        self._begins: list[float] = []
        self._ends: list[float] = []
        self._open = False
        self._newest: float | None = None

    def extend(self, times: Column, values: Column) -> None:
        unknown = np.isnan(values)
        flips = np.flatnonzero(unknown != np.concatenate(([self._open], unknown[:-1])))
        first = times[0] if self._newest is None else self._newest
        before = np.concatenate(([first], times[:-1]))
        opens = unknown[flips]
        self._begins += before[flips[opens]].tolist()
        self._ends += times[flips[~opens]].tolist()
        self._open = bool(unknown[-1])
        self._newest = float(times[-1])

    def forget(self, before: float) -> None:
        done = bisect_right(self._ends, before)
        del self._begins[:done], self._ends[:done]

    def within(self, start: float, end: float, newest: float) -> list[tuple[float, float]]:
        ends = [*self._ends, newest] if self._open else self._ends
        first, last = bisect_left(ends, start), bisect_right(self._begins, end)
        return list(zip(self._begins[first:last], ends[first:last], strict=True))
