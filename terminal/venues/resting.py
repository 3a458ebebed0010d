"""An order as the simulated venue keeps it, and when a resting one fills."""

from decimal import Decimal
from typing import Final

from terminal.core.units import SECOND
from terminal.model.instrument import Instrument, tick_at
from terminal.model.market import Bar, Quote, Trade
from terminal.model.order import FINAL, Fill, OrderIntent, OrderStatus, Side
from terminal.venues.matching import BookView, crosses

_BAR_GRACE: Final = 2 * SECOND
"""An order may fill on a bar that began this long before it arrived: latency is no history."""


class VenueOrder:
    """One order at the venue.

    Parameters
    ----------
    intent : OrderIntent
    instrument : Instrument or None
        None: the key names nothing that is listed.
    arrived : int
        UtcNs.
    """

    __slots__ = (
        "arrived", "filled", "fills", "instrument", "intent", "missed", "queue", "reason", "status",
        "taking",
    )  # fmt: skip

    def __init__(self, intent: OrderIntent, instrument: Instrument | None, arrived: int) -> None:
        self.intent = intent
        self.instrument = instrument
        self.arrived = arrived
        self.status = OrderStatus.LIVE
        self.reason = ""
        self.filled = Decimal(0)
        self.fills: list[Fill] = []
        self.queue = 0.0  # contracts that trade before this order at its price
        self.missed = False  # finds nobody to trade with
        self.taking = False  # part of it still crosses and takes again when the book changes

    @property
    def left(self) -> Decimal:
        """Contracts not filled yet."""
        return self.intent.qty - self.filled

    @property
    def open(self) -> bool:
        """Whether it may still fill."""
        return self.status not in FINAL


def join_queue(order: VenueOrder, instrument: Instrument, book: BookView) -> None:
    """Place an order behind what is shown at its price."""
    limit = order.intent.limit
    tick = float(tick_at(instrument.contract, limit))
    order.queue = book.shown_at(order.intent.side, float(limit), tick)


def passive_fill(
    order: VenueOrder, instrument: Instrument, seen: Quote | Trade | Bar, at: int
) -> Decimal:
    """Contracts of a resting order that a market event fills, before lots and limits.

    Parameters
    ----------
    order : VenueOrder
        Its queue shrinks as trades print at its price and when less is shown there.
    instrument : Instrument
    seen : Quote or Trade or Bar
        A trade at the price fills what the queue leaves, one beyond it everything; a quote whose
        other side reaches the price fills everything; a bar that trades through by a tick fills
        everything that rested since it began.
    at : int
        UtcNs of the event; a bar's is its close.

    Returns
    -------
    Decimal
        0 up to what is left of the order; not rounded.
    """
    if isinstance(seen, Quote):
        touch = seen.ask if order.intent.side is Side.BUY else seen.bid
        if crosses(order.intent.side, order.intent.limit, touch):
            return order.left
        _shrink_queue(order, seen)
        return Decimal(0)
    if isinstance(seen, Bar):
        return _from_bar(order, instrument, seen, at)
    return _from_trade(order, instrument, seen)


def _shrink_queue(order: VenueOrder, quote: Quote) -> None:
    """A smaller size at the price means cancels ahead; alone above the best, none is ahead."""
    buying = order.intent.side is Side.BUY
    best, shown = (quote.bid, quote.bid_qty) if buying else (quote.ask, quote.ask_qty)
    limit = float(order.intent.limit)
    ahead = limit if best is None else (limit - best if buying else best - limit)
    if ahead > 1e-9:
        order.queue = 0.0
    elif ahead > -1e-9:
        order.queue = min(order.queue, shown)


def _from_trade(order: VenueOrder, instrument: Instrument, trade: Trade) -> Decimal:
    buying = order.intent.side is Side.BUY
    if trade.buyer_is_taker is buying:
        return Decimal(0)
    limit = float(order.intent.limit)
    beyond = limit - trade.price if buying else trade.price - limit
    near = 0.5 * float(tick_at(instrument.contract, order.intent.limit))
    if beyond > near:
        return order.left
    if beyond < -near:
        return Decimal(0)
    reached = trade.qty - order.queue
    order.queue = max(0.0, order.queue - trade.qty)
    return min(order.left, Decimal(repr(reached))) if reached > 0.0 else Decimal(0)


def _from_bar(order: VenueOrder, instrument: Instrument, bar: Bar, at: int) -> Decimal:
    if order.arrived > at - bar.span + _BAR_GRACE:
        return Decimal(0)  # its extremes may have come before the order did
    limit = float(order.intent.limit)
    tick = float(tick_at(instrument.contract, order.intent.limit))
    through = limit - bar.low if order.intent.side is Side.BUY else bar.high - limit
    return order.left if through >= tick - 1e-9 else Decimal(0)
