"""Hyperliquid's account: orders, fills, funding, positions and cash."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.order import Fill, OrderStatus, OrderUpdate
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import from_hex
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.hyperliquid_public import SIDES, listed
from terminal.venues.dialects.hyperliquid_terms import SETTLE
from terminal.venues.dialects.raw import Raw

_STATUSES: Final = MappingProxyType(
    {
        "open": OrderStatus.LIVE,
        "triggered": OrderStatus.LIVE,
        "filled": OrderStatus.FILLED,
        "canceled": OrderStatus.CANCELLED,
        "scheduledCancel": OrderStatus.CANCELLED,  # by the dead-man switch
        "rejected": OrderStatus.REJECTED,
    }
)
_ENDINGS: Final = (("Canceled", OrderStatus.CANCELLED), ("Rejected", OrderStatus.REJECTED))


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame.

    A frame marked ``isSnapshot`` is left out: it is history up to years back, sent on every
    subscription, and not news. What a dead connection missed is read by a request.
    """
    match message.get("channel"):
        case "orderUpdates":
            return tuple(_orders(raw.rows(message, "data")))
        case "userFills" | "user":
            news = raw.child(message, "data")
            has_fills = not raw.flag(news, "isSnapshot") and "fills" in news
            return tuple(_fills(raw.rows(news, "fills"), known)) if has_fills else ()
        case "userFundings":
            news = raw.child(message, "data")
            history = raw.flag(news, "isSnapshot")
            return () if history else tuple(_payments(raw.rows(news, "fundings"), known))
        case "clearinghouseState":
            return tuple(_clearinghouse(raw.child(message, "data"), known))
        case _:
            return ()


def order(row: Raw) -> OrderUpdate | None:
    """State of one order; None where its ``cloid`` does not hold one of our ids.

    ``row`` is an entry of ``orderUpdates`` or ``orderStatus`` (order and status), of
    ``openOrders`` (the order alone: it is open), or one status of an answer to an order
    (``resting`` or ``filled``, which may leave the client id out). Sizes are coins, and so are our
    contracts, whatever the market.
    """
    if "resting" in row:
        order_id = _order_id(raw.child(row, "resting"))
        return OrderUpdate(order_id, OrderStatus.LIVE) if order_id else None
    if "filled" in row:  # so much at once; whether that was all, the order's own state tells
        done = raw.child(row, "filled")
        order_id = _order_id(done)
        total = raw.positive(done, "totalSz")
        return OrderUpdate(order_id, OrderStatus.LIVE, "", total) if order_id else None
    nested = raw.child_or_none(row, "order")
    inner = row if nested is None else nested
    order_id = _order_id(inner)
    if not order_id:
        return None
    word = "open" if nested is None else raw.text(row, "status")
    whole, left = raw.positive(inner, "origSz"), raw.decimal(inner, "sz")
    if not 0 <= left <= whole:
        raise DataError(f"field 'sz' is {left}: expected 0 to the original size, {whole}")
    status, filled = _outcome(_status(word), whole, left)
    return OrderUpdate(order_id, status, _reason(word, status), filled)


def _status(word: str) -> OrderStatus:
    status = _STATUSES.get(word)
    if status is not None:
        return status
    for ending, meaning in _ENDINGS:
        if word.endswith(ending):
            return meaning
    raise DataError(f"field 'status' is {word!r}: expected a status of an order")


def _outcome(status: OrderStatus, whole: Decimal, left: Decimal) -> tuple[OrderStatus, Decimal]:
    """Status and coins filled, where a word and the size left do not say the same.

    Notes
    -----
    ``sz`` is what is left of ``origSz``. Of an open order a request is told the size at its
    opening, so that less may be left (hyperliquid-python-sdk #141). Of a filled order the history
    says that all of it is left (HyperLiquid.Net #46), which means none. One that has filled in
    part and ended, as an immediate-or-cancel order does, has neither been filled nor rejected.
    """
    part = whole - left
    if status is OrderStatus.FILLED:
        return (status, whole) if left in (0, whole) else (OrderStatus.CANCELLED, part)
    if status is OrderStatus.REJECTED:
        return (OrderStatus.CANCELLED, part) if 0 < left < whole else (status, Decimal(0))
    return status, part


