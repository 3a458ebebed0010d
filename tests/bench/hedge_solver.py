"""The hedge solver against a mixed-integer solver: `python -m tests.bench.hedge_solver`."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
from msgspec import structs
from scipy import optimize

from terminal.hedging.solver.moves import Moves, moves
from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Band, Candidate, Problem, Terms
from terminal.hedging.solver.search import search
from terminal.hedging.solver.solve import solve
from terminal.pricing.black_scalar import greeks_scalar

SPOT = 60_000.0
TENORS = (7, 14, 30, 60, 90, 180)
SEEDS = range(15)
MOST_NODES = 20_000
SIZES = ((20, 2), (60, 1), (60, 2), (60, 3))
BANDS = (0.5, 3_000.0, 300.0)


def perpetual() -> Candidate:
    """Perpetual of one coin in lots of a thousandth."""
    terms = Terms(max_qty=200.0, fee_rate=5e-4, impact=2.0)
    return Candidate(
        key="PERP",
        greeks={DELTA: 1.0, GAMMA: 0.0, VEGA: 0.0},
        bid=SPOT - 0.5,
        ask=SPOT + 0.5,
        lot=Decimal("0.001"),
        buy=terms,
        sell=terms,
    )


def option(rng: np.random.Generator, number: int, convexity: float) -> Candidate:
    """Option of a random strike and tenor, with a spread and depth like those of a venue."""
    strike = round(SPOT * math.exp(rng.normal(0.0, 0.15)), -3)
    sign, years = float(rng.choice([-1.0, 1.0])), float(rng.choice(TENORS)) / 365.0
    vol = 0.6 + 0.3 * math.log(strike / SPOT) ** 2
    price, delta, gamma, vega, _ = greeks_scalar(SPOT, strike, years, vol, sign)
    half = 0.5 * max(15.0, price * float(rng.uniform(0.01, 0.05)))
    terms = Terms(
        max_qty=float(rng.uniform(5.0, 60.0)),
        fee_rate=3e-4,
        impact=float(rng.uniform(0.0, 10.0)),
        convexity=convexity,
    )
    return Candidate(
        key=f"OPTION-{number:02d}",
        greeks={
            DELTA: delta,
            GAMMA: gamma * SPOT * SPOT / 100.0,
            VEGA: vega / 100.0,
        },
        bid=max(price - half, 0.0),
        ask=price + half,
        fee_base=SPOT,
        lot=Decimal("0.1"),
        buy=terms,
        sell=terms,
    )


def question(seed: int, count: int, greeks: int, convexity: float = 0.0) -> Problem:
    """Reproducible question about the first Greeks."""
    rng = np.random.default_rng(seed)
    options = [option(rng, number, convexity) for number in range(count - 1)]
    net = rng.normal(size=3) * (20.0, 30_000.0, 3_000.0)
    names = (DELTA, GAMMA, VEGA)
    return Problem(
        net={name: float(value) for name, value in zip(names, net, strict=True)},
        bands=tuple(
            Band(name, -width, width) for name, width in zip(names[:greeks], BANDS, strict=False)
        ),
        candidates=(perpetual(), *options),
        alternatives=0,
    )


def reference(columns: Moves) -> float | None:
    """Least cost by HiGHS; None when there is no answer."""
    size, eye = columns.most.size, np.eye(columns.most.size)
    rows = np.vstack(
        [
            np.hstack([columns.effect, np.zeros_like(columns.effect)]),
            np.hstack([np.zeros((1, size)), np.ones((1, size))]),
            np.hstack([eye, -eye * columns.most]),
        ]
    )
    low = np.concatenate([columns.low - columns.present, [0.0], np.full(size, -np.inf)])
    high = np.concatenate([columns.high - columns.present, [columns.slots], np.zeros(size)])
    answer = optimize.milp(
        np.concatenate([columns.unit, columns.order]),
        constraints=optimize.LinearConstraint(rows, low, high),
        integrality=np.ones(2 * size),
        bounds=optimize.Bounds(0.0, np.concatenate([columns.most, np.ones(size)])),
        options={"mip_rel_gap": 0.0},
    )
    return float(answer.fun) if answer.status == 0 else None


def milliseconds(call: Callable[[], object]) -> float:
    """Best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def compared(count: int, greeks: int) -> str:
    """One line: both times over all questions, their ratio, and whether costs agree."""
    mine, theirs, agree = [], [], 0
    for seed in SEEDS:
        problem = question(seed, count, greeks)
        columns = moves(problem, problem.candidates)
        found = search(columns, nearest=False, most_nodes=MOST_NODES)
        start = time.perf_counter()
        cost = reference(columns)
        theirs.append((time.perf_counter() - start) * 1e3)
        mine.append(milliseconds(lambda each=problem: solve(each)))  # type: ignore[misc]
        least = None if found.best is None else found.best.worth
        agree += least == cost or math.isclose(least or 0.0, cost or 0.0, rel_tol=1e-6)
    ratio = float(np.median(np.array(theirs) / np.array(mine)))
    return (
        f"{count:>11} {greeks:>6} {np.median(mine):>9.1f} {max(mine):>8.0f}"
        f" {np.median(theirs):>9.1f} {max(theirs):>8.0f} {ratio:>12.1f} {agree:>4}/{len(SEEDS)}\n"
    )


def curved(greeks: int) -> str:
    """One line on books that thin out, which a linear solver cannot take."""
    problems = [question(seed, 60, greeks, convexity=0.5) for seed in SEEDS]
    times = [milliseconds(lambda each=each: solve(each)) for each in problems]  # type: ignore[misc]
    return f"  60 convex {greeks:>6} {np.median(times):>9.1f} {max(times):>8.0f}\n"


def wanting() -> str:
    """One line on bands that two instruments too few can hardly meet."""
    asked = [structs.replace(question(seed, 60, 3), most_instruments=1) for seed in SEEDS]
    times = [milliseconds(lambda each=each: solve(each)) for each in asked]  # type: ignore[misc]
    return f" 60 nearest {3:>6} {np.median(times):>9.1f} {max(times):>8.0f}\n"


def main() -> None:
    """Print milliseconds (median, worst) and how many times faster than HiGHS the solver is."""
    sys.stdout.write("instruments greeks median ms worst ms  HiGHS ms    worst x over HiGHS")
    sys.stdout.write(" agree\n")
    for count, greeks in SIZES:
        sys.stdout.write(compared(count, greeks))
    for greeks in (2, 3):
        sys.stdout.write(curved(greeks))
    sys.stdout.write(wanting())


if __name__ == "__main__":
    main()
