"""Pricing against other libraries, in one run: `python -m tests.bench.pricing [--quick]`."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

from tests.bench import pricing_models, pricing_tick
from tests.bench import pricing_rows as rows
from tests.bench.pricing_table import HEADER, Line, in_words, verdict
from tests.bench.pricing_timing import FULL, QUICK, Effort

ROWS: dict[str, Callable[[Effort], Iterator[Line]]] = {
    "scalar": rows.greeks_scalar,
    "arrays": rows.greeks_arrays,
    "million": rows.greeks_million,
    "implied": rows.implied,
    "heston": pricing_models.surface,
    "calibration": pricing_models.calibration,
    "svi": pricing_models.svi_slice,
    "tick": pricing_tick.tick,
}


def asked(arguments: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pricing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short repeats")
    names = ", ".join(ROWS)
    parser.add_argument("--only", action="append", choices=ROWS, metavar="ROW", help=names)
    return parser.parse_args(arguments)


def main() -> None:
    """Print each line as it is measured, then which goals were met."""
    options = asked()
    effort = QUICK if options.quick else FULL
    libraries = ("numpy", "numba", "scipy", "vollib", "QuantLib")
    found = ", ".join(f"{name} {_version(name)}" for name in libraries)
    _say(f"Python {platform.python_version()}, {found}, {platform.machine()}")
    _say(f"medians of {effort.rounds} turns in alternation; ratio: how many times faster we are")
    _say(HEADER)
    lines, said = list[Line](), set[str]()
    for name in options.only or ROWS:
        for line in ROWS[name](effort):
            lines.append(line)
            _say(in_words(line))
            for remark in line.remarks:
                if remark not in said:
                    _say(f"    {remark}")
            said.update(line.remarks)
    _say(verdict(lines))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
