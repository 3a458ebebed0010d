"""``python -m terminal why``: what was decided at a moment, and why."""

import argparse
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, DataError
from terminal.core.moment import read_moment
from terminal.core.units import HOUR, SECOND, iso_utc
from terminal.model.oracle import Decision, Sealed
from terminal.oracle.chain import read
from terminal.oracle.telling import regret_told, told
from terminal.runtime.console import show
from terminal.runtime.oracle import SUFFIX, folder_of
from terminal.runtime.replayed import Replayed, replayed
from terminal.runtime.settings import default_data_dir


def why(argv: Sequence[str]) -> int:
    """Say what the engine decided at a moment, why, and what would have changed it."""
    parser = Parser(prog="python -m terminal why", description=why.__doc__)
    parser.add_argument("--data", type=Path, default=None, help="journal directory of the run")
    parser.add_argument("--coin", default="", help="underlying, e.g. BTC; every one without")
    parser.add_argument("--at", default="", help="UTC, 03:12 or 2026-01-05T03:12; the last without")
    parser.add_argument("--number", type=int, default=None, help="its number in the run")
    parser.add_argument("--list", action="store_true", help="one line for each decision")
    parser.add_argument(
        "--check", action="store_true", help="make them again from the journal and compare"
    )
    parser.add_argument("--json", action="store_true", help="print the record itself")
    parser.add_argument(
        "--regret", action="store_true", help="what proposals not followed would have come to"
    )
    given = parser.parse_args(argv)
    journal = given.data or default_data_dir() / "sim"
    path = _newest(folder_of(journal))
    entries = read(_lines(path))
    if given.check:
        return _check(journal, path, entries)
    if given.regret:
        found_rows = _again(journal, path).regret
        show(found_rows, regret_told(found_rows), as_json=given.json)
        return 0
    wanted = [each for each in entries if given.coin.upper() in ("", each.decision.underlying)]
    if given.list:
        text = "\n".join(_line(each.decision) for each in wanted)
        show([each.decision for each in wanted], text, as_json=given.json)
        return 0
    if given.at and given.number is None:
        found, distance = _nearest(_of_all_starts(path.parent, given.coin), given)
        show(found, f"{distance}\n{told(found.decision)}", as_json=given.json)
        return 0
    found = _chosen(wanted, given)
    show(found, told(found.decision), as_json=given.json)
    return 0


def _of_all_starts(folder: Path, coin: str) -> list[Sealed]:
    """Decisions of every start that is kept, in the order of time."""
    found = [each for path in folder.glob(f"*{SUFFIX}") for each in read(_lines(path))]
    wanted = [each for each in found if coin.upper() in ("", each.decision.underlying)]
    return sorted(wanted, key=lambda each: (each.decision.at, each.decision.seq))


def _nearest(entries: list[Sealed], given: argparse.Namespace) -> tuple[Sealed, str]:
    """The decision nearest to a moment, and how far from it it was taken.

    Where that came later, the one that stood at the moment is named too: both may be meant.
    """
    if not entries:
        raise ConfigError(f"no decision about {given.coin or 'any coin'} has been recorded")
    moment = read_moment(given.at, entries[-1].decision.at)
    place = bisect_right(entries, moment, key=lambda each: each.decision.at)
    if not place and entries[0].decision.at - moment > HOUR:
        first = iso_utc(entries[0].decision.at)
        raise ConfigError(f"nothing was decided before {iso_utc(moment)}: the first is {first}")
    around = entries[max(place - 1, 0) : place + 1]
    found = min(around, key=lambda each: abs(each.decision.at - moment))
    words = f"Nearest to {iso_utc(moment)}: {_away(found.decision.at - moment)}."
    if place and found is not entries[place - 1]:
        stood = entries[place - 1].decision
        words += f" Until then stood decision {stood.number} of {iso_utc(stood.at)}."
    return found, words


def _away(ns: int) -> str:
    """A distance in time in words, from its largest two units."""
    minutes, secs = divmod(round(abs(ns) / SECOND), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h", f"{minutes} min"] if hours else [f"{minutes} min", f"{secs} s"]
    size = " ".join(each for each in parts if not each.startswith("0 "))
    return f"{size} {'later' if ns > 0 else 'earlier'}" if size else "at that second"


def _newest(folder: Path) -> Path:
    """The newest file of decisions."""
    files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda each: each.stat().st_mtime_ns)
    if not files:
        msg = f"no decisions in {folder}: name the journal directory of a run with --data"
        raise ConfigError(msg)
    return files[-1]


def _lines(path: Path) -> list[bytes]:
    """Whole lines; what a dying process left of one is dropped."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    return content.split(b"\n")[:-1]


def _chosen(entries: list[Sealed], given: argparse.Namespace) -> Sealed:
    """The decision asked for by its number in the newest start, or the last."""
    if not entries:
        raise ConfigError(f"no decision about {given.coin or 'any coin'} has been recorded")
    if given.number is not None:
        for each in entries:
            if each.decision.number == given.number:
                return each
        last = entries[-1].decision.number
        raise ConfigError(f"no decision {given.number} here: the last is {last}; see --list")
    return entries[-1]


def _check(journal: Path, path: Path, entries: tuple[Sealed, ...]) -> int:
    """Make the decisions again from a copy of the journal, and compare byte for byte."""
    again = _again(journal, path).decisions
    for old, new in zip(entries, again, strict=False):
        if old.seal != new.seal:
            msg = f"decision {old.decision.number} was another when made again from the journal"
            raise DataError(msg)
    if len(again) < len(entries):
        msg = f"the journal gives {len(again)} decisions, the file holds {len(entries)}"
        raise DataError(msg)
    text = f"{len(entries)} decisions made again from the journal: the same, byte for byte"
    show({"decisions": len(entries), "same": True}, text, as_json=False)
    return 0


def _again(journal: Path, path: Path) -> Replayed:
    """Live the run of a file of decisions again, on a copy of its journal."""
    if not journal.is_dir():
        raise ConfigError(f"{journal} is no journal directory: name one with --data")
    first = int(path.name.removesuffix(SUFFIX).rpartition("-")[2])
    with tempfile.TemporaryDirectory(prefix="gammadesk-why-") as scratch:
        copy = Path(scratch) / "journal"
        shutil.copytree(journal, copy)
        return replayed(copy, first)


def _line(decision: Decision) -> str:
    stamp = iso_utc(decision.at)
    return f"{decision.number:>6}  {stamp}  {decision.underlying:<5} {decision.headline}"
