"""The paced loop: market time follows the clock, tasks are supervised, frames are published."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from terminal.core.units import SECOND
from terminal.model.advice import AskAdvice, SwitchAdvice
from terminal.model.frame import Frame, Machine
from terminal.model.messages import Alert, Event, Fault, Slept
from terminal.model.playback import Seek
from terminal.model.ports import LiveWorld
from terminal.model.preview import Draft
from terminal.model.recording import RecordFeed
from terminal.model.shadow import AddShadow, DropShadow
from terminal.model.smile import SmileAt
from terminal.model.what_if import WhatIf
from terminal.runtime.pace import Clock, LivePace
from terminal.runtime.playback import Playback
from terminal.runtime.session import Session
from terminal.runtime.settings import MAX_SPEED
from terminal.runtime.stop_thread import stop_thread

Question: TypeAlias = (
    WhatIf | Draft | SmileAt | RecordFeed | AskAdvice | SwitchAdvice | Seek | AddShadow | DropShadow
)

log = logging.getLogger(__name__)

SLICE_S = 0.005
"""Wall time that the engine takes at once before the screen gets its turn."""

PAUSE_S = 0.010
FRAME_S = 0.1
FLUSH_S = 1.0
"""Market records share a commit at least this often; orders never wait for it."""


class Runner:
    """Drives a session in real or accelerated time on whatever asyncio loop runs it."""

    def __init__(
        self,
        session: Session,
        speed: float,
        until: int | None = None,
        *,
        leave_at_end: bool = False,
    ) -> None:
        self.session = session
        world = session.world
        self._live = world if isinstance(world, LiveWorld) else None
        start = max(session.state.now, session.opens_at)
        self.clock = LivePace(self._live.clock) if self._live else Clock(start, speed)
        self.until = until
        self._leave_at_end = leave_at_end
        self.latest: Frame | None = None
        self.failure = ""
        self._caught_up = False
        self._lags: deque[float] = deque(maxlen=300)
        self._rate = (time.perf_counter(), 0, 0.0)
        self._done = asyncio.Event()

    def send(self, command: Event | Question) -> None:
        """Take a command at once, on this loop's thread; a question changes nothing."""
        if isinstance(command, WhatIf):
            self.session.views.explorer.ask(command)
        elif isinstance(command, Draft):
            self.session.views.previews.ask(command)
        elif isinstance(command, SmileAt):
            self.session.views.smiles.ask(command)
        elif isinstance(command, RecordFeed):
            self.session.views.ears.record(command.path, self.session.state)
        elif isinstance(command, AskAdvice | SwitchAdvice):
            if self.session.views.advisor is not None:
                self.session.views.advisor.take(command)
        elif isinstance(command, Seek):
            self._seek(command)
        elif isinstance(command, AddShadow | DropShadow):
            if self.session.views.shadows is not None:
                self.session.views.shadows.take(command, self.session.state)
        else:
            self.session.command(command)
        self._publish()

    def _seek(self, wish: Seek) -> None:
        """Show another moment of a recording; any other run has only its present."""
        if isinstance(self.session, Playback):
            self.session.seek(wish.at)
            self.clock.rebase(self.session.state.now)

    def pause(self, *, paused: bool) -> None:
        """Hold market time where the engine is, or let it go on from there.

        The clock may be ahead of an engine that is behind: it is the engine's time that is held.
        """
        self.clock.pause(paused=paused)
        self.clock.rebase(self.session.state.now)

    def stop(self) -> None:
        """Leave the loop after its present slice."""
        self._done.set()

    async def run(self, on_start: Callable[[], None] | None = None) -> None:
        """Run until stopped, the span is over, or (where asked for) the tape has ended."""
        apart = getattr(self.session.world, "apart", None)  # of worlds with a real venue
        with stop_thread(self.session.latch, apart):
            async with asyncio.TaskGroup() as group:
                engine = group.create_task(self._supervised(self._pace, "LOOP"), name="engine")
                if self._live is not None:
                    feed = group.create_task(self._supervised(self._live.run, "FEED"), name="feed")
                    engine.add_done_callback(lambda _: feed.cancel())
                advisor = self.session.views.advisor
                if advisor is not None:
                    words = group.create_task(advisor.serve(), name="advisor")
                    engine.add_done_callback(lambda _: words.cancel())
                if on_start is not None:
                    on_start()

    async def _supervised(self, work: Callable[[], Awaitable[None]], code: str) -> None:
        """Keep at it; a failure halts trading and is shown, and the screen stays up."""
        while not self._done.is_set():
            try:
                await work()
            except Exception as error:
                log.exception("%s failed", "engine loop" if code == "LOOP" else "feed")
                self.failure = f"{type(error).__name__}: {error}"
                self.session.command(Fault(code, self.failure))
                self._publish()
                await asyncio.sleep(1.0)

    async def _catch_up(self) -> None:
        """Take the past of the market, for the curves, before its time begins to run."""
        opening = self.session.opens_at
        reached = False
        while not (reached or self._done.is_set()):
            reached = self.session.advance(opening, budget_s=SLICE_S)
            await asyncio.sleep(0)
        self.clock.rebase(max(opening, self.session.state.now))
        self._caught_up = True

    async def _pace(self) -> None:
        if not self._caught_up:
            await self._catch_up()
        published = flushed = 0.0
        due = time.perf_counter()
        while not self._done.is_set():
            woke = time.perf_counter()
            late = woke - due
            missed = self.session.awake.look()
            if missed is not None:
                self._slept(missed)
            self._lags.append(max(late, 0.0) * 1e3)
            self.session.lag_ms = max(list(self._lags)[-25:])
            reached = self._advance()
            now = time.perf_counter()
            if now - published >= FRAME_S:
                await asyncio.sleep(0)  # the screen has its turn between two pieces of work
                self._publish()
                published = now
            if now - flushed >= FLUSH_S:
                await asyncio.sleep(0)
                self.session.flush()
                self.session.latch.say_alive()
                flushed = now
            if self._over():
                break
            pause = PAUSE_S if reached else 0.001
            due = time.perf_counter() + pause
            await asyncio.sleep(pause)
        self._publish()
        self._done.set()

    def _advance(self) -> bool:
        """Take what is due, at most a slice of wall time."""
        target = self.clock.now()
        if self.until is not None:
            target = min(target, self.until)
        reached = self.session.advance(target, budget_s=SLICE_S)
        if self.clock.speed == MAX_SPEED or (not reached and target - self.session.state.now > 0):
            behind = target - self.session.state.now
            if self.clock.speed == MAX_SPEED or behind > SECOND * max(self.clock.speed, 1.0):
                self.clock.rebase(self.session.state.now)  # as fast as it can, never in bursts
        if self.session.state.now > self.clock.now():
            self.clock.rebase(self.session.state.now)  # a recording has gone to a later moment
        return reached and self.clock.speed != MAX_SPEED

    def _slept(self, slept: Slept) -> None:
        """Time was missed: market time goes on from where it was, unless markets did too.

        Then the engine hears of it before anything that waits in a queue, and every connection is
        doubted: what comes out of it now may have been sent long ago.
        """
        self.clock.rebase(self.session.state.now)
        if self._live is None:
            text = f"{slept.reason}: market time goes on from here"
            self.session.recorder.say(self.session.state.now, Alert("warn", "CLOCK", text))
            return
        now = self.clock.now()
        self.session.skip_beats(now)
        self.session.process(now, "clock", slept)
        self._live.doubt(slept.reason)

    def _over(self) -> bool:
        ended = self.session.world.next_at() is None
        # Live events come when they come, and the last one before the end may be a moment old.
        now = self.clock.now() if self._live else self.session.state.now
        if self.until is not None and now >= self.until:
            return True
        return ended and (self._leave_at_end or self.until is not None)

    def _publish(self) -> None:
        self.latest = self.session.frame(self.machine())

    def machine(self) -> Machine:
        """How the loop is doing."""
        lags = sorted(self._lags)
        p99 = lags[int(0.99 * (len(lags) - 1))] if lags else 0.0
        return Machine(
            lag_ms=p99,
            records_per_s=self._records_per_s(),
            speed=self.clock.speed,
            paused=self.clock.paused,
            progress=self.session.world.progress(),
        )

    def _records_per_s(self) -> float:
        since, count, rate = self._rate
        now = time.perf_counter()
        if now - since >= 1.0:
            rate = (self.session.records - count) / (now - since)
            self._rate = (now, self.session.records, rate)
        return rate
