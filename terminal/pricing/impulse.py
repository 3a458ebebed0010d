"""The band of a desk that pays a fixed sum for every order besides a cost that grows with size."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from terminal.pricing.rows import FloatArray, at_least_zero_or_nan, positive_or_nan

_STEPS: Final = 5
"""Newton steps; the slope lies between 8 and 9, so each squares a small error."""


class ImpulseBand(NamedTuple):
    """Where a hedge is triggered and where it stops, as distances from the target; coins.

    Attributes
    ----------
    trigger : ndarray
        Half-width H: delta further away is hedged.
    stop : ndarray
        Distance h that the hedge leaves, 0 <= h <= H.
    """

    trigger: FloatArray
    stop: FloatArray


def impulse_band(
    cost: npt.ArrayLike,
    order_cost: npt.ArrayLike,
    spot: npt.ArrayLike,
    gamma: npt.ArrayLike,
    risk_aversion: npt.ArrayLike,
) -> ImpulseBand:
    """Best trigger and stop of a book with gamma, when every order has a fixed cost too.

    Parameters
    ----------
    cost : array_like
        One-way proportional cost (fee + half spread + impact) as a fraction of notional, >= 0.
    order_cost : array_like
        Fixed cost of an order, USD, >= 0.
    spot : array_like
        USD per coin, > 0.
    gamma : array_like
        Coins per USD, of either sign.
    risk_aversion : array_like
        Absolute risk aversion, 1/USD, > 0.

    Returns
    -------
    ImpulseBand
        Both Whalley and Wilmott's half-width where the order cost is 0; both 0 where gamma is 0,
        because nothing then moves delta; NaN where an input is out of range.

    Notes
    -----
    A delta of variance rate nu^2 that is put back to h whenever it reaches H costs, per year,
    a (H^2 + h^2) / 6 + nu^2 (c + k (H - h)) / (H^2 - h^2), with a = risk_aversion S^2 sigma^2 / 2,
    nu = |Gamma| S sigma, c the order cost and k = cost S; sigma cancels. With D = H - h and
    M = (H + h) / 2, the conditions of its minimum are D^3 M = 3 nu^2 c / a = q and
    M^3 = W^3 + q / (4 D), W being Whalley and Wilmott's half-width. They imply H h M = W^3, so h
    is never negative. M is eliminated, and W^3 D^9 + q D^8 / 4 = q^3 solved for log D.
    """
    costs, orders = at_least_zero_or_nan(cost), at_least_zero_or_nan(order_cost)
    convex = np.square(np.asarray(gamma, dtype=np.float64)) / positive_or_nan(risk_aversion)
    plain = 1.5 * costs * positive_or_nan(spot) * convex
    fixed = 6.0 * convex * orders
    with np.errstate(divide="ignore", invalid="ignore"):
        log_gap = 0.25 * np.log(2.0 * fixed)  # exact when the order cost is all there is
        for _ in range(_STEPS):
            grown = plain * np.exp(log_gap)
            whole = grown + 0.25 * fixed
            wrong = 8.0 * log_gap + np.log(whole) - 3.0 * np.log(fixed)
            log_gap = log_gap - wrong / (8.0 + grown / whole)
        gap = np.exp(log_gap)
        middle = fixed / gap**3
    gap = np.where(fixed == 0.0, 0.0 * plain, gap)
    middle = np.where(fixed == 0.0, np.cbrt(plain), middle)
    return ImpulseBand(middle + 0.5 * gap, np.maximum(middle - 0.5 * gap, 0.0))


def impulse_band_scalar(
    cost: float, order_cost: float, spot: float, gamma: float, risk_aversion: float
) -> tuple[float, float]:
    """`impulse_band` of one book, trigger and stop, without numpy's fixed cost per call."""
    if not (cost >= 0.0 and order_cost >= 0.0 and spot > 0.0 and risk_aversion > 0.0):
        return math.nan, math.nan
    convex = gamma * gamma / risk_aversion
    plain, fixed = 1.5 * cost * spot * convex, 6.0 * convex * order_cost
    if fixed == 0.0:
        return math.cbrt(plain), math.cbrt(plain)
    log_gap = 0.25 * math.log(2.0 * fixed)
    for _ in range(_STEPS):
        grown = plain * math.exp(log_gap)
        whole = grown + 0.25 * fixed
        wrong = 8.0 * log_gap + math.log(whole) - 3.0 * math.log(fixed)
        log_gap -= wrong / (8.0 + grown / whole)
    gap = math.exp(log_gap)
    middle = fixed / gap**3
    return middle + 0.5 * gap, max(middle - 0.5 * gap, 0.0)
