"""A scripted order book: a ladder around a price that moves, and what each step changed."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from random import Random

from msgspec import Struct

from tests.venue_servers.listing import Terms

DEPTH = 10


class LevelChange(Struct, frozen=True):
    """One level after a step; a quantity of 0 says that it is gone."""

    side: str  # bid or ask
    price: Decimal
    quantity: Decimal
    was: Decimal  # 0 for a level that was not there


class BookChange(Struct, frozen=True):
    """What one step did to a book, between two sequence numbers."""

    name: str
    before: int
    after: int
    at_ms: int
    levels: tuple[LevelChange, ...]

    def of(self, side: str) -> Iterator[LevelChange]:
        """Changed levels of one side."""
        return (each for each in self.levels if each.side == side)


class Taken(Struct, frozen=True):
    """A part of a level that an order took."""

    price: Decimal
    quantity: Decimal


class Book:
    """Bids and asks of one instrument, never crossed, in the instrument's own units."""

    def __init__(self, terms: Terms, mid: Decimal, *, seed: int) -> None:
        self.terms = terms
        self.mid = mid
        self.sequence = 1_000
        self.bids: dict[Decimal, Decimal] = {}
        self.asks: dict[Decimal, Decimal] = {}
        self._random = Random(seed)
        self._set(self._ladder("bid", mid), self._ladder("ask", mid))

    def best(self, side: str) -> Decimal:
        """Best price of a side."""
        return max(self.bids) if side == "bid" else min(self.asks)

    def levels(self, side: str) -> list[tuple[Decimal, Decimal]]:
        """Price and quantity of a side, best first."""
        book = self.bids if side == "bid" else self.asks
        return sorted(book.items(), reverse=side == "bid")

    def step(self, at_ms: int) -> BookChange:
        """Move by at most one tick and draw new quantities for some levels."""
        tick = self.terms.tick_at(self.mid)
        return self.move(max(self.mid + tick * self._random.choice((-1, 0, 1)), tick * 2), at_ms)

    def move(self, mid: Decimal, at_ms: int) -> BookChange:
        """Put the ladder around another price."""
        self.mid = mid
        return self._set(self._ladder("bid", mid), self._ladder("ask", mid), at_ms)

    def take(self, side: str, quantity: Decimal, limit: Decimal | None) -> list[Taken]:
        """What an order of a side (buy or sell) would take up to its limit; nothing changes."""
        taken: list[Taken] = []
        for price, held in self.levels("ask" if side == "buy" else "bid"):
            if quantity <= 0 or (limit is not None and not _reaches(side, limit, price)):
                break
            part = min(held, quantity)
            taken.append(Taken(price, part))
            quantity -= part
        return taken

    def without(self, side: str, taken: Iterable[Taken], at_ms: int) -> BookChange:
        """Remove what an order of a side took; an emptied ladder is filled again."""
        bids, asks = dict(self.bids), dict(self.asks)
        ladder = asks if side == "buy" else bids
        for each in taken:
            ladder[each.price] -= each.quantity
        left = {price: quantity for price, quantity in ladder.items() if quantity > 0}
        if side == "buy":
            return self._set(bids, left or self._ladder("ask", self.mid), at_ms)
        return self._set(left or self._ladder("bid", self.mid), asks, at_ms)

    def _set(
        self, bids: dict[Decimal, Decimal], asks: dict[Decimal, Decimal], at_ms: int = 0
    ) -> BookChange:
        changed = (*_changes("bid", self.bids, bids), *_changes("ask", self.asks, asks))
        before = self.sequence
        self.sequence += bool(changed)  # what is not told must not leave a hole
        self.bids, self.asks = bids, asks
        return BookChange(self.terms.name, before, self.sequence, at_ms, changed)

    def _ladder(self, side: str, mid: Decimal) -> dict[Decimal, Decimal]:
        """Levels one tick apart; most keep the quantity they had."""
        old = self.bids if side == "bid" else self.asks
        sign = -1 if side == "bid" else 1
        ladder: dict[Decimal, Decimal] = {}
        price = self.terms.on_grid(mid)
        for _ in range(DEPTH):
            price += sign * self.terms.tick_at(price)
            if price <= 0:
                break
            keep = price in old and self._random.random() < 0.8
            ladder[price] = old[price] if keep else self._quantity()
        return ladder

    def _quantity(self) -> Decimal:
        least = max(self.terms.minimum, self.terms.lot)
        return least * self._random.randint(20, 400)


def _reaches(side: str, limit: Decimal, price: Decimal) -> bool:
    return limit >= price if side == "buy" else limit <= price


def _changes(
    side: str, old: dict[Decimal, Decimal], new: dict[Decimal, Decimal]
) -> Iterator[LevelChange]:
    nothing = Decimal(0)
    for price in sorted(old.keys() | new.keys()):
        was, quantity = old.get(price, nothing), new.get(price, nothing)
        if was != quantity:
            yield LevelChange(side, price, quantity, was)
