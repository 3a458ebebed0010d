"""Simulated hours under weather: ``python -m tests.sim --hours 1000 --seed 1``.

The hours are lived in runs of ``--each`` hours, one seed a run. Every violation is printed with
the command that lives it again; ``--twice`` lives every run twice and compares the two by their
hash. The answer is 0 when nothing was violated.
"""

import argparse
import multiprocessing
import os
import sys
import time
from functools import partial

from tests.sim.many import one, runs, summary, told


def main(arguments: list[str] | None = None) -> int:
    """Live the hours that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--hours", type=float, default=100.0, help="simulated hours in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--each", type=float, default=10.0, help="hours of one run")
    parser.add_argument("--factor", type=float, default=2.0, help="times the usual fault rates")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--twice", action="store_true", help="live each run twice and compare")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    reports = []
    work = partial(one, given.factor, given.twice)
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.jobs, maxtasksperchild=20) as pool:
        for found in pool.imap_unordered(work, runs(given.hours, given.seed, given.each)):
            reports.append(found)
            said = told(found, given.factor)
            sys.stdout.write("".join(f"{line}\n" for line in said))
    sys.stdout.write(f"{summary(reports, time.monotonic() - started)}\n")
    return 1 if any(each.violations for each in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
