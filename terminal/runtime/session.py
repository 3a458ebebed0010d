"""One run of the engine: journal, step, perform, in that order, for every record."""

import logging
import time

from msgspec.structs import replace

from terminal.core.errors import JournalError
from terminal.core.fault_points import Fault as Strike
from terminal.core.fault_points import FaultPoint, no_fault
from terminal.core.units import HOUR, SECOND
from terminal.engine.frames import Surroundings, select
from terminal.engine.state import State, saved
from terminal.journal.disk import JournalFull
from terminal.journal.journal import Journal
from terminal.model.frame import Frame, JournalHealth, Machine, Notice
from terminal.model.messages import (
    AccountEvent,
    Alert,
    Cancel,
    Effect,
    Event,
    Fault,
    Notify,
    Rearm,
    Record,
    Stop,
    Submit,
    Tick,
)
from terminal.model.ports import World
from terminal.model.risk import RiskProfile
from terminal.runtime.awake import Awake
from terminal.runtime.guard import guarded_step
from terminal.runtime.intake import key_of, unsound
from terminal.runtime.latching import StopLatch, carry_out, heed
from terminal.runtime.memory import MemoryJournal
from terminal.runtime.notifier import Notifier
from terminal.runtime.perform import perform
from terminal.runtime.recorder import Recorder
from terminal.runtime.views import Views
from terminal.runtime.watches import Watch, told

log = logging.getLogger(__name__)

STRIDE = HOUR
"""Engine time between two looks at the journal's size when nobody waits for the clock."""

TICK = SECOND // 4
"""Heartbeat of the engine in engine time."""


