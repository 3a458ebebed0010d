"""OKX: swaps and futures, linear and inverse, and options settled in coin; all in contracts."""

from types import MappingProxyType
from typing import Final

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects import okx_private, okx_public, okx_terms, raw
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


class OkxDecoder:
    """Reads the frames of OKX's version 5 sockets and the rows of its replies."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return okx_terms.instrument(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the channels of tickers, marks, option summaries, funding and trades."""
        return okx_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of the channels ``orders``, ``positions`` and ``account``."""
        return okx_private.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``account/positions``."""
        return okx_private.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one order; ``clOrdId`` is our order id."""
        return okx_private.order(info, known)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill of the account."""
        return okx_private.fill(info, known)


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in contracts, on cross margin, in net mode (no ``posSide``)."""
    return limit_order(intent, instrument, intent.qty, tdMode="cross")


OKX: Final = Dialect(
    venue=okx_terms.VENUE,
    ccxt_id="okx",
    title="OKX",
    why_read_only="",
    key_fields=("apiKey", "secret", "password"),
    client_id_param="clientOrderId",  # clOrdId on the wire, 32 letters and digits at most
    dead_man=DeadMan.COUNTDOWN,  # of the whole account
    dead_man_seconds=60,
    sandbox="urls",
    options=MappingProxyType({"defaultUnderlying": ["BTC-USD", "ETH-USD"]}),
    lookup=("order", "open", "trades"),
    decoder=OkxDecoder(),
    sent=sent,
    client_id=as_text,
    greeks_convention=(
        "its BS set is Black-Scholes on spot with a carry of its own, which theta includes, in USD "
        "per volatility point and per calendar day; the other set is premium-adjusted, in coin"
    ),
    funding_note="rate of the next payment, every 8, 4, 2 or 1 hours as its messages say",
)
"""Options on SOL belong to no default family of ccxt and are not loaded."""
