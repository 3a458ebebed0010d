"""Seasonal profile of a market that never closes: variance by hour of the day and weekday."""

from __future__ import annotations

from typing import Final

import numpy as np

from terminal.core.units import HOUR
from terminal.market.arrays import IndexArray
from terminal.market.forecasts import ewma, running_means
from terminal.market.hours import Spans
from terminal.model.forecast import Season
from terminal.pricing.rows import FloatArray

HOURS: Final = 24
WEEKDAYS: Final = 7
A_WEEK: Final = HOURS * WEEKDAYS
THURSDAY: Final = 3
"""Weekday of 1970-01-01, Monday being 0."""

LEVEL_DECAY: Final = 1.0 - 1.0 / 72.0
"""Of the exponential mean of hourly variance that forecasts start from: three days."""

CUT: Final = 10.0
"""One hour counts at most this many times its level: a crash is no season."""

PRIOR_HOURS: Final = 12.0
"""Hours of evidence that the product of hour and weekday counts for against a single cell."""

LEAST_HOURS: Final = 28 * HOURS
"""Four of each hour of the week before there is a profile."""

FIRST: Final = 60 * HOURS
REFIT: Final = 30 * HOURS


def hour_of_week(first: int, count: int) -> IndexArray:
    """Number of each of some consecutive hours in its week, 0 for Monday 00:00 UTC."""
    since = first // HOUR + THURSDAY * HOURS
    return np.asarray((since + np.arange(count)) % A_WEEK, dtype=np.intp)


def levels(variance: FloatArray) -> FloatArray:
    """Level of hourly variance known before each hour: the exponential mean of those before."""
    return before(ewma(variance, LEVEL_DECAY))


def before(values: FloatArray) -> FloatArray:
    """Value of the row before each; NaN for the first."""
    return np.append(np.nan, values)[: values.size]


def profile_of(hours: Spans) -> tuple[Season, ...]:
    """Seasonal profile of some hours.

    Parameters
    ----------
    hours : Spans

    Returns
    -------
    tuple of Season
        168 of them from Monday 00:00 UTC, of mean 1; empty below four weeks of known hours.

    Notes
    -----
    Each hour's variance over the mean of the week around it, which no season can move (Andersen and
    Bollerslev 1997: a seasonal factor is a mean of standardised squares). A cell leans on the
    product of the means of its hour and its weekday as if that had been seen in 12 more hours. The
    error is the standard error of the cell's mean, of the spread of all cells where it was seen
    only once.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = hours.variance / _weekly(hours.variance)
    known = np.isfinite(ratio)
    if int(known.sum()) < LEAST_HOURS:
        return ()
    ratio = np.minimum(ratio[known], CUT)
    ratio /= ratio.mean()
    place = hour_of_week(hours.first, hours.variance.size)[known]
    seen = np.bincount(place, minlength=A_WEEK).astype(np.float64)
    total = np.bincount(place, weights=ratio, minlength=A_WEEK)
    squares = np.bincount(place, weights=np.square(ratio), minlength=A_WEEK)
    table, counts = total.reshape(WEEKDAYS, HOURS), seen.reshape(WEEKDAYS, HOURS)
    by_hour, by_day = table.sum(axis=0) / counts.sum(axis=0), table.sum(axis=1) / counts.sum(axis=1)
    expected = np.outer(by_day, by_hour).ravel()
    factor = (total + PRIOR_HOURS * expected) / (seen + PRIOR_HOURS)
    spread = np.maximum(squares / np.maximum(seen, 1.0) - (total / np.maximum(seen, 1.0)) ** 2, 0.0)
    usual = float(spread.mean())
    error = np.sqrt(np.where(seen > 1.0, spread, usual) / (seen + PRIOR_HOURS))
    scale = factor.mean()
    return tuple(
        Season(cell // HOURS, cell % HOURS, float(f / scale), float(e / scale), int(n))
        for cell, (f, e, n) in enumerate(zip(factor, error, seen, strict=True))
    )


def _weekly(variance: FloatArray) -> FloatArray:
    """Mean of the week around each hour; NaN where less than half of it is known."""
    known = np.isfinite(variance)
    total = np.append(0.0, np.cumsum(np.where(known, variance, 0.0)))
    seen = np.append(0, np.cumsum(known))
    start = np.arange(variance.size) - A_WEEK // 2
    low, high = np.clip(start, 0, variance.size), np.clip(start + A_WEEK, 0, variance.size)
    count = seen[high] - seen[low]
    means = (total[high] - total[low]) / np.maximum(count, 1)
    # At the ends half of the week is missing, so what is there has a season of its own.
    whole = (start >= 0) & (start + A_WEEK <= variance.size)
    return np.where(whole & (2 * count >= A_WEEK), means, np.nan)


def season_walk(hours: Spans) -> FloatArray:
    """Factor of each hour and of the one to come, by profiles of nothing but the hours before.

    Returns
    -------
    ndarray (n + 1,)
        NaN before 60 days are known; a profile is made anew every 30 days.
    """
    count = hours.variance.size
    place = hour_of_week(hours.first, count + 1)
    found = np.full(count + 1, np.nan)
    for start in range(FIRST, count + 1, REFIT):
        seen = Spans(hours.first, HOUR, *(each[:start] for each in hours[2:]))
        profile = profile_of(seen)
        if profile:
            factors = np.array([each.factor for each in profile])
            stop = min(start + REFIT, count + 1)
            found[start:stop] = factors[place[start:stop]]
    return found


def season_paths(hours: Spans, factors: FloatArray) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Forecasts of each hour's variance: with the season, and naive ones without.

    Parameters
    ----------
    hours : Spans
    factors : ndarray (n + 1,)
        From `season_walk`.

    Returns
    -------
    ours : ndarray (n,)
        Level of the variance without its season, times the factor of the hour.
    naive : dict
        By name.
    """
    past, within = hours.variance, factors[:-1]
    bare = past / within
    naive = {
        "random walk": before(past),
        "EWMA": levels(past),
        "unconditional": before(running_means(past)),
    }
    return levels(bare) * within, naive
