"""Residual of the P&L attribution on real chains by length of step: ``python -m ...``."""

import sys
from pathlib import Path

from terminal.core.units import HOUR, MINUTE
from tests.bench.attribution_chain import CHAIN, attributed, windows

STEPS = (("5 min", 5 * MINUTE), ("1 h", HOUR), ("8 h", 8 * HOUR))


def main() -> None:
    """Print a row for each coin and length of step."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    if not (folder / CHAIN).exists():
        sys.exit(f"no chain in {folder}: name the folder that holds {CHAIN}")
    sys.stdout.write("coin  step   weeks  steps  residual/gross  net/gross  missed (relative)\n")
    for coin in ("BTC", "ETH"):
        weeks = list(windows(folder, coin))
        for name, step in STEPS:
            found = [attributed(week, step) for week in weeks]
            gross = sum(each.gross for each in found)
            stray = sum(each.stray for each in found) / gross
            net = sum(abs(each.net) for each in found) / gross
            missed = max(each.off / max(each.gross, abs(each.change)) for each in found)
            count = sum(each.steps for each in found)
            sys.stdout.write(
                f"{coin:<6}{name:<7}{len(weeks):>5}{count:>7}{stray:>15.3%}{net:>11.3%}"
                f"{missed:>19.1e}\n"
            )


if __name__ == "__main__":
    main()
