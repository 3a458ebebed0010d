"""Hedged straddles on random walks: ``python -m tests.bench.monte_carlo``.

The compiled paths of ``terminal.lab.monte_carlo`` on one and on two threads against the same job in
plain numpy, a step at a time over all paths. One run, medians in turns, ratios printed.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from terminal.lab.monte_carlo import Paths, World, hedged
from terminal.pricing.rows import FloatArray

PATHS = 40_960
WORLD = World(steps=500)
TURNS = 7
GOALS = {"1 thread": 5.0, "2 threads": 9.0}


def plain(world: World, count: int) -> tuple[FloatArray, FloatArray]:
    """The way a book on Python would write it; P&L and cost of every path."""
    draw = np.random.default_rng(1)
    step = world.years / world.steps
    spot, strike = np.full(count, world.spot), world.spot
    held, gained, paid = np.zeros(count), np.zeros(count), np.zeros(count)
    for number in range(world.steps):
        left = world.years - number * step
        deviation = world.hedge_vol * np.sqrt(left)
        d1 = np.log(spot / strike) / deviation + 0.5 * deviation
        delta = 2.0 * ndtr(d1) - 1.0
        gamma = 2.0 * np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi) / (spot * deviation)
        band = np.cbrt(1.5 * world.cost * spot * gamma**2 / world.risk_aversion)
        net = delta + held
        traded = np.clip(net, -band, band) - net
        held += traded
        paid += world.cost * spot * np.abs(traded)
        draws = draw.standard_normal(count)
        after = spot * np.exp(-0.5 * world.vol**2 * step + world.vol * np.sqrt(step) * draws)
        gained += held * (after - spot)
        spot = after
    deviation = world.hedge_vol * np.sqrt(world.years)
    premium = 2.0 * strike * (2.0 * ndtr(0.5 * deviation) - 1.0)
    return np.abs(spot - strike) - premium + gained - paid, paid


def main() -> int:
    """Print the ratios; the exit code tells whether the goals were met."""
    jobs: dict[str, Callable[[], object]] = {
        "plain numpy": lambda: plain(WORLD, PATHS),
        "1 thread": lambda: hedged(WORLD, PATHS, threads=1),
        "2 threads": lambda: hedged(WORLD, PATHS, threads=2),
    }
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(TURNS):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - began)
    medians = {name: float(np.median(found)) for name, found in times.items()}
    work = PATHS * WORLD.steps
    net, paid = plain(WORLD, PATHS)
    ours = hedged(WORLD, PATHS)
    sys.stdout.write(f"{PATHS:,} paths of {WORLD.steps} steps\n")
    for name, taken in medians.items():
        ratio = medians["plain numpy"] / taken
        goal = f", goal {GOALS[name]:g}x" if name in GOALS else ""
        sys.stdout.write(
            f"{name:<12} {work / taken / 1e6:7.1f} M path-steps/s {ratio:6.2f}x{goal}\n"
        )
    sys.stdout.write(
        f"mean P&L {net.mean():.1f} and {ours.net.mean():.1f} USD, sd {net.std():.0f} and"
        f" {ours.net.std():.0f}, mean cost {paid.mean():.2f} and {ours.cost.mean():.2f}\n"
        f"the same numbers on two threads: {_same(hedged(WORLD, PATHS, threads=2), ours)}\n"
    )
    met = all(medians["plain numpy"] / medians[name] >= goal for name, goal in GOALS.items())
    return 0 if met else 1


def _same(first: Paths, second: Paths) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


if __name__ == "__main__":
    sys.exit(main())
