"""Deribit: coin-settled futures and options, and linear ones in USDC."""

from types import MappingProxyType
from typing import Final

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects import deribit_private, deribit_public, deribit_terms, raw
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.dialect import (
    DeadMan,
    Dialect,
    Directory,
    PrivateEvent,
    PublicEvent,
    SentOrder,
)
from terminal.venues.dialects.limit_orders import conditions
from terminal.venues.dialects.raw import Raw
from terminal.venues.dialects.sending import on_grid
from terminal.venues.dialects.unified import unified_symbol


class DeribitDecoder:
    """Reads Deribit's JSON-RPC notifications and the rows of its replies."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return deribit_terms.instrument(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ticker, quote, trades and index channels."""
        return deribit_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of the ``user.*`` channels."""
        return deribit_private.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one row of ``private/get_positions``."""
        return deribit_private.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:
        """State of one order; the label is our order id."""
        return deribit_private.order(info, known)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One trade of the account."""
        return deribit_private.fill(info, known)


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in Deribit's words: the amount in USD for inverse futures, in coins otherwise.

    A post-only order is refused rather than repriced (ccxt adds ``reject_post_only``).

    Raises
    ------
    InvariantError
        The order is off the grid of the instrument, or its id is not one of ours.
    """
    contract = instrument.contract
    on_grid(intent, contract)
    return SentOrder(
        symbol=unified_symbol(instrument),
        kind="limit",
        side=intent.side.value,
        amount=intent.qty * contract.multiplier,
        price=intent.limit,
        params={"label": as_text(intent.order_id), **conditions(intent)},
    )


DERIBIT: Final = Dialect(
    venue=deribit_terms.VENUE,
    ccxt_id="deribit",
    title="Deribit",
    why_read_only="",
    key_fields=("apiKey", "secret"),
    client_id_param="label",  # ``clientOrderId`` would be passed on raw and ignored
    dead_man=DeadMan.ON_DISCONNECT,
    dead_man_seconds=0,
    sandbox="urls",
    options=MappingProxyType({}),
    lookup=("order", "open", "trades"),
    decoder=DeribitDecoder(),
    sent=sent,
    client_id=as_text,
    greeks_convention=(
        "Black-76 on the future of the expiry, not premium-adjusted; USD per volatility point "
        "and per calendar day, in the last day until expiry"
    ),
    funding_note="current rate, quoted for 8 hours; accrues continuously, longs pay a positive one",
)
"""Labels are not unique at Deribit: an order must never be sent again under the same one.

Its dead-man switch works over a WebSocket only (``private/enable_cancel_on_disconnect``). The
scope ``connection`` covers orders placed over that socket alone; orders placed by REST need the
scope ``account``. A polite logout does not trigger it.
"""
