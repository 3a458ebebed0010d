"""Speed of Black-76: how gamma itself moves with the forward."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from terminal.pricing.mills import ROOT_TWO_PI
from terminal.pricing.rows import FloatArray, flat_columns


def speed(
    forward: npt.ArrayLike, strike: npt.ArrayLike, years: npt.ArrayLike, vol: npt.ArrayLike
) -> FloatArray:
    """Third derivative of the undiscounted Black-76 price with respect to the forward.

    Parameters
    ----------
    forward, strike : array_like
        USD, > 0.
    years : array_like
        Time to expiry, ACT/365; zero or less means expired.
    vol : array_like
        Annual volatility as a fraction (0.60), >= 0.

    Returns
    -------
    ndarray
        d3P/dF3, per USD squared, of the common shape; the same for a call and a put. 0 where no
        time or volatility is left, NaN where an input is NaN, infinite or negative.

    Raises
    ------
    TypeError
        An input holds something else than real numbers.
    ValueError
        The shapes do not broadcast.

    Notes
    -----
    -gamma / F (1 + d1 / (sigma sqrt(T))) (Haug 2007, "The Complete Guide to Option Pricing
    Formulas", section 2.2). Against mpmath (tests/unit/pricing/test_speed.py) the relative error
    is below 1e-12; speed crosses zero, so the error is relative to the sum of absolute terms.
    """
    columns, shape = flat_columns(forward=forward, strike=strike, years=years, vol=vol)
    price, struck, left, sigma = columns
    with np.errstate(all="ignore"):
        gap = price - struck
        # The logarithm of a rounded quotient loses its digits next to the strike.
        log = np.copysign(np.log1p(np.abs(gap) / np.minimum(price, struck)), gap)
        deviation = sigma * np.sqrt(np.maximum(left, 0.0))
        score = log / deviation + 0.5 * deviation
        density = np.exp(-0.5 * score * score) / ROOT_TWO_PI
        found = -density / (price * price * deviation) * (1.0 + score / deviation)
    known = np.isfinite(np.array(columns)).all(axis=0)
    known &= (price > 0.0) & (struck > 0.0) & (sigma >= 0.0)
    found = np.where((deviation > 0.0) & np.isfinite(found), found, 0.0)
    return np.where(known, found, np.nan).reshape(shape)
