"""Forecasts of volatility: exponential weights, and what every forecast is held to."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.units import YEAR
from terminal.market.arrays import LARGEST, numbers, whole, within
from terminal.market.scoring import qlikes
from terminal.pricing.rows import FloatArray

DECAY: Final = 0.94
"""RiskMetrics' decay for daily returns."""
LEAST_OUTCOMES: Final = 30
LEAST_INDEPENDENT: Final = 8
"""Outcomes that do not overlap, before a band is read from them."""
FORGOTTEN: Final = float(np.finfo(np.float64).eps) ** 2
BAND: Final = (0.158655253931457, 0.841344746068543)
"""Quantiles one standard deviation either side of the middle of a normal distribution."""


class VolForecast(Struct, frozen=True):
    """Forecast of the volatility to be realised over the next steps.

    Attributes
    ----------
    vol : float or None
        Annual fraction, ACT/365: root of the mean variance over the horizon. None with a reason.
    low, high : float or None
        Between these the realised volatility came out 68 % of the time when the same model spoke
        on this past; None where fewer than 30 forecasts, or 8 that do not overlap, have met their
        outcome. In sample: the parameters have seen this past.
    horizon : int
        Steps ahead that the forecast covers.
    observations : int
        Steps it was made from.
    reason : str
        Why there is no volatility; empty where there is one.
    """

    vol: float | None
    low: float | None
    high: float | None
    horizon: int
    observations: int
    reason: str = ""


def ewma(variances: npt.ArrayLike, decay: float = DECAY) -> FloatArray:
    """Exponentially weighted mean of variances.

    Parameters
    ----------
    variances : array_like (n,)
        Variance per step, oldest first: squared returns or realised variances, >= 0. NaN where a
        step is missing; the mean then stands, for nothing was learnt.
    decay : float
        Weight kept from one step to the next, above 0 and below 1.

    Returns
    -------
    ndarray (n,)
        Variance per step expected after each; NaN before the first known one, which seeds it.

    Raises
    ------
    TypeError
        Not numbers.
    ValueError
        A negative or infinite variance (1e150 or more), or `decay` out of range.
    """
    known = variance_series(variances)
    keep = within("decay", decay, 0.0, 1.0)
    seen = np.flatnonzero(~np.isnan(known))
    mean = np.full(known.size, np.nan)
    if seen.size == 0:
        return mean
    inflow = (1.0 - keep) * known[seen]
    inflow[0] = known[seen[0]]
    levels = recursion(np.full(seen.size, keep), inflow[np.newaxis])[0]
    latest = np.searchsorted(seen, np.arange(known.size), side="right") - 1
    after = latest >= 0
    mean[after] = levels[latest[after]]
    return mean


def ewma_forecast(
    variances: npt.ArrayLike, *, span: int, horizon: int = 1, decay: float = DECAY
) -> VolForecast:
    """Forecast that the exponentially weighted variance stays what it is.

    Parameters
    ----------
    variances : array_like (n,)
        As in `ewma`.
    span : int
        Length of a step, ns.
    horizon : int
        Steps ahead, >= 1.
    decay : float
        As in `ewma`.

    Returns
    -------
    VolForecast
        None with a reason where no variance is known.

    Raises
    ------
    TypeError, ValueError
        As in `ewma`; `span` or `horizon` below one.
    """
    whole("span", span)
    whole("horizon", horizon)
    path = ewma(variances, decay)
    outcomes = future_means(variances, horizon)
    count = int(np.count_nonzero(~np.isnan(variance_series(variances))))
    if count == 0:
        return VolForecast(None, None, None, horizon, 0, "no variance is known")
    return with_band(path, outcomes, span=span, horizon=horizon, observations=count)


def future_means(variances: npt.ArrayLike, horizon: int) -> FloatArray:
    """Mean variance over the `horizon` steps after each, the outcome a forecast is held to.

    Parameters
    ----------
    variances : array_like (n,)
        Variance per step; NaN where missing.
    horizon : int
        Steps, >= 1.

    Returns
    -------
    ndarray (n,)
        NaN where one of the steps is missing or still to come.

    Raises
    ------
    TypeError, ValueError
        As in `variance_series`; `horizon` below one.
    """
    whole("horizon", horizon)
    past = variance_series(variances)
    ahead = np.full(past.size, np.nan)
    ahead[: max(past.size - horizon, 0)] = trailing_means(past, horizon)[horizon:]
    return ahead


