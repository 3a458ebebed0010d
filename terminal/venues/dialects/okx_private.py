"""OKX's account: orders, which carry their fills, positions and balances."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, Position
from terminal.model.order import Fill, OrderStatus, OrderUpdate
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.okx_public import SIDES, listed
from terminal.venues.dialects.raw import Raw

_STATES: Final = MappingProxyType(
    {
        "live": OrderStatus.LIVE,
        "partially_filled": OrderStatus.LIVE,
        "filled": OrderStatus.FILLED,
        "canceled": OrderStatus.CANCELLED,
        "mmp_canceled": OrderStatus.CANCELLED,
    }
)

_ROLES: Final = MappingProxyType({"M": True, "T": False})


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame; the state of an order follows its fill."""
    if not isinstance(message.get("arg"), dict) or "data" not in message:
        return ()
    match raw.text(raw.child(message, "arg"), "channel"):
        case "orders":
            return tuple(_orders(raw.rows(message, "data"), known))
        case "positions":
            return tuple(_positions(raw.rows(message, "data"), known))
        case "account":
            return tuple(_balances(raw.rows(message, "data")))
        case _:
            return ()


def order(row: Raw, known: Directory) -> OrderUpdate | None:
    """State of one order; None where its ``clOrdId`` is not one of our order ids."""
    order_id = ours(raw.text_or_none(row, "clOrdId"))
    if not order_id:
        return None
    status = raw.one_of(row, "state", _STATES)
    filled = raw.filled_or_none(row, "accFillSz")
    return OrderUpdate(
        order_id,
        status,
        raw.text_or_none(row, "cancelSourceReason") or "",
        None if listed(row, known) is None else filled,
    )


def fill(row: Raw, known: Directory) -> Fill | None:
    """One fill: a row of ``trade/fills``, or of the channel of orders when it has traded.

    Notes
    -----
    OKX's fees are negative when paid. In the channel of orders ``fee`` is that of the whole order
    so far and ``fillFee`` that of this fill; in a reply ``fee`` is the fill's own.
    """
    contract = listed(row, known)
    if contract is None:
        return None
    fee, currency = _fee(row)
    return Fill(
        fill_id=":".join(raw.name_of(row, each) for each in ("instId", "tradeId", "ordId")),
        order_id=ours(raw.text_or_none(row, "clOrdId")),
        key=contract.key,
        side=raw.one_of(row, "side", SIDES),
        qty=raw.positive(row, "fillSz"),
        price=raw.positive(row, "fillPx"),
        fee=-fee or Decimal(0),
        fee_currency=currency or contract.settle,
        maker=raw.one_of(row, "execType", _ROLES),
    )


def _fee(row: Raw) -> tuple[Decimal, str | None]:
    own = raw.decimal_or_none(row, "fillFee")
    if own is not None:
        return own, raw.text_or_none(row, "fillFeeCcy")
    if raw.decimal_or_none(row, "accFillSz") not in (None, raw.decimal(row, "fillSz")):
        raise DataError("field 'fillFee' is missing: 'fee' is that of all fills of the order")
    return raw.decimal_or_none(row, "fee") or Decimal(0), raw.text_or_none(row, "feeCcy")


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one position.

    Raises
    ------
    DataError
        The account is in hedge mode: two positions of one instrument, which this program does
        not keep apart, are refused rather than added up.
    """
    contract = listed(row, known)
    if contract is None:
        return None
    side = raw.text(row, "posSide")
    if side != "net":
        raise DataError(
            f"field 'posSide' is {side!r}: {contract.symbol} is in hedge mode; switch the account "
            "to net mode at OKX"
        )
    qty = raw.decimal(row, "pos")
    return Position(contract.key, qty, raw.positive(row, "avgPx") if qty else Decimal(0))


def _orders(rows: tuple[Raw, ...], known: Directory) -> Iterator[PrivateEvent]:
    for row in rows:
        done = fill(row, known) if raw.decimal_or_none(row, "fillSz") else None
        if done is not None:
            yield done
        update = order(row, known)
        if update is not None:
            yield update


def _positions(rows: tuple[Raw, ...], known: Directory) -> Iterator[Position]:
    for row in rows:
        found = position(row, known)
        if found is not None:
            yield found


def _balances(rows: tuple[Raw, ...]) -> Iterator[Balance]:
    """Cash without open profit: ``cashBal``."""
    for account in rows:
        for row in raw.rows(account, "details"):
            yield Balance(raw.text(row, "ccy"), raw.decimal(row, "cashBal"))
