"""Realised variance of an index, sampled on a fixed grid and weighted exponentially."""

import math

from msgspec import Struct

from terminal.core.units import HOUR, MINUTE, YEAR

STEP = MINUTE
"""Returns are taken a minute apart: below that, bounce between bid and ask dominates."""

HALF_LIFE = HOUR


class Variance(Struct, frozen=True, gc=False):
    """Weighted sum of squared log returns and of the time they cover."""

    price: float = 0.0  # last sampled
    at: int = 0
    squares: float = 0.0
    span: float = 0.0  # ns, weighted


def observe(before: Variance, price: float, at: int) -> Variance:
    """Take a price into the estimate when a step has passed since the last sample."""
    if before.at == 0:
        return Variance(price, at)
    elapsed = at - before.at
    if elapsed < STEP:
        return before
    keep = 0.5 ** (elapsed / HALF_LIFE)
    move = math.log(price / before.price)
    return Variance(price, at, keep * before.squares + move * move, keep * before.span + elapsed)


def annual_vol(variance: Variance) -> float | None:
    """Annual volatility as a fraction (ACT/365); None until ten steps have been seen."""
    if variance.span < 10 * STEP:
        return None
    return math.sqrt(variance.squares / variance.span * YEAR)
