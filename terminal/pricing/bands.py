"""No-trade bands around a delta target: how far net delta may drift before a hedge pays."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray, at_least_zero_or_nan, positive_or_nan

DAYS_PER_YEAR: Final = 365.0


class TriggerPrices(NamedTuple):
    """Spot prices at which net delta leaves the band.

    Attributes
    ----------
    up, down : ndarray
        USD; +inf and -inf for a book without gamma, whose delta no spot move changes. A `down` of
        zero or less is never reached. Outside the band already, one of them lies on the far side
        of spot: the price that would bring delta back inside.
    """

    up: FloatArray
    down: FloatArray


def gamma_half_width(
    cost: npt.ArrayLike, spot: npt.ArrayLike, gamma: npt.ArrayLike, risk_aversion: npt.ArrayLike
) -> FloatArray:
    """Whalley-Wilmott half-width of the band for a book with gamma.

    Parameters
    ----------
    cost : array_like
        One-way proportional cost (fee + half spread + impact) as a fraction of notional, >= 0.
    spot : array_like
        USD per coin, > 0.
    gamma : array_like
        Coins per USD, of either sign.
    risk_aversion : array_like
        Absolute risk aversion, 1/USD, > 0.

    Returns
    -------
    ndarray
        Coins, >= 0; 0 where gamma or cost is 0; NaN where an input is out of range.

    Notes
    -----
    H = (1.5 cost S Gamma^2 / risk_aversion)^(1/3), the small-cost expansion of Whalley and Wilmott
    (1997) with r = 0. It is `flow_half_width` with nu = |Gamma| S sigma, where sigma cancels.
    """
    costs, spots = at_least_zero_or_nan(cost), positive_or_nan(spot)
    gammas, aversion = np.asarray(gamma, dtype=np.float64), positive_or_nan(risk_aversion)
    return np.cbrt(1.5 * costs * spots * np.square(gammas) / aversion)


def gamma_half_width_scalar(
    cost: float, spot: float, gamma: float, risk_aversion: float
) -> float:
    """`gamma_half_width` of one book, without numpy's fixed cost per call."""
    if not (cost >= 0.0 and spot > 0.0 and risk_aversion > 0.0):
        return math.nan
    return math.cbrt(1.5 * cost * spot * (gamma * gamma) / risk_aversion)


def edge_cost_a_year(
    cost: float, spot: float, gamma: float, vol: float, risk_aversion: float
) -> float:
    """What hedging back to the edges of the Whalley-Wilmott band costs on average.

    Parameters
    ----------
    cost, spot, gamma, risk_aversion : float
        As in `gamma_half_width`.
    vol : float
        Annual volatility of spot as a fraction, >= 0.

    Returns
    -------
    float
        USD a year; 0 where gamma, cost or volatility is 0, NaN where an input is out of range.

    Notes
    -----
    Net delta diffuses with nu = |Gamma| S sigma. A Brownian motion that is held within +-H by
    pushing it at the edges alone is pushed by nu^2 / (2 H) a year on average, both edges together
    (Harrison, Brownian Motion and Stochastic Flow Systems, 1985, 5.6), and each coin of that pays
    cost times S.
    """
    half = gamma_half_width_scalar(cost, spot, gamma, risk_aversion)
    if half == 0.0:
        return 0.0
    nu = abs(gamma) * spot * vol if vol >= 0.0 else math.nan
    return cost * spot * nu * nu / (2.0 * half)


