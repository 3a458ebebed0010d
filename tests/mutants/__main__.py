"""The planted bugs: ``python -m tests.mutants``.

Plants one deliberate fault after the other in a scratch copy of the tree, runs the tests that are
most likely to notice and, when they all pass, the whole of the fast suite. Ends with 1 when a
fault survives.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.catalogue import FAULTS
from tests.mutants.fault import Fault
from tests.mutants.planting import Verdict, verdicts


def chosen(only: str) -> tuple[Fault, ...]:
    """Faults whose class or words hold ``only``."""
    wanted = only.lower()
    return tuple(each for each in FAULTS if wanted in f"{each.kind} {each.says}".lower())


def line(verdict: Verdict) -> str:
    """One row of the report."""
    fate = verdict.caught_by or verdict.trouble or "SURVIVED"
    return f"{verdict.fault.kind:<36}{verdict.fault.says}\n{'':<36}{fate}\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Plant the faults; 1 when one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="words of a class or of a fault")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="the named tests alone")
    given = parser.parse_args(argv)
    faults, caught = chosen(given.only), 0
    with tempfile.TemporaryDirectory(prefix="gammadesk-mutants-") as folder:
        for verdict in verdicts(
            faults, Path(folder), workers=given.workers, everything=not given.quick
        ):
            caught += bool(verdict.caught_by)
            sys.stdout.write(line(verdict))
            sys.stdout.flush()
    kinds = len({each.kind for each in faults})
    sys.stdout.write(f"{caught} of {len(faults)} faults of {kinds} classes caught\n")
    return 0 if caught == len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
