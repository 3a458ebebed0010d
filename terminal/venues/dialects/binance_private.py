"""The account at Binance's futures: orders, fills, positions and balances."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.instrument import Contract, Instrument
from terminal.model.order import Fill, OrderStatus, OrderUpdate, Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.two_sides import hedge_mode

_STATES: Final = MappingProxyType(
    {
        "NEW": OrderStatus.LIVE,
        "ACCEPTED": OrderStatus.LIVE,
        "PARTIALLY_FILLED": OrderStatus.LIVE,
        "PENDING_CANCEL": OrderStatus.CANCEL_PENDING,
        "FILLED": OrderStatus.FILLED,
        "CANCELED": OrderStatus.CANCELLED,
        "CANCELLED": OrderStatus.CANCELLED,
        "EXPIRED": OrderStatus.EXPIRED,
        "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,  # met an order of the same account
        "REJECTED": OrderStatus.REJECTED,
    }
)

SIDES: Final = MappingProxyType({"BUY": Side.BUY, "SELL": Side.SELL})


class Names(Struct, frozen=True):
    """What a reply and a stream call the same fields of an order."""

    symbol: str
    client_id: str
    status: str
    filled: str
    tif: str


REPLY: Final = Names("symbol", "clientOrderId", "status", "executedQty", "timeInForce")
STREAM: Final = Names("s", "c", "X", "z", "f")


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame.

    ``TRADE_LITE`` tells a fill sooner and without its fee, hence is left to the frame of the
    order. A payment of funding changes a balance; on a cross-margin account it names no symbol, so
    payments are read from ``income``.
    """
    content = message.get("data", message)
    if not isinstance(content, dict):
        return ()
    match content.get("e"):
        case "ORDER_TRADE_UPDATE" if isinstance(content.get("o"), dict):
            row = raw.child(content, "o")
            told = (fill(row, known) if _traded(row) else None, order(row, known))
            return tuple(each for each in told if each is not None)
        case "ACCOUNT_UPDATE":
            return tuple(_account(raw.child(content, "a"), known))
        case _:
            return ()


def order(row: Raw, known: Directory) -> OrderUpdate | None:
    """State of one order; None where its client id is not one of our order ids."""
    names = REPLY if "clientOrderId" in row else STREAM
    return state_of(row, names, known)


def state_of(row: Raw, names: Names, known: Directory) -> OrderUpdate | None:
    """State of one order whose fields are called ``names``."""
    order_id = ours(raw.text_or_none(row, names.client_id))
    if not order_id:
        return None
    status = raw.one_of(row, names.status, _STATES)
    filled = raw.filled_or_none(row, names.filled)
    if known.by_symbol.get(raw.text(row, names.symbol)) is None:
        filled = None
    return OrderUpdate(order_id, status, _reason(row, names, status, filled), filled)


def _reason(row: Raw, names: Names, status: OrderStatus, filled: Decimal | None) -> str:
    """Why an order ended: Binance lets a post-only order that would trade expire at once."""
    if status is OrderStatus.EXPIRED and not filled and row.get(names.tif) == "GTX":
        return "post-only: it would have traded at once"
    return "met an order of the same account" if row.get(names.status) == "EXPIRED_IN_MATCH" else ""


def _traded(row: Raw) -> bool:
    """Whether the frame of an order brings an execution: trades, and forced ones (CALCULATED)."""
    return bool(raw.decimal_or_none(row, "l"))


def fill(row: Raw, known: Directory) -> Fill | None:
    """One execution: a row of ``userTrades``, or the order of a stream's frame that traded.

    Notes
    -----
    Trade ids are unique within one instrument. A reply names no client id: whoever asked for it
    knows the order by Binance's id. The frame of a delivery or a forced close may name no fee.
    """
    if "s" not in row:
        return _replied(row, known)
    instrument = known.by_symbol.get(raw.text(row, "s"))
    if instrument is None:
        return None
    contract = instrument.contract
    return Fill(
        fill_id=f"{contract.symbol}:{raw.name_of(row, 't')}",
        order_id=ours(raw.text_or_none(row, "c")),
        key=contract.key,
        side=raw.one_of(row, "S", SIDES),
        qty=raw.positive(row, "l"),
        price=raw.positive(row, "L"),
        fee=raw.decimal_or_none(row, "n") or Decimal(0),
        fee_currency=raw.text_or_none(row, "N") or contract.settle,
        maker=raw.told(row, "m"),
    )


