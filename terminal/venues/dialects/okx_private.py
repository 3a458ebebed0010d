"""OKX's account: orders, which carry their fills, positions and balances."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.order import Fill, OrderStatus, OrderUpdate
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.okx_public import SIDES, listed
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.two_sides import hedge_mode

_STATES: Final = MappingProxyType(
    {
        "live": OrderStatus.LIVE,
        "partially_filled": OrderStatus.LIVE,
        "filled": OrderStatus.FILLED,
        "canceled": OrderStatus.CANCELLED,
        "mmp_canceled": OrderStatus.CANCELLED,
    }
)

FUNDING_BILL: Final = "8"
"""Type of the bills that are payments of funding."""

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


def payment(row: Raw, known: Directory) -> FundingPaid | None:
    """Payment of funding: a bill of type 8, whose ``balChg`` is negative when paid."""
    if raw.text(row, "type") != FUNDING_BILL:
        return None
    contract = listed(row, known)
    if contract is None:
        return None
    return FundingPaid(
        contract.key,
        raw.decimal(row, "balChg"),
        raw.text(row, "ccy"),
        None,
        payment_id=f"{contract.key} funding {raw.text(row, 'billId')}",
    )


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one position.

    Raises
    ------
    TwoSidesError
        The account is in hedge mode: two positions of one instrument, which this program does
        not keep apart, are refused rather than added up.
    """
    contract = listed(row, known)
    if contract is None:
        return None
    _net(row)
    qty = raw.decimal(row, "pos")
    return Position(contract.key, qty, raw.positive(row, "avgPx") if qty else Decimal(0))


def mode(row: Raw) -> None:
    """Raise TwoSidesError where ``account/config`` says that the account is in hedge mode."""
    told = raw.text(row, "posMode")
    if told != "net_mode":
        raise hedge_mode(f"field 'posMode' is {told!r}", "the account", "OKX", one_way="net")


def sided(message: Raw) -> None:
    """Raise TwoSidesError where a frame is about an order or a position in hedge mode."""
    rows = message.get("data")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("posSide") in ("long", "short"):
            told = f"field 'posSide' is {row['posSide']!r}"
            raise hedge_mode(told, str(row.get("instId")), "OKX", one_way="net")


def _net(row: Raw) -> None:
    side = raw.text_or_none(row, "posSide") or "net"
    if side != "net":
        told, name = f"field 'posSide' is {side!r}", raw.text(row, "instId")
        raise hedge_mode(told, name, "OKX", one_way="net")


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
