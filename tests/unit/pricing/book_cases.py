"""Books of options for the tests of what prices them, and the rule for one option written out."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from tests.unit.pricing import mp_reference

Array = npt.NDArray[np.float64]
SPOT = 60_013.5


def book(size: int, seed: int = 3) -> Array:
    """Columns (9, size): an hour to a year, both sides, both settlements, a third with marks."""
    rng = np.random.default_rng(seed)
    in_coin = rng.choice([0.0, 1.0], size)
    mark = np.where(in_coin == 1.0, rng.uniform(0.0, 0.1, size), rng.uniform(0.0, 6000.0, size))
    mark[rng.uniform(size=size) < 0.67] = math.nan
    return np.array(
        [
            rng.normal(0.0, 5.0, size),
            np.where(in_coin == 1.0, 0.05, 2500.0),
            np.round(SPOT * np.exp(rng.normal(0.0, 0.2, size)), -2),
            rng.choice([-1.0, 1.0], size),
            in_coin,
            np.exp(rng.normal(0.0, 0.02, size)),
            rng.uniform(1 / 8760, 1.0, size),
            rng.uniform(0.3, 1.0, size),
            mark,
        ]
    )


def outputs(columns: Array) -> tuple[Array, Array]:
    """Arrays to be overwritten, full of what must not stay."""
    return np.full((11, columns.shape[1]), 7.0), np.full(11, 7.0)


def one_option(spot: float, column: list[float]) -> list[float]:
    """The eleven numbers of one option, to 50 digits but for the last few operations."""
    coins, entry, strike, sign, in_coin, basis, years, vol, mark = column
    price, delta_unit, gamma_unit, vega, theta = mp_reference.black(
        basis * spot, strike, years, vol, sign
    )
    weight, in_usd = (1.0 / basis, spot) if in_coin else (1.0, 1.0)
    worth = weight * price if math.isnan(mark) else mark * in_usd
    delta = coins * weight * basis * delta_unit
    gamma = coins * weight * basis**2 * gamma_unit
    return [
        coins * worth,
        delta,
        delta - (coins * worth / spot if in_coin else 0.0),
        delta,
        delta * spot,
        gamma,
        gamma * spot**2 / 100.0,
        coins * weight * vega / 100.0,
        coins * weight * theta / 365.0,
        worth / in_usd,
        coins * (worth - entry * in_usd),
    ]


def running_sum(out: Array) -> list[float]:
    """Sums of rows as a loop over options makes them."""
    total: list[float] = out[:, 0].tolist()
    for column in out.T[1:].tolist():
        total = [a + b for a, b in zip(total, column, strict=True)]
    return total
