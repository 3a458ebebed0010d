"""Each hedge that took books, against the cheapest way that the books turned out to offer.

A hedge is divided over books, over time, or over both. Each order of it left at some moment; in
hindsight any part of the hedge could have gone to any usable book at any of these moments. What
was done and what would have been cheapest are priced alike: fee, half spread, levels shown, carry
expected, and the move of that book's mid since the first moment.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from terminal.engine.state import FillNote
from terminal.hedging.split import Shelf, merged, taken
from terminal.model.order import Side
from terminal.model.tca import HedgeCost
from terminal.runtime.reporting.books_seen import Book, Sighting

RESTED = "a resting order filled"
UNSEEN = "the books were not known"
BEYOND = "it took more than was shown"
ALONE = "one book, one moment"

WHYS = (RESTED, UNSEEN, BEYOND, ALONE)
"""Why a hedge that filled is not compared."""


class Place(Struct, frozen=True):
    """A book at a moment."""

    at: int
    key: str


class Judged(Struct, frozen=True, kw_only=True):
    """One hedge with all its parts. Costs are USD; where ``why`` is not empty they are unknown."""

    hedge_id: str
    underlying: str
    decided_at: int
    orders: int
    why: str = ""
    coins: float = 0.0
    value: float = 0.0  # USD, at the index of the first moment
    done: float = 0.0
    best: float = 0.0
    took: tuple[tuple[str, int, float], ...] = ()  # symbol, moment and coins
    cheapest: tuple[tuple[str, int, float], ...] = ()

    @property
    def more(self) -> float:
        """What was done less the cheapest, USD, >= 0."""
        return self.done - self.best


def judged_hedges(
    hedges: Iterable[HedgeCost], fills: Iterable[FillNote], seen: Mapping[str, Sighting]
) -> tuple[Judged, ...]:
    """Judge every hedge that filled.

    Parameters
    ----------
    hedges : iterable of HedgeCost
        The parts of a divided one each by itself.
    fills : iterable of FillNote
    seen : mapping
        By order.
    """
    by_order: dict[str, list[FillNote]] = {}
    for note in fills:
        by_order.setdefault(note.fill.order_id, []).append(note)
    parents: dict[str, list[HedgeCost]] = {}
    for each in hedges:
        parents.setdefault(each.hedge_id.partition(".")[0], []).append(each)
    return tuple(
        _judged(sorted(parts, key=lambda each: each.hedge_id), by_order, seen)
        for parts in parents.values()
        if any(sent.order_id in by_order for each in parts for sent in each.orders)
    )


def _judged(
    parts: Sequence[HedgeCost],
    by_order: Mapping[str, Sequence[FillNote]],
    seen: Mapping[str, Sighting],
) -> Judged:
    first = parts[0]
    orders = [sent.order_id for each in parts for sent in each.orders]
    bare = Judged(
        hedge_id=first.hedge_id.partition(".")[0],
        underlying=first.underlying,
        decided_at=first.decided_at,
        orders=len(orders),
    )
    notes = [note for name in orders for note in by_order.get(name, ())]
    if any(note.fill.maker for note in notes):
        return replace(bare, why=RESTED)
    sightings = {seen[name].at: seen[name] for name in reversed(orders) if name in seen}
    moments = [sightings[at] for at in sorted(sightings)]
    places = shelves_of(moments, first.side)
    sizes: dict[Place, float] = {}
    for note in notes:
        sighted = seen.get(note.fill.order_id)
        place = Place(sighted.at, note.fill.key) if sighted is not None else None
        if place not in places:
            return replace(bare, why=UNSEEN)
        book = sightings[place.at].books[place.key]
        lots = float(note.fill.qty / book.lot)
        sizes[place] = sizes.get(place, 0.0) + lots * book.shelf.lot
    return _compared(bare, places, sizes, moments)


def shelves_of(moments: Sequence[Sighting], side: Side) -> dict[Place, Shelf]:
    """Every book at every moment, its levels dearer by what its mid moved since the first one."""
    sign = 1.0 if side is Side.BUY else -1.0
    starts = moments[0].books if moments else {}
    return {
        Place(each.at, key): _moved(book, sign * (book.mid - starts[key].mid))
        for each in moments
        for key, book in each.books.items()
        if key in starts
    }


def _moved(book: Book, usd: float) -> Shelf:
    steps = tuple([(rate + usd, size) for rate, size in book.shelf.steps])
    return replace(book.shelf, steps=steps)


def _compared(
    bare: Judged,
    places: Mapping[Place, Shelf],
    sizes: Mapping[Place, float],
    moments: Sequence[Sighting],
) -> Judged:
    """What was taken from where, and what would have been."""
    done = math.fsum(taken(places[place], size) for place, size in sizes.items())
    if not math.isfinite(done):
        return replace(bare, why=BEYOND)
    coins = math.fsum(sizes.values())
    if len(places) < 2:
        return replace(bare, why=ALONE)
    best_sizes, best = merged(tuple(places.values()), coins)
    names = {key: book.symbol for each in moments for key, book in each.books.items()}
    chosen = zip(places, best_sizes, strict=True)
    return replace(
        bare,
        coins=coins,
        value=coins * moments[0].spot,
        done=done,
        best=min(best, done),  # rounding alone could make it dearer
        took=tuple((names[each.key], each.at, size) for each, size in sizes.items()),
        cheapest=tuple((names[each.key], each.at, size) for each, size in chosen if size > 0.0),
    )
