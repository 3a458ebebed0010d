"""Put a run together: journal, recovered state, world, session."""

import contextlib
import importlib
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from terminal.core.errors import ConfigError, DataError, JournalError
from terminal.core.fault_points import Fault, FaultPoint, no_fault
from terminal.core.units import HOUR
from terminal.engine.state import State, restored
from terminal.journal.disk import Disk
from terminal.journal.journal import SYSTEM_DISK, Journal, open_journal
from terminal.journal.latch import LatchFile
from terminal.model.frame import Notice
from terminal.model.messages import Alert, Mode, Record, SetAlerts, Started, UsePricing
from terminal.model.ports import BarredWorld, LiveWorld
from terminal.runtime.alert_files import load_alerts
from terminal.runtime.books import TapeStart
from terminal.runtime.guard import guarded_step
from terminal.runtime.hour_files import folder_of as hours_beside
from terminal.runtime.kernels import ready_engine
from terminal.runtime.last_hop import last_hop
from terminal.runtime.latching import StopLatch, take_up
from terminal.runtime.live import AccountKeys, AskedKeys
from terminal.runtime.memory import MemoryJournal
from terminal.runtime.oracle import Oracle, folder_of
from terminal.runtime.paper import paper_world
from terminal.runtime.profiles import load, presets
from terminal.runtime.recorder import Recorder
from terminal.runtime.session import TICK, Session
from terminal.runtime.settings import Settings
from terminal.runtime.shadow_file import file_of as shadows_beside
from terminal.runtime.shadows import Shadows
from terminal.runtime.strains import warier
from terminal.runtime.wallets import with_wallet
from terminal.runtime.watches import DiskWatch, KeyWatch, Watch
from terminal.runtime.worlds import sim_world, tape_world
from terminal.venues.wallet_world import ExchangeWorld

LIMIT_BYTES = 2 << 30
FASTEST_TICKING = 240.0
"""Speed up to which the heartbeat keeps its pace on the wall: a minute of tape at the most."""

SEGMENT_BYTES = 8 << 20
"""Records between two snapshots: what a start has to step through again, about a second of it."""


def recover(journal: Journal, strike: Fault = no_fault) -> tuple[State, Recorder]:
    """State after the last durable record: the newest snapshot and the records after it.

    Raises
    ------
    ConfigError
        An engine that priced these records is not installed any more: replayed with another one,
        the state would not be the one that was lived.
    """
    snapshot = journal.recovered.snapshot
    state = restored(snapshot) if snapshot else State()
    ready_engine(state.pricing)
    recorder = Recorder()
    for record in journal.recovered.records:
        strike(FaultPoint.REPLAYING)
        ready(record)
        state, effects = guarded_step(state, record)
        for effect in effects:
            if isinstance(effect, Alert):
                recorder.say(state.now, effect)
        recorder.watch(state, record)
    strike(FaultPoint.REPLAYED)
    return state, recorder


def ready(record: Record) -> None:
    """Have the engine that a record turns to before the state uses it."""
    event = record.event
    if isinstance(event, Started):
        ready_engine(event.pricing)
    elif isinstance(event, UsePricing):
        ready_engine(event.engine)


@contextlib.contextmanager
def data_directory(settings: Settings) -> Iterator[Path]:
    """Directory of the journal: the one named, or one that lasts as long as the run."""
    if settings.data is not None:
        yield settings.data
        return
    with tempfile.TemporaryDirectory(prefix="gammadesk-") as name:
        yield Path(name) / "journal"


def open_session(
    settings: Settings,
    directory: Path,
    *,
    view_damaged: bool = False,
    keys: AccountKeys | None = None,
    strike: Fault = no_fault,
    disk: Disk = SYSTEM_DISK,
) -> Session:
    """Open the journal, recover, and set the run in its world.

    Parameters
    ----------
    settings : Settings
    directory : Path
        Where the journal is kept.
    view_damaged : bool
        Whether a damaged journal is shown as far as it can be read, with all trading halted and
        nothing written, instead of being refused.
    keys : AccountKeys, optional
        Of a live run, which is refused without.
    strike, disk
        For tests: called at the places where a crash is tried; system calls that fail.

    Raises
    ------
    ConfigError
        A profile, book or tape that cannot be used, or a live run without keys.
    DataError
        A file of past bars that cannot be used.
    JournalError
        The data directory is locked or unusable, or its journal is damaged.
    """
    profile = load(settings.profile)
    alerts = load_alerts(settings.alerts) if settings.alerts else None
    ready_engine(settings.pricing)
    journal = open_journal(
        directory,
        run=f"{settings.mode.value}-{settings.seed}",
        at=time.time_ns(),
        limit_bytes=LIMIT_BYTES,
        segment_bytes=SEGMENT_BYTES,
        disk=disk,
        fault=strike,
    )
    with contextlib.ExitStack() as undo:
        undo.callback(journal.close)
        damage = _damage(journal)
        if damage and not view_damaged:
            raise JournalError(damage)
        state, recorder = recover(journal, strike)
        _same_mode(settings, state, directory)
        world = _world(settings, state, directory, keys, strike)
        undo.pop_all()
    session = Session(world, journal, state, profile, strike=strike)
    session.recorder = recorder
    session.latch = StopLatch(LatchFile(directory, disk))
    world.ask_before_orders(last_hop(session, journal))
    _set_advice(session, settings, directory)
    if isinstance(world, LiveWorld):
        world.report_to(partial(_report, session))
    began = state.now or settings.start_at - round(settings.history_hours * HOUR)
    _tell_repairs(session, journal, damage, began)
    session.watches = watches_of(settings, directory, keys)
    session.opens_at = state.now or settings.start_at
    if damage:
        session.only_show(began, damage)
    session.process(began, "runtime", _started(settings, session, journal.instance))
    take_up(session)
    if alerts is not None:
        rules, session.notifier = alerts
        session.process(began, "runtime", SetAlerts(rules))
    return session


