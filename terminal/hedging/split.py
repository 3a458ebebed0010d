"""One hedge over several books at equal marginal cost, in whole lots.

The cost of a book is convex: each level is dearer than the one before. The cheapest split takes
levels of all books in the order of their price until the size is there, so that the next coin
costs the same everywhere; lots and least orders are then decided book by book, coarsest first.
"""

import itertools
import math
from collections.abc import Sequence

from msgspec import Struct

_SLACK = 1e-9
"""Part of a lot that rounding may hide."""

_STEPS = (0, 1, -1, 2, -2)
"""Lots around the relaxed size that are tried: coarse lots have to make room for each other."""


class Shelf(Struct, frozen=True):
    """One side of one book: what it costs to take coins from it."""

    lot: float  # coins
    least: int  # lots of the smallest order, >= 1
    steps: tuple[tuple[float, float], ...]  # USD per coin, coins; the price rises


class Shares(Struct, frozen=True):
    """Lots from each shelf, the coins and USD that they are, and coins that found no place."""

    lots: tuple[int, ...]
    coins: float
    usd: float
    left: float


def shares(shelves: Sequence[Shelf], wanted: float) -> Shares:
    """Cheapest whole lots that sum to at most ``wanted`` coins.

    Parameters
    ----------
    shelves : sequence of Shelf
    wanted : float
        Coins, >= 0.

    Returns
    -------
    Shares
        Left is what no whole lot and least order takes, or takes only by moving other coins to
        dearer levels than leaving it out is worth.

    Notes
    -----
    Minimises cost plus left coins at ``_worth`` of one. Branch and bound: the relaxation without
    lots is exact by merging levels, so a branch ends as soon as even that is no better. Checked
    against every combination on 1,000 random books in tests/unit/hedging/test_split.py.
    """
    best = _Search(shelves, wanted).best()
    filled = sum(
        count * shelf.lot for count, shelf in zip(best, shelves, strict=True)
    )
    usd = sum(
        taken(shelf, count * shelf.lot) for count, shelf in zip(best, shelves, strict=True)
    )
    return Shares(best, filled, usd, max(wanted - filled, 0.0))


def taken(shelf: Shelf, size: float) -> float:
    """USD that ``size`` coins cost; infinite beyond what is shown."""
    left, usd = size, 0.0
    for rate, available in shelf.steps:
        part = min(left, available)
        usd += part * rate
        left -= part
        if left <= 0.0:
            return usd
    return usd if left <= _SLACK * shelf.lot else math.inf


def merged(shelves: Sequence[Shelf], wanted: float) -> tuple[tuple[float, ...], float]:
    """Cheapest coins from each shelf if neither lots nor least orders mattered.

    Parameters
    ----------
    shelves : sequence of Shelf
    wanted : float
        Coins, >= 0.

    Returns
    -------
    tuple of (tuple of float, float)
        Coins from each shelf, and USD that they cost together: infinite where all shelves show
        less than is wanted.

    Notes
    -----
    Levels of all shelves in the order of their price: exact, because each shelf is convex. No
    split of whole lots is cheaper.
    """
    levels = sorted(
        (rate, place, available)
        for place, shelf in enumerate(shelves)
        for rate, available in shelf.steps
    )
    sizes, left, usd = [0.0] * len(shelves), wanted, 0.0
    for rate, place, available in levels:
        part = min(left, available)
        sizes[place] += part
        usd += part * rate
        left -= part
        if left <= 0.0:
            break
    slack = _SLACK * min((shelf.lot for shelf in shelves), default=0.0)
    return tuple(sizes), usd if left <= slack else math.inf


def capacity(shelf: Shelf) -> int:
    """Whole lots that a shelf shows."""
    return math.floor(sum(available for _, available in shelf.steps) / shelf.lot + _SLACK)


def _worth(shelves: Sequence[Shelf]) -> float:
    """USD per coin that leaving a coin out counts: just more than the dearest level."""
    dearest = max((rate for shelf in shelves for rate, _ in shelf.steps), default=0.0)
    return dearest + 0.01 * abs(dearest)


