"""A server on this machine that answers as a language model's does, or as one that means harm."""

import asyncio
import json
from contextlib import suppress
from typing import Any, Self


def envelope(content: Any, **more: Any) -> bytes:
    """Body of a reply around words."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    reply = {"id": "x", "object": "chat.completion", "choices": [choice]}
    return json.dumps(reply | more).encode()


def http(body: bytes, status: str = "200 OK", kind: str = "application/json", *more: str) -> bytes:
    """A whole reply."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *more, "Connection: close", "", ""]).encode() + body


class WordsServer:
    """Takes one request a connection; answers with what ``reply`` says at that moment.

    None for a reply hangs until the other side gives up.
    """

    def __init__(self) -> None:
        self.reply: bytes | None = http(envelope("{}"))
        self.pause_s = 0.0  # between bytes
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None] | None] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for each in list(self._open):
            each.close()
        await self._server.wait_closed()
        await asyncio.gather(*filter(None, self._tasks), return_exceptions=True)

    @property
    def address(self) -> str:
        """Endpoint for the settings."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            self.heard.append((head[0], fields, body))
            if self.reply is None:
                await reader.read()  # until the other side gives up
            elif self.pause_s:
                for byte in self.reply:
                    if writer.is_closing():
                        break
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(self.pause_s)
            else:
                writer.write(self.reply)
                await writer.drain()
        self._open.discard(writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
