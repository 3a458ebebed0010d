"""Black-76 price and Greeks of European options on a forward, for whole books at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.black_block import (
    ZERO,
    IntegerArray,
    blocks_of,
    discount_factor,
    evaluate,
    load,
)
from terminal.pricing.black_ordinary import (
    Columns,
    Scratch,
    extraordinary,
    fill_ordinary,
    passes,
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
    where N(d) differences would cancel. Ordinary options take the few passes of `black_ordinary`;
    what is left, close to expiry or far from the strike, is done with the care of `black_block`.
    Against mpmath (tests/unit/pricing/test_black.py): relative error below 1e-12 for one minute to
    ten years, volatility 1 % to 500 %, |d| up to 37. The same call gives the same bits; in a batch
    of another size the last ones may differ, as BLAS orders short sums by size and `FEW` options or
    less are priced one by one.
    """
    columns, shape = flat_columns(forward=forward, strike=strike, years=years, vol=vol, sign=sign)
    result = np.empty((5, columns[0].size))
    if columns[0].size <= FEW:
        _fill_few(columns, result)
    else:
        with np.errstate(all="ignore"):
            for part, scratch in passes(columns[0].size):
                _fill(scratch, _cut(columns, part), result[:, part])
    return BlackGreeks(*(result if len(shape) == 1 else result.reshape(5, *shape)))


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
    count = columns[0].size
    result = np.empty((6, count))
    with np.errstate(all="ignore"):
        if count <= FEW:
            _fill_few(columns[:5], result[:5])
            _finish(columns, result, is_alive=False)
        else:
            for part, scratch in passes(count):
                terms_here, unit = _cut(columns, part), result[:, part]
                is_alive = _fill(scratch, terms_here[:5], unit[:5])
                _finish(terms_here, unit, is_alive=is_alive)
    return DiscountedGreeks(*(result if len(shape) == 1 else result.reshape(6, *shape)))


def _cut(columns: Columns, part: slice) -> Columns:
    """The same part of every column."""
    if part.stop - part.start == columns[0].size:
        return columns
    return tuple(column[part] for column in columns)


def _is_plain_zero(value: object) -> bool:
    """Whether a value is the number zero, neither an array of zeros nor nothing."""
    return isinstance(value, float) and value == 0.0


def _fill_few(columns: Columns, result: FloatArray) -> None:
    """Write price, delta, gamma, vega, theta of a handful of options, one after another."""
    legs = zip(*(column.tolist() for column in columns), strict=True)
    for index, leg in enumerate(legs):
        result[:, index] = greeks_scalar(*leg)


def _fill(scratch: Scratch, columns: Columns, result: FloatArray) -> bool:
    """Write price, delta, gamma, vega, theta; tell whether every option was ordinary."""
    if fill_ordinary(scratch, columns, result):
        return True
    rest = extraordinary(scratch, columns[4])
    if rest.size > FEW:
        result[:, rest] = _with_care(columns, rest)
    elif rest.size:
        unit = np.empty((5, rest.size))
        _fill_few(tuple(column[rest] for column in columns), unit)
        result[:, rest] = unit
    return False


def _with_care(columns: Columns, chosen: IntegerArray) -> FloatArray:
    """Price, delta, gamma, vega, theta (5, m) of the options at the m chosen places."""
    rows = tuple(column[chosen] for column in columns)
    unit = np.empty((5, chosen.size))
    for part, block in blocks_of(chosen.size):
        load(block, rows, part)
        evaluate(block, unit[:, part])
    return unit


def _finish(columns: Columns, unit: FloatArray, *, is_alive: bool) -> None:
    """Discount the five rows where a sixth column holds rates, and write rho = -T P.

    Parameters
    ----------
    columns : tuple of ndarray (n,)
        Forward, strike, years, volatility, sign and perhaps the rate.
    unit : ndarray (6, n)
        Undiscounted price, delta, gamma, vega, theta and a row to write.
    is_alive : bool
        Whether no option can have expired.
    """
    years, rho = columns[2], unit[5]
    if len(columns) > 5:
        _discount(unit, years, columns[5])
    np.negative(years, rho)
    if not is_alive:
        np.minimum(rho, ZERO, out=rho)
    np.multiply(rho, unit[0], rho)


def _discount(unit: FloatArray, years: FloatArray, rate: FloatArray) -> None:
    """Turn undiscounted price, delta, gamma, vega, theta into discounted ones; the last row goes.

    The rate a holder earns on the price is nothing once the option has expired.
    """
    value, theta, spare = unit[0], unit[4], unit[5]
    discount_factor(rate, years, spare)
    np.multiply(unit[:5], spare, unit[:5])
    np.multiply(value, rate, spare)
    spare[years <= 0.0] = 0.0
    np.add(theta, spare, theta)
