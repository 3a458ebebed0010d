"""How fast a stop stops: ``python -m tests.bench.stop --trials 1000``.

Each trial runs the engine with its journal on a busy simulated market, on a loop that other work
holds up, under a fault drawn from the seed; it is then stopped by the window's command, by the
latch file, which another process writes as the verb and the guard do, or by the signal. Measured
from that moment: when the latch bars orders, asked where it was pulled as soon as it was, and when
the last cancel of what rested is handed to the venue. A click is heard by the loop alone: how long
it waited for that is a line of its own, and its latch is measured from there, its cancels are not.
Afterwards the market runs on for a while: no order may leave that is not the stop's own. Ends with
1 when a limit is missed.
"""

import argparse
import asyncio
import contextlib
import errno
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.journal.disk import Disk
from terminal.journal.latch import Latched, LatchFile
from terminal.model.messages import Disturb, DisturbanceKind, Stop, StopStage
from terminal.model.order import FINAL, OrderIntent
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_session
from terminal.runtime.profiles import save_file
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.stop_signal import stopped_by_signal
from tests.kill import busy_profile

LATCH_MS: Final = 50.0
WIRE_MS: Final = 250.0
AFTER: Final = 20 * SECOND
"""Market time that runs on after a stop."""

PATIENCE_S: Final = 5.0


class Way(StrEnum):
    """How it is stopped."""

    COMMAND = "command"
    FILE = "file"
    SIGNAL = "signal"


class Fault(StrEnum):
    """What else goes wrong."""

    NONE = "none"
    DISK_FULL = "disk full"
    DISK_SLOW = "disk slow"
    VENUE_MUTE = "venue mute"
    VENUE_SLOW = "venue slow"
    FEED_LOST = "feed lost"


class Trial(Struct, frozen=True):
    """One stop."""

    way: Way
    fault: Fault
    resting: int
    waited_ms: float  # for the loop, of a click
    latch_ms: float
    wire_ms: float | None  # nothing rested: there was nothing to cancel
    after: int  # orders that left though they were not the stop's own


class Times(Struct, frozen=True):
    """When what happened, seconds of ``time.perf_counter``."""

    began: float
    heard: float  # by the loop, where it is told to it; else when it began
    barred: float
    cancels: list[float]


class Weather:
    """A disk that works until it is told not to."""

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self.disk = Disk(write=self._write, commit=self._commit)

    def _write(self, fd: int, part: memoryview) -> int:
        if self.fault is Fault.DISK_FULL:
            self._full()
        return os.write(fd, part)

    def _commit(self, fd: int) -> None:
        if self.fault is Fault.DISK_FULL:
            self._full()
        if self.fault is Fault.DISK_SLOW:
            time.sleep(0.030)
        os.fdatasync(fd)

    @staticmethod
    def _full() -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")


class Wire:
    """What leaves for the venue, with the time."""

    def __init__(self, session: Session) -> None:
        self.cancels: dict[str, float] = {}
        self.left: list[tuple[float, OrderIntent]] = []
        world = session.world
        cancel, bars = world.cancel, session.latch.bars

        def cancelled(order_id: str, at: int) -> None:
            self.cancels.setdefault(order_id, time.perf_counter())
            cancel(order_id, at)

        def asked(intent: OrderIntent) -> str:
            at = time.perf_counter()  # a thread may pull the latch right after it was asked
            why = bars(intent)
            if not why:
                self.left.append((at, intent))
            return why

        world.cancel = cancelled  # type: ignore[method-assign]
        world.ask_before_orders(asked)  # type: ignore[attr-defined]


def resting(session: Session) -> set[str]:
    """Orders that may still fill."""
    return {key for key, each in session.state.orders.items() if each.status not in FINAL}


async def _load(chance: random.Random) -> None:
    """Hold the loop up as paintings do."""
    while True:
        until = time.perf_counter() + chance.uniform(0.0, 0.040)
        while time.perf_counter() < until:
            pass
        await asyncio.sleep(chance.uniform(0.0, 0.030))


class Beside:
    """Another process that pulls the latch file; the clock of both is this machine's."""

    def __init__(self) -> None:
        spawned = multiprocessing.get_context("spawn")
        self._line, theirs = spawned.Pipe()
        self._process = spawned.Process(target=_pulls, args=(theirs,), daemon=True)
        self._process.start()
        self._line.recv()  # what it imports is no part of a stop

    def pull(self, folder: Path) -> tuple[float, float]:
        """Seconds of ``time.perf_counter`` when it began, and when the file was durable."""
        self._line.send(folder)
        began, made = self._line.recv()
        return float(began), float(made)

    def end(self) -> None:
        """Let it go."""
        self._line.send(None)
        self._process.join(PATIENCE_S)


def _pulls(line: Connection) -> None:
    line.send("here")
    while (folder := line.recv()) is not None:
        began = time.perf_counter()
        stop = Latched(stage=StopStage.FREEZE, reason="bench", at=time.time_ns(), by="bench")
        LatchFile(folder).pull(stop)
        line.send((began, time.perf_counter()))


