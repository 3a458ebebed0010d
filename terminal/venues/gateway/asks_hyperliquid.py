"""What Hyperliquid can be asked: one address for every question, signed actions for the rest."""

from collections.abc import Sequence
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.units import MILLISECOND, SECOND
from terminal.model.account import Balance
from terminal.model.instrument import Contract
from terminal.venues.dialects import hyperliquid_private
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import child, decimal, flag, name_of
from terminal.venues.gateway.asks import Ask, Asks, Sent, Span, at, done, single
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.paging import by_time

WALLET: Final = "{walletAddress}"
"""Stands for the account's address in a question; the wire puts it in."""


UNSCHEDULE: Final = "unschedule_cancel"
"""Not a method of ccxt, which knows how to schedule only: the wire signs it."""

BUDGET: Final = Budget(per_second=15.0, burst=240.0, for_cancels=20.0, for_orders=20.0)
"""Hyperliquid counts weight by address of the network, 1,200 a minute ("Rate limits"): 20 a
second, of which a quarter is left to the public data of the same address. An account may send
10,000 actions and one more for every USDC it has traded, which nothing here counts."""

_LIGHT: Final = frozenset({"clearinghouseState", "orderStatus"})
_BY_ROWS: Final = frozenset({"userFillsByTime", "userFunding"})


def _weight(ask: Ask, rows: int) -> float:
    """Weigh a request: an action 1, a light question 2, any other 20, and 1 for 20 rows."""
    asked = ask.args[0] if ask.args else None
    kind = asked.get("type") if isinstance(asked, dict) else None
    if kind is None:
        return 1.0
    return 2.0 if kind in _LIGHT else 20.0 + (rows // 20 if kind in _BY_ROWS else 0)


_FILLS: Final = 2_000
"""Most fills of a reply."""

_PAYMENTS: Final = 500
"""Most payments of funding of a reply."""


def _info(kind: str, **more: object) -> tuple[object, ...]:
    return ({"type": kind, "user": WALLET} | more,)


def _found(reply: object) -> tuple[Raw, ...]:
    """Order of a status reply; none for an id the exchange does not know."""
    if isinstance(reply, dict) and reply.get("status") == "unknownOid":
        return ()
    if not isinstance(reply, dict) or not isinstance(reply.get("order"), dict):
        raise VenueError("the order's status cannot be read")
    return (reply["order"],)


def _order(sent: Sent) -> Ask:
    return Ask("publicPostInfo", _info("orderStatus", oid=sent.client_id), _found)


def _owner(_: Contract, venue_id: str) -> Ask:
    return Ask("publicPostInfo", _info("orderStatus", oid=int(venue_id)), _found)


def _cancel(sent: Sent) -> Ask:
    asked = {"clientOrderId": sent.client_id}
    return Ask("cancel_order", (None, sent.symbol, asked), done)


def _open_orders(_: Directory) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("frontendOpenOrders"), at()),)


def _positions(_: Directory) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("clearinghouseState"), at("assetPositions")),)


def _trades(_: Directory, span: Span) -> tuple[Ask, ...]:
    """Fills, oldest first; the exchange keeps the last 10,000, and a position tells of others."""
    first = Ask("publicPostInfo", _info("userFillsByTime", startTime=span.since), at())
    return (by_time(first, full=_FILLS, start="startTime", at_ms=_trade_ms),)


def _payments(_: Directory, span: Span) -> tuple[Ask, ...]:
    first = Ask("publicPostInfo", _info("userFunding", startTime=span.since), at())
    return (by_time(first, full=_PAYMENTS, start="startTime", at_ms=_trade_ms),)


def _balances(_: Directory) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("clearinghouseState"), single),)


def _balance(raw: Raw) -> Balance | None:
    """Cash: what the account is worth less what its positions have not realised yet."""
    worth = decimal(child(raw, "marginSummary"), "accountValue")
    rows = raw.get("assetPositions")
    held = [child(each, "position") for each in rows] if isinstance(rows, list) else []
    return Balance("USDC", worth - sum((decimal(each, "unrealizedPnl") for each in held), 0))


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "time"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "oid")


def _wind(seconds: int, _: Sequence[str]) -> tuple[Ask, ...]:
    """Schedule the cancel of everything, or take the schedule back."""
    if seconds == 0:
        return (Ask(UNSCHEDULE, (), done),)
    return (Ask("cancel_all_orders_after", (seconds * SECOND // MILLISECOND,), done),)


def _retold(message: Raw) -> bool:
    """Whether a frame lists fills of before the subscription."""
    data = message.get("data")
    return isinstance(data, dict) and flag(data, "isSnapshot")


HYPERLIQUID: Final = Asks(
    budget=BUDGET,
    weight=_weight,
    order=_order,
    cancel=_cancel,
    open_orders=_open_orders,
    positions=_positions,
    trades=_trades,
    balances=_balances,
    balance=_balance,
    trade_ms=_trade_ms,
    trade_order=_trade_order,
    wind=_wind,
    watches=("watch_orders", "watch_my_trades"),
    retold=_retold,
    owner=_owner,
    payments=_payments,
    payment=hyperliquid_private.payment,
    payment_ms=_trade_ms,
)
