"""One run: weather, lives, clicks and a quiet end."""

import hashlib
import logging
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import JournalError
from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.engine.afloat import undone
from terminal.engine.state import State, saved
from terminal.journal.disk import Disk
from terminal.journal.journal import Journal, open_journal
from terminal.model.instrument import Instrument, Option, Perpetual, Right
from terminal.model.market import Quote
from terminal.model.messages import (
    AdoptVenue,
    Approve,
    MarketEvent,
    Mode,
    Rearm,
    Record,
    SetAutonomy,
    SetProfile,
    Started,
)
from terminal.model.order import OrderIntent
from terminal.model.risk import Autonomy
from terminal.runtime.opening import recover
from terminal.runtime.recorder import Recorder
from terminal.runtime.session import Session
from tests.helpers.builders import contract
from tests.sim.checks import Checker
from tests.sim.exchange import Exchange
from tests.sim.network import Network, Terms
from tests.sim.people import advised, clicks, rules
from tests.sim.weather import Strike, weather

START = 20_000 * DAY
PERP = "BTC_USDC-PERP@sim"
CALL = "BTC-CALL@sim"
TAIL = 10 * MINUTE
SEGMENT = 1 << 18

encode = msgspec.json.Encoder(order="deterministic").encode


class Report(Struct, frozen=True, kw_only=True):
    """What a run came to."""

    seed: int
    hours: float
    trace: str  # hash of every record and of every order that left
    records: int
    orders: int
    fills: int
    lives: int
    faults: dict[str, int]
    violations: tuple[str, ...]


class Failing:
    """A disk that fails once when it is told to."""

    def __init__(self) -> None:
        self.next = ""

    def disk(self) -> Disk:
        """System calls without waiting for the drive, one of which fails when armed."""
        whole = Disk(commit=lambda _: None, commit_directory=lambda _: None)

        def write(fd: int, content: memoryview) -> int:
            if self.next:
                self.next = ""
                raise OSError(5, "Input/output error")
            return whole.write(fd, content)

        return replace(whole, write=write)


class Trace:
    """Hash of what a run did, wherever its files lay: words of a failed disk name the folder."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.folder = b"/"

    def update(self, told: bytes) -> None:
        """Take what was done next."""
        self._hash.update(told.replace(self.folder, b"."))

    def hexdigest(self) -> str:
        """The hash so far."""
        return self._hash.hexdigest()


class Watched(Session):
    """A session whose every step is checked."""

    checker: Checker | None = None
    trace: Trace
    _state: State
    _taking: Record | None = None

    @property
    def state(self) -> State:
        """The engine's state; each new one is checked before any of its effects leaves."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        record, self._taking = self._taking, None
        if record is not None and self.checker is not None:
            self.trace.update(encode(record))
            self.checker.after(self._state, record, state)
        self._state = state

    def _take(self, record: Record) -> None:
        self._taking = record
        super()._take(record)


