"""Derive: perpetuals and options in USDC on its own chain; read-only."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR, SECOND
from terminal.model.account import Position
from terminal.model.instrument import (
    Contract,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
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
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.sending import read_only

VENUE: Final = "derive"
SETTLE: Final = "USDC"
_RIGHTS: Final = MappingProxyType({"C": Right.CALL, "P": Right.PUT})
_SIDES: Final = MappingProxyType({"buy": Side.BUY, "sell": Side.SELL})
_ROLES: Final = MappingProxyType({"maker": True, "taker": False})


class DeriveDecoder:
    """Reads Derive's tickers and trades, the account's positions and fills."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms from one row of ``get_instruments``; None for spot.

        One contract is one coin. ``expiry`` is in seconds, unlike every other stamp.
        """
        info = raw.child(market, "info")
        match raw.text(info, "instrument_type"):
            case "perp":
                return Perpetual(_contract(info), funding_interval=0)
            case "option":
                return _option(info)
            case _:
                return None

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``ticker_slim`` and ``trades`` channels."""
        found = raw.notification(message)
        if found is None:
            return ()
        channel, content = found
        topic, _, rest = channel.partition(".")
        if topic == "ticker_slim":  # the frame itself does not name the instrument
            instrument = known.by_symbol.get(rest.rpartition(".")[0])
            return () if instrument is None else tuple(_ticker(content, instrument))
        if topic == "trades":
            return tuple(_trades(content, known))
        return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:  # noqa: ARG002
        """Nothing: the account is read by requests."""
        return ()

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``get_positions``."""
        instrument = _listed(info, known)
        if instrument is None:
            return None
        qty = raw.decimal(info, "amount")
        entry = raw.positive(info, "average_price") if qty else Decimal(0)
        return Position(instrument.contract.key, qty, entry)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002
        """Nothing: no order here is ours."""
        return None

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One trade of the account, made by somebody else than this program."""
        instrument = _listed(info, known)
        if instrument is None:
            return None
        return Fill(
            fill_id=raw.name_of(info, "trade_id"),
            order_id="",
            key=instrument.contract.key,
            side=raw.one_of(info, "direction", _SIDES),
            qty=raw.positive(info, "trade_amount"),
            price=raw.positive(info, "trade_price"),
            fee=raw.decimal(info, "trade_fee"),
            fee_currency=SETTLE,
            maker=raw.one_of(info, "liquidity_role", _ROLES),
        )


def _contract(info: Raw) -> Contract:
    return Contract(
        venue=VENUE,
        symbol=raw.text(info, "instrument_name"),
        base=raw.text(info, "base_currency"),
        quote=SETTLE,
        settle=SETTLE,
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), raw.positive(info, "tick_size")),),
        lot=raw.positive(info, "amount_step"),
        min_qty=raw.positive(info, "minimum_amount"),
        min_notional=Decimal(0),
        maker_bps=raw.number(info, "maker_fee_rate") * 1e4,
        taker_bps=raw.number(info, "taker_fee_rate") * 1e4,
    )


def _option(info: Raw) -> Option:
    terms = raw.child(info, "option_details")
    seconds = raw.positive(terms, "expiry")
    if seconds != int(seconds) or not seconds < 10_000_000_000:
        raise DataError(f"field 'expiry' is {seconds}: expected seconds since 1970")
    return Option(
        _contract(info),
        int(seconds) * SECOND,
        raw.positive(terms, "strike"),
        raw.one_of(terms, "option_type", _RIGHTS),
    )


def _listed(row: Raw, known: Directory) -> Instrument | None:
    return known.by_symbol.get(raw.text(row, "instrument_name"))


def _ticker(content: object, instrument: Instrument) -> Iterator[PublicEvent]:
    row = raw.child(raw.mapping(content, "data"), "instrument_ticker")
    contract = instrument.contract
    pricing = raw.child_or_none(row, "option_pricing")
    yield Quote(
        contract.key,
        raw.price_or_none(row, "b"),
        raw.price_or_none(row, "a"),
        raw.size(row, "B"),
        raw.size(row, "A"),
        mark=raw.price_or_none(row, "M"),
        iv=None if pricing is None else raw.price_or_none(pricing, "i"),
        forward=None if pricing is None else raw.price_or_none(pricing, "f"),
    )
    if isinstance(instrument, Perpetual):
        index = raw.price_or_none(row, "I")
        if index is not None:
            yield Index(contract.base, index)
        rate = raw.number_or_none(row, "f")
        if rate is not None:
            yield Funding(contract.key, rate, HOUR, next_at=0)


def _trades(content: object, known: Directory) -> Iterator[Trade]:
    """Trades; each tells of one of its two parties, and whether that one took."""
    for row in raw.rows({"data": content}, "data"):
        instrument = _listed(row, known)
        if instrument is None:
            continue
        bought = raw.one_of(row, "direction", _SIDES) is Side.BUY
        made = raw.one_of(row, "liquidity_role", _ROLES)
        price = float(raw.positive(row, "trade_price"))
        yield Trade(
            instrument.contract.key,
            price,
            raw.size(row, "trade_amount"),
            buyer_is_taker=bought is not made,
        )


DERIVE: Final = Dialect(
    venue=VENUE,
    ccxt_id="derive",
    title="Derive",
    why_read_only="its orders have not been proven against recordings yet: prices and positions",
    key_fields=("walletAddress", "privateKey"),
    client_id_param="",
    dead_man=DeadMan.NONE,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({}),
    lookup=(),
    decoder=DeriveDecoder(),
    sent=read_only,
    client_id=as_text,
    greeks_convention="Black-76 on the forward, in USDC; vega per volatility point, theta per day",
    funding_note="rate for one hour; accrues continuously, longs pay a positive one",
)
