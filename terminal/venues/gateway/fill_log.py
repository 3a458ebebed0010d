"""Which fills have been told, so that none is told twice however often the venue repeats it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, signed

KEPT: Final = 50_000
"""Fills remembered; a venue repeats those of the last minutes."""

_ORDERS: Final = 5_000


class Booked(Struct, frozen=True, kw_only=True):
    """What the books of before a restart hold: positions by key, and the last fills in them."""

    positions: Mapping[str, Decimal]
    fills: tuple[Fill, ...]
    instruments: Mapping[str, Instrument] = {}  # of the positions, as far as they are known


class FillLog:
    """Fills told so far, what they come to by order, and the positions that they explain.

    Parameters
    ----------
    booked : Booked, optional
        What to go on from after a restart: without, an order whose request a crash cut off could
        never be proven absent, for nothing would explain the position that it may have changed.
    """

    def __init__(self, booked: Booked | None = None) -> None:
        self._seen: dict[str, None] = {}
        self._filled: dict[str, Decimal] = {}
        self._positions: dict[str, Decimal] | None = None
        self._ahead: dict[str, Decimal] = {}  # of the books: what was found when they opened
        self._taken_over: set[str] = set()
        self.count = 0
        if booked is not None:
            for fill in booked.fills:
                self.fresh(fill)
            self._positions = dict(booked.positions)

    def pass_over(self, fill: Fill) -> None:
        """Remember a fill of before our time, which is not told."""
        self._seen.setdefault(fill.fill_id)

    def told(self, fill: Fill) -> bool:
        """Whether a fill has been told or passed over."""
        return fill.fill_id in self._seen

    def fresh(self, fill: Fill) -> bool:
        """Whether a fill has not been told; from now on it has."""
        if fill.fill_id in self._seen:
            return False
        self._seen[fill.fill_id] = None
        if len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]
        self.count += 1
        if fill.order_id:
            before = self._filled.pop(fill.order_id, Decimal(0))
            self._filled[fill.order_id] = before + fill.qty
            if len(self._filled) > _ORDERS:
                del self._filled[next(iter(self._filled))]
        if self._positions is not None:
            held = self._positions.get(fill.key, Decimal(0))
            self._positions[fill.key] = held + signed(fill.side, fill.qty)
        return True

    def filled(self, order_id: str) -> Decimal:
        """Contracts of an order that have been told as filled."""
        return self._filled.get(order_id, Decimal(0))

    def adopt(self, positions: tuple[Position, ...]) -> None:
        """Go on from positions that hold every fill told so far and no other."""
        stated = {each.key: each.qty for each in positions}
        booked = self._positions if self._positions is not None else stated
        for key in stated.keys() | booked.keys():
            gap = stated.get(key, Decimal(0)) - booked.get(key, Decimal(0))
            self._ahead[key] = self._ahead.get(key, Decimal(0)) + gap
        self._positions = stated

    def take_over(self, key: str, change: Decimal) -> None:
        """Go on from what the books took over from the venue by a person's word.

        Parameters
        ----------
        key : str
        change : Decimal
            Signed contracts that the adoption added to the books. Positions may have been read
            when the account opened that hold them already: what counts is what the books hold.
        """
        if self._positions is None:
            return
        held = self._positions.get(key, Decimal(0)) - self._ahead.pop(key, Decimal(0))
        self._positions[key] = held + change
        self._taken_over.add(key)

    def close(self, key: str) -> None:
        """Go on from a position that its expiry ended."""
        if self._positions is not None:
            self._positions.pop(key, None)
            self._ahead.pop(key, None)

    def taken_over(self, key: str) -> bool:
        """Whether a person has taken over a position: an order in question may have made it."""
        return key in self._taken_over

    def held(self) -> tuple[str, ...]:
        """Keys of positions that are not flat, as far as is known."""
        return tuple(key for key, qty in (self._positions or {}).items() if qty != 0)

    def explains(self, key: str, qty: Decimal) -> bool:
        """Whether a position is what the fills told make of it; unknown counts as no."""
        if self._positions is None:
            return False
        return self._positions.get(key, Decimal(0)) == qty


def named(fill: Fill, order_id: str) -> Fill:
    """Fill with the order that it was found to belong to, where it did not say so itself."""
    return fill if fill.order_id or not order_id else replace(fill, order_id=order_id)
