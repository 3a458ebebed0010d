"""Serving an exchange over HTTP and WebSocket on 127.0.0.1, and spoiling answers as planned."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Struct

from tests.venue_servers.faults import REFUSALS, Fault, Faults, Planned

Json = dict[str, Any]

HTML = "<html><head><title>502 Bad Gateway</title></head><body>cloud</body></html>"


class Asked(Struct, frozen=True, kw_only=True):
    """One HTTP request. ``path`` comes without the host that the redirect put before it."""

    verb: str
    host: str
    path: str
    target: str  # path and query as they were signed
    query: dict[str, str]
    query_text: str
    headers: dict[str, str]
    body: str

    def json(self) -> Json:
        """Body as an object; empty without one."""
        return json.loads(self.body) if self.body else {}


class Answer(Struct, frozen=True):
    """One HTTP answer; the body is sent as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}


class Socket:
    """One connected client: what it subscribed to and what is still to be written to it."""

    def __init__(self, number: int, request: web.Request, stream: web.WebSocketResponse) -> None:
        self.number = number
        self.path = _split(request.path)[1]
        self.query = dict(request.query)
        self.channels: dict[str, Any] = {}
        self.signed_in = False
        self.notes: dict[str, Any] = {}
        self._stream = stream
        self._transport = request.transport
        self._out: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, message: object) -> None:
        """Queue a message; text is sent as it is, anything else as JSON."""
        self._out.put_nowait(message if isinstance(message, str) else compact(message))

    def drop(self) -> None:
        """End the connection without a word, as a dead network does."""
        if self._transport is not None:
            self._transport.abort()
        self._out.put_nowait(None)

    async def write(self) -> None:
        """Write what is queued until the connection ends."""
        while (text := await self._out.get()) is not None:
            with suppress(ConnectionError):
                await self._stream.send_str(text)

    async def close(self) -> None:
        """Say goodbye."""
        self._out.put_nowait(None)
        await self._stream.close(code=WSCloseCode.GOING_AWAY)


class Host:
    """An HTTP server on 127.0.0.1 that spoils what its faults say."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.requests: list[str] = []
        self.sockets: list[Socket] = []
        self.connections = 0
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._ending = asyncio.Event()

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End every connection and stop listening."""
        self._ending.set()
        for socket in tuple(self.sockets):
            await socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Address of the server, without a path."""
        return f"http://127.0.0.1:{self._port}"

    def route(self, asked: Asked) -> str:
        """Name of a request, for faults and records."""
        return f"{asked.verb} {asked.path}"

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        raise NotImplementedError

    def refusal(self, planned: Planned) -> Answer:
        """What this exchange says at a planned rate limit, ban, maintenance or refusal."""
        raise NotImplementedError

    def joined(self, socket: Socket) -> None:
        """Greet a client; most exchanges wait to be spoken to."""

    def heard(self, socket: Socket, text: str) -> None:
        """Take a message of a client."""
        raise NotImplementedError

    def left(self, socket: Socket) -> None:
        """Note that a client has gone."""

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_socket(request)
        asked = await _asked(request)
        route = self.route(asked)
        self.requests.append(route)
        planned = self.faults.reply(route)
        if planned is None:
            return _response(self.answer(asked))
        answer = self.answer(asked) if planned.accepted else None
        return await self._spoil(request, planned, answer)

    async def _spoil(
        self, request: web.Request, planned: Planned, answer: Answer | None
    ) -> web.StreamResponse:
        if planned.kind is Fault.HANG:
            await self._ending.wait()
        if planned.kind in (Fault.HANG, Fault.DROP_AFTER_ACCEPT):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if planned.kind in REFUSALS:
            return _response(self.refusal(planned))
        if planned.kind is Fault.STATUS_502:
            return web.Response(status=502, text=HTML, content_type="text/html")
        if planned.kind is Fault.BODY_HTML:
            return web.Response(text=HTML, content_type="text/html")
        whole = compact(answer.body) if answer is not None else "{}"
        return web.Response(text=spoil_text(planned, whole), content_type="application/json")

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        stream = web.WebSocketResponse(max_msg_size=0)
        await stream.prepare(request)
        self.connections += 1
        socket = Socket(self.connections, request, stream)
        self.sockets.append(socket)
        writer = asyncio.get_running_loop().create_task(socket.write())
        self.joined(socket)
        try:
            async for message in stream:
                if message.type is WSMsgType.TEXT:
                    self.heard(socket, message.data)
        finally:
            self.sockets.remove(socket)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self.left(socket)
        return stream


def spoil_text(planned: Planned, whole: str) -> str:
    """What becomes of an answer's text under a fault of the body."""
    if planned.kind is Fault.BODY_TRUNCATED:
        return whole[: len(whole) // 2]
    return {Fault.BODY_EMPTY: "", Fault.BODY_NULL: "null", Fault.BODY_HTML: HTML}[planned.kind]


def compact(message: object) -> str:
    """Write JSON as exchanges do, without spaces."""
    return json.dumps(message, separators=(",", ":"))


def _response(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status,
        text=compact(answer.body),
        headers=answer.headers,
        content_type="application/json",
    )


def _split(path: str) -> tuple[str, str]:
    """Original host and path; the redirect puts the host first."""
    first, _, rest = path.lstrip("/").partition("/")
    return (first, f"/{rest}") if "." in first else ("", path)


async def _asked(request: web.Request) -> Asked:
    host, target = _split(request.raw_path)
    parts = urlsplit(target)
    return Asked(
        verb=request.method,
        host=host,
        path=parts.path,
        target=target,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        query_text=parts.query,
        headers={name.lower(): text for name, text in request.headers.items()},
        body=await request.text(),
    )
