"""The edge of gamma: none by default, and never without costs and its own error."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.market.edge import MISSES, VolGuess, edge_of, miss, persistence
from terminal.model.gamma import Stance
from terminal.pricing.rows import FloatArray

vols = st.floats(0.05, 2.0)


def walk(seed: int, span: int, vol: float) -> tuple[FloatArray, FloatArray]:
    count = span // MINUTE + 1
    moves = np.random.default_rng(seed).normal(0.0, vol * math.sqrt(MINUTE / YEAR), count)
    return np.arange(float(count)) * 60.0, 60_000.0 * np.exp(np.cumsum(moves))


@given(forecast=vols, error=vols, implied=vols, cost=st.floats(0.0, 0.2))
def test_a_side_has_an_edge_only_beyond_error_and_costs(
    forecast: float, error: float, implied: float, cost: float
) -> None:
    found = edge_of(VolGuess(forecast, error, DAY), implied, cost, 0)
    gap = forecast - implied
    assert (found.stance is not Stance.NONE) == (abs(gap) - cost > error)
    if found.stance is not Stance.NONE:
        assert (found.stance is Stance.LONG) == (gap > 0.0)
    dearer = edge_of(VolGuess(forecast, error, DAY), implied, cost + 0.1, 0)
    assert dearer.stance in (found.stance, Stance.NONE)


def test_the_words_carry_the_numbers_and_the_rule() -> None:
    none = edge_of(VolGuess(0.57, 0.17, DAY), 0.60, 0.025, 0)
    assert none.says.startswith("No edge: the forecast is 3.0 vol points below implied, 0.5 after")
    assert "only beyond that" in none.says
    long = edge_of(VolGuess(0.9, 0.1, DAY), 0.60, 0.025, 0)
    assert "Edge for long gamma" in long.says
    assert "27.5 after 2.5 of costs" in long.says
    short = edge_of(VolGuess(0.3, 0.1, DAY), 0.60, None, 0)
    assert "carries the crash" in short.says
    assert "costs unknown" in short.says


def test_nothing_known_is_no_edge() -> None:
    unseen = edge_of(VolGuess(None, None, 0, "an hour is needed"), 0.6, 0.0, 0)
    assert (unseen.stance, unseen.says) == (
        Stance.NONE,
        "No edge can be stated: an hour is needed.",
    )
    assert "quoted" in edge_of(VolGuess(0.5, 0.1, DAY), None, None, 0).says


def test_the_forecast_is_the_past_with_its_own_error() -> None:
    times, prices = walk(1, 10 * DAY, 0.5)
    week = persistence(times, prices, 7 * DAY)
    assert week.window == 7 * DAY
    assert week.vol == pytest.approx(0.5, rel=0.1)
    assert week.error == pytest.approx(0.33 * (week.vol or 0.0), rel=0.05)
    assert persistence(times, prices, 90 * DAY).window == 10 * DAY
    assert persistence(times, prices, MINUTE).window == HOUR


def test_too_short_a_past_gives_none() -> None:
    times, prices = walk(1, HOUR // 2, 0.5)
    assert "hour of prices" in persistence(times, prices, DAY).reason
    assert persistence(np.empty(0), np.empty(0), DAY).vol is None
    still = persistence(*walk(1, 2 * HOUR, 0.0), DAY)
    assert still.vol is None
    assert "too few" in still.reason


def test_the_longer_the_past_the_less_it_misses() -> None:
    misses = [miss(span) for span in range(HOUR, 60 * DAY, 6 * HOUR)]
    assert misses == sorted(misses, reverse=True)
    assert miss(SECOND) == MISSES[0][1]
