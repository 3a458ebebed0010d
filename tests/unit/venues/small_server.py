"""A small server that speaks a little Deribit, and misbehaves when it is told to."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import WSMsgType, web

PERPETUAL = "BTC-PERPETUAL"
BOOK = f"book.{PERPETUAL}.100ms"


def instrument(name: str = PERPETUAL, **changed: Any) -> dict[str, Any]:
    """Terms of an instrument as the exchange lists them."""
    terms = {
        "instrument_name": name,
        "kind": "future",
        "settlement_period": "perpetual",
        "base_currency": "BTC",
        "counter_currency": "USD",
        "quote_currency": "USD",
        "settlement_currency": "BTC",
        "contract_size": 10.0,
        "tick_size": 0.5,
        "min_trade_amount": 10.0,
        "is_active": True,
        "maker_commission": 0.0,
        "taker_commission": 0.0005,
        "expiration_timestamp": 32503708800000,
    }
    return terms | changed


class SmallServer:
    """Lists instruments, keeps one book, answers what ``answers`` says by method name.

    An answer is called with the query; it may return a response of its own, a plain result, or
    None to drop the connection without a word.
    """

    def __init__(self, listed: list[dict[str, Any]] | None = None) -> None:
        self.listed = listed if listed is not None else [instrument()]
        self.answers: dict[str, Callable[[dict[str, str]], Any]] = {}
        self.asked: list[str] = []
        self.sockets: dict[web.WebSocketResponse, set[str]] = {}
        self.bids: dict[float, float] = {}
        self.asks: dict[float, float] = {}
        self.change = 100
        self.snapshots = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{host}/ws/api/v2", self._socket)
        app.router.add_get("/{host}/api/v2/{scope}/{method}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        for each in tuple(self.sockets):
            await each.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        assert self._runner is not None
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.asked.append(method)
        if method in self.answers:
            answer = self.answers[method](dict(request.query))
            if isinstance(answer, web.StreamResponse):
                return answer
            if answer is None:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return web.json_response({"jsonrpc": "2.0", "result": answer})
        known: dict[str, Any] = {
            "get_instruments": self.listed,
            "get_currencies": [{"currency": "BTC", "currency_long": "Bitcoin"}],
            "get_time": 1_767_614_400_000,
        }
        return web.json_response({"jsonrpc": "2.0", "result": known[method]})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets[socket] = set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._heard(socket, json.loads(frame.data))
        finally:
            del self.sockets[socket]
        return socket

    async def _heard(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        channels = asked["params"]["channels"]
        if any("REFUSED" in each for each in channels):
            error = {"code": 11050, "message": "bad_request"}
            await socket.send_json({"jsonrpc": "2.0", "id": asked["id"], "error": error})
            return
        if asked["method"] == "public/unsubscribe":
            self.sockets[socket].difference_update(channels)
        else:
            self.sockets[socket].update(channels)
        await socket.send_json({"jsonrpc": "2.0", "id": asked["id"], "result": channels})
        if asked["method"] == "public/subscribe" and BOOK in channels:
            self.snapshots += 1
            await socket.send_json(self._book("snapshot", self.bids, self.asks, None))

    def _book(
        self, kind: str, bids: dict[float, float], asks: dict[float, float], before: int | None
    ) -> dict[str, Any]:
        data: dict[str, Any] = {
            "type": kind,
            "timestamp": 1_767_614_400_000,
            "instrument_name": PERPETUAL,
            "change_id": self.change,
            "bids": [["new" if qty else "delete", price, qty] for price, qty in bids.items()],
            "asks": [["new" if qty else "delete", price, qty] for price, qty in asks.items()],
        }
        if before is not None:
            data["prev_change_id"] = before
        return self.event(BOOK, data)

    @staticmethod
    def event(channel: str, data: Any) -> dict[str, Any]:
        params = {"channel": channel, "data": data}
        return {"jsonrpc": "2.0", "method": "subscription", "params": params}

    async def move(
        self,
        bids: dict[float, float],
        asks: dict[float, float] | None = None,
        *,
        lose: bool = False,
    ) -> None:
        """Change the book; a quantity of 0 takes a level away. ``lose`` sends nothing."""
        before, self.change = self.change, self.change + 1
        for book, changed in ((self.bids, bids), (self.asks, asks or {})):
            book.update(changed)
            for price in [price for price, qty in book.items() if not qty]:
                del book[price]
        if not lose:
            await self.send(BOOK, self._book("change", bids, asks or {}, before))

    async def send(self, channel: str, message: object) -> None:
        """Send a message, or text as it is, to whoever subscribed to a channel."""
        text = message if isinstance(message, str) else json.dumps(message)
        for socket, channels in tuple(self.sockets.items()):
            if channel in channels:
                await socket.send_str(text)

    def drop(self) -> None:
        """Let every socket die without a goodbye."""
        for socket in self.sockets:
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.abort()


async def until(condition: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait for something to become true; TimeoutError when it does not."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - any condition, which no event announces
            await asyncio.sleep(0.005)
