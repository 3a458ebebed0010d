"""Open orders as a venue states them, against the orders of this program."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from terminal.core.units import BPS
from terminal.execution.orders import outstanding
from terminal.model.account import OpenOrder
from terminal.model.instrument import Instrument, Option, coins
from terminal.model.order import FINAL, Order, OrderStatus, Side

RESTING = frozenset({OrderStatus.LIVE, OrderStatus.CANCEL_PENDING})


def strangers(
    orders: Mapping[str, Order], stated: Sequence[OpenOrder] | None
) -> tuple[OpenOrder, ...]:
    """Orders at the venue that this program knows nothing of."""
    return tuple(each for each in stated or () if each.order_id not in orders)


def at_odds(
    orders: Mapping[str, Order],
    venue: str,
    stated: Sequence[OpenOrder] | None,
    *,
    before: int,
) -> Iterator[tuple[Order, Decimal, Decimal]]:
    """Own orders of which a venue's list says otherwise, with what is left by us and by it.

    Parameters
    ----------
    orders : mapping
        By order id.
    venue : str
    stated : sequence of OpenOrder or None
        Every order that rests there; None where the venue says nothing of orders.
    before : int
        UtcNs: an order that changed since is left out, for the list may be older than the change.

    Notes
    -----
    An order without proof of its outcome is at odds with nothing: it is asked about by itself.
    """
    if stated is None:
        return
    resting = {each.order_id: each for each in stated if each.order_id}
    for order_id, order in orders.items():
        if order.changed_at >= before or order.intent.key.rpartition("@")[2] != venue:
            continue
        there = resting.get(order_id)
        theirs = there.qty if there else Decimal(0)
        if order.status in FINAL:
            if there is not None:
                yield order, Decimal(0), theirs
        elif order.status in RESTING and outstanding(order) != theirs:
            yield order, outstanding(order), theirs


def reach(
    order: OpenOrder,
    instrument: Instrument | None,
    *,
    held: Decimal,
    middle: float | None,
    collar_bps: float,
) -> tuple[float | None, str]:
    """What an order of somebody else's may do to delta now, signed coins, and why.

    Parameters
    ----------
    order : OpenOrder
    instrument : Instrument or None
        Its terms.
    held : Decimal
        Signed contracts of it in the account.
    middle : float or None
        Mid of its book, None while unknown.
    collar_bps : float
        An order that rests further from the mid than this cannot change delta now. Counting it in
        full would have the desk trade against a take-profit that may never fill.

    Returns
    -------
    tuple of (float or None, str)
        None where it is not counted.
    """
    if instrument is None:
        return None, "not counted: its instrument is not known here"
    if isinstance(instrument, Option):
        return None, "not counted: it is on an option"
    left = order.qty
    sign = 1 if order.side is Side.BUY else -1
    if order.reduce_only:
        left = min(left, max(Decimal(0), -sign * held))
        if left == 0:
            return None, "not counted: reduce-only, and nothing to reduce"
    price = middle if order.limit is None else float(order.limit)
    if price is None:
        return None, "not counted: there is no price of it yet"
    if middle is not None and order.limit is not None:
        away = sign * (middle / price - 1.0) / BPS
        if away > collar_bps:
            return None, f"not counted: it rests {away:,.0f} bp away"
    return sign * coins(instrument.contract, float(left), price), "counted as in flight"
