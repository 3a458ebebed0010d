"""Bybit: linear perpetuals and futures, inverse ones in USD, options settled in stablecoins."""

from types import MappingProxyType
from typing import Final

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects import bybit_private, bybit_public, bybit_terms, raw
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


class BybitDecoder:
    """Reads the frames of Bybit's version 5 sockets and the rows of its replies."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return bybit_terms.instrument(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``tickers`` and ``publicTrade`` topics."""
        return bybit_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of the ``order``, ``execution``, ``position`` and ``wallet`` topics."""
        return bybit_private.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``v5/position/list``."""
        return bybit_private.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one order; ``orderLinkId`` is our order id."""
        return bybit_private.order(info, known)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One execution of the account."""
        return bybit_private.fill(info, known)


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in Bybit's words: coins, or USD of an inverse contract; one-way mode."""
    amount = intent.qty * instrument.contract.multiplier
    return limit_order(intent, instrument, amount, positionIdx=0)


BYBIT: Final = Dialect(
    venue=bybit_terms.VENUE,
    ccxt_id="bybit",
    title="Bybit",
    why_read_only="",
    key_fields=("apiKey", "secret"),
    client_id_param="clientOrderId",  # orderLinkId on the wire, 36 characters at most
    dead_man=DeadMan.ON_DISCONNECT,
    dead_man_seconds=10,
    sandbox="urls",
    options=MappingProxyType({"enableUnifiedAccount": True, "enableUnifiedMargin": False}),
    lookup=("order", "open", "trades"),
    decoder=BybitDecoder(),
    sent=sent,
    client_id=as_text,
    greeks_convention=(
        "Black-76 on the future of the expiry, not premium-adjusted; USD per volatility point "
        "and per calendar day"
    ),
    funding_note="rate of the next payment, every 1, 2, 4 or 8 hours by instrument; longs pay",
)
"""An order is acknowledged before it is checked: the reply is no proof that it stands.

The switch at a disconnect (``disconnected-cancel-all``) covers the whole account and is granted
by Bybit on request only; where it is refused, nothing cancels orders when this program is gone.
"""
