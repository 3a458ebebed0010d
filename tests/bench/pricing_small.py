"""Greeks of small books against a scalar library loop: `python -m tests.bench.pricing_small`."""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable

import numpy as np
from vollib.black import black
from vollib.black.greeks import analytical

from terminal.pricing.black import greeks
from terminal.pricing.black_scalar import greeks_scalar

FORWARD = 60_000.0
SIZES = (1, 2, 4, 50, 500)
ROUNDS = 7
SECONDS_PER_ROUND = 0.05

Leg = tuple[float, float, float, float]


def book(size: int) -> list[Leg]:
    """Strike, years, vol and sign of a reproducible book."""
    rng = np.random.default_rng(20_240_627)
    strikes = FORWARD * np.exp(rng.normal(0.0, 0.2, size))
    years = rng.uniform(0.02, 1.0, size)
    vols = rng.uniform(0.3, 1.0, size)
    signs = rng.choice([-1.0, 1.0], size)
    rows = np.stack([strikes, years, vols, signs], axis=1).tolist()
    return [(strike, tenor, vol, sign) for strike, tenor, vol, sign in rows]


def library_loop(legs: list[Leg]) -> None:
    """Price, delta, gamma, vega and theta of every leg with the scalar library."""
    for strike, years, vol, sign in legs:
        flag = "c" if sign > 0 else "p"
        black(flag, FORWARD, strike, years, 0.0, vol)
        for greek in (analytical.delta, analytical.gamma, analytical.vega, analytical.theta):
            greek(flag, FORWARD, strike, years, 0.0, vol)


def scalar_loop(legs: list[Leg]) -> None:
    """The same with our scalar path."""
    for strike, years, vol, sign in legs:
        greeks_scalar(FORWARD, strike, years, vol, sign)


def microseconds(call: Callable[[], object]) -> float:
    """Median over rounds of the time of one call."""
    timer = timeit.Timer(call)
    once = max(timer.timeit(3) / 3, 1e-7)
    number = max(1, int(SECONDS_PER_ROUND / once))
    return float(np.median(timer.repeat(ROUNDS, number))) / number * 1e6


def measure(size: int) -> str:
    """One line of the table."""
    legs = book(size)
    strikes, years, vols, signs = np.array(legs).T.copy()
    arrays = microseconds(lambda: greeks(FORWARD, strikes, years, vols, signs))
    scalars = microseconds(lambda: scalar_loop(legs))
    library = microseconds(lambda: library_loop(legs))
    return (
        f"{size:>7} {arrays:>10.1f} {scalars:>10.1f} {library:>11.1f}"
        f" {library / arrays:>12.1f} {library / scalars:>12.1f}\n"
    )


def main() -> None:
    """Print microseconds per call and how many times faster than the library each path is."""
    sys.stdout.write("options   array us  scalar us  library us  x by array  x by scalar\n")
    for size in SIZES:
        sys.stdout.write(measure(size))


if __name__ == "__main__":
    main()
