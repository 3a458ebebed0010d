"""A tick becomes exposure: 500 options of one coin revalued, added up, and the band around them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import numpy as np
from vollib.black import black
from vollib.black.greeks import analytical

from terminal.pricing.bands import gamma_half_width_scalar
from terminal.pricing.engines import load
from tests.bench.pricing_cases import Floats
from tests.bench.pricing_ours import Job, Maker, available
from tests.bench.pricing_table import OPPONENT, Contest, Line
from tests.bench.pricing_timing import QUICK, Effort, latencies

CONTEST = Contest("tick to exposure", 500, "py_vollib", (400.0, 1_500.0))
P99_GOALS = {"numpy": 50e-6, "compiled": 25e-6}
SPOTS = (60_000.0, 60_013.5)
COST, AVERSION = 5.8e-4, 2e-5
FIELDS = 9
MOST_APART = 1e-9


class Desk(NamedTuple):
    """The book as `Engine.fold` takes it: one column an option, and the same as rows of floats."""

    columns: Floats
    rows: list[list[float]]


def desk(size: int) -> Desk:
    """Options of one coin without venue marks, half of them paid in coin, of twelve expiries."""
    rng = np.random.default_rng(500)
    years = np.sort(rng.choice(np.geomspace(2.0, 360.0, 12), size)) / 365.0
    columns = np.array(
        [
            rng.normal(0.0, 5.0, size),  # coins
            rng.uniform(0.01, 0.1, size),  # entry
            np.round(SPOTS[0] * np.exp(rng.normal(0.0, 0.2, size)), -2),  # strike
            rng.choice([-1.0, 1.0], size),  # sign
            rng.choice([0.0, 1.0], size),  # in coin
            np.exp(0.06 * years),  # basis
            years,
            rng.uniform(0.3, 1.0, size),  # volatility
            np.full(size, np.nan),  # mark
        ]
    )
    return Desk(columns, columns.T.tolist())


def library_tick(book: Desk) -> Job:
    """Exposure and band with a scalar library: five calls an option."""
    moved = list(SPOTS)
    delta, gamma, vega, theta = (
        analytical.delta,
        analytical.gamma,
        analytical.vega,
        analytical.theta,
    )

    def run() -> tuple[list[float], float]:
        moved.reverse()
        spot = moved[0]
        total = [0.0] * FIELDS
        for coins, _, strike, sign, coin, basis, years, vol, _ in book.rows:
            flag, forward = "c" if sign > 0.0 else "p", basis * spot
            amount = coins / basis if coin else coins
            one = amount * basis * delta(flag, forward, strike, years, 0.0, vol)
            bend = amount * basis * basis * gamma(flag, forward, strike, years, 0.0, vol)
            value = amount * black(flag, forward, strike, years, 0.0, vol)
            for place, part in enumerate(
                (
                    value,
                    one,
                    one - coin * value / spot,
                    one,
                    one * spot,
                    bend,
                    bend * spot * spot * 0.01,
                    amount * vega(flag, forward, strike, years, 0.0, vol),
                    amount * theta(flag, forward, strike, years, 0.0, vol),
                )
            ):
                total[place] += part
        half = (1.5 * COST * spot * total[5] ** 2 / AVERSION) ** (1.0 / 3.0)
        return total, half

    return run


def tick_job(book: Desk) -> Maker:
    """The same with an engine of ours: only the index has moved since the book was folded."""

    def make(path: str) -> Job:
        engine = load(path)
        moved, folded = list(SPOTS), engine.fold(SPOTS[0], book.columns)

        def run() -> tuple[list[float], float]:
            moved.reverse()
            spot = moved[0]
            exposure = engine.total_at(spot, folded)
            return exposure, gamma_half_width_scalar(COST, spot, exposure[5], AVERSION)

        return run

    return make


def tick(effort: Effort) -> Iterator[Line]:
    """Latency of single ticks, each timed on its own, in turns with the library."""
    book = desk(CONTEST.size)
    jobs: dict[str, Job] = {OPPONENT: library_tick(book)}
    remarks: list[str] = []
    for path, job in available(tick_job(book)):
        if isinstance(job, str):
            remarks.append(job)
        else:
            jobs[path] = job
    first = {path: job() for path, job in jobs.items()}
    for path, answer in first.items():
        apart = _apart(answer, first[OPPONENT])
        if apart > MOST_APART:
            remarks.append(f"{path} differs from the library by {apart:.0e}: not timed")
            del jobs[path]
    found, conditions = _in_turns(jobs, effort), dict[str, bool]()
    for path, spent in found.items():
        high = sorted(spent)[int(0.99 * len(spent))]
        name = CONTEST.opponent if path == OPPONENT else path
        remarks.append(f"{name}: p50 {median(spent) * 1e6:,.1f} us, p99 {high * 1e6:,.1f} us")
        if path in P99_GOALS:
            goal = P99_GOALS[path]
            conditions[f"{path}: p99 under {goal * 1e6:g} us"] = high < goal
    seconds = {path: median(spent) for path, spent in found.items()}
    yield Line(CONTEST, seconds, tuple(remarks), conditions)


def _in_turns(jobs: dict[str, Job], effort: Effort) -> dict[str, list[float]]:
    mine, theirs = (300, 2) if effort is QUICK else (2_000, 12)
    found: dict[str, list[float]] = {path: [] for path in jobs}
    for job in jobs.values():
        job()
    for _ in range(effort.rounds):
        for path, job in jobs.items():
            found[path] += latencies(job, theirs if path == OPPONENT else mine)
    return found


def _apart(mine: tuple[list[float], float], theirs: tuple[list[float], float]) -> float:
    """Largest difference of totals, in parts of the larger of the two."""
    pairs = zip((*mine[0], mine[1]), (*theirs[0], theirs[1]), strict=True)
    return max(abs(a - b) / max(abs(a), abs(b), 1e-300) for a, b in pairs)
