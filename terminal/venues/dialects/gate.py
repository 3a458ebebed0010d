"""Gate: perpetuals settled in USDT, in contracts that are fractions of a coin; read-only."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR, SECOND
from terminal.model.account import Position
from terminal.model.instrument import Contract, Instrument, Payoff, Perpetual, TickStep
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
from terminal.venues.dialects.funding_times import next_boundary
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.sending import read_only

VENUE: Final = "gate"

_SETTLE: Final = "USDT"
_ROLES: Final = MappingProxyType({"maker": True, "taker": False})
_MAKER_BPS, _TAKER_BPS = 2.0, 5.0
"""An account without discounts: what the list states is, by its own word, nobody's fee."""


class GateDecoder:
    """Reads Gate's tickers, best prices and trades, the account's positions and fills."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms from one row of ``futures/usdt/contracts``; None for anything else."""
        info = raw.child(market, "info")
        name = raw.text_or_none(info, "name") or ""
        if not name.endswith(f"_{_SETTLE}") or raw.text_or_none(info, "type") != "direct":
            return None
        seconds = raw.positive(info, "funding_interval")
        interval = int(seconds) * SECOND
        if seconds != int(seconds) or interval % HOUR or interval > 24 * HOUR:
            raise DataError(f"field 'funding_interval' is {seconds}: expected seconds, whole hours")
        return Perpetual(_contract(info, name), interval)

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``futures.tickers``, ``book_ticker`` and ``trades`` channels."""
        if message.get("event") != "update":
            return ()
        match message.get("channel"):
            case "futures.book_ticker":
                return tuple(_touch(raw.child(message, "result"), known))
            case "futures.tickers":
                return tuple(_tickers(message, known))
            case "futures.trades":
                return tuple(_trades(raw.rows(message, "result"), known))
            case _:
                return ()

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Positions and fills."""
        if message.get("event") != "update":
            return ()
        match message.get("channel"):
            case "futures.positions":
                told: Iterator[PrivateEvent | None] = (
                    self.position(row, known) for row in raw.rows(message, "result")
                )
            case "futures.usertrades":
                told = (self.fill(row, known) for row in raw.rows(message, "result"))
            case _:
                return ()
        return tuple(each for each in told if each is not None)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one position.

        Raises
        ------
        DataError
            The account is in dual mode: two positions of one instrument.
        """
        instrument = _listed(info, "contract", known)
        if instrument is None:
            return None
        contract = instrument.contract
        if (raw.text_or_none(info, "mode") or "single") != "single":
            raise DataError(
                f"field 'mode' is {info['mode']!r}: {contract.symbol} is in dual mode; switch the "
                "account to single mode at Gate"
            )
        qty = raw.decimal(info, "size")
        entry = raw.positive(info, "entry_price") if qty else Decimal(0)
        return Position(contract.key, qty, entry)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002
        """Nothing: no order here is ours."""
        return None

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill, whose size is signed, made by somebody else than this program."""
        instrument = _listed(info, "contract", known)
        if instrument is None:
            return None
        size = raw.decimal(info, "size")
        if size == 0:
            raise DataError("field 'size' is 0: expected the signed size of a fill")
        contract = instrument.contract
        return Fill(
            fill_id=f"{contract.symbol}:{raw.name_of(info, 'id')}",
            order_id="",
            key=contract.key,
            side=Side.BUY if size > 0 else Side.SELL,
            qty=abs(size),
            price=raw.positive(info, "price"),
            fee=raw.decimal_or_none(info, "fee") or Decimal(0),
            fee_currency=contract.settle,
            maker=raw.one_of(info, "role", _ROLES),
        )


def _contract(info: Raw, name: str) -> Contract:
    """Terms; a contract is ``quanto_multiplier`` coins, 0.0001 BTC but 10 DOGE: never assumed."""
    least = raw.positive(info, "order_size_min")
    return Contract(
        venue=VENUE,
        symbol=name,
        base=name.removesuffix(f"_{_SETTLE}"),
        quote=_SETTLE,
        settle=_SETTLE,
        payoff=Payoff.LINEAR,
        multiplier=raw.positive(info, "quanto_multiplier"),
        ticks=(TickStep(Decimal(0), raw.positive(info, "order_price_round")),),
        lot=min(least, Decimal(1)),
        min_qty=least,
        min_notional=Decimal(0),
        maker_bps=_MAKER_BPS,
        taker_bps=_TAKER_BPS,
    )


def _listed(row: Raw, name: str, known: Directory) -> Perpetual | None:
    found = known.by_symbol.get(raw.text(row, name))
    return found if isinstance(found, Perpetual) else None


def _touch(row: Raw, known: Directory) -> Iterator[QuotePart]:
    instrument = _listed(row, "s", known)
    if instrument is not None:
        yield QuotePart(
            key=instrument.contract.key,
            bid=raw.price_or_none(row, "b"),
            ask=raw.price_or_none(row, "a"),
            bid_qty=raw.size(row, "B"),
            ask_qty=raw.size(row, "A"),
        )


def _tickers(message: Raw, known: Directory) -> Iterator[PublicEvent]:
    """Mark, index and funding; the time of the next payment follows from the frame's clock."""
    for row in raw.rows(message, "result"):
        instrument = _listed(row, "contract", known)
        if instrument is None:
            continue
        contract = instrument.contract
        yield QuotePart(key=contract.key, mark=raw.price_or_none(row, "mark_price"))
        index = raw.price_or_none(row, "index_price")
        if index is not None:
            yield Index(contract.base, index)
        rate = raw.number_or_none(row, "funding_rate")
        if rate is not None:
            interval = instrument.funding_interval
            paid = next_boundary(raw.millis(message, "time_ms"), interval)
            yield Funding(contract.key, rate, interval, paid)


def _trades(rows: tuple[Raw, ...], known: Directory) -> Iterator[Trade]:
    for row in rows:
        instrument = _listed(row, "contract", known)
        if instrument is not None:
            size = raw.number(row, "size")
            price, key = float(raw.positive(row, "price")), instrument.contract.key
            yield Trade(key, price, abs(size), buyer_is_taker=size > 0.0)


GATE: Final = Dialect(
    venue=VENUE,
    ccxt_id="gate",
    title="Gate",
    why_read_only="no recording of its messages is at hand to prove orders on",
    key_fields=("apiKey", "secret"),
    client_id_param="",
    dead_man=DeadMan.NONE,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({"defaultType": "swap", "fetchMarkets": {"types": ["swap"]}}),
    lookup=(),
    decoder=GateDecoder(),
    sent=read_only,
    client_id=as_text,
    greeks_convention="its options are not read",
    funding_note="rate of the next payment, every 8, 4 or 1 hours by instrument; longs pay",
)
