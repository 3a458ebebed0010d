"""What deribit can be asked; its orders are known by label, within the currency they settle in."""

from collections.abc import Sequence
from typing import Final

from terminal.model.account import Balance
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, name_of, text
from terminal.venues.gateway.asks import Ask, Asks, Sent, at, bases, done
from terminal.venues.gateway.limiter import Budget

_TRADES: Final = 1000
"""Most trades that one reply holds."""


def _order(sent: Sent) -> Ask:
    asked = {"currency": sent.contract.settle, "label": sent.client_id}
    return Ask("privateGetGetOrderStateByLabel", (asked,), at("result"))


def _cancel(sent: Sent) -> Ask:
    asked = {"currency": sent.contract.settle, "label": sent.client_id}
    return Ask("privateGetCancelByLabel", (asked,), done)


def _open_orders(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetGetOpenOrders", ({},), at("result")),)


def _positions(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetGetPositions", ({},), at("result")),)


def _trades(known: Directory, _: Sequence[str], since: int) -> tuple[Ask, ...]:
    rows = at("result", "trades")
    more = {"start_timestamp": since, "count": _TRADES, "include_old": True}
    return tuple(
        Ask("privateGetGetUserTradesByCurrencyAndTime", ({"currency": each} | more,), rows)
        for each in bases(known)
    )


def _balances(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetGetAccountSummaries", ({},), at("result", "summaries")),)


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "currency"), decimal(raw, "balance"))


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "timestamp"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "order_id")


DERIBIT: Final = Asks(
    budget=Budget(per_second=5.0, burst=20.0, for_cancels=5.0, for_orders=5.0),
    order=_order,
    cancel=_cancel,
    open_orders=_open_orders,
    positions=_positions,
    trades=_trades,
    balances=_balances,
    balance=_balance,
    trade_ms=_trade_ms,
    trade_order=_trade_order,
    wind=None,
    watches=("watch_orders", "watch_my_trades"),
)
