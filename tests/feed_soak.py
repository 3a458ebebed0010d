"""Whether live feeds leak: ``python -m tests.feed_soak --minutes 60 [VENUE ...]``.

Follows the local server of every tradable venue at once, in this process; the servers are in
another, and drop their sockets, leave out and repeat messages, answer with rubbish and fall
silent by turns, for as long as the run lasts. Lists of instruments are renewed all the while.
Every ten seconds it notes memory, tasks, file handles, threads and objects. At the end it prints
how each went after the warm-up, what was lost and found again, and ends with 1 where one of them
grew beyond its limit or a feed did not come back.
"""

import argparse
import asyncio
import ctypes
import gc
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from msgspec import Struct

from terminal.model.market import Gap, Quote
from terminal.model.messages import LinkDown, LinkUp
from terminal.runtime.pace import LiveClock
from terminal.runtime.paper import MarketLoader
from terminal.venues.ccxt_exchange import Connection
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.event_queue import NEVER
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import MarketCache
from terminal.venues.watchlist import Chain
from tests.contracts.followed import CLIENTS
from tests.contracts.venue_clients import Client
from tests.venue_servers.faults import Fault
from tests.venue_servers.server import VenueServer

EVERY_S: Final = 10.0
RENEW_S: Final = 45.0
"""Between two lists of instruments; in use it is a quarter of an hour."""

FAULT_S: Final = 4.0
"""Between two faults of one server."""

RATE: Final = 50.0
"""Changes of books a second, a venue."""

GROWTH_MB_H: Final = 6.0
"""Most that memory may grow by an hour after the warm-up: six feeds, a loss every few seconds."""

SLACK: Final = {"tasks": 12, "handles": 12, "threads": 4}
"""Counts come and go with connections that are being made."""

BACK_S: Final = 60.0
"""Longest wait for every feed to be back once the servers behave again."""


class Reading(Struct, frozen=True):
    """What the process holds at one moment, once garbage is collected."""

    at_s: float
    kept_mb: float
    tasks: int
    handles: int
    threads: int
    objects: int


class Growth(Struct, frozen=True):
    """How one quantity went after the warm-up: medians of its first and last third, and slope."""

    name: str
    first: float
    last: float
    per_hour: float
    allowed: bool


class Line:
    """The feed of one venue and what it has said, counted."""

    def __init__(self, client: Client, url: str, folder: Path) -> None:
        self.name, self.told = client.name, Counter[str]()
        self.up = False
        clock = LiveClock()
        dialect = DIALECTS[client.name]
        connection = Connection(endpoint=url, options=client.options)
        self._intake = FeedIntake(dialect, time.time_ns)
        terms = FeedTerms(held=lambda: (), chain=Chain(expiries=1, width=0.2), renew_s=RENEW_S)
        loader = MarketLoader(dialect, connection, ("BTC",), MarketCache(folder), clock)
        self.feed = LiveFeed(dialect, terms, loader, self._intake)

    def listen(self) -> None:
        """Take what has been said."""
        while self._intake.queue.next_at(time.time_ns()) != NEVER:
            event = self._intake.queue.pop()[1]
            self.told[type(event).__name__] += 1
            if isinstance(event, LinkUp | LinkDown):
                self.up = isinstance(event, LinkUp)

    def words(self) -> str:
        """Return one line: how much came, and how often it was lost and mended."""
        told = self.told
        return (
            f"{self.name:<13}{told[Quote.__name__]:>9,} quotes {told[LinkUp.__name__]:>5} links"
            f" {told[Gap.__name__]:>5} gaps mended   {'up' if self.up else 'NOT UP'}"
        )


