"""Least and greatest values of blocks of points, of blocks of blocks, and so on.

Reading a range costs a few values per pixel whatever the number of points behind it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAN = 8
"""Points under one block of the first level, blocks under one block of the next."""


class Blocks(NamedTuple):
    """Blocks of points, in time order; a block without a known value is NaN."""

    low: Column
    high: Column
    broken: Flags  # holds at least one unknown point


class _Level:
    """Growing arrays of the full blocks of one size."""

    def __init__(self) -> None:
        self.low = np.empty(64)
        self.high = np.empty(64)
        self.broken = np.empty(64, dtype=np.bool_)
        self.count = 0

    @property
    def blocks(self) -> Blocks:
        return Blocks(
            self.low[: self.count], self.high[: self.count], self.broken[: self.count]
        )

    def extend(self, more: Blocks) -> None:
        need = self.count + len(more.low)
        if need > len(self.low):
            size = max(2 * len(self.low), need)
            self.low = grown(self.low, self.count, size)
            self.high = grown(self.high, self.count, size)
            self.broken = grown(self.broken, self.count, size)
        self.low[self.count : need] = more.low
        self.high[self.count : need] = more.high
        self.broken[self.count : need] = more.broken
        self.count = need

    def drop(self, blocks: int) -> None:
        kept = self.count - blocks
        for column in (self.low, self.high, self.broken):
            column[:kept] = column[blocks : self.count].copy()
        self.count = kept


class Pyramid:
    """Levels over one column of values, which the caller owns and passes in."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def clear(self) -> None:
        """Begin anew."""
        self._levels = []

    def summarise(self, values: Column) -> None:
        """Add the blocks that have become full; ``values`` are all points so far."""
        below, depth = points(values[:0]), 0
        fine = len(values)
        while fine >= FAN:
            if depth == len(self._levels):
                self._levels.append(_Level())
            level = self._levels[depth]
            full = fine // FAN
            if full > level.count:
                fresh = slice(level.count * FAN, full * FAN)
                source = points(values[fresh]) if depth == 0 else _cut(below, fresh)
                level.extend(fold(source, FAN))
            below, fine, depth = level.blocks, level.count, depth + 1

    def drop(self, count: int, values: Column) -> None:
        """Forget the oldest ``count`` points; ``values`` are those that are left."""
        size = FAN
        for depth, level in enumerate(self._levels):
            if count % size:
                # These blocks begin elsewhere now: they are made anew from the level below.
                del self._levels[depth:]
                break
            level.drop(min(count // size, level.count))
            size *= FAN
        self.summarise(values)

    def level_for(self, count: int, most: int) -> tuple[int, int]:
        """Finest level on which ``count`` points are at most ``most`` blocks.

        Returns
        -------
        depth, size : int
            Place of the level, -1 for the points themselves; points under one of its blocks.
        """
        depth, size = -1, 1
        while count > most * size and depth + 1 < len(self._levels):
            depth, size = depth + 1, size * FAN
        return depth, size

    def blocks(self, depth: int, first: int, stop: int, values: Column) -> Blocks:
        """Blocks ``first`` to ``stop`` of a level; the last may be partly filled."""
        if depth < 0:
            return points(values[first:stop])
        level, size = self._levels[depth], FAN ** (depth + 1)
        full = _cut(level.blocks, slice(first, stop))
        rest = values[level.count * size : stop * size]
        if not len(rest):
            return full
        last = fold(points(rest), len(rest))
        return Blocks(*(np.concatenate(pair) for pair in zip(full, last, strict=True)))


def points(values: Column) -> Blocks:
    """Every point as a block of its own."""
    return Blocks(values, values, np.isnan(values))


def fold(blocks: Blocks, group: int) -> Blocks:
    """Join each ``group`` of neighbours into one; the last may hold fewer."""
    if group == 1:
        return blocks
    starts = np.arange(0, len(blocks.low), group)
    return Blocks(
        np.fmin.reduceat(blocks.low, starts),
        np.fmax.reduceat(blocks.high, starts),
        np.logical_or.reduceat(blocks.broken, starts),
    )


def _cut(blocks: Blocks, part: slice) -> Blocks:
    return Blocks(blocks.low[part], blocks.high[part], blocks.broken[part])


def grown(old: NDArray[Any], count: int, size: int) -> NDArray[Any]:
    """Copy of the first ``count`` entries with room for ``size``, written to at once.

    Room that is only taken would become memory page by page, for hours.
    """
    new = np.empty(size, dtype=old.dtype)
    new[:count] = old[:count]
    new[count:] = 0
    return new
