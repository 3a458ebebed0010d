"""Bybit's public streams: tickers, which change field by field, and trades."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from msgspec import UNSET, UnsetType

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import Contract, Instrument, Option, Perpetual
from terminal.model.market import Funding, Index, OpenInterest, Quote, Trade
from terminal.model.order import Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Directory, PublicEvent
from terminal.venues.dialects.funding_times import next_boundary
from terminal.venues.dialects.quote_parts import QuotePart, Told
from terminal.venues.dialects.raw import Raw

SIDES: Final = MappingProxyType({"Buy": Side.BUY, "Sell": Side.SELL})

_TELLS_INDEX: Final = ("USD", "USDT", "PERP")
"""Perpetuals on a coin by whose index it is known, best first: in USD, USDT, USDC."""


def events(message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
    """Market events of one frame; nothing for books, candles and replies.

    Notes
    -----
    Tickers of options are whole. Those of futures are whole once (``snapshot``) and then name
    only the fields that have changed (``delta``).
    """
    topic = message.get("topic")
    if not isinstance(topic, str):
        return ()
    match topic.partition(".")[0]:
        case "tickers":
            return tuple(_ticker(message, known))
        case "publicTrade":
            return tuple(_trades(raw.rows(message, "data"), known))
        case _:
            return ()


def listed(row: Raw, name: str, known: Directory) -> Instrument | None:
    """Instrument that a row is about; None for spot, which bears the names of perpetuals."""
    if row.get("category") == "spot":
        return None
    return known.by_symbol.get(raw.text(row, name))


def _ticker(message: Raw, known: Directory) -> Iterator[PublicEvent]:
    row = raw.child(message, "data")
    instrument = listed(row, "symbol", known)
    if instrument is None:
        return
    if isinstance(instrument, Option):
        yield _option(row, instrument.contract)
        held = raw.size_or_none(row, "openInterest")  # contracts of one coin
        if held is not None:
            yield OpenInterest(instrument.contract.key, held)
        return
    yield _touch(row, instrument.contract, whole=message.get("type") == "snapshot")
    if isinstance(instrument, Perpetual):
        yield from _perpetual(message, row, instrument, known)


def _option(row: Raw, contract: Contract) -> Quote:
    return Quote(
        contract.key,
        raw.price_or_none(row, "bidPrice"),
        raw.price_or_none(row, "askPrice"),
        raw.size(row, "bidSize"),
        raw.size(row, "askSize"),
        mark=raw.price_or_none(row, "markPrice"),
        iv=raw.price_or_none(row, "markPriceIv"),
        forward=raw.price_or_none(row, "underlyingPrice"),
    )


def _touch(row: Raw, contract: Contract, *, whole: bool) -> Quote | QuotePart:
    if whole:
        return Quote(
            contract.key,
            raw.price_or_none(row, "bid1Price"),
            raw.price_or_none(row, "ask1Price"),
            raw.size(row, "bid1Size"),
            raw.size(row, "ask1Size"),
            mark=raw.price_or_none(row, "markPrice"),
        )
    return QuotePart(
        key=contract.key,
        bid=_price(row, "bid1Price"),
        ask=_price(row, "ask1Price"),
        bid_qty=_size(row, "bid1Size"),
        ask_qty=_size(row, "ask1Size"),
        mark=_price(row, "markPrice"),
    )


def _price(row: Raw, name: str) -> Told:
    return raw.price_or_none(row, name) if name in row else UNSET


def _size(row: Raw, name: str) -> float | UnsetType:
    return raw.size(row, name) if name in row else UNSET


def _perpetual(
    message: Raw, row: Raw, perpetual: Perpetual, known: Directory
) -> Iterator[PublicEvent]:
    contract = perpetual.contract
    index = raw.price_or_none(row, "indexPrice")
    if index is not None and _tells_index(contract, known):
        yield Index(contract.base, index)
    rate = raw.number_or_none(row, "fundingRate")
    if rate is not None:
        interval = _interval(row) or perpetual.funding_interval
        stated = raw.millis_or_none(row, "nextFundingTime")
        at = next_boundary(raw.millis(message, "ts"), interval) if stated is None else stated
        yield Funding(contract.key, rate, interval, at)


def _interval(row: Raw) -> int:
    """Interval that newer tickers state in hours; 0 where they do not."""
    hours = raw.decimal_or_none(row, "fundingIntervalHour")
    if hours is None:
        return 0
    if hours != int(hours) or not 1 <= hours <= 24:
        raise DataError(f"field 'fundingIntervalHour' is {hours}: expected whole hours")
    return int(hours) * HOUR


def _tells_index(contract: Contract, known: Directory) -> bool:
    for ending in _TELLS_INDEX:
        best = f"{contract.base}{ending}"
        if best in known.by_symbol:
            return best == contract.symbol
    return False


def _trades(rows: tuple[Raw, ...], known: Directory) -> Iterator[Trade]:
    for row in rows:
        instrument = listed(row, "s", known)
        if instrument is None:
            continue
        price = float(raw.positive(row, "p"))
        bought = raw.one_of(row, "S", SIDES) is Side.BUY
        yield Trade(instrument.contract.key, price, raw.size(row, "v"), buyer_is_taker=bought)
