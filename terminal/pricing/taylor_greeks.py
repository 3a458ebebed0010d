"""Greeks that split a move of an option's value: to third order in price, second in volatility."""

from __future__ import annotations

from math import copysign, inf, isnan, log1p, nan, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.black_scalar import greeks_scalar
from terminal.pricing.full_greeks import full_greeks
from terminal.pricing.mills import ROOT_TWO_PI
from terminal.pricing.rows import FloatArray, flat_columns

# For up to this many options a loop over the scalar path beats the fixed cost of numpy calls.
FEW: Final = 12


class TaylorGreeks(NamedTuple):
    """Price and Greeks of one unit, undiscounted, in the currency of the forward (USD).

    Attributes
    ----------
    price, delta, gamma, vega, theta : ndarray
        As in `terminal.pricing.black.BlackGreeks`.
    vanna : ndarray
        d(delta)/dsigma, per 1.00 of volatility.
    volga : ndarray
        d(vega)/dsigma, USD per 1.00 of volatility squared.
    speed : ndarray
        d(gamma)/dF, per USD squared.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    vanna: FloatArray
    volga: FloatArray
    speed: FloatArray


def taylor_greeks(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> TaylorGreeks:
    """Black-76 price, delta, gamma, vega, theta, vanna, volga and speed.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As in `terminal.pricing.black.greeks`.

    Returns
    -------
    TaylorGreeks
        Arrays of the common shape, with the limits of `full_greeks`; speed is 0 where no time or
        volatility is left. Where an input is NaN, infinite, negative or not a sign, every field is
        NaN.

    Raises
    ------
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    Speed is -gamma / F (1 + d1 / (sigma sqrt(T))) (Haug 2007, "The Complete Guide to Option Pricing
    Formulas", section 2.2); against mpmath (tests/unit/pricing/test_taylor_greeks.py) its relative
    error is below 1e-12 of the sum of its absolute terms. The others are those of `full_greeks`.
    """
    columns, shape = flat_columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign)
    if columns[0].size <= FEW:
        legs = zip(*(each.tolist() for each in columns), strict=True)
        rows = [taylor_scalar(*leg) for leg in legs]
        found = np.array(rows, dtype=np.float64).reshape(-1, 8).T
        return TaylorGreeks(*found.reshape(8, *shape))
    nine = full_greeks(*columns)
    found = np.array((*nine[:5], nine.vanna, nine.volga, _speed(*columns[:4])))
    found[7, np.isnan(nine.price)] = np.nan
    return TaylorGreeks(*found.reshape(8, *shape))


def _speed(
    forward: FloatArray, strike: FloatArray, years: FloatArray, vol: FloatArray
) -> FloatArray:
    """Speed of sound inputs, 0 where it has no limit."""
    with np.errstate(all="ignore"):
        gap = forward - strike
        # The logarithm of a rounded quotient loses its digits next to the strike.
        log = np.copysign(np.log1p(np.abs(gap) / np.minimum(forward, strike)), gap)
        deviation = vol * np.sqrt(np.maximum(years, 0.0))
        score = log / deviation + 0.5 * deviation
        density = np.exp(-0.5 * score * score) / ROOT_TWO_PI
        found = -density / (forward * forward * deviation) * (1.0 + score / deviation)
    return np.where((deviation > 0.0) & np.isfinite(found), found, 0.0)


def taylor_scalar(
    forward: float, strike: float, years: float, vol: float, sign: float
) -> tuple[float, ...]:
    """Fields of `TaylorGreeks` of one option, by the formulas and with the limits of the arrays."""
    plain = greeks_scalar(forward, strike, years, vol, sign)
    deviation = vol * sqrt(years) if years > 0.0 and 0.0 <= vol < inf else 0.0
    if isnan(plain[0]):
        return (*plain, nan, nan, nan)
    if deviation == 0.0:
        return (*plain, 0.0, 0.0, 0.0)
    gap = forward - strike
    log = copysign(log1p(abs(gap) / min(forward, strike)), gap)
    upper, lower = log / deviation + 0.5 * deviation, log / deviation - 0.5 * deviation
    _, _, gamma, vega, _ = plain
    return (
        *plain,
        -gamma * forward * sqrt(years) * lower,
        vega * upper / vol * lower,
        -gamma / forward * (1.0 + upper / deviation),
    )
