"""A row of the orders page: an order, and how the hedge it works for stands."""

from decimal import Decimal

from msgspec import Struct

from terminal.model.order import Side
from terminal.model.risk import Style


class WorkingHedge(Struct, frozen=True, kw_only=True):
    """A hedge at work."""

    hedge_id: str
    style: Style
    by_hand: bool  # a person controls it; its rule is detached
    by_stop: bool  # the stop controls it; nobody may take it over
    share: float  # filled part of the whole hedge, 0..1
    ticks_away: float | None  # of its order from the own touch: above 0 behind it
    follows: str  # what comes next; empty: nothing is planned
    follows_in: int | None  # ns from now
    waits: str  # what it waits for; empty: nothing
    asks: str  # the question it asks a person


class OrderRow(Struct, frozen=True, kw_only=True):
    """A working order, one that just ended, or a working hedge that has none at the moment."""

    order_id: str  # the hedge's id where there is no order
    symbol: str
    side: Side
    qty: Decimal
    filled: Decimal
    limit: Decimal | None  # None: no order
    status: str
    age: int  # ns
    rule: str
    reason: str
    working: bool
    hedge: WorkingHedge | None = None  # the hedge that this order is the open one of
