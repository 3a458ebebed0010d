"""Orders that rest in an account, whoever sent them, read from a venue's own rows."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.model.account import OpenOrder
from terminal.model.instrument import Instrument
from terminal.model.order import Side
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.dialects.raw import decimal, decimal_or_none, name_of, text

_SIDES: Final = MappingProxyType(
    {"buy": Side.BUY, "sell": Side.SELL, "b": Side.BUY, "a": Side.SELL}
)


class Words(Struct, frozen=True, kw_only=True):
    """Names of the fields of one venue's open orders.

    ``done`` is what has filled of ``size``, empty where ``size`` is what is left. ``in_units``
    says that sizes are in coins or USD, of which a contract has its multiplier; ``signed``, that
    those of sales may be negative.
    """

    venue_id: str
    symbol: str
    side: str
    size: str
    price: str
    reduce_only: str
    done: str = ""
    in_units: bool = True
    signed: bool = False


def open_order(words: Words, raw: Raw, known: Directory, *, order_id: str) -> OpenOrder | None:
    """Read one order that rests; None where its instrument is not known, or nothing is left.

    Raises
    ------
    DataError
        A field is missing or is not what it must be.
    """
    instrument = known.by_symbol.get(text(raw, words.symbol))
    if instrument is None:
        return None
    side = _SIDES.get(text(raw, words.side).lower())
    if side is None:
        raise DataError(f"field {words.side!r} is no side: {raw.get(words.side)!r}")
    size, filled = decimal(raw, words.size), Decimal(0)
    if words.done:
        filled = decimal_or_none(raw, words.done) or Decimal(0)
    left = abs(size) - abs(filled) if words.signed else size - filled
    if left <= 0:
        return None
    return OpenOrder(
        venue_id=name_of(raw, words.venue_id),
        key=instrument.contract.key,
        side=side,
        qty=_contracts(words, instrument, left),
        limit=_limit(raw.get(words.price)),
        order_id=order_id,
        reduce_only=str(raw.get(words.reduce_only, "")).lower() == "true",
    )


def _contracts(words: Words, instrument: Instrument, size: Decimal) -> Decimal:
    return size / instrument.contract.multiplier if words.in_units else size


def _limit(price: object) -> Decimal | None:
    """Limit of an order; None for one at market, which exchanges write as text or as zero."""
    try:
        return decimal_or_none({"price": price}, "price") or None
    except DataError:
        return None


class Reader(Struct, frozen=True):
    """Reads the open orders of one venue."""

    words: Words

    def __call__(self, raw: Raw, *, known: Directory, order_id: str) -> OpenOrder | None:
        """Read one raw order, given our id of it (empty for a stranger's)."""
        return open_order(self.words, raw, known, order_id=order_id)


_BINANCE: Final = Words(
    venue_id="orderId",
    symbol="symbol",
    side="side",
    size="origQty",
    done="executedQty",
    price="price",
    reduce_only="reduceOnly",
)

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "deribit": Reader(
            Words(
                venue_id="order_id",
                symbol="instrument_name",
                side="direction",
                size="amount",
                done="filled_amount",
                price="price",
                reduce_only="reduce_only",
            )
        ),
        "binanceusdm": Reader(_BINANCE),
        "binancecoinm": Reader(replace(_BINANCE, in_units=False)),
        "binance": Reader(  # options
            replace(_BINANCE, size="quantity", in_units=False, signed=True)
        ),
        "bybit": Reader(
            Words(
                venue_id="orderId",
                symbol="symbol",
                side="side",
                size="leavesQty",
                price="price",
                reduce_only="reduceOnly",
            )
        ),
        "okx": Reader(
            Words(
                venue_id="ordId",
                symbol="instId",
                side="side",
                size="sz",
                done="accFillSz",
                price="px",
                reduce_only="reduceOnly",
                in_units=False,
            )
        ),
        "hyperliquid": Reader(
            Words(
                venue_id="oid",
                symbol="coin",
                side="side",
                size="sz",
                price="limitPx",
                reduce_only="reduceOnly",
            )
        ),
    }
)
"""By ccxt's id; the open orders of a venue without one are not stated."""
