"""What the pricing benchmark prices: seeded books and the hard grid of quotes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.unit.pricing import mp_reference

Floats = npt.NDArray[np.float64]

FORWARD = 60_000.0
HOUR = 1.0 / 8760.0
TENORS = (HOUR, 1 / 365, 7 / 365, 30 / 365, 0.5, 2.0)
VOLS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5, 4.0)
DEVIATIONS = tuple(np.linspace(-6.0, 6.0, 27).tolist())


class Options(NamedTuple):
    """Terms of options, each of shape (n,): USD, years, fraction a year, +1 call or -1 put."""

    forward: Floats
    strike: Floats
    years: Floats
    vol: Floats
    sign: Floats


class Quotes(NamedTuple):
    """Options and what they are worth, USD, rounded from fifty digits."""

    options: Options
    price: Floats


def book(size: int) -> Options:
    """Options as a desk holds them: one to fifty weeks, 30 % to 100 %, calls and puts."""
    rng = np.random.default_rng(20_240_627)
    return Options(
        FORWARD * np.exp(rng.normal(0.0, 0.02, size)),
        FORWARD * np.exp(rng.normal(0.0, 0.2, size)),
        rng.uniform(0.02, 1.0, size),
        rng.uniform(0.3, 1.0, size),
        rng.choice([-1.0, 1.0], size),
    )


def hard_grid() -> Quotes:
    """1,620 out-of-the-money quotes: an hour to two years, 5 % to 400 %, six deviations out."""
    legs: list[tuple[float, float, float, float, float]] = []
    for years in TENORS:
        for vol in VOLS:
            for z in DEVIATIONS:
                strike = FORWARD * math.exp(z * vol * math.sqrt(years))
                legs.append((FORWARD, strike, years, vol, 1.0 if strike >= FORWARD else -1.0))
    prices = np.array([mp_reference.black(*leg)[0] for leg in legs])
    return Quotes(Options(*np.array(legs).T.copy()), prices)


def drawn(quotes: Quotes, size: int) -> Quotes:
    """As many quotes, drawn from a grid without order: no branch can be guessed from the last."""
    chosen = np.random.default_rng(7).integers(0, quotes.price.size, size)
    options = Options(*(column[chosen] for column in quotes.options))
    return Quotes(options, quotes.price[chosen])


def worst_relative(found: Floats, exact: Floats) -> float:
    """Largest |found / exact - 1| of the finite answers; inf without one."""
    usable = np.isfinite(found)
    if not usable.any():
        return math.inf
    return float(np.abs(found[usable] / exact[usable] - 1.0).max())


def other_side(options: Options) -> Options:
    """The put of every call and the call of every put: in the money where the first were not."""
    return options._replace(sign=-options.sign)
