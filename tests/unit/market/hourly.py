"""Hours of a market made from a seed: persistent variance, a season, jumps."""

import numpy as np

from terminal.core.units import HOUR
from terminal.market.forecasts import recursion
from terminal.market.hours import Spans
from terminal.market.seasonal import hour_of_week
from terminal.pricing.rows import FloatArray

MONDAY = 1_767_571_200 * 1_000_000_000
"""2026-01-05 00:00 UTC."""


def season_of(place: FloatArray) -> FloatArray:
    """Twice the variance at 14 to 16 UTC, half of it at weekends; not of mean 1."""
    busy = np.where((place % 24 >= 14) & (place % 24 < 16), 2.0, 1.0)
    return np.asarray(busy * np.where(place >= 5 * 24, 0.5, 1.0))


def made(seed: int, days: int, *, holes: int = 0, seasonal: bool = True) -> Spans:
    """Hours from a Monday on; some of them unknown."""
    random = np.random.default_rng(seed)
    count = 24 * days
    slow = recursion(np.full(count, 0.99), random.normal(0.0, 0.08, (1, count)))[0]
    season = season_of(hour_of_week(MONDAY, count).astype(np.float64)) if seasonal else 1.0
    mean = 4e-5 * np.exp(slow) * season
    variance = mean * np.exp(random.normal(0.0, 0.4, count) - 0.08)
    move = np.sqrt(variance) * random.standard_normal(count)
    bipower = variance * random.uniform(0.85, 1.0, count)
    unknown = random.choice(count, holes, replace=False)
    for column in (variance, move, bipower):
        column[unknown] = np.nan
    return Spans(MONDAY, HOUR, variance, bipower, move)


def cut(hours: Spans, count: int) -> Spans:
    """The first hours alone."""
    return Spans(hours.first, hours.span, *(each[:count] for each in hours[2:]))


def gap(hours: Spans, day: int) -> Spans:
    """The same with one day not seen."""
    columns = [each.copy() for each in hours[2:]]
    for column in columns:
        column[24 * day : 24 * (day + 1)] = np.nan
    return Spans(hours.first, hours.span, *columns)