def trailing_means(values: FloatArray, steps: int) -> FloatArray:
    """Mean of the latest `steps` values at each; NaN where one of them is NaN or before time."""
    means = np.full(values.size, np.nan)
    if steps <= values.size:
        windows = np.lib.stride_tricks.sliding_window_view(values, steps)
        means[steps - 1 :] = windows.mean(axis=1)
    return means


def running_means(values: FloatArray) -> FloatArray:
    """Mean of every known value so far at each; NaN before the first."""
    known = np.isfinite(values)
    seen = np.cumsum(known)
    total = np.cumsum(np.where(known, values, 0.0))
    return np.where(seen > 0, total / np.maximum(seen, 1), np.nan)


def with_band(
    path: FloatArray, outcomes: FloatArray, *, span: int, horizon: int, observations: int
) -> VolForecast:
    """Forecast from the last of a path, banded by how its earlier ones came out.

    Parameters
    ----------
    path : ndarray (n,)
        Mean variance per step expected over the horizon, after each step; the last is known.
    outcomes : ndarray (n,)
        What came, from `future_means`.
    span : int
        Length of a step, ns.
    horizon, observations : int
        As in `VolForecast`.

    Returns
    -------
    VolForecast
    """
    annual = YEAR / span
    vol = math.sqrt(float(path[-1]) * annual)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratios = outcomes / path
    ratios = ratios[np.isfinite(ratios)]
    if ratios.size < max(LEAST_OUTCOMES, LEAST_INDEPENDENT * horizon):
        return VolForecast(vol, None, None, horizon, observations)
    below, above = np.sqrt(np.quantile(ratios, BAND))
    return VolForecast(vol, vol * float(below), vol * float(above), horizon, observations)


def qlike(outcomes: npt.ArrayLike, forecasts: npt.ArrayLike) -> float | None:
    """Mean quasi-likelihood loss (`scoring.qlikes`) of variance forecasts, >= 0, lower is better.

    Parameters
    ----------
    outcomes, forecasts : array_like (n,)
        Variances in one unit; pairs that are not both positive and finite are left out.

    Returns
    -------
    float or None
        None where no pair is left.

    Raises
    ------
    TypeError, ValueError
        Not numbers, or of different lengths.
    """
    came, expected = numbers("outcomes", outcomes), numbers("forecasts", forecasts)
    if came.shape != expected.shape:
        raise ValueError("outcomes and forecasts must have the same length")
    loss = qlikes(came, expected)
    loss = loss[np.isfinite(loss)]
    return float(np.mean(loss)) if loss.size else None


def recursion(keep: FloatArray, inflow: FloatArray) -> FloatArray:
    """Solve ``y_t = keep_t y_t-1 + inflow_t`` with ``y_-1 = 0`` for several rows at once.

    Parameters
    ----------
    keep : ndarray (n,)
        Between 0 and 1.
    inflow : ndarray (k, n)
        Finite.

    Returns
    -------
    ndarray (k, n)

    Notes
    -----
    Doubling: after the pass with stride s every value holds its last 2 s inflows, so that
    log2(n) passes over whole arrays do the work of a loop over steps.
    """
    weight, level = keep.copy(), inflow.astype(np.float64)
    stride = 1
    while stride < keep.size and float(weight[stride:].max()) > FORGOTTEN:
        level[:, stride:] += weight[stride:] * level[:, :-stride]
        weight[stride:] *= weight[:-stride]
        stride *= 2
    return level


def variance_series(variances: npt.ArrayLike) -> FloatArray:
    """Float array of variances, NaN where missing.

    Raises
    ------
    TypeError
        Not numbers.
    ValueError
        A negative one, or one of 1e150 or more: a variance is a squared return or a sum of them.
    """
    past = numbers("variances", variances)
    wrong = np.flatnonzero((past < 0.0) | (past >= LARGEST))
    if wrong.size:
        row = int(wrong[0])
        raise ValueError(f"variances must be >= 0, or NaN where missing: row {row} is {past[row]}")
    return past
