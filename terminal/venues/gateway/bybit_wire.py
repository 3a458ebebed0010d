"""Bybit's watch over the private socket: it cancels only for connections that subscribe to it."""

import asyncio
from typing import Any, Final

from terminal.core.errors import VenueError
from terminal.venues.dialects.dialect import Raw
from terminal.venues.gateway.wire import CcxtWire

_NAME: Final = "gammadesk-dcp"
_TOPICS: Final = ("dcp.future", "dcp.option")


class BybitWire(CcxtWire):
    """Everything by REST; the private socket is put under the exchange's watch."""

    def __init__(self, exchange: Any) -> None:
        super().__init__(exchange)
        self._answer: asyncio.Future[Raw] | None = None

    async def guard_orders(self) -> None:
        """Have orders cancelled when the private socket is gone for longer than was set."""
        sockets = (each for each in self._exchange.clients.values() if not each.closed())
        private = next((each for each in sockets if each.url.endswith("/private")), None)
        if private is None:
            raise VenueError("the private socket is not open")
        self._answer = asyncio.get_running_loop().create_future()
        await private.send({"op": "subscribe", "req_id": _NAME, "args": list(_TOPICS)})
        async with asyncio.timeout(self._exchange.timeout / 1000):
            reply = await self._answer
        if reply.get("success") is not True:
            raise VenueError(f"the exchange does not watch over the socket: {reply.get('ret_msg')}")

    def hear(self, message: Raw) -> None:
        """Take the answer to the subscription."""
        waiting = self._answer
        if message.get("req_id") == _NAME and waiting is not None and not waiting.done():
            waiting.set_result(message)
