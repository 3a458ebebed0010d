"""Hyperliquid: perpetuals in USDC on its own chain, orders signed by a wallet's key."""

from types import MappingProxyType
from typing import Final

from terminal.model.account import Position
from terminal.model.instrument import Instrument
from terminal.model.order import Fill, OrderIntent, OrderUpdate
from terminal.venues.dialects import (
    hyperliquid_private,
    hyperliquid_public,
    hyperliquid_terms,
    raw,
)
from terminal.venues.dialects.client_ids import as_hex
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


class HyperliquidDecoder:
    """Reads Hyperliquid's channels and the rows of its answers."""

    def instrument(self, market: Raw) -> Instrument | None:
        """Terms of a market, from the exchange's own row."""
        return hyperliquid_terms.instrument(raw.child(market, "info"))

    def public(self, message: Raw, known: Directory) -> tuple[PublicEvent, ...]:
        """Events of the ``bbo``, ``trades`` and ``activeAssetCtx`` channels."""
        return hyperliquid_public.events(message, known)

    def private(self, message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
        """Events of the order, fill, funding and clearinghouse channels."""
        return hyperliquid_private.events(message, known)

    def position(self, info: Raw, known: Directory) -> Position | None:
        """Signed contracts of one entry of ``assetPositions``."""
        return hyperliquid_private.position(info, known)

    def order(self, info: Raw, known: Directory) -> OrderUpdate | None:  # noqa: ARG002 - coins
        """State of one order; its client id holds our order id."""
        return hyperliquid_private.order(info)

    def fill(self, info: Raw, known: Directory) -> Fill | None:
        """One fill of the account."""
        return hyperliquid_private.fill(info, known)


def sent(intent: OrderIntent, instrument: Instrument) -> SentOrder:
    """Limit order in Hyperliquid's words: sizes in coins, ``alo`` for post-only.

    Raises
    ------
    InvariantError
        The order is off the grid of the instrument, or its id is not one of ours.
    """
    contract = instrument.contract
    on_grid(intent, contract)
    return SentOrder(
        symbol=f"{contract.base.upper()}/{contract.quote}:{contract.settle}",
        kind="limit",
        side=intent.side.value,
        amount=intent.qty,
        price=intent.limit,
        params={"clientOrderId": as_hex(intent.order_id), **conditions(intent)},
    )


HYPERLIQUID: Final = Dialect(
    venue=hyperliquid_terms.VENUE,
    ccxt_id="hyperliquid",
    title="Hyperliquid",
    why_read_only="",
    key_fields=("walletAddress", "privateKey"),
    client_id_param="clientOrderId",
    dead_man=DeadMan.COUNTDOWN,
    dead_man_seconds=30,
    sandbox="urls",
    options=MappingProxyType(
        {
            "builderFee": False,
            "refSet": True,
            "fetchMarkets": {"types": ["swap"]},
        }
    ),
    lookup=("order", "open", "trades"),
    decoder=HyperliquidDecoder(),
    sent=sent,
    client_id=as_hex,
    greeks_convention="none published: it lists no options",
    funding_note="rate for one hour, paid at every full hour on the oracle's price",
    funding_by_clock=True,
)
"""Without the first two options ccxt signs for its user while it loads the markets: approval of a
builder's fee of 0.01 % and a referrer. The guarded exchange approves none, so that orders name no
``builder``: one of fee 0 too may be rejected for an account that never approved it.

The dead-man switch is ``scheduleCancel``, at least five seconds ahead. The exchange lets it fire
ten times a day, and grants it only to accounts that have traded a million dollars.
"""
