"""What Hyperliquid can be asked: one address for every question, signed actions for the rest."""

from collections.abc import Sequence
from typing import Final

from terminal.core.errors import VenueError
from terminal.core.units import MILLISECOND, SECOND
from terminal.model.account import Balance
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import child, decimal, flag, name_of
from terminal.venues.gateway.asks import Ask, Asks, Sent, at, done, single
from terminal.venues.gateway.limiter import Budget

WALLET: Final = "{walletAddress}"
"""Stands for the account's address in a question; the wire puts it in."""


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


def _cancel(sent: Sent) -> Ask:
    asked = {"clientOrderId": sent.client_id}
    return Ask("cancel_order", (None, sent.symbol, asked), done)


def _open_orders(_: Directory) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("frontendOpenOrders"), at()),)


def _positions(_: Directory) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("clearinghouseState"), at("assetPositions")),)


def _trades(_: Directory, __: Sequence[str], since: int) -> tuple[Ask, ...]:
    return (Ask("publicPostInfo", _info("userFillsByTime", startTime=since), at()),)


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
    """Schedule the cancel of everything; a schedule that runs out is its only way off."""
    if seconds == 0:
        return ()
    return (Ask("cancel_all_orders_after", (seconds * SECOND // MILLISECOND,), done),)


def _retold(message: Raw) -> bool:
    """Whether a frame lists fills of before the subscription."""
    data = message.get("data")
    return isinstance(data, dict) and flag(data, "isSnapshot")


HYPERLIQUID: Final = Asks(
    budget=Budget(per_second=10.0, burst=40.0, for_cancels=10.0, for_orders=10.0),
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
)
