"""Binance's European options: settled in USDT, in coins, premiums in USDT."""

from types import MappingProxyType
from typing import Final

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects import binance_options_private as account
from terminal.venues.dialects import binance_public, binance_terms, raw
from terminal.venues.dialects.binanceusdm import NO_SCOPE_NEEDED
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import (
    DeadMan,
    Dialect,
    Directory,
    PrivateEvent,
    PublicEvent,
    SentOrder,
)
from terminal.venues.dialects.limit_orders import limit_order
from terminal.venues.dialects.raw import Raw


class BinanceOptionsDecoder:
    """Reads the frames and replies of Binance's options exchange."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return binance_terms.option(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the streams of best prices, marks, indices and trades."""
        return binance_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of ``ORDER_TRADE_UPDATE`` and ``BALANCE_POSITION_UPDATE``."""
        return account.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``position``."""
        return account.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one order; its client id is our order id."""
        return account.order(info, known)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One row of the account's trades."""
        return account.fill(info, known)


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in options, of one coin each."""
    return limit_order(intent, instrument, intent.qty)


BINANCE_OPTIONS: Final = Dialect(
    venue=binance_terms.OPTIONS,
    ccxt_id="binance",
    title="Binance Options",
    why_read_only="",
    key_fields=("apiKey", "secret"),
    client_id_param="clientOrderId",
    dead_man=DeadMan.NONE,  # its countdown needs the status of a market maker
    dead_man_seconds=0,
    sandbox="",  # options are in neither of Binance's test networks
    options=MappingProxyType(
        {
            **NO_SCOPE_NEEDED,
            "defaultType": "option",
            "fetchMarkets": {"types": ["option"]},  # ccxt leaves options out unless asked
        }
    ),
    lookup=("order", "open", "trades"),
    decoder=BinanceOptionsDecoder(),
    sent=sent,
    client_id=as_text,
    greeks_convention=(
        "Black-76 on the index, not premium-adjusted; USD per volatility point and per calendar day"
    ),
    funding_note="options pay none",
)
