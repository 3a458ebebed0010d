"""Deribit's public streams: tickers, quotes, trades and index prices."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from terminal.core.units import HOUR
from terminal.model.instrument import Contract, Instrument, Option, Perpetual
from terminal.model.market import Funding, Index, OpenInterest, Quote, Trade
from terminal.model.order import Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Directory, PublicEvent
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw

SIDES: Final = MappingProxyType({"buy": Side.BUY, "sell": Side.SELL})
FUNDING_SPAN: Final = 8 * HOUR  # what ``current_funding`` is a rate for


def events(message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
    """Market events of one frame; nothing for replies, books, combinations and user streams."""
    found = raw.notification(message)
    if found is None:
        return ()
    topic, content = found
    match topic.partition(".")[0]:
        case "ticker":
            return tuple(_ticker(raw.mapping(content, "data"), known))
        case "quote":
            return tuple(_quote(raw.mapping(content, "data"), known))
        case "trades":
            return tuple(_trades(content, known))
        case "deribit_price_index":
            return (_index(raw.mapping(content, "data")),)
        case _:
            return ()


def listed(row: Raw, known: Directory) -> Instrument | None:
    """Instrument that a row is about, where it is one that we list."""
    return known.by_symbol.get(raw.text(row, "instrument_name"))


def _ticker(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    instrument = listed(row, known)
    if instrument is None:  # combinations have negative prices of their own
        return
    contract = instrument.contract
    trading = raw.text_or_none(row, "state") in (None, "open")
    is_option = isinstance(instrument, Option)
    yield Quote(
        contract.key,
        raw.price_or_none(row, "best_bid_price") if trading else None,
        raw.price_or_none(row, "best_ask_price") if trading else None,
        _contracts(row, "best_bid_amount", contract) if trading else 0.0,
        _contracts(row, "best_ask_amount", contract) if trading else 0.0,
        mark=raw.price_or_none(row, "mark_price"),
        iv=_fraction(row, "mark_iv") if is_option else None,
        forward=raw.price_or_none(row, "underlying_price") if is_option else None,
    )
    held = raw.size_or_none(row, "open_interest") if is_option else None  # coins; of futures USD
    if held is not None:
        yield OpenInterest(contract.key, held / float(contract.multiplier))
    if isinstance(instrument, Perpetual):
        yield from _perpetual(row, contract, known)


def _perpetual(row: Raw, contract: Contract, known: Directory) -> Iterator[PublicEvent]:
    """Index and funding, which the ticker of a perpetual carries.

    Notes
    -----
    ``current_funding`` is the rate that accrues now, as a fraction for eight hours; ``funding_8h``
    is what the last eight hours came to. The first one is what a position pays from here on, and
    ccxt's unified funding rate is neither (realised, from history).
    """
    index = raw.price_or_none(row, "index_price")
    if index is not None and _tells_index(contract, known):
        yield Index(contract.base, index)
    rate = raw.number_or_none(row, "current_funding")
    if rate is not None:
        yield Funding(contract.key, rate, FUNDING_SPAN, next_at=0)


def _tells_index(contract: Contract, known: Directory) -> bool:
    """Of two perpetuals on one coin the one in USD tells its index: in USDC it is another one."""
    return contract.quote == "USD" or f"{contract.base}-PERPETUAL" not in known.by_symbol


def _quote(row: Raw, known: Directory) -> Iterator[QuotePart]:
    instrument = listed(row, known)
    if instrument is not None:
        contract = instrument.contract
        yield QuotePart(
            key=contract.key,
            bid=raw.price_or_none(row, "best_bid_price"),
            ask=raw.price_or_none(row, "best_ask_price"),
            bid_qty=_contracts(row, "best_bid_amount", contract),
            ask_qty=_contracts(row, "best_ask_amount", contract),
        )


def _trades(content: object, known: Directory) -> Iterator[Trade]:
    for row in raw.rows({"data": content}, "data"):
        instrument = listed(row, known)
        if instrument is None:
            continue
        contract = instrument.contract
        price = float(raw.positive(row, "price"))
        bought = raw.one_of(row, "direction", SIDES) is Side.BUY
        amount = _contracts(row, "amount", contract)
        yield Trade(contract.key, price, amount, buyer_is_taker=bought)


def _index(row: Raw) -> Index:
    """Index of ``btc_usd``, ``sol_usdc``; the pair is chosen by whoever subscribes."""
    name = raw.text(row, "index_name").partition("_")[0].upper()
    return Index(name, float(raw.positive(row, "price")))


def _contracts(row: Raw, name: str, contract: Contract) -> float:
    return raw.size(row, name) / float(contract.multiplier)


def _fraction(row: Raw, name: str) -> float | None:
    """Volatility as a fraction a year; Deribit writes per cent, and 0 for none."""
    percent = raw.price_or_none(row, name)
    return None if percent is None else percent / 100.0
