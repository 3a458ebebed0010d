"""A Solana node on this machine, and accounts written by absolute offsets, not by our layouts."""

import asyncio
import base64
import contextlib
import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

from aiohttp import web

from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.program import CUSTODIES, MINTS, Place, places, position_address

PROGRAM = "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"
POOL = "5BUwFW4nRbftYTDMbgxykoFWqWHPzahFSNAaaaJtVKsq"
DOVES = "DoVEsk76QybCEHQGzkvYPWLQu9gzNoZZZt3TPiL597e"
WALLET = "F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5S"
SLOT = 345_678_901

LONG_SOL, LONG_ETH, LONG_BTC, SHORT_SOL, SHORT_SOL_USDT, *_ = places()


def feed_of(token: str) -> bytes:
    """Address that this chain publishes the price of a token at."""
    return hashlib.sha256(f"price {token}".encode()).digest()


def position_bytes(place: Place, wallet: str = WALLET, **changed: Any) -> bytes:
    """Write a Position account: 210 bytes, offsets of the published account description."""
    long = place.collateral == place.coin
    said = {"price": 150_000_000, "size": 3_000_000_000, "collateral": 500_000_000} | changed
    raw = bytearray(210)
    raw[:8] = bytes([170, 188, 143, 228, 122, 64, 247, 208])
    raw[8:40] = decoded(wallet)
    raw[40:72] = decoded(POOL)
    raw[72:104] = decoded(CUSTODIES[place.coin])
    raw[104:136] = decoded(CUSTODIES[place.collateral])
    struct.pack_into("<qq", raw, 136, 1_760_000_000, 1_760_000_100)
    raw[152] = said.get("side", 1 if long else 2)
    struct.pack_into("<QQQ", raw, 153, said["price"], said["size"], said["collateral"])
    struct.pack_into("<q", raw, 177, -123_456)
    raw[185:201] = said.get("snapshot", 0).to_bytes(16, "little")
    return bytes(raw)


def custody_bytes(token: str, **changed: Any) -> bytes:
    """Write a Custody account; by default half of it is lent on the curve of SOL in 2026.

    ``cumulative`` is the sum of rates and when it was brought up to date: by default in 2033, so
    that no fee runs up.
    """
    said: dict[str, Any] = {
        "owned": 1000 * 10**9,
        "locked": 500 * 10**9,
        "dbps": 0,
        "curve": (1000, 15000, 3500, 800_000_000),
        "debt": 0,
        "interest": 0,
        "bps": (6, 6),
        "cumulative": (0, 2_000_000_000),
    } | changed
    raw = bytearray(1060 + 40)
    raw[:8] = bytes([1, 184, 48, 81, 93, 131, 63, 145])
    raw[8:40] = decoded(POOL)
    raw[40:72] = decoded(MINTS[token])
    raw[105] = token.startswith("USD")
    struct.pack_into("<QQ", raw, 222, said["owned"], said["locked"])
    total, updated = said["cumulative"]
    raw[262:278] = total.to_bytes(16, "little")
    struct.pack_into("<q", raw, 278, updated)
    struct.pack_into("<Q", raw, 286, said["dbps"])
    struct.pack_into("<QQ", raw, 296, *said["bps"])
    struct.pack_into("<QQQQ", raw, 352, *said["curve"])
    raw[384:416] = feed_of(token)
    raw[1004:1020] = said["debt"].to_bytes(16, "little")
    raw[1020:1036] = said["interest"].to_bytes(16, "little")
    return bytes(raw)


def price_bytes(token: str, at: int, units: int = 160_00000000, expo: int = -8) -> bytes:
    """Write a price account of the oracle."""
    head = hashlib.sha256(b"account:AgPriceFeed").digest()[:8]
    return head + decoded(MINTS[token]) + bytes(128) + struct.pack("<Qbq", units, expo, at)


class Chain:
    """Serves accounts by JSON-RPC; ``answer`` may replace or spoil what it says.

    ``answer`` gets the honest reply and returns a response, or bytes to send as they are.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, tuple[str, bytes]] = {}
        self.answer: Callable[[dict[str, Any]], web.StreamResponse | None] | None = None
        self.asked: list[dict[str, Any]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None
        self.accounts[WALLET] = ("1" * 32, b"")
        for token, address in CUSTODIES.items():
            self.accounts[address] = (PROGRAM, custody_bytes(token))

    def hold(self, place: Place, **changed: Any) -> None:
        """Give the wallet a position."""
        address = encoded(position_address(decoded(WALLET), place))
        self.accounts[address] = (PROGRAM, position_bytes(place, **changed))

    def tell(self, token: str, at: int, **changed: Any) -> None:
        """Publish a price."""
        self.accounts[encoded(feed_of(token))] = (DOVES, price_bytes(token, at, **changed))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        question = json.loads(await request.text())
        self.asked.append(question)
        assert question["method"] == "getMultipleAccounts"
        addresses, options = question["params"]
        assert options["encoding"] == "base64"
        reply = {
            "jsonrpc": "2.0",
            "id": question["id"],
            "result": {
                "context": {"apiVersion": "2.2.7", "slot": self._slot_now()},
                "value": [self._said(address) for address in addresses],
            },
        }
        spoiled = self.answer(reply) if self.answer else None
        return web.json_response(reply) if spoiled is None else spoiled

    def _slot_now(self) -> int:
        return SLOT

    def _said(self, address: str) -> dict[str, Any] | None:
        if address not in self.accounts:
            return None
        owner, content = self.accounts[address]
        return {
            "data": [base64.b64encode(content).decode(), "base64"],
            "executable": False,
            "lamports": 2_352_480,
            "owner": owner,
            "rentEpoch": 18446744073709551615,
            "space": len(content),
        }


@contextlib.contextmanager
def served(chain: Chain) -> Iterator[None]:
    """Serve a chain from a thread of its own, for what runs a loop of its own."""
    loop = asyncio.new_event_loop()
    serving = threading.Thread(target=loop.run_forever)
    serving.start()
    asyncio.run_coroutine_threadsafe(chain.__aenter__(), loop).result(5)
    yield
    asyncio.run_coroutine_threadsafe(chain.__aexit__(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    serving.join()
    loop.close()