def _replied(row: Raw, known: Directory) -> Fill | None:
    instrument = known.by_symbol.get(raw.text(row, "symbol"))
    if instrument is None:
        return None
    contract = instrument.contract
    return Fill(
        fill_id=f"{contract.symbol}:{raw.name_of(row, 'id')}",
        order_id="",
        key=contract.key,
        side=raw.one_of(row, "side", SIDES),
        qty=raw.positive(row, "qty"),
        price=raw.positive(row, "price"),
        fee=raw.decimal(row, "commission"),
        fee_currency=raw.text(row, "commissionAsset"),
        maker=raw.told(row, "maker"),
    )


def payment(row: Raw, known: Directory) -> FundingPaid | None:
    """Payment of funding: a row of ``income``, negative when paid; None for other income.

    Notes
    -----
    ``tranId`` is unique among one user's payments of one kind (API documentation of ``income``).
    """
    if raw.text(row, "incomeType") != "FUNDING_FEE":
        return None
    instrument = known.by_symbol.get(raw.text(row, "symbol"))
    if instrument is None:
        return None
    key = instrument.contract.key
    return FundingPaid(
        key,
        raw.decimal(row, "income"),
        raw.text(row, "asset"),
        None,
        payment_id=f"{key} funding {raw.name_of(row, 'tranId')}",
    )


def mode(row: Raw) -> None:
    """Raise TwoSidesError where ``positionSide/dual`` says that the account is in hedge mode."""
    if str(row.get("dualSidePosition")).lower() != "false":
        told = f"field 'dualSidePosition' is {row.get('dualSidePosition')!r}"
        raise hedge_mode(told, "the account", "Binance")


def sided(message: Raw) -> None:
    """Raise TwoSidesError where a frame is about an order or a position in hedge mode.

    Beside the reading of the frame, for a fill in it is to be told all the same.
    """
    content = message.get("data", message)
    if not isinstance(content, dict):
        return
    account = content.get("a")
    held = account.get("P") if isinstance(account, dict) else None
    for row in (content.get("o"), *(held if isinstance(held, list) else ())):
        if isinstance(row, dict) and row.get("ps") in ("LONG", "SHORT"):
            raise hedge_mode(f"field 'ps' is {row['ps']!r}", str(row.get("s")), "Binance")


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one position: a row of ``positionRisk``.

    Raises
    ------
    TwoSidesError
        The account is in hedge mode: two positions of one instrument, which this program does
        not keep apart, are refused rather than added up.
    """
    instrument = known.by_symbol.get(raw.text(row, "symbol"))
    if instrument is None:
        return None
    return _one_way(row, instrument, ("positionSide", "positionAmt", "entryPrice"))


def _one_way(row: Raw, instrument: Instrument, names: tuple[str, str, str]) -> Position:
    side, amount, entry = names
    contract = instrument.contract
    if raw.text(row, side) != "BOTH":
        raise hedge_mode(f"field {side!r} is {row[side]!r}", contract.symbol, "Binance")
    return held(contract, raw.decimal(row, amount), row, entry)


def held(contract: Contract, qty: Decimal, row: Raw, entry: str) -> Position:
    """Position with its entry price, which a flat one has not."""
    return Position(contract.key, qty, raw.positive(row, entry) if qty else Decimal(0))


def _account(told: Raw, known: Directory) -> Iterator[PrivateEvent]:
    for row in raw.rows(told, "P"):
        instrument = known.by_symbol.get(raw.text(row, "s"))
        if instrument is not None:
            yield _one_way(row, instrument, ("ps", "pa", "ep"))
    for row in raw.rows(told, "B"):
        yield Balance(raw.text(row, "a"), raw.decimal(row, "wb"))
