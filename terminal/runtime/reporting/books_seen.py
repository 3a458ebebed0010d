"""The books that an order could have gone to, as they stood when it was sent."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from terminal.engine.choices import Size, choice_of, need_of
from terminal.engine.context import Missing, factor_of, inputs_for, perpetuals_of
from terminal.engine.state import State
from terminal.hedging.ranking import Need, price
from terminal.hedging.routing import shelf_of
from terminal.hedging.split import Shelf
from terminal.hedging.target import target_of
from terminal.market.state import mid
from terminal.model.tca import HedgeCost


class Book(Struct, frozen=True, kw_only=True):
    """One side of one book: its mid, USD, and what its levels cost from there."""

    symbol: str
    mid: float
    lot: Decimal  # contracts
    shelf: Shelf


class Sighting(Struct, frozen=True, kw_only=True):
    """Every book that a hedge could use when one of its orders was sent, by instrument."""

    at: int  # UtcNs
    spot: float
    books: Mapping[str, Book]


class BooksSeen:
    """Keeps what was seen whenever an order of a hedge left.

    Parameters
    ----------
    state : State
        Before the first record: what was sent until then has not been seen.
    """

    def __init__(self, state: State) -> None:
        self.by_order: dict[str, Sighting] = {}
        self._known = {name: len(each.orders) for name, each in state.costs.open.items()}

    def hear(self, state: State) -> None:
        """Take the state after a record that changed the costs."""
        for name, hedge in state.costs.open.items():
            known = self._known.get(name, 0)
            if len(hedge.orders) > known:
                self._known[name] = len(hedge.orders)
                found = sighting(state, hedge)
                if found is not None:
                    self.by_order |= {sent.order_id: found for sent in hedge.orders[known:]}


def sighting(state: State, hedge: HedgeCost) -> Sighting | None:
    """What the router would choose from at this moment; None while it could not.

    Notes
    -----
    Priced as a split is: taker fee, half spread, levels shown and the carry expected, of the
    perpetuals that the desk trades by itself. Books that are stale, flawed or too small, and those
    without the margin, are left out.
    """
    desk = state.desks.get(hedge.underlying)
    if desk is None or hedge.asked_coins <= 0.0:
        return None
    inputs = inputs_for(state, hedge.underlying, desk)
    if isinstance(inputs, Missing):
        return None
    size = Size(hedge.side, hedge.asked_coins)
    need = need_of(inputs, desk.target or target_of(inputs), size)
    keys = [
        key
        for key in perpetuals_of(state).get(hedge.underlying, ())
        if key not in state.market.delisted and factor_of(state, key.rpartition("@")[2]) == 1.0
    ]
    found = {key: _book(state, key, need) for key in keys}
    books = {key: book for key, book in found.items() if book is not None}
    return Sighting(at=state.now, spot=inputs.spot, books=books)


def _book(state: State, key: str, need: Need) -> Book | None:
    priced = price(choice_of(state, key), need)
    seen = priced.choice.seen
    middle = mid(seen.quote) if seen is not None else None
    if priced.fault or middle is None:
        return None
    contract = priced.choice.contract
    return Book(symbol=contract.symbol, mid=middle, lot=contract.lot, shelf=shelf_of(priced, need))
