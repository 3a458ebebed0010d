"""What deribit can be asked; its orders are known by label, within the currency they settle in."""

from decimal import Decimal
from typing import Final

from terminal.core.units import iso_utc
from terminal.venues.dialects import deribit_private
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, name_of, positive, text
from terminal.venues.gateway.asks import (
    Ask,
    Asks,
    Expiring,
    Sent,
    SettlementAsk,
    Span,
    at,
    bases,
    done,
    weighed,
)
from terminal.venues.gateway.limiter import Budget
from terminal.venues.gateway.paging import LATE_MS, by_cursor, by_time

BUDGET: Final = Budget(per_second=5.0, burst=20.0, for_cancels=5.0, for_orders=5.0)
"""Deribit's lowest tier ("Rate limits"): 5 orders, changes and cancels a second, 20 at once; of
other requests 20 a second and 100 at once (500 credits each, of 50,000 that refill by 10,000), so
that one weighs a quarter of an order. The transaction log has a limit of its own, one a second: it
is asked for with each statement of the account, once for every currency. Whoever spends more than
there is loses the connection, not the request alone."""

_TRADES: Final = 1000
"""Most trades that one reply holds."""

_LOGS: Final = 100
"""Rows of a page of the transaction log."""

_DELIVERIES: Final = 30
"""Days of delivery prices that are asked for."""

_RECENT_MS: Final = 20 * 3_600_000
"""Deribit keeps trades of 24 hours as recent ones (articles/accessing-historical-trades-orders)."""


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


def _trades(known: Directory, span: Span) -> tuple[Ask, ...]:
    """Trades, oldest first; those of more than a day ago are kept apart, and show there late."""
    old = (False, True) if span.until - span.since > _RECENT_MS else (False,)
    return tuple(_history(each, span, historical=found) for each in bases(known) for found in old)


def _history(currency: str, span: Span, *, historical: bool) -> Ask:
    asked = {
        "currency": currency,
        "start_timestamp": span.since,
        "end_timestamp": span.until + LATE_MS,
        "count": _TRADES,
        "sorting": "asc",
        "historical": historical,
    }
    method = "privateGetGetUserTradesByCurrencyAndTime"
    first = Ask(method, (asked,), at("result", "trades"))
    return by_time(
        first, full=_TRADES, start="start_timestamp", at_ms=_trade_ms, more_of="has_more"
    )


def _payments(known: Directory, span: Span) -> tuple[Ask, ...]:
    rows = at("result", "logs")
    asked = {
        "start_timestamp": span.since,
        "end_timestamp": span.until + LATE_MS,
        "query": "settlement",
        "count": _LOGS,
    }
    return tuple(
        by_cursor(
            "privateGetGetTransactionLog",
            {"currency": each, **asked},
            rows,
            "result",
            "continuation",
            parameter="continuation",
        )
        for each in bases(known)
    )


def _balances(_: Directory) -> tuple[Ask, ...]:
    """Summaries, and positions for the funding that their session has not paid out yet."""
    return (
        Ask("privateGetGetAccountSummaries", ({"extended": True},), at("result", "summaries")),
        Ask("privateGetGetPositions", ({},), at("result")),
    )


def _trade_ms(raw: Raw) -> int:
    return int(decimal(raw, "timestamp"))


def _trade_order(raw: Raw) -> str:
    return name_of(raw, "order_id")


def _delivery(expired: Expiring) -> Ask:
    """Delivery prices of an index, a day a row, the newest first."""
    contract = expired.contract
    money = "usd" if contract.settle == contract.base else contract.settle.lower()
    asked = {"index_name": f"{contract.base.lower()}_{money}", "offset": 0, "count": _DELIVERIES}
    return Ask("publicGetGetDeliveryPrices", (asked,), at("result", "data"))


def _delivered(raw: Raw, expired: Expiring) -> Decimal | None:
    day = iso_utc(expired.expiry)[:10]
    return positive(raw, "delivery_price") if text(raw, "date") == day else None


DERIBIT: Final = Asks(
    budget=BUDGET,
    weight=weighed({"privateGetCancelByLabel": 1.0, "cancel_order": 1.0}, 0.25),
    order=_order,
    cancel=_cancel,
    open_orders=_open_orders,
    positions=_positions,
    trades=_trades,
    balances=_balances,
    balance=deribit_private.cash,
    trade_ms=_trade_ms,
    trade_order=_trade_order,
    wind=None,
    payments=_payments,
    payment=deribit_private.payment,
    payment_ms=_trade_ms,
    watches=("watch_orders", "watch_my_trades"),
    settlement=SettlementAsk(_delivery, _delivered),
)
