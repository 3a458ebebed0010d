"""dYdX: perpetuals in USDC on its own chain; read-only."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.units import HOUR
from terminal.model.account import Balance, Position
from terminal.model.instrument import (
    Contract,
    FundedOn,
    Instrument,
    Payoff,
    Perpetual,
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

VENUE: Final = "dydx"
SETTLE: Final = "USDC"

_SIDES: Final = MappingProxyType({"BUY": Side.BUY, "SELL": Side.SELL})
_SIGNS: Final = MappingProxyType({"LONG": 1, "SHORT": -1})
_ROLES: Final = MappingProxyType({"MAKER": True, "TAKER": False})
_MAKER_BPS, _TAKER_BPS = 1.0, 5.0


class DydxDecoder:
    """Reads dYdX's markets and trades, the subaccount's positions and fills."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms from one entry of ``perpetualMarkets``; one contract is one coin."""
        info = raw.child(market, "info")
        name = raw.text_or_none(info, "ticker")
        base = (name or "").removesuffix("-USD")
        if name is None or base == name or not base:
            return None
        lot = raw.positive(info, "stepSize")
        contract = Contract(
            venue=VENUE,
            symbol=name,
            base=base,
            quote="USD",
            settle=SETTLE,
            payoff=Payoff.LINEAR,
            multiplier=Decimal(1),
            ticks=(TickStep(Decimal(0), raw.positive(info, "tickSize")),),
            lot=lot,
            min_qty=lot,
            min_notional=Decimal(0),
            maker_bps=_MAKER_BPS,
            taker_bps=_TAKER_BPS,
        )
        return Perpetual(contract, HOUR, funded_on=FundedOn.INDEX)

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``v4_markets`` and ``v4_trades`` channels, news and snapshots alike."""
        if message.get("type") not in ("subscribed", "channel_data") or "contents" not in message:
            return ()
        match message.get("channel"):
            case "v4_markets":
                return tuple(_markets(raw.child(message, "contents"), known))
            case "v4_trades" if message["type"] == "channel_data":
                return tuple(_trades(message, known))
            case _:
                return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Positions and cash of the subaccount as it stood, then its fills."""
        if message.get("channel") != "v4_subaccounts" or "contents" not in message:
            return ()
        contents = raw.child(message, "contents")
        told: Iterator[PrivateEvent | None]
        if message.get("type") == "subscribed":
            told = self._standing(raw.child(contents, "subaccount"), known)
        elif contents.get("fills") is not None:
            told = (self.fill(row, known) for row in raw.rows(contents, "fills"))
        else:
            return ()
        return tuple(each for each in told if each is not None)

    def _standing(self, account: Raw, known: Directory) -> Iterator[PrivateEvent | None]:
        for row in _entries(account, "openPerpetualPositions"):
            yield self.position(row, known)
        for row in _entries(account, "assetPositions"):
            size = raw.one_of(row, "side", _SIGNS) * abs(raw.decimal(row, "size"))
            yield Balance(raw.text(row, "symbol"), size)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one open position; some replies write the sign of a short twice."""
        instrument = known.by_symbol.get(raw.text(info, "market"))
        if instrument is None or raw.text(info, "status") != "OPEN":
            return None
        qty = raw.one_of(info, "side", _SIGNS) * abs(raw.decimal(info, "size"))
        entry = raw.positive(info, "entryPrice") if qty else Decimal(0)
        return Position(instrument.contract.key, qty, entry)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002
        """Nothing: no order here is ours."""
        return None

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill, made by somebody else than this program; streams say ``ticker``."""
        name = "market" if "market" in info else "ticker"
        instrument = known.by_symbol.get(raw.text(info, name))
        if instrument is None:
            return None
        return Fill(
            fill_id=raw.text(info, "id"),
            order_id="",
            key=instrument.contract.key,
            side=raw.one_of(info, "side", _SIDES),
            qty=raw.positive(info, "size"),
            price=raw.positive(info, "price"),
            fee=raw.decimal_or_none(info, "fee") or Decimal(0),
            fee_currency=SETTLE,
            maker=raw.one_of(info, "liquidity", _ROLES),
        )


def _entries(account: Raw, name: str) -> Iterator[Raw]:
    for key, value in raw.child(account, name).items():
        yield raw.mapping(value, key)


def _markets(contents: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Oracle prices, which are mark and index at once, and the rate of the next hour.

    A frame carries no clock, hence no instant of the next payment (0).
    """
    for part in ("markets", "trading", "oraclePrices"):
        if contents.get(part) is None:
            continue
        for name, value in raw.child(contents, part).items():
            instrument = known.by_symbol.get(name)
            if instrument is not None:
                yield from _market(raw.mapping(value, name), instrument.contract)


def _market(row: Raw, contract: Contract) -> Iterator[PublicEvent]:
    oracle = raw.price_or_none(row, "oraclePrice")
    if oracle is not None:
        yield QuotePart(key=contract.key, mark=oracle)
        yield Index(contract.base, oracle)
    rate = raw.number_or_none(row, "nextFundingRate")
    if rate is not None:
        yield Funding(contract.key, rate, HOUR, next_at=0)


def _trades(message: Raw, known: Directory) -> Iterator[Trade]:
    instrument = known.by_symbol.get(raw.text(message, "id"))
    if instrument is None:
        return
    for row in raw.rows(raw.child(message, "contents"), "trades"):
        bought = raw.one_of(row, "side", _SIDES) is Side.BUY
        price, qty = float(raw.positive(row, "price")), raw.size(row, "size")
        yield Trade(instrument.contract.key, price, qty, buyer_is_taker=bought)


DYDX: Final = Dialect(
    venue=VENUE,
    ccxt_id="dydx",
    title="dYdX",
    why_read_only="its orders and fills come by no stream that ccxt follows, only by polling",
    key_fields=("walletAddress",),
    client_id_param="",
    dead_man=DeadMan.NONE,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({}),
    lookup=(),
    decoder=DydxDecoder(),
    sent=read_only,
    client_id=as_text,
    greeks_convention="no options here",
    funding_note="rate of the next hour, paid hourly on the oracle's price; longs pay",
    funding_by_clock=True,
)