def flow_half_width(
    cost: npt.ArrayLike,
    spot: npt.ArrayLike,
    delta_vol: npt.ArrayLike,
    vol: npt.ArrayLike,
    risk_aversion: npt.ArrayLike,
) -> FloatArray:
    """Half-width of the band for a delta that diffuses for any reason: flow, gamma, or both.

    Parameters
    ----------
    cost : array_like
        One-way proportional cost as a fraction of notional, >= 0.
    spot : array_like
        USD per coin, > 0.
    delta_vol : array_like
        Standard deviation nu of net delta, coins per square root of a year, >= 0.
    vol : array_like
        Annual volatility of spot as a fraction, > 0.
    risk_aversion : array_like
        Absolute risk aversion, 1/USD, > 0.

    Returns
    -------
    ndarray
        Coins, >= 0; NaN where an input is out of range.

    Notes
    -----
    H = (3 cost nu^2 / (2 risk_aversion S sigma^2))^(1/3). It minimises the yearly sum of risk
    (risk_aversion / 2) S^2 sigma^2 H^2 / 3 and turnover cost S nu^2 / (2 H) of a delta reflected
    at +/- H.
    """
    costs, diffusion = at_least_zero_or_nan(cost), at_least_zero_or_nan(delta_vol)
    spots = positive_or_nan(spot)
    risk = 2.0 * positive_or_nan(risk_aversion) * spots * np.square(positive_or_nan(vol))
    return np.cbrt(3.0 * costs * np.square(diffusion) / risk)


def flow_half_width_scalar(
    cost: float, spot: float, delta_vol: float, vol: float, risk_aversion: float
) -> float:
    """`flow_half_width` of one book, without numpy's fixed cost per call."""
    if not (cost >= 0.0 and spot > 0.0 and delta_vol >= 0.0 and vol > 0.0 and risk_aversion > 0.0):
        return math.nan
    risk = 2.0 * risk_aversion * spot * (vol * vol)
    return math.cbrt(3.0 * cost * (delta_vol * delta_vol) / risk) if risk > 0.0 else math.nan


def trigger_prices(
    spot: npt.ArrayLike, net_delta: npt.ArrayLike, half_width: npt.ArrayLike, gamma: npt.ArrayLike
) -> TriggerPrices:
    """Spot prices at which the band would be left, extrapolating delta with constant gamma.

    Parameters
    ----------
    spot : array_like
        USD per coin, > 0.
    net_delta : array_like
        Coins away from the target, positive when long.
    half_width : array_like
        Coins, >= 0.
    gamma : array_like
        Coins per USD; negative for a short-gamma book.

    Returns
    -------
    TriggerPrices
        Long gamma leaves through +H when spot rises, short gamma through -H.
    """
    spots, drift = positive_or_nan(spot), np.asarray(net_delta, dtype=np.float64)
    width, gammas = at_least_zero_or_nan(half_width), np.asarray(gamma, dtype=np.float64)
    steepness = np.abs(gammas)
    with np.errstate(divide="ignore", invalid="ignore"):
        toward = np.where(gammas < 0.0, -drift, drift)
        up = spots + np.where(steepness == 0.0, np.inf, (width - toward) / steepness)
        down = spots - np.where(steepness == 0.0, np.inf, (width + toward) / steepness)
    return TriggerPrices(up, down)


def band_noise_usd(
    half_width: npt.ArrayLike, spot: npt.ArrayLike, vol: npt.ArrayLike
) -> FloatArray:
    """Daily P&L noise of letting delta wander inside the band.

    Parameters
    ----------
    half_width : array_like
        Coins, >= 0.
    spot : array_like
        USD per coin, > 0.
    vol : array_like
        Annual volatility as a fraction, > 0.

    Returns
    -------
    ndarray
        One standard deviation, USD per calendar day.

    Notes
    -----
    A delta reflected at +/- H is uniform inside, with variance H^2 / 3, so the noise is
    H S sigma / sqrt(3 * 365).
    """
    return at_least_zero_or_nan(half_width) * _noise_per_coin(spot, vol)


def half_width_for_noise(
    noise_usd: npt.ArrayLike, spot: npt.ArrayLike, vol: npt.ArrayLike
) -> FloatArray:
    """Half-width that spends a daily noise budget, the inverse of `band_noise_usd`.

    Parameters
    ----------
    noise_usd : array_like
        One standard deviation, USD per calendar day, >= 0.
    spot, vol : array_like
        As in `band_noise_usd`.

    Returns
    -------
    ndarray
        Coins.
    """
    return at_least_zero_or_nan(noise_usd) / _noise_per_coin(spot, vol)


def _noise_per_coin(spot: npt.ArrayLike, vol: npt.ArrayLike) -> FloatArray:
    """USD of daily noise per coin of half-width."""
    return positive_or_nan(spot) * positive_or_nan(vol) / math.sqrt(3.0 * DAYS_PER_YEAR)
