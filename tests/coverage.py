"""Branch coverage of the floors that money hangs on: ``python -m tests.coverage``.

Runs the unit tests of risk, execution, engine, journal and of reconciliation at the venue, prints
every branch that none of them took, and ends with 1 when there is one. What is left out, and why,
is in ``pyproject.toml`` under ``tool.coverage``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

ROOT: Final = Path(__file__).resolve().parent.parent


class Floor(Struct, frozen=True):
    """Files that are measured together, and the tests that must take every branch of them."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


GATEWAY: Final = "terminal/venues/gateway"
AT_THE_VENUE: Final = ("reading", "searching", "settlements", "inquiry", "resting", "fill_log")
FLOORS: Final[Mapping[str, Floor]] = {
    "journal": Floor(
        ("terminal/journal/*",),
        ("tests/unit/journal", "tests/unit/runtime/test_recorded_feed.py"),
    ),
    "risk": Floor(("terminal/risk/*",), ("tests/unit/risk",)),
    "execution": Floor(("terminal/execution/*",), ("tests/unit/execution",)),
    "engine": Floor(("terminal/engine/*",), ("tests/unit/engine",)),
    # The books' side of it is the engine's reconcile.py.
    "reconciliation": Floor(
        tuple(f"{GATEWAY}/{name}.py" for name in AT_THE_VENUE),
        ("tests/unit/venues/gateway",),
    ),
}

NOT_MEASURED: Final = ("terminal/journal/importers/*",)
"""Importers read recordings for research, they take no part in a journal."""


def measured(floors: Sequence[Floor], folder: Path) -> Mapping[str, Any]:
    """Run the tests of floors under coverage; the report by file."""
    data, report = folder / "coverage", folder / "coverage.json"
    environment = os.environ | {"COVERAGE_FILE": str(data)}
    include = ",".join(pattern for floor in floors for pattern in floor.files)
    picked = [f"--include={include}", f"--omit={','.join(NOT_MEASURED)}"]
    tests = dict.fromkeys(test for floor in floors for test in floor.tests)
    folders = dict.fromkeys(str(Path(name).parent) for floor in floors for name in floor.files)
    source = f"--source={','.join(folders)}"
    run = [sys.executable, "-m", "coverage", "run", "--branch", source]
    for command in (
        [*run, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report), *picked],
    ):
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    found: Mapping[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def gaps(report: Mapping[str, Any]) -> Iterator[str]:
    """Lines and branches that were never taken, one of a file a line."""
    for name, each in sorted(report["files"].items()):
        lines = ", ".join(map(str, each["missing_lines"]))
        known = set(each["missing_lines"])
        branches = ", ".join(
            f"{start} to {end if end > 0 else 'the end'}"
            for start, end in each["missing_branches"]
            if start not in known and end not in known
        )
        if lines or branches:
            yield f"{name}: " + "; ".join(filter(None, (lines, branches)))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 1 when a branch was never taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.coverage", description=__doc__)
    parser.add_argument("floors", nargs="*", choices=[[], *FLOORS], help="all of them by default")
    given = parser.parse_args(argv)
    floors = given.floors or list(FLOORS)
    with tempfile.TemporaryDirectory(prefix="gammadesk-coverage-") as folder:
        report = measured([FLOORS[name] for name in floors], Path(folder))
    found = list(gaps(report))
    totals = report["totals"]
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.stdout.write(
        f"{totals['percent_covered']:.2f} % of {', '.join(floors)}:"
        f" {totals['num_statements']} statements, {totals['num_branches']} branches,"
        f" {totals['missing_lines']} and {totals['missing_branches']} of them never taken\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
