"""Zakamouline's no-trade band of an option: a double-parameter fit to the utility-optimal one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray, at_least_zero_or_nan, positive_or_nan


class ZakamoulineBand(NamedTuple):
    """Band around a Black-Scholes delta at a modified volatility; fields share a shape.

    Attributes
    ----------
    flat : ndarray
        Half-width H0 that is left when gamma is none, coins.
    curved : ndarray
        Half-width H1 that gamma adds, coins.
    shift : ndarray
        K: the delta inside the band is that of sigma sqrt(1 + K) when long, of sigma sqrt(1 - K)
        when short. Never positive.
    """

    flat: FloatArray
    curved: FloatArray
    shift: FloatArray

    @property
    def half_width(self) -> FloatArray:
        """H0 + H1, coins."""
        return self.flat + self.curved


def zakamouline_band(
    cost: npt.ArrayLike,
    spot: npt.ArrayLike,
    gamma: npt.ArrayLike,
    market: tuple[npt.ArrayLike, npt.ArrayLike],
    risk_aversion: npt.ArrayLike,
) -> ZakamoulineBand:
    """Band of one option.

    Parameters
    ----------
    cost : array_like
        One-way proportional cost as a fraction of notional, >= 0.
    spot : array_like
        USD per coin, > 0.
    gamma : array_like
        Coins per USD, of either sign.
    market : tuple of array_like
        Years to expiry (ACT/365, > 0) and annual volatility (fraction, > 0).
    risk_aversion : array_like
        Absolute risk aversion, 1/USD, > 0.

    Returns
    -------
    ZakamoulineBand
        NaN where an input is out of range.

    Notes
    -----
    Zakamouline (2006) with r = 0, where lambda is the cost and a the risk aversion:
    H1 = 1.12 lambda^0.31 T^0.05 sigma^-0.25 (|Gamma| / a)^0.5, H0 = lambda / (a S sigma^2 T) and
    K = -4.76 lambda^0.78 T^-0.02 sigma^-0.25 (a S^2 |Gamma|)^0.15.
    """
    costs, spots = at_least_zero_or_nan(cost), positive_or_nan(spot)
    years, vols = positive_or_nan(market[0]), positive_or_nan(market[1])
    aversion = positive_or_nan(risk_aversion)
    steepness = np.abs(np.asarray(gamma, dtype=np.float64))
    slow = vols**-0.25
    return ZakamoulineBand(
        flat=costs / (aversion * spots * vols * vols * years),
        curved=1.12 * costs**0.31 * years**0.05 * slow * np.sqrt(steepness / aversion),
        shift=-4.76
        * costs**0.78
        * years**-0.02
        * slow
        * (aversion * spots * spots * steepness) ** 0.15,
    )
