"""Measures a what-if map of 200 positions; run with ``python -m tests.bench.what_if``."""

import sys
import time

import numpy as np

from terminal.engine.supposing import AXES
from terminal.portfolio.revaluation import Holdings, LinearLeg, OptionLeg
from terminal.portfolio.scenarios import scenario_grid
from terminal.pricing.engines import NAMES
from terminal.runtime.kernels import ready_engine

GOAL_MS = 150.0
OPTIONS, FUTURES, TURNS = 195, 5, 9
SPOT = 60_000.0


def book() -> Holdings:
    """Options of both kinds from a few days to a year, and some futures."""
    chance = np.random.default_rng(1)
    options = tuple(
        OptionLeg(
            coins=float(chance.normal()),
            strike=float(SPOT * np.exp(0.3 * chance.normal())),
            years=float(chance.uniform(0.01, 1.0)),
            vol=0.6,
            sign=float(chance.choice((-1.0, 1.0))),
            in_coin=bool(chance.integers(2)),
        )
        for _ in range(OPTIONS)
    )
    return Holdings(SPOT, options, tuple(LinearLeg(1.0, 59_000.0) for _ in range(FUTURES)))


def main() -> None:
    """Print the time of a map by each engine that is installed."""
    holdings = book()
    cells = len(AXES.spots) * len(AXES.vols) * len(AXES.days)
    sys.stdout.write(f"{cells:,} cells of {OPTIONS + FUTURES} positions, goal {GOAL_MS:.0f} ms\n")
    for name in (each for each in NAMES if each != "vollib"):
        engine, times = ready_engine(name), []
        for _ in range(TURNS):
            began = time.perf_counter()
            scenario_grid(holdings, AXES, engine=engine)
            times.append((time.perf_counter() - began) * 1e3)
        median = float(np.median(times))
        verdict = "met" if median < GOAL_MS else "missed"
        told = f"median {median:6.1f} ms   best {min(times):6.1f} ms   {verdict}"
        sys.stdout.write(f"{name:<10} {told}\n")


if __name__ == "__main__":
    main()
