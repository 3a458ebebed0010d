"""Black-76 price and Greeks of European options on a forward, for whole books at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.black_block import (
    ZERO,
    Block,
    blocks_of,
    discount_factor,
    evaluate,
    load,
)
from terminal.pricing.black_scalar import greeks_scalar
from terminal.pricing.rows import FloatArray, flat_columns

# For up to this many options a loop over the scalar path beats the fixed cost of numpy calls.
FEW: Final = 12


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


class DiscountedGreeks(NamedTuple):
    """Price and Greeks of one unit, discounted, in the currency of the forward (USD).

    Attributes
    ----------
    price, delta, gamma, vega, theta : ndarray
        As in `BlackGreeks`, times the discount factor; theta also earns the rate on the price.
    rho : ndarray
        dP/dr with the forward held, USD per 1.00 of rate (100 points).
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray


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
    TypeError
        An input holds something else than real numbers.
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
    columns, shape = flat_columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign)
    count = columns[0].size
    result = np.empty((5, count))
    if count <= FEW:
        legs = zip(*(column.tolist() for column in columns), strict=True)
        for index, leg in enumerate(legs):
            result[:, index] = greeks_scalar(*leg)
    else:
        with np.errstate(all="ignore"):
            for part, block in blocks_of(count):
                load(block, columns, part)
                evaluate(block, result[:, part])
    return BlackGreeks(*result.reshape(5, *shape))


def greeks_with_rho(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    rate: npt.ArrayLike = 0.0,
) -> DiscountedGreeks:
    """Black-76 price, delta, gamma, vega, theta and rho, discounted, in one pass.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As in `greeks`.
    rate : array_like
        Continuously compounded discount rate per year; 0 for an option margined like a future.

    Returns
    -------
    DiscountedGreeks
        Arrays of the common shape. Limits and bad inputs as in `greeks`; an expired option is worth
        its undiscounted intrinsic value, and a rate that is NaN or infinite gives NaN throughout.

    Raises
    ------
    TypeError, ValueError
        As in `greeks`.

    Notes
    -----
    P = exp(-r T) B with B the undiscounted value of `greeks`; so theta = exp(-r T) dB/dt + r P and,
    the forward held, rho = -T P.
    """
    terms = {"forward": forward, "strike": strike, "years": years, "vol": vol, "sign": sign}
    has_rate = not _is_plain_zero(rate)
    columns, shape = flat_columns(**terms, rate=rate) if has_rate else flat_columns(**terms)
    result = np.empty((6, columns[0].size))
    with np.errstate(all="ignore"):
        for part, block in blocks_of(columns[0].size):
            load(block, columns[:5], part)
            unit = result[:, part]
            evaluate(block, unit[:5])
            if has_rate:
                _discount(unit, block, columns[5][part])
            _fill_rho(unit, block)
    return DiscountedGreeks(*result.reshape(6, *shape))


def _is_plain_zero(value: object) -> bool:
    """Whether a value is the number zero, neither an array of zeros nor nothing."""
    return isinstance(value, float) and value == 0.0


def _discount(unit: FloatArray, block: Block, rate: FloatArray) -> None:
    """Turn undiscounted price, delta, gamma, vega, theta into discounted ones."""
    value, theta, years = unit[0], unit[4], block.inputs[2]
    factor, earned = block.spare, block.nearer
    discount_factor(rate, years, factor)
    np.multiply(unit[:5], factor, unit[:5])
    np.multiply(value, rate, earned)
    if np.fmin.reduce(years) <= 0.0:
        earned[years <= 0.0] = 0.0
    np.add(theta, earned, theta)


def _fill_rho(unit: FloatArray, block: Block) -> None:
    """Write -T P in the last row, zero once the option has expired."""
    negative_life = block.spare
    np.negative(block.inputs[2], negative_life)
    np.minimum(negative_life, ZERO, out=negative_life)
    np.multiply(unit[0], negative_life, unit[5])
