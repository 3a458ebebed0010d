"""Measures live data with the window open; run with ``python -m tests.bench.feed``.

The exchange is another process on 127.0.0.1, so that its own work does not count as ours.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import qasync
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from terminal.model.market import Quote
from terminal.model.messages import Event
from terminal.runtime.pace import LiveClock
from terminal.runtime.paper import MarketLoader
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.markets import MarketCache
from terminal.venues.paper_world import PaperWorld
from tests.unit.venues.small_server import SmallServer, instrument
from tests.venue_servers import deribit_words as words
from tests.venue_servers.books import BookChange
from tests.venue_servers.deribit import DeribitServer
from ui.app import Application
from ui.options import read_options

BEAT_S = 0.005
WARM_UP_S = 15.0
TICKER_S = 0.1
MARKETS = 5_000
PERPETUALS = ("BTC-PERPETUAL", "ETH-PERPETUAL")


class BookServer(DeribitServer):
    """Tells every change of a book, and a ticker ten times a second as the exchange does."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def book_changed(self, change: BookChange) -> None:
        """Publish the book, now and then the rest."""
        now = time.monotonic()
        if now - self._told.get(change.name, 0.0) >= TICKER_S:
            self._told[change.name] = now
            super().book_changed(change)
            return
        channel = f"book.{change.name}.100ms"
        self.publish(channel, words.notice(channel, words.book_change(change)), book=True)


async def _serve(rate: float) -> None:
    """Be an exchange until the parent goes away: its address on the first line."""
    many = SmallServer([instrument(f"BTC-{number}-PERPETUAL") for number in range(MARKETS)])
    for number, each in enumerate(many.listed):  # every one a market of its own
        each["kind"], each["option_type"], each["strike"] = "option", "call", 1000 + number
        each["expiration_timestamp"] = 1_900_000_000_000
    async with BookServer() as server, many:
        sys.stdout.write(f"{server.url} {many.url}\n")
        sys.stdout.flush()
        options = [name for name in server.exchange.books if name.endswith(("-C", "-P"))]
        server.drip(rate, *PERPETUALS)
        server.drip(100.0, *options)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


class Clocks:
    """Ages of book messages when the engine had them, and delays of the loop, in ms."""

    def __init__(self) -> None:
        self.ages: list[float] = []
        self.stalls: list[float] = []
        self.work: list[float] = []  # of the loop's thread between two beats: no other's fault
        self.messages = 0
        self.used = 0.0
        self._waiting: dict[str, list[int]] = {}

    def heard(self, key: str, sent_ms: int) -> None:
        """Note a book message by the exchange's own stamp."""
        self.messages += 1
        self._waiting.setdefault(key, []).append(sent_ms)

    def taken(self, event: Event) -> None:
        """Note that the engine has taken a quote, with every change up to it."""
        if isinstance(event, Quote) and event.key in self._waiting:
            now = time.time() * 1e3
            self.ages += [now - each for each in self._waiting.pop(event.key)]

    async def beat(self) -> None:
        """Measure by how much the loop is late."""
        while True:
            due, worked = time.perf_counter() + BEAT_S, time.thread_time()
            await asyncio.sleep(BEAT_S)
            self.stalls.append((time.perf_counter() - due) * 1e3)
            self.work.append((time.thread_time() - worked) * 1e3)

    def restart(self) -> None:
        """Forget the warm-up."""
        self.ages.clear()
        self.stalls.clear()
        self.work.clear()
        self.messages = 0
        self.used = time.process_time()


def _listen(clocks: Clocks, world: PaperWorld) -> None:
    """Put the clocks at both ends: the tap of the books and the engine's next event."""
    intake, pop = world.feed.intake, world.pop
    take_book = intake.quoting.take_book

    def heard(key: str, book: Mapping[str, Any], contracts: float) -> Quote:
        clocks.heard(key, int(book["timestamp"]))
        return take_book(key, book, contracts)

    def taken() -> tuple[int, Event]:
        at, event = pop()
        clocks.taken(event)
        return at, event

    intake.quoting.take_book = heard  # type: ignore[method-assign]  # a measuring point
    world.pop = taken  # type: ignore[method-assign]


async def _with_window(url: str, seconds: float, app: QApplication) -> Clocks:
    """Run the whole application on live data."""
    clocks = Clocks()
    with tempfile.TemporaryDirectory(prefix="gammadesk-bench-") as folder:
        words = ["--mode", "paper", "--endpoint", url, "--data", folder]
        application = Application(read_options(words), app)

        async def measure() -> None:
            while application.runner is None:  # noqa: ASYNC110 - it has no event for this
                await asyncio.sleep(0.05)
            world = application.runner.session.world
            assert isinstance(world, PaperWorld)
            _listen(clocks, world)
            beating = asyncio.get_running_loop().create_task(clocks.beat())
            await asyncio.sleep(WARM_UP_S)
            clocks.restart()
            await asyncio.sleep(seconds)
            clocks.used = time.process_time() - clocks.used
            beating.cancel()
            application.leave()

        await asyncio.gather(application.run(), measure())
        application.window.deleteLater()
    return clocks


async def _loading(url: str) -> tuple[float, Clocks, int]:
    """Seconds of a load, what the loop felt of it, and markets."""
    clocks = Clocks()
    with tempfile.TemporaryDirectory(prefix="gammadesk-bench-") as folder:
        cache, clock = MarketCache(Path(folder)), LiveClock()
        loader = MarketLoader(DERIBIT, Connection(endpoint=url), ("BTC",), cache, clock)
        beating = asyncio.get_running_loop().create_task(clocks.beat())
        await asyncio.sleep(0.2)
        clocks.restart()
        began = time.perf_counter()
        loaded = await loader(Taps(), True)
        took = time.perf_counter() - began
        beating.cancel()
        await loaded.exchange.close()
    return took, clocks, len(loaded.directory.by_key)


def _summary(values: Sequence[float]) -> str:
    found = np.asarray(values)
    p50, p99 = np.percentile(found, (50, 99))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, worst {found.max():.1f} ms"


@asynccontextmanager
async def _exchange(rate: float) -> AsyncIterator[tuple[str, str]]:
    command = [sys.executable, "-m", "tests.bench.feed", "--serve", "--rate", str(rate)]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert child.stdout is not None
        market, many = (await child.stdout.readline()).decode().split()
        yield market, many
    finally:
        child.terminate()
        await child.wait()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _measure(rate: float, seconds: float, app: QApplication) -> None:
    async with _exchange(rate) as (market, many):
        clocks = await _with_window(market, seconds, app)
        load = clocks.used / seconds
        rate = clocks.messages / seconds
        _say(f"book messages      {rate:.0f}/s, window open, {load:.0%} of a core")
        _say(f"age at the engine  {_summary(clocks.ages)} (goal p99 < 100)")
        _say(f"loop late by       {_summary(clocks.stalls)} (goal < 50)")
        _say(f"own work at once   {_summary(clocks.work)}")
        for name in ("cold", "warm"):
            took, loading, count = await _loading(many)
            _say(f"{count} markets {name}  {took:.2f} s (goal: late < 30)")
            _say(f"  loop late by     {_summary(loading.stalls)}")
            _say(f"  own work at once {_summary(loading.work)}")


def main() -> None:
    """Measure, or serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1_000.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(_serve(given.rate))
        return
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    qasync.run(_measure(given.rate, given.seconds, app))


if __name__ == "__main__":
    main()
