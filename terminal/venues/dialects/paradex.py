"""Paradex: perpetuals and dated options in USDC on its own chain; read-only."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
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
from terminal.model.market import Funding, Index, Trade
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

VENUE: Final = "paradex"
_MOST_HOURS: Final = 24
_FEES_BPS: Final = MappingProxyType({"PERP": (-0.5, 3.0), "OPTION": (3.0, 3.0)})  # as ccxt has them
_RIGHTS: Final = MappingProxyType({"CALL": Right.CALL, "PUT": Right.PUT})
_SIDES: Final = MappingProxyType({"BUY": Side.BUY, "SELL": Side.SELL})
_HELD: Final = MappingProxyType({"LONG": Decimal(1), "SHORT": Decimal(-1)})
_ROLES: Final = MappingProxyType({"MAKER": True, "TAKER": False})


class ParadexDecoder:
    """Reads Paradex's market summaries, trades and funding, and the account's positions."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of one row of ``markets``; None for options without an expiry and for spot.

        One contract is one coin.
        """
        info = raw.child(market, "info")
        kind = raw.text(info, "asset_kind")
        if kind not in _FEES_BPS:
            return None
        contract = _contract(info, kind)
        if kind == "PERP":
            return Perpetual(contract, funding_interval=0)
        return Option(
            contract,
            raw.millis(info, "expiry_at"),
            raw.positive(info, "strike_price"),
            raw.one_of(info, "option_type", _RIGHTS),
        )

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``markets_summary``, ``trades`` and ``funding_data`` channels."""
        found = raw.notification(message)
        if found is None:
            return ()
        channel, content = found
        match channel.partition(".")[0]:
            case "markets_summary":
                return tuple(_summary(raw.mapping(content, "data"), known))
            case "trades":
                return tuple(_trade(raw.mapping(content, "data"), known))
            case "funding_data":
                return tuple(_funding(raw.mapping(content, "data"), known))
            case _:
                return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:  # noqa: ARG002
        """Nothing: the account is read by requests."""
        return ()

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts; ``side`` gives the sign, whether or not ``size`` has one, too."""
        instrument = _listed(info, "market", known)
        if instrument is None:
            return None
        size = abs(raw.decimal(info, "size"))
        if not size:
            return Position(instrument.contract.key, Decimal(0), Decimal(0))
        entry = raw.positive(info, "average_entry_price")
        return Position(instrument.contract.key, size * raw.one_of(info, "side", _HELD), entry)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002
        """Nothing: no order here is ours."""
        return None

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill of the account, made by somebody else than this program."""
        instrument = _listed(info, "market", known)
        if instrument is None:
            return None
        return Fill(
            fill_id=raw.name_of(info, "id"),
            order_id="",
            key=instrument.contract.key,
            side=raw.one_of(info, "side", _SIDES),
            qty=raw.positive(info, "size"),
            price=raw.positive(info, "price"),
            fee=raw.decimal(info, "fee"),
            fee_currency=raw.text(info, "fee_currency"),
            maker=raw.one_of(info, "liquidity", _ROLES),
        )


def _contract(info: Raw, kind: str) -> Contract:
    maker, taker = _FEES_BPS[kind]
    lot = raw.positive(info, "order_size_increment")
    settle = raw.text(info, "settlement_currency")
    return Contract(
        venue=VENUE,
        symbol=raw.text(info, "symbol"),
        base=raw.text(info, "base_currency"),
        quote=raw.text(info, "quote_currency"),
        settle=settle,
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), raw.positive(info, "price_tick_size")),),
        lot=lot,
        min_qty=lot,
        min_notional=raw.decimal(info, "min_notional"),
        maker_bps=maker,
        taker_bps=taker,
    )


def _listed(row: Raw, name: str, known: Directory) -> Instrument | None:
    return known.by_symbol.get(raw.text(row, name))


def _summary(row: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Prices of an instrument, and the index where it is a perpetual; no sizes are told.

    ``funding_rate`` is left to the ``funding_data`` channel, which tells its period.
    """
    instrument = _listed(row, "symbol", known)
    if instrument is None:
        return
    contract = instrument.contract
    yield QuotePart(
        key=contract.key,
        bid=raw.price_or_none(row, "bid"),
        ask=raw.price_or_none(row, "ask"),
        mark=raw.price_or_none(row, "mark_price"),
        iv=raw.price_or_none(row, "mark_iv"),
    )
    index = raw.price_or_none(row, "underlying_price")
    if isinstance(instrument, Perpetual) and index is not None:
        yield Index(contract.base, index)


def _trade(row: Raw, known: Directory) -> Iterator[Trade]:
    instrument = _listed(row, "market", known)
    if instrument is not None:
        price = float(raw.positive(row, "price"))
        bought = raw.one_of(row, "side", _SIDES) is Side.BUY
        key = instrument.contract.key
        yield Trade(key, price, raw.size(row, "size"), buyer_is_taker=bought)


def _funding(row: Raw, known: Directory) -> Iterator[Funding]:
    instrument = _listed(row, "market", known)
    rate = raw.number_or_none(row, "funding_rate")
    if instrument is None or rate is None:
        return
    hours = raw.positive(row, "funding_period_hours")
    if hours != int(hours) or hours > _MOST_HOURS:
        raise DataError(f"field 'funding_period_hours' is {hours}: expected 1 to {_MOST_HOURS}")
    yield Funding(instrument.contract.key, rate, int(hours) * HOUR, next_at=0)


PARADEX: Final = Dialect(
    venue=VENUE,
    ccxt_id="paradex",
    title="Paradex",
    why_read_only="no recording of its messages is at hand to prove orders on",
    key_fields=("walletAddress", "privateKey"),
    client_id_param="",
    dead_man=DeadMan.NONE,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({}),
    lookup=(),
    decoder=ParadexDecoder(),
    sent=read_only,
    client_id=as_text,
    greeks_convention="of spot, in USD; no theta; whether vega is per point is not documented",
    funding_note="rate for the period told with it (mostly 8 hours); accrues continuously",
)
