"""Option quotes made ready for a fit: broken ones dropped, the rest grouped by expiry."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing import black
from terminal.pricing.fourier.slices import SHORTEST, Slices, group
from terminal.pricing.implied import implied_vol
from terminal.pricing.rows import FloatArray, broadcast_rows

# A quote whose vega is a smaller share of its forward says nothing about volatility.
LEAST_VEGA: Final = 1e-9


class Chain(NamedTuple):
    """Quotes as they came.

    Attributes
    ----------
    forward, strike : ndarray (n,)
        USD.
    years : ndarray (n,)
        Time to expiry, ACT/365.
    vol : ndarray (n,)
        Black-76 volatility as a fraction, NaN where a price had none.
    weight : ndarray (n,)
        Relative importance of the squared error in volatility, > 0.
    """

    forward: FloatArray
    strike: FloatArray
    years: FloatArray
    vol: FloatArray
    weight: FloatArray


class Target(NamedTuple):
    """What a fit compares a model with.

    Attributes
    ----------
    slices : Slices
        Strikes by expiry.
    put : ndarray (n,)
        Market puts, as a share of the forward.
    vol, vega : ndarray (n,)
        Their Black volatility, and the derivative of `put` by it.
    weight : ndarray (n,)
        Of mean 1.
    """

    slices: Slices
    put: FloatArray
    vol: FloatArray
    vega: FloatArray
    weight: FloatArray


def chain_of_vols(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    *,
    weight: npt.ArrayLike = 1.0,
) -> Chain:
    """Chain from quoted volatilities.

    Parameters
    ----------
    forward, strike, years, vol, weight : array_like
        As in `Chain`; of shapes that broadcast. Broken values are allowed and left out of the fit.

    Returns
    -------
    Chain
        Flat arrays.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.
    """
    rows, _ = broadcast_rows(forward, strike, years, vol, weight)
    return Chain(*rows)


def chain_of_prices(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    price: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    weight: npt.ArrayLike = 1.0,
) -> Chain:
    """Chain from quoted prices.

    Parameters
    ----------
    forward, strike, years, weight : array_like
        As in `chain_of_vols`.
    price : array_like
        Undiscounted, USD.
    sign : array_like
        +1 call, -1 put.

    Returns
    -------
    Chain
        Flat arrays; the volatility is NaN where no volatility gives the price.

    Raises
    ------
    ValueError
        The shapes do not broadcast, or an input is not a number.
    """
    rows, _ = broadcast_rows(forward, strike, years, price, sign, weight)
    vol, _ = implied_vol(rows[3], rows[0], rows[1], rows[2], rows[4])
    return Chain(rows[0], rows[1], rows[2], vol, rows[5])


def target(chain: Chain) -> Target:
    """Drop what cannot be fitted and group the rest.

    Parameters
    ----------
    chain : Chain
        Quotes, broken ones included.

    Returns
    -------
    Target
        Usable quotes in the order of their expiries; possibly none.
    """
    quotes = np.array(chain)
    with np.errstate(all="ignore"):
        usable = np.isfinite(quotes).all(axis=0) & (quotes > 0.0).all(axis=0)
        usable &= chain.years >= SHORTEST
        chosen = np.flatnonzero(usable)
        forward, strike, years, vol, _ = quotes[:, chosen]
        unit = black.greeks(1.0, strike / forward, years, vol, -1.0)
        telling = np.flatnonzero(unit.vega >= LEAST_VEGA)
    legs = np.array((chain.forward, chain.strike, chain.years, chain.weight))
    order, slices = group(legs, chosen[telling])
    place = np.empty(usable.size, dtype=np.int64)
    place[chosen] = np.arange(chosen.size)
    rank = place[order]
    weight = chain.weight[order]
    mean = weight.mean() if weight.size else 1.0
    return Target(slices, unit.price[rank], chain.vol[order], unit.vega[rank], weight / mean)
