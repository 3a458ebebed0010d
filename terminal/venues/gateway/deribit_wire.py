"""Deribit's orders over its private socket: only those does its dead-man switch cancel.

By REST they would be GETs, and cancel-on-disconnect, which works per connection, would not know
them. Requests are signed and checked by ccxt as they are; only the way they travel is another.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.wire import CcxtWire, NotSentError

_FIRST: Final = 2_000_000_000
"""First number of our requests: ccxt counts from 1, the guards from a thousand million."""

_NUMBERS: Final = ("amount", "price")


class DeribitWire(CcxtWire):
    """Places and cancels over the socket; reads by REST."""

    def __init__(self, exchange: Any) -> None:
        super().__init__(exchange)
        self._number = _FIRST
        self._waiting: dict[int, asyncio.Future[Raw]] = {}
        exchange.privateGetBuy = lambda params: self._call("private/buy", params)
        exchange.privateGetSell = lambda params: self._call("private/sell", params)

    async def guard_orders(self) -> None:
        """Tie the orders placed over this connection to it."""
        await self._call("private/enable_cancel_on_disconnect", {"scope": "connection"})

    def hear(self, message: Raw) -> None:
        """Hand an answer to whoever asked."""
        number = message.get("id")
        if isinstance(number, int) and number in self._waiting:
            waiting = self._waiting.pop(number)
            if not waiting.done():
                waiting.set_result(message)

    def lost(self) -> None:
        """Give up: what was asked may have been done."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(VenueError("the socket was lost before the answer came"))
        self._waiting.clear()

    async def _call(self, method: str, params: Mapping[str, object]) -> Raw:
        """Send one request by the socket; its reply, or ccxt's error for what it refuses."""
        exchange = self._exchange
        client = exchange.clients.get(exchange.urls["api"]["ws"])
        if client is None or client.closed() or "authenticated" not in client.subscriptions:
            raise NotSentError("not sent: the private socket is not open")
        self._number += 1
        number = self._number
        waiting: asyncio.Future[Raw] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        asked = {"jsonrpc": "2.0", "id": number, "method": method, "params": _typed(params)}
        try:
            await client.send(asked)
            async with asyncio.timeout(exchange.timeout / 1000):
                reply = await waiting
        finally:
            self._waiting.pop(number, None)
        if "error" in reply:
            exchange.handle_errors(
                400, "", method, "WS", {}, exchange.json(reply), dict(reply), {}, None
            )
            raise VenueError(f"{method} was answered by an error that has no name")
        return reply


def _typed(params: Mapping[str, object]) -> dict[str, object]:
    """Return parameters with numbers as JSON has them: ccxt writes text, for addresses."""
    return {
        name: float(value) if name in _NUMBERS and isinstance(value, str) else value
        for name, value in params.items()
    }
