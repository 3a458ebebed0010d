"""Heterogeneous autoregression of realised variance, in levels and in logarithms."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.market.arrays import numbers, whole
from terminal.market.forecasts import (
    VolForecast,
    future_means,
    trailing_means,
    variance_series,
    with_band,
)
from terminal.pricing.rows import FloatArray

HAR_TERMS: Final = (1, 7, 30)
"""Day, week and month of a market without weekends; Corsi's exchange-traded ones are 1, 5, 22."""
PRIOR: Final = (0.36, 0.45, 0.14)
"""Weights of day, week and month in logarithms that a short past leans on: those of two years of
BTC (constant aside, hedging.md 6.2), rounded; they sum to 0.95, so shocks die out."""
PRIOR_ROWS: Final = 60.0
"""Days of evidence that the prior counts for. Between 30 and 240 the day-ahead loss differs by
under 5 % on BTC, ETH and SOL; without it a fit to two months is worse than no fit
(`tests.bench.forecasts`)."""


class HarFit(Struct, frozen=True):
    """A heterogeneous autoregression, fitted by least squares.

    Attributes
    ----------
    coefficients : tuple of float
        Constant, one for each term, one for each extra regressor.
    terms : tuple of int
        Steps that each term averages.
    horizon : int
        Steps ahead whose mean variance is fitted.
    log : bool
        Whether logarithms were fitted.
    residual_variance : float
        Of the regression, with the degrees of freedom of its coefficients taken off.
    r_squared : float
        In sample, on the scale of the regression.
    low, high : float
        Smallest and largest fitted outcome, variance per step: forecasts stay between them.
    rows : int
        Steps with every input and outcome known.
    """

    coefficients: tuple[float, ...]
    terms: tuple[int, ...]
    horizon: int
    log: bool
    residual_variance: float
    r_squared: float
    low: float
    high: float
    rows: int


def fit_har(
    variances: npt.ArrayLike,
    *,
    horizon: int = 1,
    terms: tuple[int, ...] = HAR_TERMS,
    log: bool = True,
    extras: npt.ArrayLike | None = None,
    prior_rows: float = 0.0,
) -> HarFit | None:
    """Fit a heterogeneous autoregression of realised variance.

    Parameters
    ----------
    variances : array_like (n,)
        Realised variance per step, oldest first, NaN where missing; zeros count as missing in
        logarithms.
    horizon : int
        Steps ahead, >= 1: the outcome is the mean variance over them.
    terms : tuple of int
        Steps that each regressor averages, each >= 1.
    log : bool
        Fit logarithms, which cannot forecast below zero and let no single crash rule the fit.
    extras : array_like (n, k), optional
        More regressors known at each step, `jump_term` and `leverage_term` for instance.
    prior_rows : float
        Rows of evidence that `PRIOR` counts for, 0 or more; the extras' prior weight is 0. Only for
        logarithms of day, week and month.

    Returns
    -------
    HarFit or None
        None where fewer than three rows a coefficient are complete.

    Raises
    ------
    TypeError, ValueError
        Not numbers, negative variances, steps below one, extras of another length, a prior for
        other terms than it is of.

    Notes
    -----
    With a prior: ridge regression towards it of everything but the constant, each penalty in units
    of its regressor's variance, which is the posterior mean of a normal prior (Hoerl and Kennard
    1970; Zellner 1971).

    Corsi (2009): ordinary least squares of the outcome on past means, direct for every horizon.
    A row counts only if every step it looks at is known, so no gap is averaged over.
    """
    inputs, outcome = _design(variance_series(variances), horizon, terms, log=log, extras=extras)
    complete = np.isfinite(inputs).all(axis=1) & np.isfinite(outcome)
    table, target = inputs[complete], outcome[complete]
    rows, width = table.shape
    if rows < 3 * width:
        return None
    if prior_rows:
        coefficients = _leaning(table, target, _prior(terms, width, log=log), prior_rows)
    else:
        # Equal columns are solved as one, which the minimum-norm solution does without complaint.
        scale = np.maximum(np.abs(table).max(axis=0), np.finfo(np.float64).tiny)
        coefficients = np.linalg.lstsq(table / scale, target, rcond=None)[0] / scale
    residuals = target - table @ coefficients
    squares = float(residuals @ residuals)
    total = float(np.sum((target - target.mean()) ** 2))
    levels = np.exp(target) if log else target
    return HarFit(
        coefficients=tuple(coefficients.tolist()),
        terms=terms,
        horizon=horizon,
        log=log,
        residual_variance=squares / (rows - width),
        r_squared=1.0 - squares / total if total > 0.0 else 0.0,
        low=float(levels.min()),
        high=float(levels.max()),
        rows=rows,
    )


