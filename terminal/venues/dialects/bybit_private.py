"""Bybit's account: orders, executions, positions and the wallet."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.instrument import Contract
from terminal.model.order import Fill, OrderStatus, OrderUpdate, signed
from terminal.venues.dialects import raw
from terminal.venues.dialects.bybit_public import SIDES, listed
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.two_sides import hedge_mode

_STATES: Final = MappingProxyType(
    {
        "Created": OrderStatus.LIVE,
        "New": OrderStatus.LIVE,
        "PartiallyFilled": OrderStatus.LIVE,
        "Untriggered": OrderStatus.LIVE,
        "Triggered": OrderStatus.LIVE,
        "PendingCancel": OrderStatus.CANCEL_PENDING,
        "Filled": OrderStatus.FILLED,
        "Cancelled": OrderStatus.CANCELLED,
        "PartiallyFilledCanceled": OrderStatus.CANCELLED,
        "Deactivated": OrderStatus.CANCELLED,
        "Rejected": OrderStatus.REJECTED,
    }
)

_TRADES: Final = frozenset(
    {"Trade", "AdlTrade", "BustTrade", "BlockTrade", "MovePosition", "FutureSpread"}
)
"""Executions that change a position; liquidation and deleveraging are trades of the account."""

_NO_REASON: Final = frozenset({"", "EC_NoError", "UNKNOWN"})


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame.

    ``execution.fast`` is left out: its rows name no fee.
    """
    topic = message.get("topic")
    if not isinstance(topic, str) or topic.endswith(".fast") or ".fast." in topic:
        return ()
    match topic.partition(".")[0]:
        case "order":
            return tuple(_orders(raw.rows(message, "data"), known))
        case "execution":
            return tuple(_executions(raw.rows(message, "data"), known))
        case "position":
            return tuple(_positions(raw.rows(message, "data"), known))
        case "wallet":
            return tuple(_balances(raw.rows(message, "data")))
        case _:
            return ()


def order(row: Raw, known: Directory) -> OrderUpdate | None:
    """State of one order; None where its ``orderLinkId`` is not one of our order ids."""
    order_id = ours(raw.text_or_none(row, "orderLinkId"))
    if not order_id:
        return None
    status = raw.one_of(row, "orderStatus", _STATES)
    filled = raw.filled_or_none(row, "cumExecQty")
    if status is OrderStatus.REJECTED and filled:
        status = OrderStatus.CANCELLED  # Bybit rejects the rest of an order that has traded
    reason = raw.text_or_none(row, "rejectReason") or ""
    return OrderUpdate(
        order_id,
        status,
        "" if reason in _NO_REASON else reason,
        None if filled is None or listed(row, "symbol", known) is None else filled,
    )


def fill(row: Raw, known: Directory) -> Fill | None:
    """One execution that is a trade; None for funding, settlements and spot.

    Notes
    -----
    ``execFee`` is positive when paid. ``feeCurrency`` is filled in for spot only: derivatives
    charge in the currency they settle in.
    """
    instrument = listed(row, "symbol", known)
    if instrument is None or raw.text(row, "execType") not in _TRADES:
        return None
    contract = instrument.contract
    return Fill(
        fill_id=raw.text(row, "execId"),
        order_id=ours(raw.text_or_none(row, "orderLinkId")),
        key=contract.key,
        side=raw.one_of(row, "side", SIDES),
        qty=raw.positive(row, "execQty"),
        price=raw.positive(row, "execPrice"),
        fee=raw.decimal(row, "execFee"),
        fee_currency=raw.text_or_none(row, "feeCurrency") or contract.settle,
        maker=raw.told(row, "isMaker"),
    )


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one position.

    Raises
    ------
    TwoSidesError
        The account is in hedge mode: two positions of one instrument, which this program does
        not keep apart, are refused rather than added up.
    """
    instrument = listed(row, "symbol", known)
    if instrument is None:
        return None
    mode(row)
    return _held(row, instrument.contract)


def mode(row: Raw) -> None:
    """Raise TwoSidesError where a position or an order is of an instrument in hedge mode."""
    side = raw.decimal_or_none(row, "positionIdx")
    if side:
        raise hedge_mode(f"field 'positionIdx' is {side}", raw.text(row, "symbol"), "Bybit")


def sided(message: Raw) -> None:
    """Raise TwoSidesError where a frame is about an instrument in hedge mode."""
    rows = message.get("data")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("positionIdx") in (1, 2):
            told = f"field 'positionIdx' is {row['positionIdx']}"
            raise hedge_mode(told, str(row.get("symbol")), "Bybit")


def _held(row: Raw, contract: Contract) -> Position:
    size = raw.decimal(row, "size")
    if size < 0:
        raise DataError(f"field 'size' is {size}: expected zero or more, the side is apart")
    if size == 0:
        return Position(contract.key, Decimal(0), Decimal(0))
    qty = signed(raw.one_of(row, "side", SIDES), size)
    entry = "avgPrice" if "avgPrice" in row else "entryPrice"  # REST, stream
    return Position(contract.key, qty, raw.positive(row, entry))


def _orders(rows: tuple[Raw, ...], known: Directory) -> Iterator[OrderUpdate]:
    for row in rows:
        update = order(row, known)
        if update is not None:
            yield update


def payment(row: Raw, known: Directory) -> FundingPaid | None:
    """Payment of funding, which comes as an execution whose fee is positive when paid."""
    if row.get("execType") != "Funding":
        return None
    instrument = listed(row, "symbol", known)
    if instrument is None:
        return None
    contract = instrument.contract
    return FundingPaid(
        contract.key,
        -raw.decimal(row, "execFee"),
        contract.settle,
        raw.number(row, "feeRate"),
        payment_id=f"{contract.key} funding {raw.text(row, 'execId')}",
    )


def _executions(rows: tuple[Raw, ...], known: Directory) -> Iterator[PrivateEvent]:
    for row in rows:
        found = payment(row, known) or fill(row, known)
        if found is not None:
            yield found


def _positions(rows: tuple[Raw, ...], known: Directory) -> Iterator[Position]:
    for row in rows:
        found = position(row, known)
        if found is not None:
            yield found


def _balances(rows: tuple[Raw, ...]) -> Iterator[Balance]:
    for account in rows:
        for row in raw.rows(account, "coin"):
            yield Balance(raw.text(row, "coin"), raw.decimal(row, "walletBalance"))