class _Search:
    """Decides which books are used at all, then their lots, the coarsest first."""

    def __init__(self, shelves: Sequence[Shelf], wanted: float) -> None:
        self._shelves = shelves
        self._wanted = wanted
        self._worth = _worth(shelves)
        self._order = sorted(range(len(shelves)), key=lambda place: -shelves[place].lot)
        self._most = [capacity(shelf) for shelf in shelves]
        self._floors = [0] * len(shelves)
        self._levels: list[tuple[float, int, float]] = []
        self._lots = [0] * len(shelves)
        self._best = tuple(self._lots)
        self._least = math.inf

    def best(self) -> tuple[int, ...]:
        """Lots of each shelf."""
        possible = [
            place
            for place, shelf in enumerate(self._shelves)
            if shelf.least <= self._most[place]
            and shelf.least * shelf.lot <= self._wanted + _SLACK * shelf.lot
        ]
        # A least order makes its book all or nothing: every combination is looked at.
        bulky = [place for place in possible if self._shelves[place].least > 1]
        for used in itertools.product((True, False), repeat=len(bulky)):
            left_out = [place for place, kept in zip(bulky, used, strict=True) if not kept]
            self._try([place for place in possible if place not in left_out])
        return self._best

    def _try(self, used: Sequence[int]) -> None:
        """Look for the best lots of these books, at least its least order from a bulky one."""
        shelves = self._shelves
        self._floors = [
            shelf.least if place in used and shelf.least > 1 else 0
            for place, shelf in enumerate(shelves)
        ]
        self._levels = sorted(
            (rate, place, available)
            for place in used
            for rate, available in _above(shelves[place], self._floors[place])
        )
        self._lots = [0] * len(shelves)
        self._descend([place for place in self._order if place in used], self._wanted, 0.0)

    def _descend(self, free: Sequence[int], left: float, spent: float) -> None:
        relaxed, bound = self._relaxed(free, left)
        if spent + bound >= self._least:
            return
        if not free:
            self._least, self._best = spent + bound, tuple(self._lots)
            return
        place, rest = free[0], free[1:]
        shelf = self._shelves[place]
        room = left - sum(self._floors[each] * self._shelves[each].lot for each in rest)
        for count in self._counts(place, relaxed[place], room):
            self._lots[place] = count
            size = count * shelf.lot
            self._descend(rest, left - size, spent + taken(shelf, size))
        self._lots[place] = 0

    def _relaxed(self, free: Sequence[int], left: float) -> tuple[dict[int, float], float]:
        """Coins from each free shelf if lots did not matter, and the least cost by them."""
        found, usd = {}, 0.0
        for place in free:
            found[place] = self._floors[place] * self._shelves[place].lot
            usd += taken(self._shelves[place], found[place])
            left -= found[place]
        for rate, place, available in self._levels:
            if left <= 0.0:
                break
            if place in found:
                part = min(left, available)
                found[place] += part
                usd += part * rate
                left -= part
        return found, usd + max(left, 0.0) * self._worth

    def _counts(self, place: int, relaxed: float, room: float) -> list[int]:
        """Lots worth trying on a shelf, the nearest to the relaxed size first."""
        lot, floor = self._shelves[place].lot, self._floors[place]
        most = min(self._most[place], math.floor(room / lot + _SLACK))
        if most < floor:
            return []
        exact = relaxed / lot
        below = math.floor(exact + _SLACK)
        tried = dict.fromkeys(min(max(below + step, floor), most) for step in _STEPS)
        return sorted(tried, key=lambda count: (abs(count - exact), count))


def _above(shelf: Shelf, lots: int) -> list[tuple[float, float]]:
    """Levels that are left when the first lots are taken."""
    gone, levels = lots * shelf.lot, []
    for rate, available in shelf.steps:
        part = min(gone, available)
        gone -= part
        if available > part:
            levels.append((rate, available - part))
    return levels