def growths(readings: Sequence[Reading]) -> tuple[Growth, ...]:
    """How each quantity went: a line through the readings, and the thirds at both ends."""
    third = max(len(readings) // 3, 1)
    at = [each.at_s for each in readings]
    found = []
    for name in Reading.__struct_fields__[1:]:
        values = [float(getattr(each, name)) for each in readings]
        slope = float(np.polyfit(at, values, 1)[0]) * 3600.0
        first, last = float(np.median(values[:third])), float(np.median(values[-third:]))
        allowed = True
        if name == "kept_mb":
            allowed = slope <= GROWTH_MB_H
        elif name in SLACK:
            allowed = last - first <= SLACK[name]
        found.append(Growth(name, first, last, slope, allowed))
    return tuple(found)


def report(readings: Sequence[Reading], warm_up_s: float) -> tuple[str, bool]:
    """Table of what grew, and whether nothing grew beyond its limit."""
    after = [each for each in readings if each.at_s >= warm_up_s]
    if len(after) < 6:
        return f"too short: {len(after)} readings after the warm-up, of 6\n", False
    rows = growths(after)
    lines = [f"{(after[-1].at_s - after[0].at_s) / 60.0:.1f} minutes after the warm-up"]
    lines += [
        f"{row.name:<10}{row.first:>12,.1f}{row.last:>12,.1f}{row.per_hour:>+14.1f} /h"
        f"   {'' if row.allowed else 'TOO MUCH'}".rstrip()
        for row in rows
    ]
    return "\n".join([*lines, ""]), all(row.allowed for row in rows)


def _reading(began: float) -> Reading:
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    process = psutil.Process()
    return Reading(
        at_s=round(time.monotonic() - began, 1),
        kept_mb=round(process.memory_info().rss / 1e6, 2),
        tasks=len(asyncio.all_tasks()),
        handles=process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        threads=process.num_threads(),
        objects=len(gc.get_objects()),
    )


# -- The servers, in a process of their own --------------------------------------------------------


async def _serve(names: Sequence[str]) -> None:
    """Be these exchanges, and misbehave until a line comes in, then behave until the end."""
    chosen = [each for each in CLIENTS if each.name in names]
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(each.server()) for each in chosen]
        for server in servers:
            server.drip(RATE)
        sys.stdout.write(" ".join(server.url for server in servers) + "\n")
        sys.stdout.flush()
        wrong = [
            asyncio.create_task(_misbehave(each, server, number))
            for number, (each, server) in enumerate(zip(chosen, servers, strict=True))
        ]
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, sys.stdin.readline)
        for task in wrong:
            task.cancel()
        for server in servers:
            server.faults.clear()
        await loop.run_in_executor(None, sys.stdin.readline)


async def _misbehave(client: Client, server: VenueServer, number: int) -> None:
    """One fault after another, each server at another place of the round."""
    acts = (None, Fault.SEQUENCE_GAP, Fault.DUPLICATE_EVENT, Fault.STATUS_502, None,
            Fault.BODY_TRUNCATED, Fault.MISSING_EVENT, Fault.RATE_LIMIT_429)  # fmt: skip
    for kind in itertools.islice(itertools.cycle(acts), number, None):
        await asyncio.sleep(FAULT_S)
        server.faults.clear()
        server.requests.clear()  # what a test would look at
        if kind is None:
            server.drop_sockets()
        else:
            server.faults.plan(kind, "*", times=2)


@asynccontextmanager
async def _exchanges(names: Sequence[str]) -> AsyncIterator[tuple[list[str], asyncio.StreamWriter]]:
    command = [sys.executable, "-m", "tests.feed_soak", "--serve", *names]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert child.stdout is not None
        assert child.stdin is not None
        yield (await child.stdout.readline()).decode().split(), child.stdin
    finally:
        child.terminate()
        await child.wait()


# -- The feeds -------------------------------------------------------------------------------------


async def _soak(names: Sequence[str], seconds: float) -> tuple[list[Reading], list[Line]]:
    readings: list[Reading] = []
    chosen = [each for each in CLIENTS if each.name in names]
    with tempfile.TemporaryDirectory(prefix="gammadesk-soak-") as folder:
        async with _exchanges(names) as (urls, child), asyncio.TaskGroup() as group:
            lines = [
                Line(client, url, Path(folder)) for client, url in zip(chosen, urls, strict=True)
            ]
            running = [group.create_task(each.feed.run()) for each in lines]
            began = time.monotonic()
            due = EVERY_S
            while time.monotonic() - began < seconds:
                await _listen(lines)
                if time.monotonic() - began >= due:
                    readings.append(_reading(began))
                    due += EVERY_S
            child.write(b"\n")
            until = time.monotonic() + BACK_S
            while time.monotonic() < until and not all(each.up for each in lines):
                await _listen(lines)
            for task in running:
                task.cancel()
    return readings, lines


async def _listen(lines: Sequence[Line]) -> None:
    for each in lines:
        each.listen()
    await asyncio.sleep(0.02)


def main(argv: Sequence[str] | None = None) -> int:
    """Soak, and print what grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.feed_soak", description=__doc__)
    parser.add_argument("venues", nargs="*", help="names; all without any")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=5.0, help="minutes")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    names = [each.name for each in CLIENTS if not given.venues or each.name in given.venues]
    if given.serve:
        asyncio.run(_serve(names))
        return 0
    readings, lines = asyncio.run(_soak(names, given.minutes * 60.0))
    text, sound = report(readings, given.warm_up * 60.0)
    sys.stdout.write("\n".join([*(each.words() for each in lines), text]))
    return 0 if sound and all(each.up for each in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
