"""``python -m terminal backtest --report``: what a policy came to on a tape, as a report."""

import argparse
import gc
import signal
import sys
from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.journal.tape import read_header
from terminal.journal.tape_cli import Meter
from terminal.runtime.console import complain, show
from terminal.runtime.opening import open_replay
from terminal.runtime.outcome import outcome
from terminal.runtime.reporting.backtest import backtest_report
from terminal.runtime.reporting.listening import Listening, sha256_of
from terminal.runtime.reporting.publishing import published
from terminal.runtime.reporting.variants import again
from terminal.runtime.settings import MAX_SPEED, Settings, default_data_dir


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a backtest that is reported."""
    parser.add_argument(
        "--report",
        type=Path,
        nargs="?",
        const=default_data_dir() / "reports",
        default=None,
        metavar="FOLDER",
        help="write a report: HTML, JSON, a CSV for each table, into a folder of its own there",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out of the report what needs more runs: strains, look-ahead audit, policies",
    )


def reported(settings: Settings, *, to: Path, quick: bool, as_json: bool) -> int:
    """Play a tape and write its report.

    Raises
    ------
    ConfigError
        The settings ask for what a report cannot be made of, or the folder cannot be written.
    DataError
        The tape is damaged.
    """
    if settings.tape is None or settings.speed != MAX_SPEED or settings.data is not None:
        raise ConfigError("a report is made at full speed, with no journal: leave --speed, --data")
    header, digest = read_header(settings.tape), sha256_of(settings.tape)
    session = open_replay(settings, None)
    session.recorder = listening = Listening(session)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.freeze()  # what is loaded by now lives as long as the process
    until = session.opens_at + settings.span if settings.span is not None else None
    meter = Meter(sys.stderr, lines=False)
    try:
        session.play(until)
        day = listening.lived(session, settings.tape, digest)
        found = None if quick else again(settings, day, meter.tell)
    except KeyboardInterrupt:
        complain("stopped before its end: no report was written")
        return 1
    finally:
        meter.close()
        session.close()
    report = backtest_report(day, listening, header, settings, found)
    done = published(report, to)
    result = {**outcome(session.state, session.records), "report": done.told}
    show(result, done.words(report.title), as_json=as_json)
    return 1 if found is not None and found.audit.differs else 0
