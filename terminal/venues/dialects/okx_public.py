"""OKX's public channels: best prices, marks, volatilities, indices, funding and trades."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import Contract, Instrument, Perpetual
from terminal.model.market import Funding, Index, Trade
from terminal.model.order import Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Directory, PublicEvent
from terminal.venues.dialects.funding_times import interval_that_fits
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw

SIDES: Final = MappingProxyType({"buy": Side.BUY, "sell": Side.SELL})

_TELLS_INDEX: Final = ("USD", "USDT", "USDC")
"""Currencies by whose index a coin is known, best first, among those with a perpetual."""

_LONGEST: Final = 24 * HOUR


def events(message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
    """Market events of one frame; nothing for books, candles and replies."""
    if not isinstance(message.get("arg"), dict) or "data" not in message:
        return ()
    arg = raw.child(message, "arg")
    channel = raw.text(arg, "channel")
    if channel == "index-tickers":
        return tuple(_index(raw.rows(message, "data"), known))
    read = _READERS.get(channel)
    if read is None:
        return ()
    found: list[PublicEvent] = []
    for row in raw.rows(message, "data"):
        name = row.get("instId") or arg.get("instId")  # rows of bbo-tbt carry none
        instrument = known.by_symbol.get(name) if isinstance(name, str) else None
        if instrument is not None:
            found += read(row, instrument)
    return tuple(found)


def _ticker(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    yield QuotePart(
        key=instrument.contract.key,
        bid=raw.price_or_none(row, "bidPx"),
        ask=raw.price_or_none(row, "askPx"),
        bid_qty=raw.size(row, "bidSz"),
        ask_qty=raw.size(row, "askSz"),
    )


def _touch(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    bid, bid_qty = _level(row, "bids")
    ask, ask_qty = _level(row, "asks")
    key = instrument.contract.key
    yield QuotePart(key=key, bid=bid, ask=ask, bid_qty=bid_qty, ask_qty=ask_qty)


def _level(row: Raw, name: str) -> tuple[float | None, float]:
    """Price and contracts of the best level: ``[price, contracts, 0, orders]``."""
    levels = raw.entries(row, name)
    if not levels:
        return None, 0.0
    best = levels[0]
    if not isinstance(best, list) or len(best) < 2:
        raise DataError(f"field {name!r} holds {str(best)[:60]}: expected price and contracts")
    level: Raw = {f"{name} price": best[0], f"{name} contracts": best[1]}
    return raw.price_or_none(level, f"{name} price"), raw.size(level, f"{name} contracts")


def _mark(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    yield QuotePart(key=instrument.contract.key, mark=raw.price_or_none(row, "markPx"))


def _summary(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    """Mark volatility, a fraction, and forward of an option; recordings before 2022 lack that."""
    key, iv = instrument.contract.key, raw.price_or_none(row, "markVol")
    if "fwdPx" in row:
        yield QuotePart(key=key, iv=iv, forward=raw.price_or_none(row, "fwdPx"))
    else:
        yield QuotePart(key=key, iv=iv)


def _funding(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    """Rate of the next payment.

    Notes
    -----
    The interval is the time between the next two payments: 8, 4, 2 or 1 hours by instrument, and
    OKX changes it in turbulent days. ``nextFundingRate`` is empty where the rate is fixed at the
    end of its own period.
    """
    rate = raw.number_or_none(row, "fundingRate")
    if rate is None or not isinstance(instrument, Perpetual):
        return
    at, after = raw.millis(row, "fundingTime"), raw.millis_or_none(row, "nextFundingTime")
    following = raw.number_or_none(row, "nextFundingRate")
    if after is None:
        interval = interval_that_fits(at, instrument.funding_interval)
    else:
        interval = after - at
        if not 0 < interval <= _LONGEST:
            raise DataError(
                f"field 'nextFundingTime' is {row['nextFundingTime']}: expected within a day of "
                f"'fundingTime', {row['fundingTime']}"
            )
    yield Funding(instrument.contract.key, rate, interval, at, following)


def _trade(row: Raw, instrument: Instrument) -> Iterator[PublicEvent]:
    price, size = float(raw.positive(row, "px")), raw.size(row, "sz")
    bought = raw.one_of(row, "side", SIDES) is Side.BUY
    yield Trade(instrument.contract.key, price, size, buyer_is_taker=bought)


_READERS: Final = {
    "tickers": _ticker,
    "bbo-tbt": _touch,
    "mark-price": _mark,
    "opt-summary": _summary,
    "funding-rate": _funding,
    "trades": _trade,
}


def _index(rows: tuple[Raw, ...], known: Directory) -> Iterator[Index]:
    for row in rows:
        base, _, quote = raw.text(row, "instId").partition("-")
        if _tells_index(base, quote, known):
            yield Index(base, float(raw.positive(row, "idxPx")))


def _tells_index(base: str, quote: str, known: Directory) -> bool:
    for best in _TELLS_INDEX:
        if f"{base}-{best}-SWAP" in known.by_symbol:
            return best == quote
    return False


def listed(row: Raw, known: Directory) -> Contract | None:
    """Contract that a row of the account is about, where we list it."""
    instrument = known.by_symbol.get(raw.text(row, "instId"))
    return None if instrument is None else instrument.contract
