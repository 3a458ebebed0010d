"""The account at Binance's European options, which speak a dialect of their own."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, Position
from terminal.model.instrument import Contract
from terminal.model.order import Fill, OrderUpdate, Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.binance_private import REPLY, SIDES, Names, held, state_of
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.raw import Raw

_STREAM: Final = Names("s", "c", "S", "e", "tif")
_ROLES: Final = MappingProxyType({"MAKER": True, "TAKER": False})
_SIGNS: Final = MappingProxyType({"LONG": 1, "SHORT": -1})


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame: orders come as a list, each with its fills."""
    content = message.get("data", message)
    if not isinstance(content, dict):
        return ()
    match content.get("e"):
        case "ORDER_TRADE_UPDATE" if isinstance(content.get("o"), list):
            return tuple(_orders(raw.rows(content, "o"), known))
        case "BALANCE_POSITION_UPDATE":
            return tuple(_account(content, known))
        case _:
            return ()


def order(row: Raw, known: Directory) -> OrderUpdate | None:
    """State of one order; None where its client id is not one of our order ids."""
    return state_of(row, REPLY if "clientOrderId" in row else _STREAM, known)


def fill(row: Raw, known: Directory) -> Fill | None:
    """One row of ``userTrades``; it names no client id.

    Notes
    -----
    ``quantity`` of a sale is negative; ``fee`` is positive when paid.
    """
    instrument = known.by_symbol.get(raw.text(row, "symbol"))
    if instrument is None:
        return None
    contract = instrument.contract
    qty, side = raw.decimal(row, "quantity"), raw.one_of(row, "side", SIDES)
    if qty == 0 or (qty < 0 and side is Side.BUY):
        raise DataError(f"fields 'quantity' {qty} and 'side' {side} contradict each other")
    return Fill(
        fill_id=_fill_id(contract, row, "tradeId"),
        order_id="",
        key=contract.key,
        side=side,
        qty=abs(qty),
        price=raw.positive(row, "price"),
        fee=raw.decimal(row, "fee"),
        fee_currency=contract.settle,
        maker=raw.one_of(row, "liquidity", _ROLES),
    )


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one row of ``position``.

    ``LONG`` and ``SHORT`` are the sign here and no hedge mode, which options have not.
    """
    instrument = known.by_symbol.get(raw.text(row, "symbol"))
    if instrument is None:
        return None
    qty = raw.one_of(row, "side", _SIGNS) * abs(raw.decimal(row, "quantity"))
    return held(instrument.contract, qty, row, "entryPrice")


def _orders(rows: tuple[Raw, ...], known: Directory) -> Iterator[PrivateEvent]:
    for row in rows:
        instrument = known.by_symbol.get(raw.text(row, "s"))
        if instrument is not None:
            for each in raw.rows(row, "fi") if row.get("fi") else ():
                yield _fill_of(row, each, instrument.contract)
        update = order(row, known)
        if update is not None:
            yield update


def _fill_of(row: Raw, each: Raw, contract: Contract) -> Fill:
    """Fill of an order, whose sign is that of the order's quantity."""
    whole = raw.decimal(row, "q")
    if whole == 0:
        raise DataError("field 'q' is 0: expected the signed quantity of an order")
    return Fill(
        fill_id=_fill_id(contract, each, "t"),
        order_id=ours(raw.text_or_none(row, "c")),
        key=contract.key,
        side=Side.BUY if whole > 0 else Side.SELL,
        qty=raw.positive(each, "q"),
        price=raw.positive(each, "p"),
        fee=raw.decimal_or_none(each, "f") or Decimal(0),
        fee_currency=contract.settle,
        maker=raw.one_of(each, "m", _ROLES),
    )


def _fill_id(contract: Contract, row: Raw, name: str) -> str:
    return f"{contract.symbol}:{raw.name_of(row, name)}"


def _account(told: Raw, known: Directory) -> Iterator[PrivateEvent]:
    for row in raw.rows(told, "P"):
        instrument = known.by_symbol.get(raw.text(row, "s"))
        if instrument is not None:
            yield held(instrument.contract, raw.decimal(row, "c"), row, "a")
    for row in raw.rows(told, "B"):
        yield Balance(raw.text(row, "a"), raw.decimal(row, "b"))
