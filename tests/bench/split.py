"""How near the split is to the best whole lots on random books: `python -m tests.bench.split`."""

import sys
import time

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.hedging.split import Shelf, capacity, shares, taken

UNIT = 0.01
"""Coins: every lot is a multiple of it, so that trying everything is a table of whole numbers."""

BOOKS = 1000
LOTS, LEASTS = (1, 1, 2, 5, 10), (1, 1, 1, 3, 10)

Table = NDArray[np.float64]


class Gap(Struct, frozen=True):
    """How far one split is from the optimum."""

    cost: float  # of the cost of one coarsest lot at the dearest level
    lots: float  # largest difference of one book, coarsest lots
    seconds: float


def shelf(rng: np.random.Generator) -> Shelf:
    """Random book: fee and half spread, then levels that rise."""
    levels = int(rng.integers(1, 7))
    rates = rng.uniform(10.0, 80.0) + np.cumsum(np.append(0.0, rng.exponential(8.0, levels - 1)))
    sizes = rng.integers(1, 40, levels) * UNIT
    return Shelf(
        float(rng.choice(LOTS)) * UNIT,
        int(rng.choice(LEASTS)),
        tuple(zip(rates.tolist(), sizes.tolist(), strict=True)),
    )


def question(seed: int) -> tuple[list[Shelf], int]:
    """Books and a size in units."""
    rng = np.random.default_rng(seed)
    shelves = [shelf(rng) for _ in range(int(rng.integers(2, 6)))]
    return shelves, int(rng.integers(1, 200))


def value(shelves: list[Shelf], usd: float, left: float) -> float:
    """What is minimised: cost, and coins left out at just more than the dearest level."""
    return usd + left * 1.01 * max(rate for each in shelves for rate, _ in each.steps)


def optimum(shelves: list[Shelf], units: int) -> tuple[float, tuple[int, ...]]:
    """Least value and its lots, by a table over every size and number of lots."""
    best = np.full(units + 1, np.inf)
    best[0] = 0.0
    chosen: list[tuple[NDArray[np.int64], int]] = []
    for each in shelves:
        step = round(each.lot / UNIT)
        after, used = best.copy(), np.zeros(units + 1, dtype=np.int64)
        for count in range(each.least, min(capacity(each), units // step) + 1):
            tried = np.full(units + 1, np.inf)
            tried[count * step :] = best[: units + 1 - count * step]
            tried += taken(each, count * each.lot)
            better = tried < after - 1e-12
            after[better], used[better] = tried[better], count
        best = after
        chosen.append((used, step))
    values = [value(shelves, usd, (units - size) * UNIT) for size, usd in enumerate(best.tolist())]
    size = int(np.argmin(values))
    least, lots = values[size], []
    for used, step in reversed(chosen):
        lots.append(int(used[size]))
        size -= lots[-1] * step
    return least, tuple(reversed(lots))


def gap(seed: int) -> Gap:
    """Our split against the optimum."""
    shelves, units = question(seed)
    start = time.perf_counter()
    found = shares(shelves, units * UNIT)
    spent = time.perf_counter() - start
    least, lots = optimum(shelves, units)
    coarsest = max(each.lot for each in shelves)
    apart = max(
        abs(ours - best) * each.lot
        for ours, best, each in zip(found.lots, lots, shelves, strict=True)
    )
    above = value(shelves, found.usd, found.left) - least
    return Gap(above / value(shelves, 0.0, coarsest), apart / coarsest, spent)


def main() -> None:
    """Print how the gaps are distributed."""
    gaps = [gap(seed) for seed in range(BOOKS)]
    cost: Table = np.array([each.cost for each in gaps])
    lots: Table = np.array([each.lots for each in gaps])
    spent: Table = np.array([each.seconds for each in gaps]) * 1e3
    sys.stdout.write(
        f"{BOOKS} random books, against every combination of whole lots\n"
        f"optimal cost             {np.mean(cost < 1e-9):8.1%}\n"
        f"largest gap, cost        {cost.max():8.3f} of one lot\n"
        f"sizes within one lot     {np.mean(lots < 1.0 + 1e-9):8.1%}\n"
        f"milliseconds, median     {np.median(spent):8.3f}\n"
        f"milliseconds, worst      {spent.max():8.3f}\n"
    )


if __name__ == "__main__":
    main()