def _reason(word: str, status: OrderStatus) -> str:
    plain = word in ("open", "filled", "triggered", "canceled")
    return "" if plain or status is OrderStatus.LIVE else word


def _order_id(row: Raw) -> str:
    return from_hex(raw.text_or_none(row, "cloid"))


def fill(row: Raw, known: Directory) -> Fill | None:
    """One fill of the account; None for spot, dust and builders' markets.

    Notes
    -----
    ``tid`` names a trade, and both sides of it where an account meets itself, so that the order
    belongs to our id. ``fee`` includes a builder's fee (documentation of ``WsFill``), which ccxt
    adds a second time. ``crossed`` is said of the taker.
    """
    instrument = listed(row, known)
    if instrument is None:
        return None
    if "crossed" not in row:
        raise DataError("field 'crossed' is missing: expected true or false")
    return Fill(
        fill_id=f"{raw.name_of(row, 'tid')}:{raw.name_of(row, 'oid')}",
        order_id=_order_id(row),
        key=instrument.contract.key,
        side=raw.one_of(row, "side", SIDES),
        qty=raw.positive(row, "sz"),
        price=raw.positive(row, "px"),
        fee=raw.decimal(row, "fee"),
        fee_currency=raw.text(row, "feeToken"),
        maker=not raw.flag(row, "crossed"),
    )


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one entry of ``assetPositions``, with or without its envelope."""
    inner = raw.child_or_none(row, "position") or row
    instrument = listed(inner, known)
    if instrument is None:
        return None
    qty = raw.decimal(inner, "szi")
    entry = raw.positive(inner, "entryPx") if qty else Decimal(0)
    return Position(instrument.contract.key, qty, entry)


def cash(state: Raw) -> Balance:
    """USDC of the perpetuals' account, without the profit of open positions.

    Notes
    -----
    ``accountValue`` is cash and open profit together. ``totalRawUsd`` is not cash: the whole
    notional of every long is taken out of it, so it is negative for a leveraged account.
    """
    value = raw.decimal(raw.child(state, "marginSummary"), "accountValue")
    rows = (raw.child(row, "position") for row in raw.rows(state, "assetPositions"))
    open_profit = sum((raw.decimal(row, "unrealizedPnl") for row in rows), Decimal(0))
    return Balance(SETTLE, value - open_profit)


def _clearinghouse(news: Raw, known: Directory) -> Iterator[PrivateEvent]:
    if raw.text_or_none(news, "dex") is not None:  # of a builder's market
        return
    state = raw.child(news, "clearinghouseState")
    for row in raw.rows(state, "assetPositions"):
        found = position(row, known)
        if found is not None:
            yield found
    yield cash(state)


def _orders(rows: tuple[Raw, ...]) -> Iterator[OrderUpdate]:
    for row in rows:
        update = order(row)
        if update is not None:
            yield update


def _fills(rows: tuple[Raw, ...], known: Directory) -> Iterator[Fill]:
    for row in rows:
        found = fill(row, known)
        if found is not None:
            yield found


def _payments(rows: tuple[Raw, ...], known: Directory) -> Iterator[FundingPaid]:
    """Funding payments; ``usdc`` is negative where the account has paid."""
    for row in rows:
        found = payment(row, known)
        if found is not None:
            yield found


def payment(row: Raw, known: Directory) -> FundingPaid | None:
    """One payment of funding: a row of the stream, or of ``userFunding`` with its ``delta``.

    There is one for each coin at each full hour, so that its time and coin name it.
    """
    inner = raw.child_or_none(row, "delta") or row
    instrument = listed(inner, known)
    if instrument is None:
        return None
    key = instrument.contract.key
    return FundingPaid(
        key,
        raw.decimal(inner, "usdc"),
        SETTLE,
        raw.number(inner, "fundingRate"),
        payment_id=f"{key} funding {raw.name_of(row, 'time')}",
    )
