"""Black-76 price and Greeks of European options on a forward, for whole books at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.black_scalar import greeks_scalar
from terminal.pricing.mills import (
    LARGEST_CENTRE,
    ROOT_TWO_PI,
    SMALL_WIDTH,
    mills,
    mills_difference,
)
from terminal.pricing.rows import FloatArray, broadcast_rows

# For up to this many options a loop over the scalar path beats the fixed cost of numpy calls.
FEW: Final = 8
# Options per pass. Twenty-odd scratch rows of this length stay in a core's second-level cache.
BLOCK: Final = 1024
# Inputs at or below this go through the careful path: products of smaller ones may underflow.
SMALLEST_REGULAR: Final = 1e-100


class BlackGreeks(NamedTuple):
    """Price and Greeks of one unit, undiscounted, in the currency of the forward (USD).

    Attributes
    ----------
    price : ndarray
        USD.
    delta : ndarray
        dP/dF, forward delta: N(d1) for a call, N(d1) - 1 for a put.
    gamma : ndarray
        d2P/dF2, per USD.
    vega : ndarray
        dP/dsigma, USD per 1.00 of volatility (100 points).
    theta : ndarray
        dP/dt = -dP/dT, USD per year of 365 days, never positive.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray


def price(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> FloatArray:
    """Undiscounted Black-76 price.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As in `greeks`.

    Returns
    -------
    ndarray
        USD, of the common shape. Limits and bad inputs as in `greeks`.
    """
    return greeks(forward, strike, years, vol, sign).price


def greeks(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> BlackGreeks:
    """Undiscounted Black-76 price and Greeks.

    Parameters
    ----------
    forward, strike : array_like
        USD, > 0.
    years : array_like
        Time to expiry, ACT/365; zero or less means expired.
    vol : array_like
        Annual volatility as a fraction (0.60), >= 0.
    sign : array_like
        +1 call, -1 put.

    Returns
    -------
    BlackGreeks
        Arrays of the common shape. Expired options and zero volatility give the intrinsic value,
        delta 0 or `sign` (`sign` / 2 exactly at the strike, the mean of both sides) and 0
        elsewhere. Where an input is NaN, infinite, negative or not a sign, every field is NaN.

    Raises
    ------
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    Black (1976) with r = 0: carry lives in the forward. The time value is
    F phi(d1) [M(-d2) - M(-d1)] in terms of the Mills ratio M, so tails keep their relative accuracy
    where N(d) differences would cancel; ln(F/K) is taken as log1p(|F - K| / min(F, K)) because a
    minute before expiry the logarithm of a rounded quotient is wrong in the tenth digit. Against
    mpmath (tests/unit/pricing/test_black.py): relative error below 1e-12 for one minute to ten
    years, volatility 1 % to 500 %, |d| up to 37. The same call gives the same bits; in a batch of
    another size the last one may differ, as BLAS orders short sums by size and `FEW` options or
    less are priced one by one.
    """
    rows, shape = broadcast_rows(forward, strike, years, vol, sign)
    count = rows.shape[1]
    result = np.empty((5, count))
    if count <= FEW:
        for index, leg in enumerate(rows.T.tolist()):
            result[:, index] = greeks_scalar(*leg)
    else:
        _evaluate_blocks(rows, result)
    return BlackGreeks(*result.reshape(5, *shape))


def _evaluate_blocks(rows: FloatArray, result: FloatArray) -> None:
    """Fill `result` (5, n) from `rows` (5, n) for any inputs."""
    with np.errstate(all="ignore"):
        for start in range(0, rows.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            _evaluate(rows[:, block], result[:, block])
        if not _all_regular(rows):
            _settle_limits(rows, result)


def _evaluate(rows: FloatArray, result: FloatArray) -> None:
    """Fill `result` (5, n) from `rows` (5, n); correct wherever no input is at a limit."""
    forward, strike, years, vol, sign = rows
    value, delta, gamma, vega, theta = result
    root_years = np.sqrt(years)
    deviation = vol * root_years
    gap = forward - strike
    nearer = np.minimum(forward, strike)
    moneyness = np.abs(gap)
    moneyness /= nearer
    np.log1p(moneyness, moneyness)
    scores = _scores(np.copysign(moneyness, gap), deviation)
    tails = mills(np.abs(scores).reshape(-1)).reshape(2, -1)
    np.copysign(tails, scores, tails)
    halves = np.copysign(0.5, scores)

    density = np.square(scores[0])
    density *= -0.5
    np.exp(density, density)
    density *= 1.0 / ROOT_TWO_PI
    weight = forward * density

    # N(d1) is 1/2 + halves[0] - density * tails[0]: the constants cancel exactly in the tail.
    np.multiply(sign, 0.5, delta)
    delta += halves[0]
    delta -= density * tails[0]

    np.subtract(tails[1], tails[0], value)
    value *= weight
    nearer *= np.subtract(halves[0], halves[1])
    value += nearer
    if np.fmin.reduce(deviation) < SMALL_WIDTH:
        _refine_small(moneyness, deviation, weight, value)
    gap *= sign
    value += np.maximum(gap, 0.0, out=gap)

    np.multiply(weight, root_years, vega)
    np.divide(density, forward, gamma)
    gamma /= deviation
    weight *= vol
    weight *= -0.5
    np.divide(weight, root_years, theta)


def _scores(moneyness: FloatArray, deviation: FloatArray) -> FloatArray:
    """d1 and d2 as the rows of a (2, n) array."""
    scores = np.empty((2, deviation.size))
    ratio = moneyness / deviation
    half = 0.5 * deviation
    np.add(ratio, half, scores[0])
    np.subtract(ratio, half, scores[1])
    return scores


def _refine_small(
    moneyness: FloatArray, deviation: FloatArray, weight: FloatArray, value: FloatArray
) -> None:
    """Replace time values that cancel because the total deviation is small."""
    small = np.flatnonzero(deviation < SMALL_WIDTH)
    width = deviation[small]
    centre = np.minimum(moneyness[small] / width, LARGEST_CENTRE)
    value[small] = weight[small] * mills_difference(centre, width)


def _all_regular(rows: FloatArray) -> bool:
    """Whether every input is finite, positive and far from zero, and every sign is +1 or -1."""
    numbers = rows[:4].reshape(-1)
    sign = rows[4]
    return bool(
        np.minimum.reduce(numbers) > SMALLEST_REGULAR
        and np.maximum.reduce(numbers) < np.inf
        and np.logical_and.reduce(sign * sign == 1.0)
    )


def _settle_limits(rows: FloatArray, result: FloatArray) -> None:
    """Write intrinsic values where no time or volatility is left, NaN where an input is bad."""
    forward, strike, years, vol, sign = rows
    valid = np.isfinite(rows).all(axis=0) & (np.abs(sign) == 1.0)
    valid &= (forward > 0.0) & (strike > 0.0) & (vol >= 0.0)
    settled = np.flatnonzero((years <= 0.0) | (vol * np.sqrt(years) == 0.0))
    signed_gap = sign[settled] * (forward[settled] - strike[settled])
    result[:, settled] = 0.0
    result[0, settled] = np.maximum(signed_gap, 0.0)
    result[1, settled] = sign[settled] * np.heaviside(signed_gap, 0.5)
    result[:, ~valid] = np.nan
