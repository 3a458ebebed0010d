"""``python -m terminal report``: a day of a journal as HTML, CSV and JSON."""

from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.model.report import Kind
from terminal.runtime.console import show
from terminal.runtime.journal_reader import opened
from terminal.runtime.reporting.make import TITLES, made
from terminal.runtime.reporting.publishing import own_key, published
from terminal.runtime.reporting.span import day_span
from terminal.runtime.reporting.verifying import verified
from terminal.runtime.reporting.writing import day_text
from terminal.runtime.settings import default_data_dir


def report(argv: Sequence[str]) -> int:
    """Write the report of a day: HTML, JSON, a CSV for each table, and their hashes."""
    parser = Parser(prog="python -m terminal report", description=report.__doc__)
    parser.add_argument(
        "--journal", type=Path, default=None, help="journal directory of a run; the simulation's"
    )
    kinds = [each.value for each in TITLES]
    parser.add_argument("--kind", choices=kinds, default=Kind.END.value, help="what it is for")
    parser.add_argument("--day", default="", help="UTC day, 2026-01-05; the journal's last without")
    parser.add_argument("--until", default="", help="UTC time that it ends at, e.g. 08:00")
    parser.add_argument(
        "--out", type=Path, default=None, help="folder that it is put in; the user's without"
    )
    parser.add_argument("--json", action="store_true", help="print the names as one JSON object")
    parser.add_argument(
        "--verify", type=Path, default=None, metavar="FOLDER", help="check a report, write none"
    )
    parser.add_argument(
        "--signer", default="", metavar="KEY", help="with --verify: whose it should be, not ours"
    )
    given = parser.parse_args(argv)
    if given.verify is not None:
        return _verify(given.verify, given.signer, as_json=given.json)
    journal = given.journal or default_data_dir() / "sim"
    day = given.day or day_text(opened(journal).last_at)
    found = made(journal, Kind(given.kind), day_span(day, given.until))
    done = published(found, given.out or default_data_dir() / "reports")
    show(done.told, done.words(found.title), as_json=given.json)
    return 0


def _verify(folder: Path, signer: str, *, as_json: bool) -> int:
    """Say whether a report is whole and whose it is; 0 only if it is, and is of whom it should."""
    found = verified(folder)
    faults = list(found.faults)
    own = signer or own_key()
    if found.signer and found.signer != own:
        whose = f"not by {signer}" if signer else "not by a key of this installation"
        faults.append(
            f"signed by key {found.signer}, {whose}: compare it with what the sender says, then"
            f" give --signer {found.signer}"
        )
    lines = [f"{folder}: {'NOT as it should be' if faults else 'whole'}"]
    lines += [f"  {each}" for each in (*faults, *found.notes)]
    if not faults:
        lines.append(
            f"  signed by key {found.signer}" + ("" if signer else ", this installation's")
        )
    result = {"whole": not faults, "faults": faults, "signer": found.signer, "notes": found.notes}
    show(result, "\n".join(lines), as_json=as_json)
    return 1 if faults else 0
