"""Life of orders at a simulated venue: checks, fills, queues and final states."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeAlias

import numpy as np

from terminal.core.ids import fill_id
from terminal.model.account import OpenOrder
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.market import Bar, Depth, Quote, Trade
from terminal.model.messages import DisturbanceKind
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, TimeInForce
from terminal.venues.account_books import AccountBooks, fee, fee_currency
from terminal.venues.disturbances import Disturbances
from terminal.venues.matching import BookView, Execution, Taker, crosses, take
from terminal.venues.order_checks import reducible, refusal
from terminal.venues.resting import VenueOrder, join_queue, passive_fill

Reply: TypeAlias = OrderUpdate | Fill

NEVER_ARRIVED: Final = "never arrived"
"""Reason of the answer about an unknown order: proof, because this venue knows every order."""


class Misses:
    """Which orders find nobody to trade with.

    Parameters
    ----------
    part : float
        Of all orders, 0..1.
    rng : Generator
        Drawn from once for each order, in the order of arrival.
    """

    def __init__(self, part: float, rng: np.random.Generator) -> None:
        self._part, self._rng = part, rng

    def next(self) -> bool:
        """Whether the order that arrives now is one of them."""
        return self._part > 0.0 and self._rng.random() < self._part


class OrderDesk:
    """Orders against books; every method returns what is to be said, in order.

    Parameters
    ----------
    venue : str
        Prefix of fill ids.
    account : AccountBooks
        Booked on every fill.
    disturbances : Disturbances
        Consulted for refusals and partial fills.
    impact : mapping of str to float
        As in ``matching.take``.
    misses : Misses
    """

    def __init__(
        self,
        venue: str,
        account: AccountBooks,
        disturbances: Disturbances,
        impact: Mapping[str, float],
        misses: Misses,
    ) -> None:
        self._venue = venue
        self._account = account
        self._disturbances = disturbances
        self._impact = impact
        self._misses = misses
        self._listed: dict[str, Instrument] = {}
        self._books: dict[str, BookView] = {}
        self._orders: dict[str, VenueOrder] = {}
        self._resting: dict[str, list[VenueOrder]] = {}
        self.index: dict[str, float] = {}

    def list_only(self, instruments: Mapping[str, Instrument]) -> list[Reply]:
        """Trade these and nothing else; what rests in others expires."""
        self._listed = dict(instruments)
        said: list[Reply] = []
        for key in [key for key in self._resting if key not in self._listed]:
            for order in list(self._resting[key]):
                said += self._end(order, OrderStatus.EXPIRED, f"{key} is listed no more")
        return said

    def book(self, key: str) -> BookView:
        """What is known of an instrument's book."""
        found = self._books.get(key)
        if found is None:
            found = self._books[key] = BookView()
        return found

    def base(self, order_id: str) -> str:
        """Underlying of an order; empty when it is not known."""
        order = self._orders.get(order_id)
        return order.instrument.contract.base if order and order.instrument else ""

    def arrive(self, intent: OrderIntent, at: int) -> list[Reply]:
        """Take an order; it is refused, filled, or rests."""
        if intent.order_id in self._orders:
            reason = "duplicate client order id: the first order stands"
            return [OrderUpdate(intent.order_id, OrderStatus.REJECTED, reason)]
        instrument = self._listed.get(intent.key)
        order = self._orders[intent.order_id] = VenueOrder(intent, instrument, at)
        order.missed = self._misses.next()
        reason = self._refuse(order, at)
        if instrument is None or reason:
            return self._end(order, OrderStatus.REJECTED, reason)
        self._resting.setdefault(intent.key, []).append(order)
        said: list[Reply] = [self._standing(intent.order_id)]
        if self._crosses(order):
            said += self._take(order, instrument, at)
        if order.open and intent.tif is TimeInForce.IOC:
            said += self._end(order, OrderStatus.CANCELLED, f"{order.left} found no liquidity")
        if order.open:
            order.taking = self._crosses(order)
            join_queue(order, instrument, self.book(intent.key))
        return said

    def cancel(self, order_id: str) -> list[Reply]:
        """Cancel an open order; of any other, say how it stands."""
        order = self._orders.get(order_id)
        if order is None or not order.open:
            return [self._standing(order_id)]
        return self._end(order, OrderStatus.CANCELLED, "cancelled on request")

    def answer(self, order_id: str) -> list[Reply]:
        """Say all fills of an order again and how it stands; duplicates carry their old ids."""
        order = self._orders.get(order_id)
        fills: list[Reply] = list(order.fills) if order else []
        return [*fills, self._standing(order_id)]

    def open_orders(self) -> tuple[OpenOrder, ...]:
        """Orders that rest, oldest first for each instrument."""
        return tuple(
            OpenOrder(
                venue_id=order.intent.order_id,
                order_id=order.intent.order_id,
                key=order.intent.key,
                side=order.intent.side,
                qty=order.left,
                limit=order.intent.limit,
                reduce_only=order.intent.reduce_only,
            )
            for resting in self._resting.values()
            for order in resting
        )

    def show(self, event: Quote | Trade | Depth | Bar, at: int) -> list[Reply]:
        """Let orders meet a market event."""
        if not isinstance(event, Trade):
            self.book(event.key).show(event)
        resting = self._resting.get(event.key)
        if not resting:
            return []
        said: list[Reply] = []
        for order in list(resting):
            instrument = self._listed[event.key]
            if order.taking and not isinstance(event, Trade):
                said += self._take(order, instrument, at)
                order.taking = order.open and self._crosses(order)
            elif not order.taking:
                said += self._meet(order, instrument, event, at)
        return said

    def _refuse(self, order: VenueOrder, at: int) -> str:
        """Why an order is refused; empty when it is taken."""
        intent, instrument = order.intent, order.instrument
        if instrument is None:
            return f"{intent.key} is not listed here"
        base = instrument.contract.base
        if self._disturbances.active(DisturbanceKind.REJECT, base, at):
            return "the venue refuses orders (disturbance)"
        if isinstance(instrument, Option | Future) and instrument.expiry <= at:
            return f"{intent.key} has expired"
        wrong = refusal(intent, instrument, self._index(instrument, intent.limit))
        if wrong:
            return wrong
        held = self._account.held(intent.key)
        if reducible(intent, held) <= 0:
            return f"reduce-only order to {intent.side} finds {held} contracts: nothing to reduce"
        if intent.tif is TimeInForce.POST_ONLY and self._crosses(order):
            touch = self.book(intent.key).touch(intent.side)
            return f"post-only order at {intent.limit} would take liquidity at {touch}"
        return ""

    def _index(self, instrument: Instrument, fallback: Decimal) -> Decimal:
        price = self.index.get(instrument.contract.base)
        return fallback if price is None else Decimal(repr(price))

    def _crosses(self, order: VenueOrder) -> bool:
        intent = order.intent
        return crosses(intent.side, intent.limit, self.book(intent.key).touch(intent.side))

    def _take(self, order: VenueOrder, instrument: Instrument, at: int) -> list[Reply]:
        intent = order.intent
        qty = self._allowed(order, instrument, order.left, at)
        taker = Taker(instrument, intent.side, qty, intent.limit)
        said: list[Reply] = []
        for execution in take(self.book(intent.key), taker, self._impact):
            said += self._fill(order, instrument, execution, maker=False)
        return said + self._finish(order)

    def _meet(
        self, order: VenueOrder, instrument: Instrument, event: Quote | Trade | Depth | Bar, at: int
    ) -> list[Reply]:
        seen = _top(event) if isinstance(event, Depth) else event
        wanted = passive_fill(order, instrument, seen, at)
        qty = self._allowed(order, instrument, wanted, at) if wanted > 0 else wanted
        if qty <= 0:
            return []
        execution = Execution(order.intent.limit, qty)
        return [*self._fill(order, instrument, execution, maker=True), *self._finish(order)]

    def _allowed(
        self, order: VenueOrder, instrument: Instrument, wanted: Decimal, at: int
    ) -> Decimal:
        """Contracts of ``wanted`` that may fill now: whole lots, reduce-only, partial fills."""
        if order.missed:
            return Decimal(0)
        contract = instrument.contract
        held = self._account.held(contract.key)
        most = min(wanted, reducible(order.intent, held))
        part = self._disturbances.value(DisturbanceKind.PARTIAL, contract.base, at)
        if part is not None:
            share = Decimal(repr(part)) * order.intent.qty // contract.lot * contract.lot
            most = min(most, max(share, contract.lot))
        return most // contract.lot * contract.lot

    def _fill(
        self, order: VenueOrder, instrument: Instrument, execution: Execution, *, maker: bool
    ) -> list[Reply]:
        intent, contract = order.intent, instrument.contract
        qty, price = execution.qty, execution.price
        index = self._index(instrument, price)
        paid = fee(instrument, qty, price, maker=maker, index=index)
        fill = Fill(
            fill_id(self._venue, intent.order_id, len(order.fills)),
            intent.order_id,
            intent.key,
            intent.side,
            qty,
            price,
            paid,
            fee_currency(contract),
            maker,
        )
        order.fills.append(fill)
        order.filled += qty
        self._account.trade(instrument, intent.side, qty, price, paid)
        return [fill]

    def _finish(self, order: VenueOrder) -> list[Reply]:
        """End an order that is filled, or that has nothing left to reduce."""
        if not order.left:
            return self._end(order, OrderStatus.FILLED, "")
        if reducible(order.intent, self._account.held(order.intent.key)) <= 0:
            return self._end(order, OrderStatus.CANCELLED, "reduce-only: the position is closed")
        return []

    def _end(self, order: VenueOrder, status: OrderStatus, reason: str) -> list[Reply]:
        order.status, order.reason = status, reason
        beside = self._resting.get(order.intent.key, [])
        if order in beside:
            beside.remove(order)
            if not beside:
                del self._resting[order.intent.key]
        return [self._standing(order.intent.order_id)]

    def _standing(self, order_id: str) -> OrderUpdate:
        order = self._orders.get(order_id)
        if order is None:
            return OrderUpdate(order_id, OrderStatus.REJECTED, NEVER_ARRIVED, Decimal(0))
        return OrderUpdate(order_id, order.status, order.reason, order.filled)


def _top(depth: Depth) -> Quote:
    """Best prices of a snapshot as a quote."""
    bid, bid_qty = depth.bids[0] if depth.bids else (None, 0.0)
    ask, ask_qty = depth.asks[0] if depth.asks else (None, 0.0)
    return Quote(depth.key, bid, ask, bid_qty, ask_qty)
