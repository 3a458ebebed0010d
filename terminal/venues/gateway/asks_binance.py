"""What Binance's futures can be asked: USD-margined (fapi) and coin-margined (dapi) alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from terminal.core.units import MILLISECOND, SECOND
from terminal.model.account import Balance
from terminal.model.instrument import Contract
from terminal.venues.dialects import binance_private
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
from terminal.venues.gateway.paging import by_next_id, by_time, windows

BUDGET: Final = Budget(per_second=30.0, burst=300.0, for_cancels=40.0, for_orders=40.0)
"""Binance counts weight by address, 2,400 a minute for each of its futures exchanges
(``rateLimits`` of ``exchangeInfo``): 40 a second, of which a quarter is left to the public data of
the same address. Orders are counted beside that, 300 in ten seconds and 1,200 a minute, which is
20 a second for a minute on end: no hedge comes near it."""


_STATED: Final = ("PositionRisk", "Balance")


def _weights(prefix: str) -> Mapping[str, float]:
    """Weights of the API documentation, the larger of both exchanges' where they differ."""
    private = f"{prefix}Private"
    stated = {f"{private}{v}Get{each}": 5.0 for v in ("", "V3") for each in _STATED}
    return {
        f"{private}GetOpenOrders": 40.0,  # of every symbol
        f"{private}GetUserTrades": 20.0 if prefix == "dapi" else 5.0,
        f"{private}GetIncome": 30.0,
        f"{private}GetPositionSideDual": 30.0,
        f"{private}PostCountdownCancelAll": 10.0,
        **stated,
    }


_TRADES: Final = 1_000
"""Most trades of a page."""

_DAYS: Final = 7
"""Longest time between the ends of a question about trades."""


def _trades(method: str, span: Span) -> Iterator[Ask]:
    """Trades of each symbol: the first page by time, those after it by id."""
    for symbol in span.symbols:
        for start, end in windows(span, _DAYS):
            asked = {"symbol": symbol, "startTime": start, "endTime": end, "limit": _TRADES}
            first = Ask(method, (asked,), at())
            yield by_next_id(first, full=_TRADES, field="id", symbol=symbol)


def _payments(method: str, span: Span) -> Iterator[Ask]:
    """Payments of funding, oldest first."""
    more = {"incomeType": "FUNDING_FEE", "limit": _TRADES}
    for start, end in windows(span, _DAYS):
        first = Ask(method, ({**more, "startTime": start, "endTime": end},), at())
        yield by_time(first, full=_TRADES, start="startTime", at_ms=_trade_ms)


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "time"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "orderId")


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "asset"), decimal(raw, "balance"))


def _wind(method: str, seconds: int, symbols: Sequence[str]) -> tuple[Ask, ...]:
    span = seconds * SECOND // MILLISECOND
    return tuple(Ask(method, ({"symbol": each, "countdownTime": span},), done) for each in symbols)


def _all(method: str) -> Callable[[Directory], tuple[Ask, ...]]:
    return lambda _: (Ask(method, ({},), at()),)


def _delivery(method: str, expired: Expiring) -> Ask:
    return Ask(method, ({"pair": expired.contract.symbol.partition("_")[0]},), at())


def _delivered(raw: Raw, expired: Expiring) -> Decimal | None:
    same = decimal(raw, "deliveryTime") == expired.expiry // MILLISECOND
    return positive(raw, "deliveryPrice") if same else None


def futures(prefix: str, version: str) -> Asks:
    """Requests of one of Binance's two futures exchanges.

    Parameters
    ----------
    prefix : str
        ``fapi`` or ``dapi``, as ccxt's methods begin.
    version : str
        Part of ccxt's names for positions and balances: ``V3`` or empty.
    """
    private, stated = f"{prefix}Private", f"{prefix}Private{version}"

    def named(verb: str, rows: Rows) -> Callable[[Sent], Ask]:
        return lambda sent: Ask(
            f"{private}{verb}Order",
            ({"symbol": sent.contract.symbol, "origClientOrderId": sent.client_id},),
            rows,
        )

    def trades(_: Directory, span: Span) -> tuple[Ask, ...]:
        return tuple(_trades(f"{private}GetUserTrades", span))

    def payments(_: Directory, span: Span) -> tuple[Ask, ...]:
        return tuple(_payments(f"{private}GetIncome", span))

    def owner(contract: Contract, venue_id: str) -> Ask:
        asked = {"symbol": contract.symbol, "orderId": venue_id}
        return Ask(f"{private}GetOrder", (asked,), single)

    return Asks(
        budget=BUDGET,
        weight=weighed(_weights(prefix), 1.0),
        order=named("Get", single),
        cancel=named("Delete", done),
        open_orders=_all(f"{private}GetOpenOrders"),
        positions=_all(f"{stated}GetPositionRisk"),
        trades=trades,
        balances=_all(f"{stated}GetBalance"),
        balance=_balance,
        trade_ms=_trade_ms,
        trade_order=_trade_order,
        wind=partial(_wind, f"{private}PostCountdownCancelAll"),
        owner=owner,
        modes=lambda _: (Ask(f"{private}GetPositionSideDual", ({},), single),),
        mode=binance_private.mode,
        sided=binance_private.sided,
        mode_errors=("-4061",),
        payments=payments,
        payment=binance_private.payment,
        payment_ms=_trade_ms,
        watches=("watch_my_trades",),
        settlement=SettlementAsk(partial(_delivery, f"{prefix}DataGetDeliveryPrice"), _delivered),
    )


USD_MARGINED: Final = futures("fapi", "V3")
COIN_MARGINED: Final = futures("dapi", "")
