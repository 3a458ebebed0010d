"""What OKX can be asked."""

from collections.abc import Sequence
from typing import Final

from terminal.model.account import Balance
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, text
from terminal.venues.gateway.asks import Ask, Asks, Sent, at, done, listed
from terminal.venues.gateway.limiter import Budget

_ROWS: Final = at("data")


def _order(sent: Sent) -> Ask:
    asked = {"instId": sent.contract.symbol, "clOrdId": sent.client_id}
    return Ask("privateGetTradeOrder", (asked,), _ROWS)


def _cancel(sent: Sent) -> Ask:
    asked = {"instId": sent.contract.symbol, "clOrdId": sent.client_id}
    return Ask("privatePostTradeCancelOrder", (asked,), done)


def _open_orders(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetTradeOrdersPending", ({},), _ROWS),)


def _positions(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetAccountPositions", ({},), _ROWS),)


def _trades(_: Directory, __: Sequence[str], since: int) -> tuple[Ask, ...]:
    return (Ask("privateGetTradeFills", ({"begin": str(since)},), _ROWS),)


def _balances(_: Directory) -> tuple[Ask, ...]:
    def coins(reply: object) -> tuple[Raw, ...]:
        accounts = listed(reply, "data")
        return tuple(coin for account in accounts for coin in listed(account, "details"))

    return (Ask("privateGetAccountBalance", ({},), coins),)


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "ccy"), decimal(raw, "cashBal"))


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "ts"))


def _trade_order(raw: Raw) -> str:
    return text(raw, "ordId")


def _wind(seconds: int, _: Sequence[str]) -> tuple[Ask, ...]:
    return (Ask("privatePostTradeCancelAllAfter", ({"timeOut": str(seconds)},), done),)


OKX: Final = Asks(
    budget=Budget(per_second=15.0, burst=30.0, for_cancels=10.0, for_orders=10.0),
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
    watches=("watch_orders",),
)
