"""Orders, their states and their fills."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"


class TimeInForce(StrEnum):
    """How long an order rests."""

    GTC = "gtc"
    IOC = "ioc"
    POST_ONLY = "post_only"


class OrderStatus(StrEnum):
    """Where an order is in its life; the graph is in ``execution/orders.py``."""

    SENT = "sent"  # journaled and handed over, no word yet
    LIVE = "live"
    CANCEL_PENDING = "cancel_pending"
    UNKNOWN = "unknown"  # no proof of the outcome: keeps its full reserve
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class OrderIntent(Struct, frozen=True, kw_only=True):
    """One order, complete before it is sent."""

    order_id: str
    proposal_id: str
    attempt: int
    key: str
    side: Side
    qty: Decimal  # contracts, > 0
    limit: Decimal
    tif: TimeInForce
    reduce_only: bool
    decision_mid: float  # price that slippage is measured from
    for_stop: bool = False  # sent by a stop: neutralise or flatten, which bar every other order


class OrderUpdate(Struct, frozen=True, tag=True):
    """Word from the venue about one order; it may come late, twice or out of order.

    ``filled`` is the venue's own count of contracts filled so far, where it gives one.
    """

    order_id: str
    status: OrderStatus
    reason: str = ""
    filled: Decimal | None = None


class Fill(Struct, frozen=True, tag=True):
    """One execution. ``fee`` is positive when paid, in ``fee_currency``."""

    fill_id: str
    order_id: str
    key: str
    side: Side
    qty: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    maker: bool


class Order(Struct, frozen=True, kw_only=True):
    """An order as this program knows it; ``filled`` counts fills, never the venue's status."""

    intent: OrderIntent
    status: OrderStatus
    created_at: int
    changed_at: int
    filled: Decimal = Decimal(0)
    stated: Decimal = Decimal(0)  # most that the venue has said is filled
    asked_at: int = 0  # when the venue was last asked what became of it
    reason: str = ""


def signed(side: Side, qty: Decimal) -> Decimal:
    """Quantity with the sign of its side: buys positive."""
    return qty if side is Side.BUY else -qty


FINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)
"""States that an order never leaves."""
