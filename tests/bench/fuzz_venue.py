"""Damaged frames into whole connections: ``python -m tests.bench.fuzz_venue [VENUE ...]``.

Each tradable venue is followed and traded on against its local server. The frames that its
sockets really sent are damaged, as objects or as text, and given to both sockets as if they had
come by them: through the guards, ccxt's own handlers, the decoders, the feed and the gateway.
Afterwards both must still work. Ends with 1 where anything was raised to the loop, any order
arrived that nobody sent, or memory grew.
"""

import argparse
import asyncio
import copy
import gc
import json
import sys
import time
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import psutil
from msgspec import Struct

from terminal.model.market import Quote
from terminal.venues.ccxt_exchange import Guards
from tests.contracts.followed import CLIENTS, OPTIONS, Followed, following
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import VENUES, Tradable
from tests.contracts.venue_clients import Client
from tests.helpers.frames import damaged

FRAMES: Final = 100_000
BATCH: Final = 50
WARM_UP: Final = 0.2
"""Part of the frames after which memory is first looked at: caches of ccxt have filled."""

LISTENED_S: Final = 0.5
KEPT: Final = 400
"""Different frames of a socket that are damaged again and again."""

GROWTH_MB: Final = 4.0
"""Pages that come and go; a leak of fifty bytes a frame would be as much."""


class Survived(Struct, frozen=True):
    """What came of the damaged frames of one venue."""

    venue: str
    frames: int
    raised: tuple[str, ...]
    orders: int  # that arrived and nobody sent
    grown_mb: float
    seconds: float

    def good(self) -> bool:
        """Whether nothing broke."""
        return not self.raised and not self.orders and self.grown_mb < GROWTH_MB

    def line(self) -> str:
        """Return one line of the table, and what was raised."""
        head = (
            f"{self.venue:<13} {self.frames:,} frames in {self.seconds:.0f} s: "
            f"{len(self.raised)} uncaught, {self.orders} orders, memory {self.grown_mb:+.1f} MB"
        )
        return "\n  ".join([head, *self.raised[:5]])


class Mouth:
    """The sockets of one exchange of ccxt: hears what they say, and speaks in their place."""

    def __init__(self, exchange: Any, random: Random) -> None:
        self.exchange = exchange
        self.heard: list[Any] = []
        self._random = random
        self._listening = exchange.handle_message
        exchange.handle_message = self._hear

    def _hear(self, client: Any, message: Any) -> None:
        if len(self.heard) < KEPT and isinstance(message, dict | list) and message:
            self.heard.append(copy.deepcopy(message))
        self._listening(client, message)

    def speak(self) -> bool:
        """Say one damaged frame; False while no socket is open."""
        clients = list(self.exchange.clients.values())
        if not clients or not self.heard:
            return False
        client = self._random.choice(clients)
        frame = self._random.choice(self.heard)
        text = json.dumps(damaged(frame if isinstance(frame, dict) else {"": frame}, self._random))
        if self._random.random() < 0.1:
            at = self._random.randrange(len(text))
            text = text[:at] + text[at + self._random.randrange(4) :]
        Guards._receive(self.exchange, client, text)
        return True


async def survive(client: Client, venue: Tradable, frames: int, seed: int) -> Survived:
    """Give ``frames`` damaged frames to the feed and the gateway of one venue, in turn."""
    raised: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: raised.append(_said(told)))
    random, began = Random(seed), time.perf_counter()
    async with trader(venue) as desk, following(client) as followed:
        assert followed.loaded is not None
        mouths = [Mouth(followed.loaded.exchange, random), Mouth(_exchange(desk), random)]
        await _live(desk)
        await asyncio.sleep(LISTENED_S)
        await followed.server.still()
        sent = sum(desk.server.exchange.arrivals.values())
        memory = [0.0, 0.0]
        for place, until in enumerate((int(WARM_UP * frames), frames)):
            await _speak(mouths, until - int(WARM_UP * frames) * place, (desk, followed), raised)
            memory[place] = _held_mb()
        orders = sum(desk.server.exchange.arrivals.values()) - sent
        orders += sum(followed.server.exchange.arrivals.values())
        await _alive(desk, followed)
    gc.collect()
    await asyncio.sleep(0)
    spent = time.perf_counter() - began
    return Survived(
        client.name, frames, tuple(raised), orders, round(memory[1] - memory[0], 1), spent
    )


async def _speak(
    mouths: Sequence[Mouth], count: int, ends: tuple[Trader, Followed], raised: list[str]
) -> None:
    said = 0
    while said < count:
        for mouth in mouths:
            for _ in range(BATCH):
                try:
                    said += mouth.speak()
                except Exception as error:  # noqa: BLE001 - what is looked for
                    raised.append(f"{type(error).__name__}: {error}"[:200])
                    said += 1
        await asyncio.sleep(0)
        desk, followed = ends
        desk.listen()
        desk.heard.clear()
        followed.of()
        followed.events.clear()
        followed.told.clear()


async def _live(desk: Trader) -> None:
    """Trade a little, so that every private stream has spoken."""
    desk.server.faults.split_fills(3, times=1)
    await desk.hears(desk.send(away=-2), "filled")
    order_id = await desk.rests()
    desk.gateway.cancel(order_id, 0)
    await desk.hears(order_id, "cancelled")


async def _alive(desk: Trader, followed: Followed) -> None:
    """Raise unless both still do what they are for."""
    followed.server.drip(200.0)
    desk.gateway.ask_account(time.time_ns())
    await desk.until(lambda: desk.gateway._stream.linked)
    await desk.hears(desk.send(), "live")
    followed.events.clear()
    await asyncio.sleep(0.3)
    await followed.server.still()
    async with asyncio.timeout(30.0):
        while not _whole(followed):  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.05)


def _whole(followed: Followed) -> bool:
    """Whether the book is the exchange's, or prices come where no book is followed."""
    return followed.same_book() if followed.client.book else bool(followed.of(Quote))


def _exchange(desk: Trader) -> Any:
    return desk.line.wire._exchange  # type: ignore[attr-defined]  # under test


def _held_mb() -> float:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident / 1e6


def _said(told: dict[str, Any]) -> str:
    error = told.get("exception")
    return f"{told.get('message')}: {type(error).__name__}: {error}"[:200]


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line per venue; 1 where one did not survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz_venue", description=__doc__)
    parser.add_argument("venues", nargs="*", help="names; all without any")
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    tradable = {each.dialect.venue: each for each in VENUES}
    good = True
    for client in (*CLIENTS, OPTIONS):
        if given.venues and client.name not in given.venues:
            continue
        work = survive(client, tradable[client.name], given.frames, given.seed)
        found = asyncio.run(work)
        sys.stdout.write(found.line() + "\n")
        sys.stdout.flush()
        good = good and found.good()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
