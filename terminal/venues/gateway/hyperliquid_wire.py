"""Hyperliquid's one action that ccxt has no call for: taking a scheduled cancel back."""

from terminal.venues.gateway.asks import Ask
from terminal.venues.gateway.asks_hyperliquid import UNSCHEDULE
from terminal.venues.gateway.wire import CcxtWire


class HyperliquidWire(CcxtWire):
    """Everything as ccxt does it; ``scheduleCancel`` without a time is signed here."""

    async def ask(self, ask: Ask) -> object:
        """Send one request."""
        if ask.method != UNSCHEDULE:
            return await super().ask(ask)
        exchange = self._exchange
        nonce, action = exchange.incrementing_nonce(), {"type": "scheduleCancel"}
        signature = exchange.sign_l1_action(action, nonce)
        reply: object = await exchange.privatePostExchange(
            {"action": action, "nonce": nonce, "signature": signature}
        )
        return reply