class Session:
    """Feeds records to the engine and carries out what it answers.

    Parameters
    ----------
    world : World
        Market and venue.
    journal : Journal or MemoryJournal
    state : State
        Where to go on from; the recovered one after a restart.
    profile : RiskProfile
        Shown until the engine has one of its own.
    tick : int
        Heartbeat, ns of engine time; 0 when bars alone move the engine.
    strike : Fault
        For tests: called at the places where a crash is tried.
    """

    def __init__(
        self,
        world: World,
        journal: Journal | MemoryJournal,
        state: State,
        profile: RiskProfile,
        *,
        tick: int = TICK,
        strike: Strike = no_fault,
    ) -> None:
        self.world = world
        self.journal = journal
        self.state = state
        self.recorder = Recorder()
        self.notifier = Notifier()
        self.latch = StopLatch()
        self.watches: list[Watch] = []
        self.awake = Awake()
        self.tick = tick
        self._strike = strike
        self.lag_ms = 0.0
        self.records = 0
        self.refused = 0
        self.broken = ""  # why the journal cannot take records any more
        self.full = False  # the disk was full once: no order leaves until a restart
        self.notes: list[Notice] = []
        self.opens_at = state.now  # engine time at which this run begins
        self._profile = profile
        self.views = Views()
        self._next_tick = 0

    def process(self, at: int, source: str, event: Event) -> None:
        """Journal one event, step, and perform its effects once their causes are durable."""
        bad = unsound(event)
        if bad:
            self._refuse(at, event, bad)
            return
        self._strike(FaultPoint.RECEIVED)
        record = Record(self.state.seq + 1, at, source, event)
        trouble = self._journaled(record)
        self.full = self.full or isinstance(trouble, JournalFull)
        taken = trouble is None or isinstance(trouble, JournalFull)
        if taken:
            self._take(record)  # a full journal has taken the record all the same
        if trouble is not None:
            self._halt(at, trouble)
        if not taken:  # it may be the stop itself, or a fill: the engine must hear of it
            self._take(replace(record, seq=self.state.seq + 1))

    def _take(self, record: Record) -> None:
        self.state, effects = guarded_step(self.state, record)
        self.records += 1
        if effects:
            self._perform(effects)
        self.recorder.watch(self.state, record)
        self.views.hear(self.state, record)
        fits = self.views.fits
        if record.at >= fits.next_at or self.state.profile is not fits.profile:
            for event in fits.due(self.state):
                self.process(self.state.now, "runtime", event)

    def _refuse(self, at: int, event: Event, why: str) -> None:
        self.refused += 1
        text = f"{type(event).__name__} of {key_of(event)} refused: {why}"
        self.recorder.say(at, Alert("warn", "DATA", text))
        if isinstance(event, AccountEvent):
            # A market that goes unread grows old; a fill that goes unread is a wrong position.
            self.process(at, "runtime", Fault("DATA", text))

    def _journaled(self, record: Record) -> JournalError | None:
        """Append the record; answer what went wrong.

        A broken journal halts trading, but the stop must still work: records go on through the
        engine unjournaled, and only cancels leave.
        """
        if self.broken:
            return None
        try:
            self.journal.append(record)
        except JournalError as error:
            return error
        return None

    def _halt(self, at: int, error: JournalError) -> None:
        """Halt trading: what cannot be journaled must not be traded on."""
        full = isinstance(error, JournalFull)
        self.full = self.full or full
        log.error("journal failed: %s", error)
        cause = f"The journal failed: {error}"
        self.notes.append(Notice("crit", cause, at, "Free the disk, then restart"))
        if not full:
            self.broken = str(error)
        self.process(at, "runtime", Fault("JOURNAL", str(error)))

    def only_show(self, at: int, damage: str) -> None:
        """Show what was recovered of a damaged journal: no record is kept and no order leaves."""
        self.broken = damage
        self.notes.append(Notice("crit", damage, at, "Nothing trades until then"))
        self.process(at, "runtime", Fault("JOURNAL", "the journal is damaged: see the notice"))

    def _perform(self, effects: tuple[Effect, ...]) -> None:
        """Carry out effects in order; all that leave but cancels wait for the drive."""
        self._strike(FaultPoint.STEPPED)
        durable = False
        for effect in effects:
            if isinstance(effect, Alert):
                self.recorder.say(self.state.now, effect)
                continue
            if isinstance(effect, Notify):
                self.notifier.send(effect)
                continue
            # A cancel waits for no drive: one whose cause is lost in a crash was still a good idea.
            if not durable and not isinstance(effect, Cancel):
                durable = self._durable()
            self._leave(effect, durable=durable)

    def _durable(self) -> bool:
        if self.broken:
            return False
        try:
            self.journal.sync()
        except JournalError as error:
            self._halt(self.state.now, error)
        self._strike(FaultPoint.COMMITTED)
        return not (self.full or self.broken)

    def _leave(self, effect: Effect, *, durable: bool) -> None:
        if isinstance(effect, Submit) and not durable:
            text = f"order {effect.intent.order_id} was not sent: the journal failed"
            self.recorder.say(self.state.now, Alert("crit", "ORDER", text))
            return
        perform(self.world, effect, self.state.now, self._strike)

    def advance(self, to: int, *, budget_s: float = float("inf")) -> bool:
        """Take everything that happens up to ``to`` (UtcNs).

        Parameters
        ----------
        to : int
            Engine time to reach.
        budget_s : float
            Wall time after which to come back though ``to`` is not reached, so that a screen
            on the same loop stays alive.

        Returns
        -------
        bool
            Whether ``to`` was reached or the world has ended.
        """
        heed(self)
        deadline = time.perf_counter() + budget_s
        count = 0
        while True:
            upcoming = self.world.next_at()
            tick_due = 0 < self._next_tick <= to
            if tick_due and (upcoming is None or self._next_tick < upcoming):
                if upcoming is None and self.world.progress() is not None:
                    return True  # a tape that has ended: time stops with it
                self._beat()
            elif upcoming is None or upcoming > to:
                break
            else:
                at, event = self.world.pop()
                if not self._next_tick and self.tick and at >= self.opens_at:
                    self._next_tick = at - at % self.tick + self.tick
                self.process(at, "world", event)
            count += 1
            if count % 32 == 0 and time.perf_counter() > deadline:
                return False
        self._tidy()
        return True

    def play(self, until: int | None = None) -> None:
        """Take everything up to ``until`` (UtcNs), or to the end of the world."""
        while (upcoming := self.world.next_at()) is not None:
            if until is not None and upcoming + STRIDE >= until:
                break
            self.advance(upcoming + STRIDE)
        if until is not None:
            self.advance(until)

    def _beat(self) -> None:
        self.process(self._next_tick, "clock", Tick(round(self.lag_ms, 1)))
        self._next_tick += self.tick

    def skip_beats(self, to: int) -> None:
        """Make no ticks for a time that nobody lived through."""
        self._next_tick = max(self._next_tick, to) if self._next_tick else 0

    def command(self, event: Event) -> None:
        """Take a person's command at engine time now; without a journal nothing is re-armed."""
        if isinstance(event, Stop | Rearm):
            carry_out(self, event)
            return
        self.process(self.state.now, "user", event)

    def flush(self) -> None:
        """Make what has been taken durable, so that quiet spells lose nothing either."""
        self._durable()

    def _tidy(self) -> None:
        """Take what channels and watches say; begin a new journal segment when one is due."""
        for answer in (*self.notifier.answers(), *told(self.watches)):
            self.process(self.state.now, "runtime", answer)
        if self.journal.needs_rotation and not self.broken:
            try:
                self.journal.rotate(saved(self.state), at=self.state.now)
            except JournalError as error:
                self._halt(self.state.now, error)

    def frame(self, machine: Machine) -> Frame:
        """The picture of this moment."""
        bare = Surroundings(
            title=self.world.title,
            tracks=self.recorder.tracks(),
            log=self.recorder.log(),
            journal=self._journal_health(),
            machine=machine,
            notices=tuple(self.notes),
            switches=getattr(self.world, "switches", ()),  # of worlds with a real venue
        )
        profile = self.state.profile or self._profile
        return select(self.state, profile, self.views.around(bare, self.state))

    def _journal_health(self) -> JournalHealth:
        journal = self.journal
        return JournalHealth(
            path=str(getattr(journal, "directory", "")),
            bytes=journal.bytes_used,
            limit=journal.limit,
            last_seq=journal.last_seq,
            durable_seq=journal.durable_seq,
            sync_ms=journal.last_sync_ms,
            read_only=journal.read_only or bool(self.broken),
            note=self.broken,
        )

    def close(self) -> None:
        """Make everything durable and let go of the data directory."""
        self.views.close()
        self.notifier.close()
        try:
            if not self.broken:
                self.journal.sync()
        except JournalFull as error:  # all of it is on the drive, and nothing follows
            log.warning("journal closed on a full disk: %s", error)
        finally:
            self.journal.close()
            self.latch.say_ended()