def _set_advice(session: Session, settings: Settings, directory: Path) -> None:
    """Have decisions, hours and shadows kept beside the journal; forecasts learn what is known."""
    known, writable = presets(), not session.journal.read_only
    session.views.oracle = Oracle(folder_of(directory), known)
    session.views.shadows = Shadows(shadows_beside(directory) if writable else None, known.values())
    session.views.shadows.open(session.state)
    session.views.fits.outlooks.keep(hours_beside(directory))
    _learn(session, settings)


def _learn(session: Session, settings: Settings) -> None:
    """Have forecasts learn from the files that were named; their readers are loaded only then."""
    if not settings.past:
        return
    reading = importlib.import_module("terminal.runtime.past_bars")
    try:
        reading.take_past(session.views.fits.outlooks, settings.past)
    except DataError:
        session.close()  # or its data directory would stay locked
        raise


def _tell_repairs(session: Session, journal: Journal, damage: str, at: int) -> None:
    """Say what was put right when the journal was opened."""
    for note in journal.recovered.notes:
        session.recorder.say(at, Alert("warn", "JOURNAL", note))
        if note != damage:
            step = "The damage comes first" if damage else "Nothing: it has been put right"
            session.notes.append(Notice("warn", note, at, step))


def watches_of(settings: Settings, directory: Path, keys: AccountKeys | None) -> list[Watch]:
    """What is looked at beside a run: its drive, and the key of a live one."""
    found: list[Watch] = [DiskWatch(directory)]
    if isinstance(keys, AskedKeys):
        found += [KeyWatch(partial(keys.asked, each)) for each in settings.accounts]
    return found


def _world(
    settings: Settings,
    state: State,
    directory: Path,
    keys: AccountKeys | None,
    strike: Fault,
) -> BarredWorld:
    """World of a run that keeps a journal; only a live one is given the keys."""
    match settings.mode:
        case Mode.PAPER:
            return with_wallet(paper_world(settings, state, directory), settings.live, state)
        case Mode.LIVE:
            if keys is None:
                raise ConfigError("live trading needs a key: run python -m terminal keys add")
            # Nothing else may load it: a paper desk holds nothing that could send an order.
            trading = importlib.import_module("terminal.runtime.trading")
            world: ExchangeWorld = trading.live_world(settings, state, directory, keys, strike)
            return with_wallet(world, settings.live, state)
        case _:
            return sim_world(settings, state)


def _same_mode(settings: Settings, state: State, directory: Path) -> None:
    """Refuse to go on from another mode's ledger: its positions were never at this venue."""
    if state.run and state.mode is not settings.mode:
        raise ConfigError(
            f"{directory} holds the journal of a {state.mode.value} run: name another --data"
            f" directory for {settings.mode.value}"
        )


def _report(session: Session, text: str) -> None:
    session.recorder.say(session.state.now, Alert("warn", "FEED", text))


def _damage(journal: Journal) -> str:
    """Why a journal can only be read, and what to do; empty while it can be written."""
    if not journal.read_only:
        return ""
    return journal.blocked or "; ".join(journal.recovered.notes)


def _started(settings: Settings, session: Session, instance: str = "") -> Started:
    return Started(
        run=f"{settings.mode.value}-{settings.seed}",
        mode=settings.mode,
        seed=settings.seed,
        profile=session.state.profile or warier(load(settings.profile), settings.strain),
        autonomy=settings.autonomy,
        pricing=settings.pricing,
        accounts=settings.accounts,
        instance=instance if settings.mode is Mode.LIVE else "",
    )


def open_replay(settings: Settings, directory: Path | None) -> Session:
    """Set a run on a tape; a journal is kept when a directory is given.

    Raises
    ------
    ConfigError, DataError, JournalError
        As ``open_session``.
    """
    profile = warier(load(settings.profile), settings.strain)
    ready_engine(settings.pricing)
    world, start = tape_world(settings)
    journal: Journal | MemoryJournal = MemoryJournal()
    if directory is not None:
        journal = open_journal(
            directory,
            run=settings.mode.value,
            at=time.time_ns(),
            limit_bytes=LIMIT_BYTES,
            segment_bytes=SEGMENT_BYTES,
        )
    session = Session(world, journal, State(), profile, tick=_tick(settings, start))
    world.ask_before_orders(session.latch.bars)  # a tape begins anew: its stop ends with it
    _learn(session, settings)
    if settings.mode is Mode.REPLAY:
        session.views.shadows = Shadows(None, presets().values())  # anew, as the tape
    session.opens_at = start.first
    session.process(start.first, "runtime", _started(settings, session))
    return session


def _tick(settings: Settings, start: TapeStart) -> int:
    """Heartbeat of a tape: none in a backtest of bars, whose closes are the moments to decide."""
    if settings.mode is Mode.BACKTEST:
        return 0 if start.bars else TICK
    speed = settings.speed or FASTEST_TICKING
    return round(TICK * min(max(speed, 1.0), FASTEST_TICKING))
