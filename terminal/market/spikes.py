"""Probability of a spike within the coming hour: logistic regression on the hours before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct

from terminal.core.units import HOUR
from terminal.market.arrays import MaskArray
from terminal.market.forecasts import ewma, running_means, trailing_means
from terminal.market.hours import Spans
from terminal.market.logistic import LogisticFit, chances, fit_logistic, log_odds
from terminal.market.seasonal import LEVEL_DECAY, hour_of_week, levels
from terminal.pricing.rows import FloatArray

SIGMAS: Final = 3.0
"""A spike is a move of an hour beyond this many roots of the level of hourly variance."""

FIRST: Final = 90 * 24
REFIT: Final = 30 * 24
LEAST_EVENTS: Final = 20
"""Spikes without which no odds are fitted, and none recalibrated."""

CALIBRATION_RIDGE: Final = 1.0
US_HOURS: Final = (13, 21)
"""From and to, UTC: when the exchanges of New York trade, in summer or in winter."""

WEEKEND: Final = 5
NAIVE_DECAY: Final = 1.0 - 1.0 / (30 * 24)
TINY: Final = 1e-12


def spikes(hours: Spans) -> FloatArray:
    """Whether each hour was a spike: 1 or 0, NaN where it or the level before it is unknown."""
    level = levels(hours.variance)
    known = np.isfinite(hours.move) & (level > 0.0)
    beyond = np.abs(hours.move) > SIGMAS * np.sqrt(np.where(known, level, 1.0))
    return np.where(known, beyond.astype(np.float64), np.nan)


def features(hours: Spans, factors: FloatArray) -> FloatArray:
    """Inputs known at the end of each hour.

    Parameters
    ----------
    hours : Spans
    factors : ndarray (n + 1,)
        Seasonal factor of each hour and of the one to come (`seasonal.season_walk`).

    Returns
    -------
    ndarray (n, 8)
        Logarithms of the variance of 1, 4 and 24 hours over its level; the last move over the root
        of the level, and its fall alone; the logarithm of the seasonal factor of the coming hour,
        whether that is at a weekend, and whether in US hours.
    """
    past = hours.variance
    level = ewma(past, LEVEL_DECAY)
    coming = hour_of_week(hours.first + HOUR, past.size)
    weekday, clock = coming // 24, coming % 24
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [
            np.log(np.maximum(trailing_means(past, each) / level, TINY)) for each in (1, 4, 24)
        ]
        scaled = hours.move / np.sqrt(level)
        season = np.log(factors[1:])
    return np.column_stack(
        (
            *ratios,
            np.abs(scaled),
            np.minimum(scaled, 0.0),
            season,
            (weekday >= WEEKEND).astype(np.float64),
            ((clock >= US_HOURS[0]) & (clock < US_HOURS[1])).astype(np.float64),
        )
    )


class SpikeModel(Struct, frozen=True):
    """A fit, and the recalibration of what such fits said before; None while that is too little."""

    fit: LogisticFit
    calibration: LogisticFit | None

    def said(self, table: FloatArray) -> FloatArray:
        """Probability for each row of inputs; NaN where one of them is unknown."""
        raw = chances(self.fit, table)
        return raw if self.calibration is None else chances(self.calibration, _odds(raw))


NONE: Mapping[int, SpikeModel] = {}


def spike_walk(
    hours: Spans, factors: FloatArray, made: Mapping[int, SpikeModel] = NONE
) -> tuple[FloatArray, dict[int, SpikeModel]]:
    """Probability after each hour that the next one is a spike, by fits to the hours before.

    Parameters
    ----------
    hours, factors
        As in `features`.
    made : mapping
        Models that were returned for the beginning of these very hours: they are not fitted again.

    Returns
    -------
    said : ndarray (n,)
        NaN where there is none: before 90 days, after a gap, or before 20 spikes.
    models : dict
        By the number of hours that each was fitted to; the last is in use.

    Notes
    -----
    Fitted anew every 30 days, and recalibrated by Platt's (1999) logistic of what was said before
    on what came of it, once that holds 20 spikes of its own.
    """
    table, happened = features(hours, factors), spikes(hours)
    outcome = np.append(happened[1:], np.nan)[: happened.size]
    usable: MaskArray = np.asarray(np.isfinite(table).all(axis=1))
    count = outcome.size
    raw, said = np.full(count, np.nan), np.full(count, np.nan)
    models: dict[int, SpikeModel] = {}
    model: SpikeModel | None = None
    for start in range(FIRST, count + 1, REFIT):
        # The outcome of the last hour before the fit is not known yet.
        past = usable[: start - 1] & np.isfinite(outcome[: start - 1])
        came = outcome[: start - 1][past]
        if not _enough(came):
            continue
        if start in made:
            model = made[start]
        else:
            fit = fit_logistic(table[: start - 1][past], came, near=model.fit if model else None)
            model = SpikeModel(fit, _calibration(raw[: start - 1], outcome[: start - 1]))
        models[start] = model
        part = slice(start - 1, min(start + REFIT, count + 1) - 1)
        raw[part], said[part] = chances(model.fit, table[part]), model.said(table[part])
    return said, models


def spike_naive(hours: Spans) -> dict[str, FloatArray]:
    """Naive probabilities after each hour: as it was, its mean of a month, the mean of all."""
    happened = spikes(hours)
    return {
        "random walk": happened,
        "EWMA": ewma(happened, NAIVE_DECAY),
        "unconditional": running_means(happened),
    }


def _calibration(before: FloatArray, outcome: FloatArray) -> LogisticFit | None:
    """Fit what came to what was said before; None while that is too little."""
    known = np.isfinite(before) & np.isfinite(outcome)
    if not _enough(outcome[known]):
        return None
    return fit_logistic(_odds(before[known]), outcome[known], CALIBRATION_RIDGE)


def _odds(chance: FloatArray) -> FloatArray:
    return log_odds(chance)[:, None]


def _enough(outcome: FloatArray) -> bool:
    events = int(outcome.sum())
    return LEAST_EVENTS <= events < outcome.size