class Run:
    """One seed.

    Parameters
    ----------
    seed : int
    hours : float
        Of weather; a quiet tail follows.
    factor : float
        Faults of reliability.md 6 are so many times as frequent.
    session : type
        Of a control: a build with a deliberate fault.
    """

    def __init__(
        self, seed: int, hours: float, factor: float, session: type[Watched] = Watched
    ) -> None:
        self._seed, self._hours = seed, hours
        self._strikes = weather(seed, START + MINUTE, hours, factor)
        self._draw = Random(f"people|{seed}")
        self._session_type = session
        held = {PERP: Decimal(0), CALL: Decimal(self._draw.choice((-4, -2, 2, 4)))}
        self.exchange = Exchange(seed, held, Decimal(1_000_000))
        self.network = Network(seed, START, self.exchange, terms())
        self.checker = Checker(self.exchange, PERP)
        self._trace = Trace()
        self._disk = Failing()
        self._rules = rules(self._draw)
        self._autonomy = self._draw.choice((Autonomy.AUTO, Autonomy.AUTO, Autonomy.APPROVE))
        self._acts = Counter[str]()
        self._lives = 0
        self._adopt_at = self._rearm_at = self._restart_at = 0
        self._clock = START

    def report(self, scratch: Path) -> Report:
        """Live through it."""
        self._folder = scratch
        self._trace.folder = str(scratch).encode()
        session = self._begin(START)
        for strike in self._strikes:
            session = self._live(session, strike.at)
            session = self._struck(session, strike)
        end = START + MINUTE + round(self._hours * HOUR)
        session = self._live(session, end)
        self.network.faults.calm()
        session = self._live(session, end + TAIL)
        for _ in range(60):  # a quiet that ends in the middle of a hedge proves nothing
            if not undone(session.state) and self.network.all_told():
                break
            session = self._live(session, self._clock + 5 * SECOND)
        self.checker.at_rest(session.state)
        self.checker.only_strangers(session.state)
        self._leave(session)
        return Report(
            seed=self._seed,
            hours=self._hours,
            trace=self._trace.hexdigest(),
            records=self.checker.records,
            orders=self.checker.orders,
            fills=len(self.exchange.fills),
            lives=self._lives,
            faults=dict(sorted((self.network.faults.met + self._acts).items())),
            violations=tuple(self.checker.violations),
        )

    def _begin(self, at: int) -> Watched:
        """A process starts on what the last one left."""
        self._lives += 1
        self._disk.next = ""
        journal = open_journal(
            self._folder / f"life-{self._lives}",
            run="sim",
            at=at,
            segment_bytes=SEGMENT,
            limit_bytes=32 * SEGMENT,
            disk=self._disk.disk(),
        )
        state, _ = recover(journal)
        if self._lives > 1:
            self._recovered = saved(state), state.seq
        session = self._session_type(self.network, journal, state, self._rules, tick=8 * SECOND)
        session.checker, session.trace = self.checker, self._trace
        session.recorder = Recorder(draws=False)
        self.network.on_submit = lambda intent, when: self._sent(session, intent, when)
        self.network.ask_before_orders(session.latch.bars)
        session.opens_at = at
        self.checker.begin(state)
        mode = Mode.PAPER
        session.process(at, "sim", Started("sim", mode, self._seed, self._rules, self._autonomy))
        self.network.restarted(at, tuple(each.intent for each in undone(session.state)))
        return session

    def _sent(self, session: Watched, intent: OrderIntent, at: int) -> None:
        journal = session.journal
        durable = journal.durable_seq == journal.last_seq and not session.broken
        self._trace.update(encode(intent))
        self.checker.sending(session.state, intent, at, durable=durable)

    def _live(self, session: Watched, to: int) -> Watched:
        """Let time pass, with a person who does what has to be done."""
        while self._clock < to:
            self._clock = min(to, self._clock + 5 * SECOND)
            session.advance(self._clock)
            session = self._person(session)
        return session

    def _person(self, session: Watched) -> Watched:
        """Adopt, re-arm and restart some time after it is due; approve what waits."""
        state = session.state
        if session.broken or session.full:
            if not self._restart_at:
                self._restart_at = state.now + MINUTE
            elif state.now >= self._restart_at:
                self._restart_at = 0
                return self._killed(session, checked=False)
        if not any(halt.code.value == "MISMATCH" for halt in state.locks):
            self._adopt_at = 0
        elif not self._adopt_at:
            self._adopt_at = state.now + 2 * MINUTE
        elif state.now >= self._adopt_at and self._settled(session):
            self._adopt_at = state.now + 20 * SECOND
            self.checker.only_strangers(state)
            session.command(AdoptVenue("sim", "seen at the exchange"))
            self.checker.adopted(state, session.state)
        if state.halts or state.stop is not None:
            if not self._rearm_at:
                self._rearm_at = state.now + 3 * MINUTE
            elif state.now >= self._rearm_at:
                self._rearm_at = 0
                session.command(Rearm("looked into it"))
                session.command(SetAutonomy("BTC", self._autonomy))
        offer = session.state.desks["BTC"].proposal if "BTC" in session.state.desks else None
        if offer is not None and self._autonomy is Autonomy.APPROVE and self._draw.random() < 0.5:
            session.command(Approve(offer.proposal_id, offer.revision))
        return session

    def _settled(self, session: Watched) -> bool:
        return self.network.settled(session.state.now) and not undone(session.state)

    def _struck(self, session: Watched, strike: Strike) -> Watched:
        """One fault, of the process, of a person, of the drive or of the world."""
        draw = Random(strike.chance)
        if strike.kind not in ("kill", "freeze", "disk", "click", "advice"):
            self.network.strike(strike)
            return session
        self._acts[strike.kind] += 1
        if strike.kind == "kill":
            return self._killed(session, checked=True)
        if strike.kind == "disk":
            self._disk.next = "write"
        elif strike.kind == "freeze":
            self._frozen(session, strike, draw)
        elif strike.kind == "advice":
            session.command(SetProfile(advised(self._rules, draw)))
        else:
            for command in clicks(session.state, draw):
                session.command(command)
        return session

    def _frozen(self, session: Watched, strike: Strike, draw: Random) -> None:
        """The process stands still, and nothing is told meanwhile."""
        span = int(draw.uniform(1.0, 300.0) * SECOND)
        session.skip_beats(strike.at + span)
        self.network.strike(Strike(strike.at, "zombie", strike.chance))

    def _killed(self, session: Watched, *, checked: bool) -> Watched:
        """Die between two records; the next life finds what the drive has."""
        live = session.state
        clean = checked and not session.broken and self._draw.random() < 0.5
        if clean:
            session.flush()
        source = self._folder / f"life-{self._lives}"
        copy = self._folder / f"life-{self._lives + 1}"
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*.lock"))
        self._leave(session)
        self._clock = max(self._clock, live.now) + 2 * SECOND
        after = self._begin(self._clock)
        recovered, seq = self._recovered
        if clean and seq == live.seq:
            self.checker.replayed(saved(live), recovered, seq)
        return after

    def _leave(self, session: Watched) -> None:
        """Let go of the directory; nothing of it is read again."""
        session.views.close()
        session.notifier.close()
        journal = session.journal
        if isinstance(journal, Journal):
            with suppress(JournalError):  # of a drive that fails as the process dies
                journal.close()
        shutil.rmtree(self._folder / f"life-{self._lives - 1}", ignore_errors=True)


def terms() -> Terms:
    """A perpetual, and a call whose delta moves with the price."""
    listed = contract(CALL.partition("@")[0], multiplier=Decimal(1), lot=Decimal("0.1"))
    call = Option(listed, START + 12 * DAY, Decimal(50_000), Right.CALL)
    instruments: tuple[Instrument, ...] = (Perpetual(contract(), 8 * HOUR), call)
    beat = Counter[str]()

    def others(spot: float) -> tuple[MarketEvent, ...]:
        beat["quotes"] += 1
        if beat["quotes"] % 10 != 1:
            return ()
        worth = max(spot - 45_000.0, 500.0)
        return (Quote(CALL, worth - 50.0, worth + 50.0, 5.0, 5.0, iv=0.5, forward=spot),)

    return Terms(PERP, instruments, others)


def lived(seed: int, hours: float, factor: float, session: type[Watched] = Watched) -> Report:
    """One run from its seed, in a directory of its own."""
    log = logging.getLogger("terminal")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)  # faults are meant to be told of, thousands of times
    try:
        with tempfile.TemporaryDirectory(prefix="gammadesk-sim-") as name:
            return Run(seed, hours, factor, session).report(Path(name))
    finally:
        log.setLevel(level)
