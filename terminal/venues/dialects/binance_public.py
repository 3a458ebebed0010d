"""Binance's public streams of futures and options: best prices, marks, funding, trades."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from terminal.model.instrument import Contract, Instrument, Perpetual
from terminal.model.market import Funding, Index, Quote, Trade
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Directory, PublicEvent
from terminal.venues.dialects.funding_times import interval_that_fits
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw

_TELLS_INDEX: Final = ("USDT", "USDC", "USD_PERP")
"""Perpetuals on a coin by whose index it is known, best first; the last is coin-margined."""

_BUYERS: Final = MappingProxyType({"1": True, "-1": False, "BUY": True, "SELL": False})


def events(message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
    """Market events of one frame, bare or in the envelope of a combined stream.

    Some streams are lists: their rows come under ``data``.
    """
    content = message.get("data", message)
    rows = content if isinstance(content, list) else [content]
    return tuple(each for row in rows if isinstance(row, dict) for each in _read(row, known))


def listed(row: Raw, known: Directory) -> Instrument | None:
    """Instrument that a row is about; only what has an event type names one under ``s``."""
    return known.by_symbol.get(raw.text(row, "s"))


def _read(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    match row.get("e"):
        case "bookTicker":
            yield from _touch(row, known)
        case "markPriceUpdate":
            yield from _mark(row, known)
        case "markPrice":
            yield from _option_mark(row, known)
        case "24hrTicker" if "bo" in row:
            yield from _option_mark(row, known)
        case "indexPriceUpdate":
            yield from _index_of_pair(row, known)
        case "index":
            yield from _index_of_options(row, known)
        case "trade" | "aggTrade":
            yield from _trade(row, known)
        case _:
            return


def _touch(row: Raw, known: Directory) -> Iterator[QuotePart]:
    instrument = listed(row, known)
    if instrument is not None:
        yield QuotePart(
            key=instrument.contract.key,
            bid=raw.price_or_none(row, "b"),
            ask=raw.price_or_none(row, "a"),
            bid_qty=raw.size(row, "B"),
            ask_qty=raw.size(row, "A"),
        )


def _mark(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Mark, index and funding of a future.

    Notes
    -----
    ``r`` is the rate of the payment at ``T``. Nothing here says how often it is paid, and dated
    futures come with an empty or zero ``T``.
    """
    instrument = listed(row, known)
    if instrument is None:
        return
    contract = instrument.contract
    yield QuotePart(key=contract.key, mark=raw.price_or_none(row, "p"))
    if not isinstance(instrument, Perpetual):
        return
    index = raw.price_or_none(row, "i")
    if index is not None and _tells_index(contract, known):
        yield Index(contract.base, index)
    rate, paid = raw.number_or_none(row, "r"), raw.decimal_or_none(row, "T")
    if rate is not None and paid:
        at = raw.millis(row, "T")
        interval = interval_that_fits(at, instrument.funding_interval)
        yield Funding(contract.key, rate, interval, at)


def _tells_index(contract: Contract, known: Directory) -> bool:
    for ending in _TELLS_INDEX:
        best = f"{contract.base}{ending}"
        if best in known.by_symbol:
            return best == contract.symbol
    return False


def _option_mark(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Mark of an option with its best prices, volatility and index, where the stream has them.

    ``vo`` is the mark volatility, a fraction; ``a`` and ``b`` are those of the best prices and -1
    where there are none, ``bo`` and ``ao`` then 0.
    """
    instrument = listed(row, known)
    if instrument is None:
        return
    contract = instrument.contract
    mark = raw.price_or_none(row, "mp")
    if "bo" not in row:
        yield QuotePart(key=contract.key, mark=mark)
        return
    yield Quote(
        contract.key,
        raw.price_or_none(row, "bo"),
        raw.price_or_none(row, "ao"),
        raw.size(row, "bq"),
        raw.size(row, "aq"),
        mark=mark,
        iv=raw.price_or_none(row, "vo"),
    )
    index = raw.price_or_none(row, "i")
    if index is not None:
        yield Index(contract.base, index)


def _index_of_pair(row: Raw, known: Directory) -> Iterator[Index]:
    """Index of a coin-margined pair, ``BTCUSD``."""
    perpetual = known.by_symbol.get(f"{raw.text(row, 'i')}_PERP")
    if perpetual is not None:
        yield Index(perpetual.contract.base, float(raw.positive(row, "p")))


def _index_of_options(row: Raw, known: Directory) -> Iterator[Index]:
    """Index that options are on, ``BTCUSDT``; a few frames a second, hence the search."""
    pair = raw.text(row, "s")
    for each in known.by_key.values():
        if each.contract.base + each.contract.quote == pair:
            yield Index(each.contract.base, float(raw.positive(row, "p")))
            return


def _trade(row: Raw, known: Directory) -> Iterator[Trade]:
    """Public trade; those of the insurance fund and of deleveraging (``X``) are no market."""
    instrument = listed(row, known)
    if instrument is None or row.get("X", "MARKET") != "MARKET":
        return
    yield Trade(
        instrument.contract.key,
        float(raw.positive(row, "p")),
        raw.size(row, "q"),
        buyer_is_taker=_buyer_is_taker(row),
    )


def _buyer_is_taker(row: Raw) -> bool:
    """Read who took: ``m`` says that the buyer was the maker, older frames of options ``S``."""
    return not raw.flag(row, "m") if "m" in row else raw.one_of(row, "S", _BUYERS)
