"""Minimum-variance hedge ratios consistent with Heston, Merton and Bates."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from terminal.pricing.fourier.characteristic import (
    jump_characteristic,
    log_characteristic,
    riccati,
)
from terminal.pricing.fourier.cosine import expansion, held, put_series
from terminal.pricing.fourier.intervals import MOST_NODES, TOLERANCE, Intervals, intervals
from terminal.pricing.fourier.model_greeks import distribution
from terminal.pricing.fourier.models import Coefficients, Model, coefficients, jump_drift
from terminal.pricing.fourier.slices import Slices, group, in_groups, living_and_expired
from terminal.pricing.rows import FloatArray, broadcast_rows

# Standard deviations of a jump that the interval makes room for.
JUMP_REACH: Final = 8.0


def hedge_delta(
    model: Model,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> FloatArray:
    """Delta to neutralise for the least variance of option and hedge together.

    Parameters
    ----------
    model, forward, strike, years, sign
        As in `terminal.pricing.fourier.cosine.price`.

    Returns
    -------
    ndarray
        Of the common shape: sell so many forwards against one long option. 0 or `sign` when
        expired (half of it at the strike), NaN where an input is bad.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.

    Notes
    -----
    h = d<C, F> / d<F>, which is (v F^2 C_F + rho xi v F C_v + L E[dC dF]) / (v F^2 + L E[dF^2])
    with jumps at rate L. Without jumps this is C_F + (rho xi / F) C_v (Bakshi, Cao and Chen 1997).
    The jump moments need no quadrature: E[P(F e^J)] is a put under the density of the return plus
    one more jump, E[e^J P(F e^J)] the same with the mean of that jump raised by its variance.
    Against direct integration over the jump: test_hedge_ratio.py.
    """
    rows, shape = broadcast_rows(forward, strike, years, sign)
    result = np.full(rows.shape[1], np.nan)
    with np.errstate(all="ignore"):
        living, expired = living_and_expired(rows)
        late = rows[:, expired]
        result[expired] = late[3] * np.heaviside(late[3] * (late[0] - late[1]), 0.5)
        chosen, slices = group(rows, living)
        puts = in_groups(lambda part: _put_ratio(coefficients(model), part), slices)
        result[chosen] = puts + (rows[3, chosen] > 0.0)
    return result.reshape(shape)


def _put_ratio(c: Coefficients, slices: Slices) -> FloatArray:
    grid = expansion(slices, _room_for_jump(c, intervals(c, slices.years, TOLERANCE, 1)))
    solution = riccati(c, grid.nodes, grid.years)
    density = np.exp(log_characteristic(c, solution))
    rows = [density, density * solution.level]
    if c.jump_rate > 0.0:
        raised = c._replace(jump_mean=c.jump_mean + c.jump_std * c.jump_std)
        rows.append(density * jump_characteristic(c, grid.nodes))
        rows.append(density * jump_characteristic(raised, grid.nodes))
    series = put_series(grid, np.stack(rows))[:, *grid.inside]
    below, _ = distribution(grid, density)
    ratio = np.exp(slices.log_strike)
    put = held(series[0], slices)
    delta = np.clip(put - ratio * below[grid.inside], -1.0, 0.0)
    diffusion: FloatArray = delta + c.rho * c.xi * series[1]
    if c.jump_rate <= 0.0:
        return diffusion
    drift = jump_drift(c)
    together = (1.0 + drift) * series[3] - series[2] - drift * put
    square = _jump_square(c)
    ratios: FloatArray = (c.v0 * diffusion + c.jump_rate * together) / (c.v0 + c.jump_rate * square)
    return ratios


def _jump_square(c: Coefficients) -> float:
    """E[(e^J - 1)^2]: the variance of e^J and the square of its mean excess."""
    drift = jump_drift(c)
    variance = (1.0 + drift) ** 2 * math.expm1(c.jump_std * c.jump_std)
    return variance + drift * drift


def _room_for_jump(c: Coefficients, interval: Intervals) -> Intervals:
    """Widen the intervals so that one more jump stays inside, at the same highest frequency."""
    if c.jump_rate <= 0.0:
        return interval
    reach = JUMP_REACH * c.jump_std
    down = max(0.0, reach - c.jump_mean)
    up = max(0.0, reach + c.jump_mean + c.jump_std * c.jump_std)
    width = interval.width + (down + up)
    counts = np.ceil(interval.counts * (width / interval.width))
    held_counts = np.minimum(counts, MOST_NODES).astype(np.int64)
    return Intervals(interval.lower - down, width, held_counts)