def har_path(
    fit: HarFit, variances: npt.ArrayLike, extras: npt.ArrayLike | None = None
) -> FloatArray:
    """Forecasts of a fitted regression after every step.

    Parameters
    ----------
    fit : HarFit
        From `fit_har`.
    variances, extras : array_like
        As it was fitted, of any length.

    Returns
    -------
    ndarray (n,)
        Mean variance per step over the horizon; NaN where an input is unknown.

    Raises
    ------
    TypeError, ValueError
        As in `fit_har`; other extras than were fitted.

    Notes
    -----
    Logarithms come back as ``exp(fit + residual variance / 2)``. Forecasts outside all outcomes
    ever fitted are set to the nearest of them, which also keeps the linear form above zero.
    """
    past = variance_series(variances)
    inputs, _ = _design(past, fit.horizon, fit.terms, log=fit.log, extras=extras)
    if inputs.shape[1] != len(fit.coefficients):
        raise ValueError("extras must be the regressors that were fitted, in the same order")
    path = np.full(past.size, np.nan)
    known = np.isfinite(inputs).all(axis=1)
    fitted = inputs[known] @ np.array(fit.coefficients)
    if fit.log:
        with np.errstate(over="ignore"):
            fitted = np.exp(fitted + 0.5 * fit.residual_variance)
    path[known] = np.clip(fitted, fit.low, fit.high)
    return path


def har_forecast(
    variances: npt.ArrayLike,
    *,
    span: int,
    horizon: int = 1,
    log: bool = True,
    extras: npt.ArrayLike | None = None,
    prior_rows: float = 0.0,
) -> VolForecast:
    """Fit a heterogeneous autoregression and forecast from the latest step.

    Parameters
    ----------
    variances, horizon, log, extras, prior_rows
        As in `fit_har`; the terms are day, week and month.
    span : int
        Length of a step, ns.

    Returns
    -------
    VolForecast
        None with a reason where the past is too short or the latest steps are missing.

    Raises
    ------
    TypeError, ValueError
        As in `fit_har`; `span` below one.
    """
    whole("span", span)
    past = variance_series(variances)
    count = int(np.count_nonzero(~np.isnan(past)))
    fit = fit_har(past, horizon=horizon, log=log, extras=extras, prior_rows=prior_rows)
    if fit is None:
        why = f"{count} steps are too few to fit {len(HAR_TERMS)} terms over {horizon} ahead"
        return VolForecast(None, None, None, horizon, count, why)
    path, outcomes = har_path(fit, past, extras), future_means(past, horizon)
    if np.isnan(path[-1]):
        why = f"a step among the latest {max(HAR_TERMS)} is missing"
        return VolForecast(None, None, None, horizon, count, why)
    return with_band(path, outcomes, span=span, horizon=horizon, observations=count)


def jump_term(variances: npt.ArrayLike, bipower: npt.ArrayLike) -> FloatArray:
    """Jump regressor ``ln max(RV / BPV, 1)``; NaN where either is missing or zero."""
    total, smooth = variance_series(variances), variance_series(bipower)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(smooth > 0.0, np.log(np.maximum(total / smooth, 1.0)), np.nan)


def leverage_term(variances: npt.ArrayLike, returns: npt.ArrayLike) -> FloatArray:
    """Leverage regressor ``min(r, 0) / sqrt(RV)``; NaN where either is missing or RV is zero."""
    total, moves = variance_series(variances), numbers("returns", returns)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(total > 0.0, np.minimum(moves, 0.0) / np.sqrt(total), np.nan)


def _prior(terms: tuple[int, ...], width: int, *, log: bool) -> FloatArray:
    """Prior weight of every regressor but the constant."""
    if not log or terms != HAR_TERMS:
        raise ValueError("the prior is of logarithms of a day, a week and a month")
    weights = np.zeros(width - 1)
    weights[: len(PRIOR)] = PRIOR
    return weights


def _leaning(table: FloatArray, target: FloatArray, prior: FloatArray, rows: float) -> FloatArray:
    """Coefficients of a regression that leans on a prior, the constant first and free."""
    centres, middle = table[:, 1:].mean(axis=0), target.mean()
    inner = table[:, 1:] - centres
    left = target - middle - inner @ prior
    penalty = rows * inner.var(axis=0)
    # A regressor that never moved says nothing: its prior stands.
    penalty[penalty <= 0.0] = 1.0
    weights = prior + np.linalg.solve(inner.T @ inner + np.diag(penalty), inner.T @ left)
    return np.append(middle - centres @ weights, weights)


def _design(
    past: FloatArray,
    horizon: int,
    terms: tuple[int, ...],
    *,
    log: bool,
    extras: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray]:
    """Regressors (n, k) and outcome (n,) of every step; NaN or infinite where unknown."""
    for each in terms:
        whole("terms", each)
    ahead = future_means(past, horizon)
    if log:
        with np.errstate(divide="ignore"):
            level, ahead = np.log(past), np.log(ahead)
    else:
        level = past
    columns = [np.ones(past.size), *(trailing_means(level, each) for each in terms)]
    if extras is not None:
        more = numbers("extras", extras, dimensions=2)
        if more.shape[0] != past.size:
            raise ValueError(f"extras must have one row for each of the {past.size} steps")
        columns.extend(more.T)
    return np.stack(columns, axis=1), ahead
