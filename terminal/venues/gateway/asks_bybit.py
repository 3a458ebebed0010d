"""What Bybit's unified account can be asked, by category of instrument."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from terminal.model.account import Balance
from terminal.model.instrument import Contract, Instrument, Option, Payoff, Perpetual
from terminal.venues.dialects import bybit_private
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, positive, text
from terminal.venues.gateway.asks import (
    Ask,
    Asks,
    Expiring,
    Sent,
    SettlementAsk,
    Span,
    at,
    done,
    listed,
    weighed,
)
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.paging import by_cursor, windows

_ROWS: Final = at("result", "list")

BUDGET: Final = Budget(per_second=8.0, burst=10.0, for_cancels=3.0, for_orders=3.0)
"""Bybit counts by account and endpoint ("Rate Limit" of its version 5): ten orders and ten cancels
a second, fifty of every question, five settings of the switch; 600 requests in five seconds by
address. Orders and cancels share ten here, and a question weighs a fifth of one."""

_DAYS: Final = 7
"""Longest time between the ends of a question about executions."""


def _category(instrument: Instrument) -> dict[str, object]:
    """Category of an instrument, with the settlement coin that a linear one is asked by."""
    contract = instrument.contract
    if isinstance(instrument, Option):
        return {"category": "option"}
    if contract.payoff is Payoff.INVERSE:
        return {"category": "inverse"}
    return {"category": "linear", "settleCoin": contract.settle}


def _category_of(contract: Contract) -> str:
    """Category of an order: options are named with three dashes or more."""
    if contract.symbol.count("-") >= 3:
        return "option"
    return "inverse" if contract.payoff is Payoff.INVERSE else "linear"


def _categories(known: Directory) -> Iterator[Mapping[str, object]]:
    """Every category that something is listed in, once."""
    seen = {tuple(_category(each).items()) for each in known.by_key.values()}
    for each in sorted(seen, key=str):
        yield dict(each)


def _order(sent: Sent) -> Ask:
    asked = {
        "category": _category_of(sent.contract),
        "symbol": sent.contract.symbol,
        "orderLinkId": sent.client_id,
    }
    return Ask("privateGetV5OrderRealtime", (asked,), _ROWS)


def _cancel(sent: Sent) -> Ask:
    asked = {
        "category": _category_of(sent.contract),
        "symbol": sent.contract.symbol,
        "orderLinkId": sent.client_id,
    }
    return Ask("privatePostV5OrderCancel", (asked,), done)


def _paged(method: str, asked: Mapping[str, object], limit: int) -> Ask:
    return by_cursor(method, {**asked, "limit": limit}, _ROWS, "result", "nextPageCursor")


def _open_orders(known: Directory) -> tuple[Ask, ...]:
    return tuple(_paged("privateGetV5OrderRealtime", each, 50) for each in _categories(known))


def _positions(known: Directory) -> tuple[Ask, ...]:
    return tuple(_paged("privateGetV5PositionList", each, 200) for each in _categories(known))


def _modes(known: Directory) -> tuple[Ask, ...]:
    """Mode of each perpetual: it is set per instrument, and both sides show though flat."""
    perpetuals = (each for each in known.by_key.values() if isinstance(each, Perpetual))
    return tuple(
        Ask(
            "privateGetV5PositionList",
            ({"category": _category_of(each.contract), "symbol": each.contract.symbol},),
            _ROWS,
        )
        for each in perpetuals
    )


def _trades(known: Directory, span: Span) -> tuple[Ask, ...]:
    """Trades of every kind, forced ones too: an ``execType`` would leave those out."""
    names = sorted({str(each["category"]) for each in _categories(known)})
    return tuple(
        _paged(
            "privateGetV5ExecutionList",
            {"category": each, "startTime": start, "endTime": end},
            100,
        )
        for each in names
        for start, end in windows(span, _DAYS)
    )


def _payments(known: Directory, span: Span) -> tuple[Ask, ...]:
    names = sorted({str(each["category"]) for each in _categories(known)} - {"option"})
    return tuple(
        _paged(
            "privateGetV5ExecutionList",
            {"category": each, "startTime": start, "endTime": end, "execType": "Funding"},
            100,
        )
        for each in names
        for start, end in windows(span, _DAYS)
    )


def _balances(_: Directory) -> tuple[Ask, ...]:
    def coins(reply: object) -> tuple[Raw, ...]:
        accounts = listed(reply, "result", "list")
        return tuple(coin for account in accounts for coin in listed(account, "coin"))

    return (Ask("privateGetV5AccountWalletBalance", ({"accountType": "UNIFIED"},), coins),)


def _balance(raw: Raw) -> Balance | None:
    return Balance(text(raw, "coin"), decimal(raw, "walletBalance"))


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "execTime"))


def _trade_order(raw: Raw) -> str:
    return text(raw, "orderId")


def _wind(seconds: int, _: Sequence[str]) -> tuple[Ask, ...]:
    """Set how long the private socket may be gone before the exchange cancels; has no way off."""
    products = ("DERIVATIVES", "OPTIONS") if seconds else ()
    return tuple(
        Ask(
            "privatePostV5OrderDisconnectedCancelAll",
            ({"product": each, "timeWindow": seconds},),
            done,
        )
        for each in products
    )


def _delivery(expired: Expiring) -> Ask:
    asked = {"category": _category_of(expired.contract), "symbol": expired.contract.symbol}
    return Ask("publicGetV5MarketDeliveryPrice", (asked,), _ROWS)


def _delivered(raw: Raw, expired: Expiring) -> Decimal | None:
    named = text(raw, "symbol") == expired.contract.symbol
    return positive(raw, "deliveryPrice") if named else None


BYBIT: Final = Asks(
    budget=BUDGET,
    weight=weighed({"privatePostV5OrderCancel": 1.0, "cancel_order": 1.0}, 0.2),
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
    modes=_modes,
    mode=bybit_private.mode,
    sided=bybit_private.sided,
    mode_errors=("position idx not match position mode", "110021"),
    payments=_payments,
    payment=bybit_private.payment,
    payment_ms=_trade_ms,
    watches=("watch_orders", "watch_my_trades"),
    settlement=SettlementAsk(_delivery, _delivered),
)
