"""Sensitivities of every kind of leg in one set of units, in USD and in coin terms.

S is the index (USD per coin), F the forward of the leg's expiry. The carry F / S is held constant
when S moves, volatility is absolute, interest is zero (it lives in F). Positive means long.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.engines import NUMPY, Engine
from terminal.pricing.rows import FloatArray, positive_or_nan

DAYS_PER_YEAR: Final = 365.0
VOL_POINT: Final = 0.01
ONE_PERCENT: Final = 0.01

Part = FloatArray | float


class Sensitivities(NamedTuple):
    """Value and Greeks of a position; every field has the common shape of the inputs.

    Attributes
    ----------
    price_coin, price_usd : ndarray
        Value in coin and in USD at the index. For a perpetual or future: unrealised P&L since
        entry, 0 when no entry price is given.
    delta : ndarray
        Coins, dU/dS of the USD value U. Coin that a position has already earned or paid counts
        as collateral, not here.
    delta_net_of_premium : ndarray
        Coins, S dE/dS of the value E in coin: what to flatten in an account kept in coin.
    delta_usd : ndarray
        USD, delta * S.
    gamma : ndarray
        Coins per USD, d2U/dS2.
    gamma_1pct_usd : ndarray
        USD, change of delta_usd for +1 % in S at constant price: gamma S^2 / 100.
    vega_usd : ndarray
        USD per volatility point.
    theta_usd_day : ndarray
        USD per calendar day; negative for long options.
    """

    price_coin: FloatArray
    price_usd: FloatArray
    delta: FloatArray
    delta_net_of_premium: FloatArray
    delta_usd: FloatArray
    gamma: FloatArray
    gamma_1pct_usd: FloatArray
    vega_usd: FloatArray
    theta_usd_day: FloatArray


class OptionTerms(NamedTuple):
    """What Black-76 needs, in the order of `terminal.pricing.black.greeks`.

    Attributes
    ----------
    forward, strike : array_like
        USD per coin, > 0.
    years : array_like
        Time to expiry, ACT/365.
    vol : array_like
        Annual volatility as a fraction.
    sign : array_like
        +1 call, -1 put.
    """

    forward: npt.ArrayLike
    strike: npt.ArrayLike
    years: npt.ArrayLike
    vol: npt.ArrayLike
    sign: npt.ArrayLike


def coin_balance(qty: npt.ArrayLike, spot: npt.ArrayLike) -> Sensitivities:
    """Spot holding or coin collateral.

    Parameters
    ----------
    qty : array_like
        Coins.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.

    Returns
    -------
    Sensitivities
        Delta is the balance itself; in coin terms a coin never moves.
    """
    with np.errstate(all="ignore"):
        coins, spots = _array(qty), positive_or_nan(spot)
        return _sensitivities(coins * spots, coins, 0.0, spots)


def usd_balance(amount: npt.ArrayLike, spot: npt.ArrayLike) -> Sensitivities:
    """USD or stablecoin collateral.

    Parameters
    ----------
    amount : array_like
        USD.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.

    Returns
    -------
    Sensitivities
        Delta is zero; in coin terms a dollar is a short of amount / S coins.
    """
    with np.errstate(all="ignore"):
        dollars, spots = _array(amount), positive_or_nan(spot)
        return _sensitivities(dollars, 0.0, -dollars / spots, spots)


def linear_perpetual(
    qty: npt.ArrayLike, spot: npt.ArrayLike, entry: npt.ArrayLike | None = None
) -> Sensitivities:
    """Perpetual margined and settled in USD.

    Parameters
    ----------
    qty : array_like
        Coins.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.
    entry : array_like, optional
        Entry price, USD per coin; None marks the position as opened at spot.

    Returns
    -------
    Sensitivities
        Value q (S - entry); delta q; in coin terms q less the P&L already held in USD.
    """
    return linear_future(qty, spot, spot, entry)


def linear_future(
    qty: npt.ArrayLike,
    spot: npt.ArrayLike,
    forward: npt.ArrayLike,
    entry: npt.ArrayLike | None = None,
) -> Sensitivities:
    """Dated future margined and settled in USD.

    Parameters
    ----------
    qty : array_like
        Coins.
    spot, forward : array_like
        Index and futures price, USD per coin, > 0; NaN fields where they are not.
    entry : array_like, optional
        Entry price of the future; None marks the position as opened at `forward`.

    Returns
    -------
    Sensitivities
        Value q (F - entry); delta q F / S, as the future moves F / S per dollar of index.
    """
    with np.errstate(all="ignore"):
        coins, spots, forwards = _array(qty), positive_or_nan(spot), positive_or_nan(forward)
        profit = coins * (forwards - _entry(entry, forwards))
        delta = coins * (forwards / spots)
        return _sensitivities(profit, delta, delta - profit / spots, spots)


def inverse_perpetual(
    qty_usd: npt.ArrayLike, spot: npt.ArrayLike, entry: npt.ArrayLike | None = None
) -> Sensitivities:
    """Perpetual of fixed USD notional, margined and settled in coin.

    Parameters
    ----------
    qty_usd : array_like
        Contract notional, USD.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.
    entry : array_like, optional
        Entry price, USD per coin; None marks the position as opened at spot.

    Returns
    -------
    Sensitivities
        Value N (1 / entry - 1 / S) coin; delta N / S in both numeraires. Gamma is zero: the USD
        value is linear in S, because the coin earned grows as fast as N / S shrinks.
    """
    return inverse_future(qty_usd, spot, spot, entry)


def inverse_future(
    qty_usd: npt.ArrayLike,
    spot: npt.ArrayLike,
    forward: npt.ArrayLike,
    entry: npt.ArrayLike | None = None,
) -> Sensitivities:
    """Dated future of fixed USD notional, margined and settled in coin.

    Parameters
    ----------
    qty_usd : array_like
        Contract notional, USD.
    spot, forward : array_like
        Index and futures price, USD per coin, > 0; NaN fields where they are not.
    entry : array_like, optional
        Entry price of the future; None marks the position as opened at `forward`.

    Returns
    -------
    Sensitivities
        Value N (1 / entry - 1 / F) coin; delta N / F in both numeraires.
    """
    with np.errstate(all="ignore"):
        notional, spots = _array(qty_usd), positive_or_nan(spot)
        forwards = positive_or_nan(forward)
        delta = notional / forwards
        profit_coin = notional / _entry(entry, forwards) - delta
        return _sensitivities(profit_coin * spots, delta, delta, spots)


def coin_settled_option(
    qty: npt.ArrayLike, spot: npt.ArrayLike, terms: OptionTerms, engine: Engine = NUMPY
) -> Sensitivities:
    """Option whose premium and payoff are paid in coin.

    Parameters
    ----------
    qty : array_like
        Coins of underlying.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.
    terms : OptionTerms
        Contract and market.
    engine : Engine
        What prices it.

    Returns
    -------
    Sensitivities
        Delta N(d1) or N(d1) - 1 per coin, as venues publish it; delta_net_of_premium is that
        less the premium in coin, whose own value moves with S.

    Notes
    -----
    U = S B(F) / F with B the Black-76 price and F = b S, so dU/dS = B'(F), d2U/dS2 = b B''(F), and
    vega and theta are those of B divided by b. Venues publish vega and theta of B, in forward
    dollars.
    """
    with np.errstate(all="ignore"):
        coins, spots = _array(qty), positive_or_nan(spot)
        forwards, unit = positive_or_nan(terms.forward), engine.greeks(*terms)
        carry = forwards / spots
        delta = coins * unit.delta
        premium = coins * (unit.price / forwards)
        return _sensitivities(
            premium * spots,
            delta,
            delta - premium,
            spots,
            gamma=coins * unit.gamma * carry,
            vega=coins * unit.vega / carry,
            theta=coins * unit.theta / carry,
        )


def usd_settled_option(
    qty: npt.ArrayLike, spot: npt.ArrayLike, terms: OptionTerms, engine: Engine = NUMPY
) -> Sensitivities:
    """Option whose premium and payoff are paid in USD or a stablecoin.

    Parameters
    ----------
    qty : array_like
        Coins of underlying.
    spot : array_like
        USD per coin, > 0; NaN fields where it is not.
    terms : OptionTerms
        Contract and market.
    engine : Engine
        What prices it.

    Returns
    -------
    Sensitivities
        Delta N(d1) F / S or (N(d1) - 1) F / S per coin. The premium is not coin, so
        delta_net_of_premium equals delta.
    """
    with np.errstate(all="ignore"):
        coins, spots = _array(qty), positive_or_nan(spot)
        unit = engine.greeks(*terms)
        carry = positive_or_nan(terms.forward) / spots
        delta = coins * unit.delta * carry
        return _sensitivities(
            coins * unit.price,
            delta,
            delta,
            spots,
            gamma=coins * unit.gamma * carry * carry,
            vega=coins * unit.vega,
            theta=coins * unit.theta,
        )


def _sensitivities(
    value_usd: Part,
    delta: Part,
    delta_net_of_premium: Part,
    spot: FloatArray,
    *,
    gamma: Part = 0.0,
    vega: Part = 0.0,
    theta: Part = 0.0,
) -> Sensitivities:
    """All fields at the common shape; `vega` per 1.00 of volatility and `theta` per year."""
    shape = np.broadcast(value_usd, delta, delta_net_of_premium, spot, gamma, vega, theta).shape
    fields = np.empty((9, *shape))
    fields[0] = value_usd / spot
    fields[1] = value_usd
    fields[2] = delta
    fields[3] = delta_net_of_premium
    fields[4] = delta * spot
    fields[5] = gamma
    fields[6] = gamma * (spot * spot) * ONE_PERCENT
    fields[7] = vega * VOL_POINT
    fields[8] = theta / DAYS_PER_YEAR
    return Sensitivities(*fields)


def _entry(entry: npt.ArrayLike | None, mark: FloatArray) -> FloatArray:
    """Entry prices, the mark itself where none is known."""
    return mark if entry is None else positive_or_nan(entry)


def _array(value: npt.ArrayLike) -> FloatArray:
    """The value as an array of float64."""
    return np.asarray(value, dtype=np.float64)
