"""The log-HAR forecast as it would have been made day by day, and the naive ones beside it."""

from __future__ import annotations

from typing import Final

import numpy as np

from terminal.market.forecasts import ewma, running_means, trailing_means
from terminal.market.har import PRIOR_ROWS, fit_har, har_path, jump_term, leverage_term
from terminal.market.hours import Spans
from terminal.pricing.rows import FloatArray

REFIT: Final = 30
EWMA_DECAY: Final = 0.8
"""Of realised variance: what a good exponential mean of it takes, unlike one of squared returns."""


def least_days(horizon: int) -> int:
    """Days before the first forecast: a month of terms, the horizon, and rows to fit on."""
    return 49 + horizon


def walked(days: Spans, horizon: int, *, refit: int = REFIT) -> FloatArray:
    """Forecasts after each day, by fits to nothing but the days before.

    Parameters
    ----------
    days : Spans
    horizon : int
        Days ahead, >= 1.
    refit : int
        Days from one fit to the next, >= 1.

    Returns
    -------
    ndarray (n,)
        Mean variance a day over the horizon; NaN where there is none.

    Notes
    -----
    Logarithms of day, week and month with jumps and leverage (Corsi 2009; Corsi, Pirino and Reno
    2010), leaning on a prior while the past is short (`har.PRIOR`).
    """
    past, count = days.variance, days.variance.size
    extras = np.column_stack((jump_term(past, days.bipower), leverage_term(past, days.move)))
    found = np.full(count, np.nan)
    for start in range(least_days(horizon), count + 1, refit):
        seen = extras[:start]
        fit = fit_har(past[:start], horizon=horizon, extras=seen, prior_rows=PRIOR_ROWS)
        if fit is None:
            continue
        stop = min(start + refit, count + 1)
        found[start - 1 : stop - 1] = har_path(fit, past[: stop - 1], extras[: stop - 1])[
            start - 1 :
        ]
    return found


def naive_paths(days: Spans, horizon: int) -> dict[str, FloatArray]:
    """Naive forecasts after each day: as it was, its exponential mean, and the mean of all."""
    past = days.variance
    return {
        "random walk": trailing_means(past, horizon),
        "EWMA": ewma(past, EWMA_DECAY),
        "unconditional": running_means(past),
    }
