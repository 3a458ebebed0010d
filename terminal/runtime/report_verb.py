"""``python -m terminal report``: a day of a journal as HTML, CSV and JSON."""

from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.model.report import Kind
from terminal.runtime.console import show
from terminal.runtime.journal_reader import opened
from terminal.runtime.reporting.files import contents, save
from terminal.runtime.reporting.make import TITLES, made
from terminal.runtime.reporting.span import day_span
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
    given = parser.parse_args(argv)
    journal = given.journal or default_data_dir() / "sim"
    day = given.day or day_text(opened(journal).last_at)
    found = made(journal, Kind(given.kind), day_span(day, given.until))
    folder = save(found, given.out or default_data_dir() / "reports")
    names = tuple(contents(found))
    text = f"{found.title}: {len(names)} files in {folder}; open report.html there"
    show({"folder": str(folder), "files": names}, text, as_json=given.json)
    return 0