async def trial(
    chance: random.Random, seed: int, folder: Path, profile: Path, beside: Beside
) -> Trial:
    """Stop one run."""
    way, fault = chance.choice(list(Way)), chance.choice(list(Fault))
    weather = Weather()
    settings = Settings(seed=seed, profile=str(profile), history_hours=0.0, autonomy=Autonomy.AUTO)
    session = open_session(settings, folder, disk=weather.disk)
    wire = Wire(session)
    at = session.opens_at
    for _ in range(400):  # until something rests, as it usually does when somebody stops
        at += SECOND // 4
        session.advance(at)
        if resting(session):
            break
    runner = Runner(session, 1.0)
    running = asyncio.ensure_future(runner.run())
    loading = asyncio.ensure_future(_load(chance))
    await asyncio.sleep(chance.uniform(0.02, 0.15))
    weather.fault = fault
    _disturb(session, fault)
    try:
        with stopped_by_signal(session.latch):
            taken = await _timed(way, session, folder, wire, beside)
        session.advance(session.state.now + AFTER)
    finally:
        weather.fault = Fault.NONE
        loading.cancel()
        runner.stop()
        await asyncio.gather(running, loading, return_exceptions=True)
        session.close()
    heard, barred, began = taken.heard, taken.barred, taken.began
    late = [each for when, each in wire.left if when > barred and not each.for_stop]
    cancelled = max(taken.cancels, default=None)
    return Trial(
        way,
        fault,
        len(taken.cancels),
        (heard - began) * 1e3,
        (barred - heard) * 1e3,
        None if cancelled is None else (cancelled - began) * 1e3,
        len(late),
    )


def _disturb(session: Session, fault: Fault) -> None:
    kinds = {
        Fault.VENUE_MUTE: Disturb(DisturbanceKind.LOSE_REPLY, "", 0.0, 60.0),
        Fault.VENUE_SLOW: Disturb(DisturbanceKind.DELAY, "", 3.0, 60.0),
        Fault.FEED_LOST: Disturb(DisturbanceKind.DROP_FEED, "", 0.0, 60.0),
    }
    if fault in kinds:
        session.world.disturb(kinds[fault], session.state.now)


async def _timed(way: Way, session: Session, folder: Path, wire: Wire, beside: Beside) -> Times:
    """Stop from another thread."""
    probe = _probe()
    barred: list[float] = []
    begun: list[float] = []
    heard: list[float] = []
    loop = asyncio.get_running_loop()
    pull = session.latch.pull

    def pulled(stop: Latched) -> None:
        pull(stop)
        assert session.latch.bars(probe)
        barred.append(time.perf_counter())

    def clicked() -> None:
        heard.append(time.perf_counter())
        session.command(Stop(StopStage.FREEZE, "bench"))

    def outside() -> None:
        if way is Way.FILE:
            began, made = beside.pull(folder)
            begun.append(began)
            assert session.latch.bars(probe)
            barred.append(made)
            return
        begun.append(time.perf_counter())
        if way is Way.SIGNAL:
            os.kill(os.getpid(), signal.SIGUSR1)
            return
        loop.call_soon_threadsafe(clicked)

    session.latch.pull = pulled  # type: ignore[method-assign]
    before = resting(session)
    thread = threading.Thread(target=outside)
    thread.start()
    limit = time.perf_counter() + PATIENCE_S
    while (session.state.stop is None or not barred) and time.perf_counter() < limit:
        before |= resting(session) if session.state.stop is None else set()
        await asyncio.sleep(0.001)
    thread.join()
    stops = [wire.cancels[each] for each in before if each in wire.cancels]
    return Times(begun[0], (heard or begun)[0], barred[0], stops)


def _probe() -> OrderIntent:
    from tests.helpers.builders import intent

    return intent()


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "none"
    p50, p99 = np.percentile(values, [50, 99])
    return f"median {p50:7.2f} ms   p99 {p99:7.2f} ms   max {max(values):7.2f} ms"


def report(trials: Sequence[Trial]) -> tuple[str, bool]:
    """Table of the trials, and whether every limit was kept."""
    latch = [each.latch_ms for each in trials]
    wire = [each.wire_ms for each in trials if each.wire_ms is not None]
    after = sum(each.after for each in trials)
    lines = [
        f"trials                 {len(trials)}, with something to cancel in {len(wire)}",
        f"latched                {_spread(latch)} (goal {LATCH_MS:.0f})",
        f"last cancel on wire    {_spread(wire)} (goal {WIRE_MS:.0f})",
    ]
    groups: tuple[tuple[type[StrEnum], Callable[[Trial], StrEnum]], ...] = (
        (Way, lambda each: each.way),
        (Fault, lambda each: each.fault),
    )
    for way in Way:
        some = [each.latch_ms for each in trials if each.way is way]
        lines.append(f"  latched by {way.value:<10}{_spread(some)}")
    waited = [each.waited_ms for each in trials if each.way is Way.COMMAND]
    lines.append(f"a click waited before  {_spread(waited)}")
    slowest = sorted(trials, key=lambda each: each.latch_ms)[-3:]
    told = (f"{each.latch_ms:.1f} ms ({each.way.value}, {each.fault.value})" for each in slowest)
    lines.append(f"slowest latches        {'; '.join(told)}")
    for kinds, of in groups:
        for kind in kinds:
            some = [each.wire_ms for each in trials if of(each) is kind and each.wire_ms]
            lines.append(f"  {kind.value:<21}{_spread(some)}")
    lines.append(f"orders after the latch {after}")
    kept = max(latch) <= LATCH_MS and (not wire or max(wire) <= WIRE_MS) and after == 0
    return "\n".join([*lines, ""]), kept


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out of the output what faults are meant to make the program say."""
    import logging

    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def main(argv: Sequence[str] | None = None) -> int:
    """Stop many times and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stop", description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    chance = random.Random(given.seed)
    trials = []
    beside = Beside()
    with tempfile.TemporaryDirectory(prefix="gammadesk-stop-") as folder, _quiet():
        profile = Path(folder) / "busy.toml"
        # Orders that rest: a stop has something to cancel then.
        save_file(replace(busy_profile(), passive_wait_s=60.0), profile)
        for number in range(given.trials):
            where = Path(folder) / str(number)
            trials.append(asyncio.run(trial(chance, number, where, profile, beside)))
    beside.end()
    text, kept = report(trials)
    sys.stdout.write(text)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
