r"""The life of an order: any word from the venue, in any order, any number of times.

::

    SENT -> LIVE -> CANCEL_PENDING -> CANCELLED | EXPIRED | FILLED
       \-> UNKNOWN -> (proof) LIVE | FILLED | CANCELLED | REJECTED | EXPIRED
       \-> REJECTED

A reject counts only while nothing proves that the order lives: after an ack, a fill or a stated
fill it speaks of another request (a repeated id, a cancel), so the order keeps its reserve and
the venue's later word ends it.

Fills are the truth and a status is a hint: what is filled is counted from fills alone. A final
state is never left; a fill that comes after it is booked all the same.

An order is cancelled or expired only by word that counts what had filled. One that ends without a
count keeps its reserve, and is asked about until the count is known: else a fill that is still
under way would be hedged twice.
"""

from decimal import Decimal

from msgspec.structs import replace

from terminal.model.order import FINAL, Fill, Order, OrderIntent, OrderStatus, OrderUpdate

_RANK = {
    OrderStatus.SENT: 0,
    OrderStatus.UNKNOWN: 1,
    OrderStatus.LIVE: 2,
    OrderStatus.CANCEL_PENDING: 3,
}
"""How much each open state knows; word of a lower one is late and changes nothing."""

_COUNTED = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED})
"""Ends before the whole is filled: how much was must be said with them."""


def new_order(intent: OrderIntent, now: int) -> Order:
    """An order that is sent as soon as the record that caused it is durable."""
    return Order(intent=intent, status=OrderStatus.SENT, created_at=now, changed_at=now)


def apply_update(order: Order, update: OrderUpdate, now: int) -> Order:
    """Order after word from the venue.

    A final state stays; between open states only word that knows more counts, except that
    UNKNOWN is left by any proof and entered from any open state that has no proof of life.
    """
    stated = max(order.stated, update.filled or Decimal(0))
    heard = order if stated == order.stated else replace(order, stated=stated)
    if order.status in FINAL:
        return heard
    if update.status is OrderStatus.REJECTED and lives(heard):
        return heard
    status = _proven(update)
    if status not in FINAL and _RANK[status] <= _RANK[order.status]:
        return heard
    return replace(heard, status=status, changed_at=now, reason=update.reason)


def _proven(update: OrderUpdate) -> OrderStatus:
    """What a word proves: an end that leaves open what was filled is none yet."""
    uncounted = update.filled is None and update.status in _COUNTED
    return OrderStatus.CANCEL_PENDING if uncounted else update.status


def apply_fill(order: Order, fill: Fill, now: int) -> Order:
    """Order after one fill that has not been counted before (the ledger drops repeats)."""
    filled = order.filled + fill.qty
    status = order.status
    if filled >= order.intent.qty and status not in FINAL:
        status = OrderStatus.FILLED
    elif _RANK.get(status, 9) < _RANK[OrderStatus.LIVE]:
        status = OrderStatus.LIVE  # a fill proves that the order arrived
    return replace(order, filled=filled, status=status, changed_at=now)


def lives(order: Order) -> bool:
    """Whether the venue has shown that it took the order, and has not ended it."""
    acked = order.status in {OrderStatus.LIVE, OrderStatus.CANCEL_PENDING}
    proven = acked or order.filled > 0 or order.stated > 0
    return proven and order.status not in FINAL


def asked_to_cancel(order: Order, now: int) -> Order:
    """Order after a cancel has been asked for; without proof of life it stays what it was."""
    if order.status is not OrderStatus.LIVE:
        return order
    return replace(order, status=OrderStatus.CANCEL_PENDING, changed_at=now)


def outstanding(order: Order) -> Decimal:
    """Contracts that may still fill, >= 0.

    Everything unfilled while the order is open or its outcome unknown. After a final state, what
    the venue says is filled and has not been told yet: a cancel may overtake the last fill.
    """
    if order.status is OrderStatus.FILLED or order.status not in FINAL:
        return max(order.intent.qty - order.filled, Decimal(0))
    return max(order.stated - order.filled, Decimal(0))


def done(order: Order) -> bool:
    """Whether the order is final and every fill of it has been told."""
    if order.status not in FINAL:
        return False
    told = order.intent.qty if order.status is OrderStatus.FILLED else order.stated
    return told <= order.filled


def overfilled(order: Order) -> bool:
    """Whether more came back than was sent: a broken promise of the venue."""
    return order.filled > order.intent.qty
