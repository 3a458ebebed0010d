"""Our own share of an order's way: from ``submit`` to its acknowledgement, on this machine.

Run: ``python -m tests.bench.gateway [VENUE ...]``. A local server answers at once, so what is
measured is this program and ccxt; the matching of the server is in it too, and told apart.
"""

import argparse
import asyncio
import statistics
import sys
import time

from msgspec import Struct

from terminal.model.order import OrderUpdate
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import VENUES, Tradable

WARM, MEASURED = 20, 200
LIMIT_MS = 2.0
"""What the median acknowledgement must stay below."""


class Latency(Struct, frozen=True):
    """Milliseconds from ``submit`` to word of the order in the queue."""

    venue: str
    p50: float
    p99: float
    orders: int


async def measure(venue: Tradable, count: int) -> Latency:
    """Place orders that rest, one after another, far from the market."""
    async with trader(venue) as desk:
        desk.line.turnstile = _Open()  # type: ignore[assignment] # the venue's limit is not ours
        heard, hear = asyncio.Event(), desk.line.hear

        def listen(update: OrderUpdate) -> None:
            hear(update)
            heard.set()

        desk.line.hear = listen  # type: ignore[method-assign] # the first word of an order ends it
        taken = [await _one(desk, heard) for _ in range(WARM + count)]
    kept = sorted(taken[WARM:])
    at99 = kept[int(0.99 * (len(kept) - 1))]
    return Latency(venue.dialect.venue, statistics.median(kept), at99, len(kept))


async def _one(desk: Trader, heard: asyncio.Event) -> float:
    heard.clear()
    began = time.perf_counter()
    order_id = desk.send(away=20, lots=1)
    await heard.wait()
    taken = 1e3 * (time.perf_counter() - began)
    await desk.hears(order_id, "live")
    return taken


class _Open:
    """A turnstile that lets everybody through."""

    async def enter(self, *_: object) -> bool:
        return True

    def shut(self, span: int) -> None:
        del span


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
        sys.stdout.write(f"{line}  ({found.orders} orders)\n")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
