"""What OKX can be asked."""

from collections.abc import Sequence
from typing import Final

from terminal.model.account import Balance
from terminal.venues.dialects import okx_private
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, text
from terminal.venues.gateway.asks import Ask, Asks, Sent, Span, at, done, listed, weighed
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.paging import DAY_MS, LATE_MS, by_last

_ROWS: Final = at("data")

BUDGET: Final = Budget(per_second=15.0, burst=30.0, for_cancels=10.0, for_orders=10.0)
"""OKX counts each endpoint for itself: 60 orders, cancels, looks at one order, at open orders or
at fills in two seconds, which is 30 a second (its API documentation; ccxt 4.5.90 costs them a third
of 110 ms each). Half of one such limit is spent here on all of them together."""

_WEIGHTS: Final = {
    "privateGetAccountPositions": 3.0,  # 10 in two seconds
    "privateGetAccountBalance": 3.0,
    "privateGetTradeFillsHistory": 3.0,
    "privateGetAccountBills": 3.0,  # 5 a second
    "privateGetAccountConfig": 6.0,  # 5 in two seconds
    "privateGetAccountBillsArchive": 6.0,
}
"""The switch may be wound once a second, and is every twenty."""

_PAGE: Final = 100
"""Most rows of a page."""

_RECENT_MS: Final = 3 * DAY_MS - LATE_MS
"""How far back ``trade/fills`` goes; ``trade/fills-history`` goes on, and is a little late."""


def _order(sent: Sent) -> Ask:
    asked = {"instId": sent.contract.symbol, "clOrdId": sent.client_id}
    return Ask("privateGetTradeOrder", (asked,), _ROWS)


def _cancel(sent: Sent) -> Ask:
    asked = {"instId": sent.contract.symbol, "clOrdId": sent.client_id}
    return Ask("privatePostTradeCancelOrder", (asked,), done)


def _open_orders(_: Directory) -> tuple[Ask, ...]:
    method = "privateGetTradeOrdersPending"
    return (by_last(method, {"limit": str(_PAGE)}, _ROWS, full=_PAGE, name="ordId"),)


def _positions(_: Directory) -> tuple[Ask, ...]:
    return (Ask("privateGetAccountPositions", ({},), _ROWS),)


def _trades(_: Directory, span: Span) -> tuple[Ask, ...]:
    """Fills of the last three days, or of the last three months by kind of instrument."""
    asked = {"begin": str(span.since), "limit": str(_PAGE)}
    if span.until - span.since < _RECENT_MS:
        return (by_last("privateGetTradeFills", asked, _ROWS, full=_PAGE, name="billId"),)
    method = "privateGetTradeFillsHistory"
    return tuple(
        by_last(method, {**asked, "instType": kind}, _ROWS, full=_PAGE, name="billId")
        for kind in ("SWAP", "FUTURES", "OPTION")
    )


def _payments(_: Directory, span: Span) -> tuple[Ask, ...]:
    """Bills of the last seven days, or of the last three months."""
    recent = span.until - span.since < 7 * DAY_MS - LATE_MS
    method = "privateGetAccountBills" if recent else "privateGetAccountBillsArchive"
    asked = {"type": okx_private.FUNDING_BILL, "begin": str(span.since), "limit": str(_PAGE)}
    return (by_last(method, asked, _ROWS, full=_PAGE, name="billId"),)


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
    budget=BUDGET,
    weight=weighed(_WEIGHTS, 1.0),
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
    modes=lambda _: (Ask("privateGetAccountConfig", ({},), _ROWS),),
    mode=okx_private.mode,
    sided=okx_private.sided,
    mode_errors=("posSide",),
    payments=_payments,
    payment=okx_private.payment,
    payment_ms=_trade_ms,
    watches=("watch_orders",),
)
