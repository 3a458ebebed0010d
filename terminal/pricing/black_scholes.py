"""Nine Black-Scholes Greeks in terms of the spot, with a rate and a dividend yield."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from terminal.pricing.black_block import Block, blocks_of, discount_factor, fill_moneyness
from terminal.pricing.full_greeks import DECAY, EXERCISE, VANNA, VOLGA, FullGreeks, evaluate_nine
from terminal.pricing.rows import FloatArray, flat_columns


def greeks(
    spot: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    rate: npt.ArrayLike = 0.0,
    dividend: npt.ArrayLike = 0.0,
) -> FullGreeks:
    """Price, delta, gamma, vega, theta, rho, vanna, volga and charm of options on a spot.

    Parameters
    ----------
    spot, strike : array_like
        USD, > 0.
    years : array_like
        Time to expiry, ACT/365; zero or less means expired.
    vol : array_like
        Annual volatility as a fraction (0.60), >= 0.
    sign : array_like
        +1 call, -1 put.
    rate : array_like
        Continuously compounded interest rate per year.
    dividend : array_like
        Continuously compounded yield of holding the underlying per year: dividends, staking or
        lending income. The cost of carry is `rate` - `dividend`.

    Returns
    -------
    FullGreeks
        Arrays of the common shape; delta, gamma, vanna and charm are with respect to the spot, rho
        holds spot and dividend yield. Limits and bad inputs as in
        `terminal.pricing.full_greeks.full_greeks`.

    Raises
    ------
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    Merton (1973). With q the dividend yield, b = r - q, Q = exp(-q T), D = exp(-r T) and
    s = sigma sqrt(T), for a call (sign = 1) or a put (sign = -1):
    theta = r P - b S delta - D F phi(d1) sigma / (2 sqrt(T)), rho = sign T D K N(sign d2),
    vanna = -Q phi(d1) d2 / sigma, volga = vega d1 d2 / sigma,
    charm = q delta - Q phi(d1) (b / s - d2 / (2 T)).

    Accuracy as stated for `full_greeks`, |ln(S/K)| + |b T| in place of |ln(F/K)|; a rate adds the
    rounding of its exponential, |r| T or |q| T units in the last place. The price of an option in
    the money carries besides the rounding of the spot, 1e-15 of it.
    """
    columns, shape = flat_columns(
        spot=spot, strike=strike, years=years, vol=vol, sign=sign, rate=rate, dividend=dividend
    )
    count = columns[0].size
    result = np.empty((9, count))
    with np.errstate(all="ignore"):
        for part, block in blocks_of(count):
            terms = _load_spot(block, columns, part)
            core = np.empty((9, block.gap.size))
            evaluate_nine(block, core)
            _to_spot(core, terms, result[:, part])
    return FullGreeks(*result.reshape(9, *shape))


def _load_spot(block: Block, columns: tuple[FloatArray, ...], part: slice) -> FloatArray:
    """Fill a block with forwards; return rows of spot, life, rate, dividend yield.

    The logarithm of spot over strike and the carry are added rather than taken from the rounded
    forward, and the gap follows from their sum: next to the strike both keep their digits.
    """
    spot, strike, years, vol, sign, rate, dividend = (column[part] for column in columns)
    life = np.maximum(years, 0.0)
    alive = life > 0.0
    terms = np.array(
        (spot, life, np.where(alive, rate, 0.0 * rate), np.where(alive, dividend, 0.0 * dividend))
    )
    carry = (terms[2] - terms[3]) * life
    block.inputs[:] = spot * np.exp(carry), strike, years, vol, sign
    np.subtract(spot, strike, block.gap)
    fill_moneyness(block, spot)
    np.add(block.moneyness, carry, block.moneyness)
    np.minimum(block.inputs[0], strike, out=block.nearer)
    np.multiply(strike, np.expm1(block.moneyness), block.gap)
    return terms


def _to_spot(core: FloatArray, terms: FloatArray, unit: FloatArray) -> None:
    """Write the nine spot Greeks in the order of `FullGreeks`."""
    spot, life, rate, dividend = terms
    discount, yielded = np.empty((2, spot.size))
    discount_factor(rate, life, discount)
    discount_factor(dividend, life, yielded)
    carry = rate - dividend
    price, delta, gamma, vega, theta, rho, vanna, volga, charm = unit
    np.multiply(core[0], discount, out=price)
    np.multiply(core[1], yielded, out=delta)
    np.multiply(core[2], yielded * np.exp(carry * life), out=gamma)
    np.multiply(core[3], discount, out=vega)
    np.multiply(core[4], discount, out=theta)
    theta += rate * price - carry * spot * delta
    np.multiply(core[EXERCISE], discount * life, out=rho)
    np.multiply(core[VANNA], yielded, out=vanna)
    np.multiply(core[VOLGA], discount, out=volga)
    np.multiply(core[DECAY], yielded, out=charm)
    charm += dividend * delta - carry * spot * gamma
    unit[:, np.isnan(price)] = np.nan
