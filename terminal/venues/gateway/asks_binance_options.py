"""What Binance's options can be asked; they pay no funding and have no hedge mode."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from terminal.core.units import HOUR, MILLISECOND
from terminal.model.account import Balance
from terminal.model.instrument import Contract
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, name_of, positive, text
from terminal.venues.gateway.asks import (
    Ask,
    Asks,
    Expiring,
    Rows,
    Sent,
    SettlementAsk,
    Span,
    at,
    done,
    single,
    weighed,
)
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.paging import by_time, windows

BUDGET: Final = Budget(per_second=30.0, burst=300.0, for_cancels=40.0, for_orders=40.0)
"""2,400 of weight a minute by address, of which a quarter is left to public data, and 300 orders in
ten seconds (``rateLimits`` of ``exchangeInfo``)."""

_PRIVATE: Final = "eapiPrivate"

_WEIGHTS: Final = {
    f"{_PRIVATE}GetOpenOrders": 40.0,  # of every symbol
    f"{_PRIVATE}GetPosition": 5.0,
    f"{_PRIVATE}GetUserTrades": 5.0,
    f"{_PRIVATE}GetMarginAccount": 3.0,
}
"""Weights of the API documentation; the others are 1 or nothing."""

_TRADES: Final = 1_000
"""Most trades of a page; a hundred come unasked."""

_EXERCISES: Final = 100
"""Most rows of exercises that one reply holds."""

_AROUND_MS: Final = HOUR // MILLISECOND
"""Options of the days before and after expire further away."""

_DAYS: Final = 7
"""Length of one question about trades: how long a span it answers is not documented."""


def _trades(span: Span) -> Iterator[Ask]:
    """Trades of all symbols by time: ``fromId`` does not say which of two ids of a row it means."""
    for start, end in windows(span, _DAYS):
        asked = {"startTime": start, "endTime": end, "limit": _TRADES}
        first = Ask(f"{_PRIVATE}GetUserTrades", (asked,), at())
        yield by_time(first, full=_TRADES, start="startTime", at_ms=_trade_ms)


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "time"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "orderId")


def _balance(raw: Raw) -> Balance:
    """Money of an asset; ``equity`` would add what the options are worth."""
    return Balance(text(raw, "asset"), decimal(raw, "marginBalance"))


def _named(verb: str, rows: Rows) -> Callable[[Sent], Ask]:
    return lambda sent: Ask(
        f"{_PRIVATE}{verb}Order",
        ({"symbol": sent.contract.symbol, "clientOrderId": sent.client_id},),
        rows,
    )


def _owner(contract: Contract, venue_id: str) -> Ask:
    asked = {"symbol": contract.symbol, "orderId": venue_id}
    return Ask(f"{_PRIVATE}GetOrder", (asked,), single)


def _all(method: str, rows: Rows) -> Callable[[Directory], tuple[Ask, ...]]:
    return lambda _: (Ask(f"{_PRIVATE}{method}", ({},), rows),)


def _exercise(expired: Expiring) -> Ask:
    """What options of an underlying were exercised at, around their expiry."""
    contract, expiry = expired.contract, expired.expiry // MILLISECOND
    asked = {
        "underlying": f"{contract.base}{contract.settle}",
        "startTime": expiry - _AROUND_MS,
        "endTime": expiry + _AROUND_MS,
        "limit": _EXERCISES,
    }
    return Ask("eapiPublicGetExerciseHistory", (asked,), at())


def _exercised(raw: Raw, expired: Expiring) -> Decimal | None:
    same = decimal(raw, "expiryDate") == expired.expiry // MILLISECOND  # whatever its strike
    return positive(raw, "realStrikePrice") if same else None


OPTIONS: Final = Asks(
    budget=BUDGET,
    weight=weighed(_WEIGHTS, 1.0),
    order=_named("Get", single),
    cancel=_named("Delete", done),
    open_orders=_all("GetOpenOrders", at()),
    positions=_all("GetPosition", at()),
    trades=lambda _, span: tuple(_trades(span)),
    balances=_all("GetMarginAccount", at("asset")),
    balance=_balance,
    trade_ms=_trade_ms,
    trade_order=_trade_order,
    wind=None,
    owner=_owner,
    payments=lambda _, __: (),
    payment=lambda _, __: None,
    payment_ms=_trade_ms,
    watches=("watch_my_trades",),
    settlement=SettlementAsk(_exercise, _exercised),
)
