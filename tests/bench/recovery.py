"""What a fault costs: ``python -m tests.bench.recovery [VENUE ...]``, against local exchanges.

A line for each tradable venue: fills told of orders filled in ten parts at once; milliseconds
from a change of a book that was never sent until the book is whole again; levels that the
exchange does not have after a lost connection. Ends with 1 where a goal is missed.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from terminal.model.market import Depth, Gap, Quote
from terminal.model.messages import LinkUp
from terminal.model.order import TimeInForce
from tests.contracts.followed import CLIENTS, Followed, following
from tests.contracts.trading.trader import trader
from tests.contracts.trading.venues import VENUES, Tradable
from tests.contracts.venue_clients import Client
from tests.unit.venues.small_server import until
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.server import VenueServer

BURSTS: Final = 10
PARTS: Final = 10
GOAL_MS: Final = 100.0
PATIENCE_S: Final = 30.0
APART_S: Final = 0.1
RATE: Final = 200.0
"""Changes of books a second: a hole shows with the change after it."""


class Found(Struct, frozen=True):
    """What was measured at one venue."""

    venue: str
    fills: int
    expected: int  # that the exchange made
    gaps_ms: tuple[float, ...]
    ghosts: int
    reconnects: int

    def good(self) -> bool:
        """Whether every goal is met."""
        fast = max(self.gaps_ms) < GOAL_MS
        return self.fills == self.expected and fast and self.ghosts == 0

    def line(self) -> str:
        """Return one line of the table."""
        middle, worst = statistics.median(self.gaps_ms), max(self.gaps_ms)
        return (
            f"{self.venue:<13} fills {self.fills} of {self.expected}   "
            f"gap mended p50 {middle:5.1f}, worst {worst:5.1f} ms ({len(self.gaps_ms)} gaps)   "
            f"ghost levels {self.ghosts} ({self.reconnects} reconnects)"
        )


async def fills_told(venue: Tradable, bursts: int) -> tuple[int, int]:
    """Fills told of orders that the exchange fills in ten parts with one answer, and its own."""
    told = 0
    async with trader(venue) as desk:
        for _ in range(bursts):
            desk.server.faults.split_fills(PARTS, times=1)
            order_id = desk.send(away=-2, tif=TimeInForce.IOC)
            await desk.hears(order_id, "filled")
            await asyncio.sleep(0.2)  # the last word may come before the last of the fills
            told += len(desk.fills(order_id))
        return told, len(desk.server.exchange.account.fills)


class Hole:
    """Notes when a server kept a change of a book back."""

    def __init__(self, server: VenueServer) -> None:
        self.at: list[int] = []  # UtcNs
        self._take = server.faults.take
        server.faults.take = self._noted  # type: ignore[method-assign]  # a measuring point

    def _noted(self, name: str, *kinds: Fault) -> Planned | None:
        planned = self._take(name, *kinds)
        if planned is not None and planned.kind is Fault.SEQUENCE_GAP:
            self.at.append(time.time_ns())
        return planned


async def gap_ms(followed: Followed, hole: Hole) -> float:
    """Milliseconds from a change that was kept back until the book of it is whole again."""
    await asyncio.sleep(APART_S)
    hole.at.clear()
    followed.of(Gap)
    followed.events.clear()
    followed.server.faults.plan(Fault.SEQUENCE_GAP, followed.client.book, times=1)
    await until(lambda: bool(hole.at), PATIENCE_S)
    if followed.client.gap == "healed":  # every message is a whole book: the next one mends it
        followed.of(Quote)
        followed.events.clear()
        await until(lambda: bool(followed.of(Quote)), PATIENCE_S)
        return (time.time_ns() - hole.at[0]) / 1e6
    await until(lambda: bool(followed.of(Gap)), PATIENCE_S)
    ends: list[int] = [each.end for each in followed.of(Gap)]
    return (max(ends) - hole.at[0]) / 1e6


async def ghosts(followed: Followed) -> int:
    """Levels that only one of the two books has, once the connection was lost and is back."""
    up = len(followed.of(LinkUp))
    followed.server.drip(RATE)
    followed.server.drop_sockets()
    await until(lambda: len(followed.of(LinkUp)) > up, PATIENCE_S)
    await asyncio.sleep(0.3)
    await followed.server.still()
    await asyncio.sleep(0.3)
    await until(lambda: followed.wrong_levels() is not None, PATIENCE_S)
    return followed.wrong_levels() or 0


async def measure(client: Client, venue: Tradable, *, gaps: int, reconnects: int) -> Found:
    """Measure one venue."""
    told, filled = await fills_told(venue, BURSTS)
    async with following(client) as followed:
        await until(lambda: bool(followed.of(Depth)), PATIENCE_S)
        hole = Hole(followed.server)
        await followed.server.still()
        followed.server.drip(RATE, client.listed)
        mended = [await gap_ms(followed, hole) for _ in range(gaps)]
        left = sum([await ghosts(followed) for _ in range(reconnects)])
    return Found(client.name, told, filled, tuple(mended), left, reconnects)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line per venue; 1 when one misses a goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recovery", description=__doc__)
    parser.add_argument("venues", nargs="*", help="names; all without any")
    parser.add_argument("--gaps", type=int, default=20)
    parser.add_argument("--reconnects", type=int, default=5)
    given = parser.parse_args(argv)
    tradable = {each.dialect.venue: each for each in VENUES}
    good = True
    for client in CLIENTS:
        if given.venues and client.name not in given.venues:
            continue
        work = measure(client, tradable[client.name], gaps=given.gaps, reconnects=given.reconnects)
        found = asyncio.run(work)
        sys.stdout.write(found.line() + "\n")
        sys.stdout.flush()
        good = good and found.good()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
