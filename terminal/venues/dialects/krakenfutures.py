"""Kraken Futures: inverse contracts in USD and linear ones in coins; read-only."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR, SECOND
from terminal.model.account import Position
from terminal.model.instrument import Contract, Future, Instrument, Payoff, Perpetual, TickStep
from terminal.model.market import Funding, Index, Quote, Trade
from terminal.model.order import Fill, OrderUpdate, Side
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import (
    DeadMan,
    Dialect,
    Directory,
    PrivateEvent,
    PublicEvent,
)
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.sending import read_only

VENUE: Final = "krakenfutures"

_PAYOFFS: Final = MappingProxyType(
    {"futures_inverse": Payoff.INVERSE, "flexible_futures": Payoff.LINEAR}
)
_COINS: Final = MappingProxyType({"XBT": "BTC", "XDG": "DOGE"})
_SIDES: Final = MappingProxyType({"buy": Side.BUY, "sell": Side.SELL})
_SIGNS: Final = MappingProxyType({"long": 1, "short": -1})
_MAKER_BPS, _TAKER_BPS = 2.0, 5.0
_MOST_DIGITS = 18


class KrakenFuturesDecoder:
    """Reads Kraken's tickers and trades, the account's positions and fills."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms from one row of ``instruments``; None for indices and what is not on a coin.

        One contract is a USD of an inverse future and a coin of a linear one.
        """
        info = raw.child(market, "info")
        payoff = _PAYOFFS.get(raw.text(info, "type"))
        if payoff is None:
            return None
        contract = _contract(info, payoff)
        last = raw.text_or_none(info, "lastTradingTime")
        return Perpetual(contract, HOUR) if last is None else Future(contract, _instant(last))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``ticker``, ``ticker_lite`` and ``trade`` feeds."""
        match message.get("feed"):
            case "ticker" if "product_id" in message:
                return tuple(_ticker(message, known))
            case "ticker_lite" if "product_id" in message:
                return tuple(_touch(message, known))
            case "trade" if "price" in message:
                return tuple(_trade(message, known))
            case _:
                return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Fills; a snapshot is history and left out."""
        if message.get("feed") != "fills" or "fills" not in message:
            return ()
        found = (self.fill(row, known) for row in raw.rows(message, "fills"))
        return tuple(each for each in found if each is not None)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``openpositions``."""
        instrument = _listed(info, "symbol", known)
        if instrument is None:
            return None
        qty = raw.one_of(info, "side", _SIGNS) * raw.positive(info, "size")
        return Position(instrument.contract.key, qty, raw.positive(info, "price"))

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002
        """Nothing: no order here is ours."""
        return None

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill, of the stream or of a reply, made by somebody else than this program."""
        streamed = "instrument" in info
        instrument = _listed(info, "instrument" if streamed else "symbol", known)
        if instrument is None:
            return None
        contract = instrument.contract
        bought = raw.told(info, "buy") if streamed else raw.one_of(info, "side", _SIDES) is Side.BUY
        return Fill(
            fill_id=raw.text(info, "fill_id"),
            order_id="",
            key=contract.key,
            side=Side.BUY if bought else Side.SELL,
            qty=raw.positive(info, "qty" if streamed else "size"),
            price=raw.positive(info, "price"),
            fee=raw.decimal_or_none(info, "fee_paid") or Decimal(0),
            fee_currency=raw.text_or_none(info, "fee_currency") or contract.settle,
            maker=raw.text(info, "fill_type" if streamed else "fillType") == "maker",
        )


def _contract(info: Raw, payoff: Payoff) -> Contract:
    symbol = raw.text(info, "symbol").upper()  # older lists write small letters, streams capitals
    pair = symbol.split("_")[1] if symbol.count("_") else ""
    if not pair.endswith("USD") or len(pair) <= len("USD"):
        raise DataError(f"field 'symbol' is {symbol!r}: expected a future on a pair with USD")
    base = pair.removesuffix("USD")
    base = _COINS.get(base, base)
    lot = _lot(info) if payoff is Payoff.LINEAR else Decimal(1)
    return Contract(
        venue=VENUE,
        symbol=symbol,
        base=base,
        quote="USD",
        settle=base if payoff is Payoff.INVERSE else "USD",
        payoff=payoff,
        multiplier=raw.positive(info, "contractSize"),
        ticks=(TickStep(Decimal(0), raw.positive(info, "tickSize")),),
        lot=lot,
        min_qty=lot,
        min_notional=Decimal(0),
        maker_bps=_MAKER_BPS,
        taker_bps=_TAKER_BPS,
    )


def _lot(info: Raw) -> Decimal:
    """Smallest step of an amount; a negative number of digits means thousands of a coin."""
    digits = raw.decimal(info, "contractValueTradePrecision")
    if digits != int(digits) or abs(digits) > _MOST_DIGITS:
        raise DataError(f"field 'contractValueTradePrecision' is {digits}: expected digits")
    return Decimal(f"{Decimal(1).scaleb(-int(digits)):f}")


def _instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DataError(f"field 'lastTradingTime' is {text[:40]!r}: expected a time") from None
    if moment.tzinfo is None:
        raise DataError(f"field 'lastTradingTime' is {text!r}: expected a time zone")
    return int(moment.timestamp()) * SECOND


def _listed(row: Raw, name: str, known: Directory) -> Instrument | None:
    return known.by_symbol.get(raw.text(row, name).upper())


def _touch(row: Raw, known: Directory) -> Iterator[QuotePart]:
    instrument = _listed(row, "product_id", known)
    if instrument is not None:
        bid, ask = raw.price_or_none(row, "bid"), raw.price_or_none(row, "ask")
        yield QuotePart(key=instrument.contract.key, bid=bid, ask=ask)


def _ticker(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Quote, index and funding.

    Notes
    -----
    ``funding_rate`` is in USD (or coins) a contract and hour, no rate at all; the rate is
    ``relative_funding_rate``, and the prediction is the one for the hour after.
    """
    instrument = _listed(row, "product_id", known)
    if instrument is None:
        return
    contract = instrument.contract
    yield Quote(
        contract.key,
        raw.price_or_none(row, "bid"),
        raw.price_or_none(row, "ask"),
        raw.size(row, "bid_size"),
        raw.size(row, "ask_size"),
        mark=raw.price_or_none(row, "markPrice"),
    )
    if not isinstance(instrument, Perpetual):
        return
    index = raw.price_or_none(row, "index")
    if index is not None:
        yield Index(contract.base, index)
    rate = raw.number_or_none(row, "relative_funding_rate")
    paid = raw.millis_or_none(row, "next_funding_rate_time")
    if rate is not None and paid is not None:
        following = raw.number_or_none(row, "relative_funding_rate_prediction")
        yield Funding(contract.key, rate, HOUR, paid, following)


def _trade(row: Raw, known: Directory) -> Iterator[Trade]:
    instrument = _listed(row, "product_id", known)
    if instrument is None:
        return
    bought = raw.one_of(row, "side", _SIDES) is Side.BUY
    price, qty = float(raw.positive(row, "price")), raw.size(row, "qty")
    yield Trade(instrument.contract.key, price, qty, buyer_is_taker=bought)


KRAKENFUTURES: Final = Dialect(
    venue=VENUE,
    ccxt_id="krakenfutures",
    title="Kraken Futures",
    why_read_only="not yet run through the contract suite: there is no test server for it",
    key_fields=("apiKey", "secret"),
    client_id_param="",
    dead_man=DeadMan.NONE,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({}),
    lookup=(),
    decoder=KrakenFuturesDecoder(),
    sent=read_only,
    client_id=as_text,
    greeks_convention="no options here",
    funding_note="relative rate of the running hour, paid hourly; longs pay a positive one",
)
