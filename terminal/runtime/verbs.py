"""The headless verbs that run the engine: run, replay, backtest."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.model.messages import Mode, SetAutonomy
from terminal.model.risk import Autonomy
from terminal.runtime.backtest_verb import add_report_options, reported
from terminal.runtime.console import show
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.live import DeskKeys, chosen_accounts, journal_folder, live_data
from terminal.runtime.opening import data_directory, open_replay, open_session
from terminal.runtime.outcome import outcome, table
from terminal.runtime.recorder import Recorder
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from terminal.runtime.settings import (
    MAX_SPEED,
    Settings,
    add_record_option,
    add_run_options,
    add_tape_options,
    add_venue_options,
    checked_record,
    checked_vol,
    default_data_dir,
    read_live,
    read_span,
    read_speed,
    refuse_also,
    refuse_wallet,
)
from terminal.runtime.stop_signal import stopped_by_signal


def run(argv: Sequence[str]) -> int:
    """Run the engine without a window: on the simulated market, or on live data."""
    parser = Parser(prog="python -m terminal run", description=run.__doc__)
    add_run_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "--mode", choices=["sim", "paper", "live"], default="sim", help="market to run on"
    )
    add_venue_options(parser)
    add_record_option(parser)
    parser.add_argument("--book", type=Path, default=None, help="opening positions (JSON)")
    parser.add_argument("--alerts", type=Path, default=None, help="file of alert rules (TOML)")
    parser.add_argument("--order-log", type=Path, default=None, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    mode, recorded = Mode(given.mode), checked_record(given.record)
    speed = read_speed(given.speed, 1.0)
    settings = replace(_settings(given, mode, speed), history_hours=1.0, book=given.book)
    if mode in (Mode.PAPER, Mode.LIVE):
        at = time.time_ns()
        settings = replace(settings, live=read_live(given), start_at=at, history_hours=0.0)
    else:
        refuse_wallet(given)
    if mode is not Mode.LIVE:
        refuse_also(given)
    keys = None
    if mode is Mode.LIVE:
        settings, keys = _for_account(settings, given)
    elif given.data is None and speed != MAX_SPEED and settings.span is None:
        name = f"paper-{settings.live.folder}" if mode is Mode.PAPER else "sim"
        settings = replace(settings, data=default_data_dir() / f"{name}-headless")
    with data_directory(settings) as directory:
        session = open_session(settings, directory, keys=keys)
        session.recorder = Recorder(draws=False)
        session.views.ears.record(recorded, session.state)
        if given.autonomy == Autonomy.AUTO:
            _arm(session)
        return _drive(session, settings, as_json=given.json)


def _for_account(settings: Settings, given: argparse.Namespace) -> tuple[Settings, DeskKeys]:
    """Settings of a live run with its account, and the keys of this machine.

    Orders leave only once the run is armed, which is done in the window: this one watches, keeps
    what it knows in order and can cancel.
    """
    if given.autonomy is not None:
        raise ConfigError("a live run begins at manual: leave out --autonomy")
    desk = KeyDesk(default_data_dir())
    desk.clean_logs()
    accounts = chosen_accounts(desk.accounts(), settings.live, given.account)
    settings = replace(
        settings,
        accounts=accounts,
        live=live_data(settings.live, accounts[0]),
        data=settings.data or default_data_dir() / journal_folder(accounts),
        autonomy=Autonomy.MANUAL,
    )
    return settings, DeskKeys(desk)


def _arm(session: Session) -> None:
    """A restart takes auto back; whoever starts the engine with ``--autonomy auto`` arms it."""
    for underlying in session.state.desks:
        session.command(SetAutonomy(underlying, Autonomy.AUTO))


def replay(argv: Sequence[str]) -> int:
    """Play a tape at a speed, with the simulated venue answering orders."""
    given = _tape_parser("replay").parse_args(argv)
    return _played(_on_tape(given, Mode.REPLAY), as_json=given.json)


def backtest(argv: Sequence[str]) -> int:
    """Play a tape as fast as it goes through the same engine."""
    parser = _tape_parser("backtest")
    add_report_options(parser)
    given = parser.parse_args(argv)
    settings = _on_tape(given, Mode.BACKTEST)
    if given.quick and given.report is None:
        raise ConfigError("--quick leaves something out of a report: give --report with it")
    if given.report is not None:
        return reported(settings, to=given.report, quick=given.quick, as_json=given.json)
    return _played(settings, as_json=given.json)


def _played(settings: Settings, *, as_json: bool) -> int:
    session = open_replay(settings, settings.data)
    session.recorder = Recorder(draws=False)
    return _drive(session, settings, as_json=as_json)


def _tape_parser(verb: str) -> Parser:
    parser = Parser(prog=f"python -m terminal {verb}")
    add_tape_options(parser)
    add_run_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser


def _on_tape(given: argparse.Namespace, mode: Mode) -> Settings:
    speed = read_speed(given.speed, MAX_SPEED)
    return replace(
        _settings(given, mode, speed),
        tape=given.tape,
        book=given.book,
        vol=checked_vol(given.vol),
    )


def _settings(given: argparse.Namespace, mode: Mode, speed: float) -> Settings:
    return Settings(
        mode=mode,
        speed=speed,
        profile=given.profile,
        seed=given.seed,
        data=given.data,
        span=read_span(given.span),
        autonomy=Autonomy(given.autonomy or Autonomy.AUTO),
        order_log=getattr(given, "order_log", None),
        pricing=given.engine,
        past=tuple(given.past or ()),
        alerts=getattr(given, "alerts", None),
    )


def _drive(session: Session, settings: Settings, *, as_json: bool) -> int:
    """Run to the end of the span or the tape, then print what it came to."""
    until = session.opens_at + settings.span if settings.span is not None else None
    gc.freeze()  # what is loaded by now lives as long as the process
    try:
        if settings.speed == MAX_SPEED:
            _at_once(session, until)
        else:
            with stopped_by_signal(session.latch):
                asyncio.run(_paced(session, settings.speed, until))
    finally:
        session.close()
    result = outcome(session.state, session.records)
    show(result, table(result), as_json=as_json)
    return 1 if session.broken else 0


def _at_once(session: Session, until: int | None) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        session.play(until)


async def _paced(session: Session, speed: float, until: int | None) -> None:
    runner = Runner(session, speed, until, leave_at_end=True)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        if sys.platform != "win32":
            loop.add_signal_handler(name, runner.stop)
    await runner.run()
