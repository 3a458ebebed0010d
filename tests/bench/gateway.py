"""Our own share of an order's way: from ``submit`` to its acknowledgement, on this machine.

Run: ``python -m tests.bench.gateway [VENUE ...]``. A local server answers at once, in this same
process; all the time that it runs for a request (its HTTP, checking signatures, matching) is taken
off, so that what is left is this program, ccxt and the loopback.
"""

import argparse
import asyncio
import statistics
import sys
import time
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any
from unittest.mock import patch

from aiohttp import web_server
from aiohttp.web_protocol import RequestHandler
from msgspec import Struct

from terminal.model.order import OrderIntent, OrderUpdate
from terminal.venues.gateway.limiter import Priority, Turnstile
from terminal.venues.gateway.line import Line
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import VENUES, Tradable

WARM, MEASURED = 20, 200
SETTLED_S = 0.01
"""Pause before an order: late words of the one before are no part of it."""

LIMIT_MS = 2.0
"""What the median acknowledgement must stay below."""


class Latency(Struct, frozen=True):
    """Milliseconds from ``submit`` to word of the order in the queue, without the server's."""

    venue: str
    p50: float
    p99: float
    server: float  # the median of what was taken off
    orders: int


class _Server(RequestHandler):
    """One connection at the server's end; adds up the time that it runs."""

    worked = 0.0  # seconds, of all connections

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        began = time.perf_counter()
        super().data_received(data)
        _Server.worked += time.perf_counter() - began

    async def start(self) -> None:
        """Serve, step by step."""
        await _steps(super().start())

    async def _handle_request(self, *given: Any) -> Any:
        """Answer one request, in a task of its own."""
        return await _steps(super()._handle_request(*given))


@types.coroutine
def _steps(work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run a coroutine, and count the time between two of its waits."""
    told: Any = None
    while True:
        began = time.perf_counter()
        try:
            asked = work.send(told)
        except StopIteration as ended:
            return ended.value
        finally:
            _Server.worked += time.perf_counter() - began
        told = yield asked


class Ear:
    """Notes when an order was first spoken of: late words of the one before do not count."""

    def __init__(self, line: Line) -> None:
        self.at: dict[str, float] = {}
        self.worked: dict[str, float] = {}  # of the server until then
        self._pass_on = line.hear
        line.hear = self._hear  # type: ignore[method-assign] # a measuring point

    def _hear(self, update: OrderUpdate) -> None:
        self._pass_on(update)
        self.at.setdefault(update.order_id, time.perf_counter())
        self.worked.setdefault(update.order_id, _Server.worked)


class Bench:
    """One desk, and what is measured of it."""

    def __init__(self, desk: Trader) -> None:
        self.desk, self.ear = desk, Ear(desk.line)
        self.began = 0.0
        self._submitted(desk.gateway.submit)

    async def order(self) -> tuple[float, float]:
        """Place one order; seconds of ours and of the server."""
        self.desk.heard.clear()  # else it is read through again and again while we wait
        await asyncio.sleep(SETTLED_S)
        _Server.worked = 0.0
        order_id = self.desk.send(away=20, lots=1)
        await self.desk.hears(order_id, "live")
        heard, theirs = self.ear.at[order_id], self.ear.worked[order_id]
        return heard - self.began - theirs, theirs

    def _submitted(self, submit: Callable[[OrderIntent, int], None]) -> None:
        """Note when an order is given to the gateway: making it is the engine's work."""

        def noted(intent: OrderIntent, at: int) -> None:
            self.began = time.perf_counter()
            submit(intent, at)

        self.desk.gateway.submit = noted  # type: ignore[method-assign]


async def measure(venue: Tradable, count: int) -> Latency:
    """Place orders that rest, one after another, far from the market."""
    with patch.object(web_server, "RequestHandler", _Server):
        return await _measured(venue, count)


async def _measured(venue: Tradable, count: int) -> Latency:
    async with trader(venue) as desk:
        desk.line.turnstile = _Open(desk.line.asks.budget, desk.line.terms.clock)
        bench = Bench(desk)
        taken = [await bench.order() for _ in range(WARM + count)]
    kept = sorted(1e3 * ours for ours, _ in taken[WARM:])
    theirs = statistics.median(1e3 * each for _, each in taken[WARM:])
    at99 = kept[int(0.99 * (len(kept) - 1))]
    return Latency(venue.dialect.venue, statistics.median(kept), at99, theirs, len(kept))


class _Open(Turnstile):
    """A turnstile that lets everybody through, whatever has gone before."""

    async def enter(
        self, priority: Priority, patience_s: float | None = None, weight: float = 1.0
    ) -> bool:
        del priority, patience_s, weight
        return True


def main(argv: list[str]) -> int:
    """Print a line per venue; 1 when one is slower than it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venues", nargs="*", help="names; all without any")
    parser.add_argument("--orders", type=int, default=MEASURED)
    given = parser.parse_args(argv)
    slow = False
    for venue in VENUES:
        if given.venues and venue.dialect.venue not in given.venues:
            continue
        found = asyncio.run(measure(venue, given.orders))
        slow = slow or found.p50 > LIMIT_MS
        line = f"{found.venue:<12} p50 {found.p50:6.2f} ms  p99 {found.p99:6.2f} ms"
        sys.stdout.write(f"{line}  ({found.orders} orders; server {found.server:.2f} ms off)\n")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
