"""Hyperliquid's public streams: best bid and ask, trades and asset contexts."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import Instrument
from terminal.model.market import Funding, Index, Trade
from terminal.model.order import Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Directory, PublicEvent
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw

SIDES: Final = MappingProxyType(
    {"B": Side.BUY, "A": Side.SELL}
)  # bid and ask; of a trade: its taker


def events(message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
    """Market events of one frame; nothing for books, spot, builders' markets and replies."""
    match message.get("channel"):
        case "bbo":
            return tuple(_touch(raw.child(message, "data"), known))
        case "trades":
            return tuple(_trades(raw.rows(message, "data"), known))
        case "activeAssetCtx":
            return tuple(_context(raw.child(message, "data"), known))
        case _:
            return ()


def listed(row: Raw, known: Directory) -> Instrument | None:
    """Instrument that a row is about, where it is one that we list."""
    return known.by_symbol.get(raw.text(row, "coin"))


def _touch(row: Raw, known: Directory) -> Iterator[QuotePart]:
    instrument = listed(row, known)
    if instrument is None:
        return
    sides = raw.entries(row, "bbo")
    if len(sides) > 2:
        raise DataError(f"field 'bbo' has {len(sides)} sides: expected a bid and an ask")
    bid, bid_qty = _level(sides, 0)
    ask, ask_qty = _level(sides, 1)
    key = instrument.contract.key
    yield QuotePart(key=key, bid=bid, ask=ask, bid_qty=bid_qty, ask_qty=ask_qty)


def _level(sides: list[object], place: int) -> tuple[float | None, float]:
    """Price and size of a side; an empty side is null, or missing after the last one."""
    if place >= len(sides) or sides[place] is None:
        return None, 0.0
    level = raw.mapping(sides[place], "bbo")
    return raw.price_or_none(level, "px"), raw.size(level, "sz")


def _trades(rows: tuple[Raw, ...], known: Directory) -> Iterator[Trade]:
    for row in rows:
        instrument = listed(row, known)
        if instrument is None:
            continue
        price = float(raw.positive(row, "px"))
        bought = raw.one_of(row, "side", SIDES) is Side.BUY
        key = instrument.contract.key
        yield Trade(key, price, raw.size(row, "sz"), buyer_is_taker=bought)


def _context(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Mark, index and funding of one perpetual.

    Notes
    -----
    The rate is for one hour and is paid at every full hour on the oracle's price. The frame
    carries no clock, hence no instant of the next payment (0); who has a clock adds it.
    """
    instrument = listed(row, known)
    if instrument is None:
        return
    context = raw.child(row, "ctx")
    contract = instrument.contract
    mark = raw.price_or_none(context, "markPx")
    if mark is not None:
        yield QuotePart(key=contract.key, mark=mark)
    oracle = raw.price_or_none(context, "oraclePx")
    if oracle is not None:
        yield Index(contract.base, oracle)
    rate = raw.number_or_none(context, "funding")
    if rate is not None:
        yield Funding(contract.key, rate, HOUR, next_at=0)
