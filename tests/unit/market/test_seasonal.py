"""Seasonal profile: the season of its own process, no look ahead, gaps and a short past."""

import numpy as np
import pytest

from terminal.core.units import HOUR
from terminal.market.scoring import qlikes
from terminal.market.seasonal import (
    A_WEEK,
    FIRST,
    hour_of_week,
    profile_of,
    season_paths,
    season_walk,
)
from tests.unit.market.hourly import MONDAY, cut, made, season_of


def test_weeks_begin_on_monday() -> None:
    assert hour_of_week(MONDAY, 2).tolist() == [0, 1]
    assert hour_of_week(MONDAY - HOUR, 2).tolist() == [A_WEEK - 1, 0]


def test_the_season_of_its_own_process_is_found_within_its_error() -> None:
    profile = profile_of(made(1, 400))
    factor = np.array([each.factor for each in profile])
    error = np.array([each.error for each in profile])
    truth = season_of(np.arange(A_WEEK, dtype=np.float64))
    assert factor.mean() == pytest.approx(1.0)
    off = factor / (truth / truth.mean()) - 1.0
    assert float(np.abs(off).mean()) < 0.08
    assert 0.02 < float((error / factor).mean()) < 0.12
    assert [(each.weekday, each.hour) for each in profile[:25:24]] == [(0, 0), (1, 0)]
    assert {each.hours for each in profile} <= {56, 57, 58}


def test_without_a_season_the_profile_is_flat() -> None:
    factor = np.array([each.factor for each in profile_of(made(2, 400, seasonal=False))])
    assert float(np.abs(factor - 1.0).mean()) < 0.08


def test_no_factor_knows_what_came_after_it() -> None:
    whole = made(3, 150)
    factors = season_walk(whole)
    assert np.isnan(factors[:FIRST]).all()
    assert np.isfinite(factors[FIRST:]).all()
    for count in (FIRST + 1, FIRST + 500, 145 * 24):
        assert np.array_equal(season_walk(cut(whole, count)), factors[: count + 1], equal_nan=True)


def test_the_season_forecasts_better_than_none() -> None:
    hours = made(4, 200)
    ours, naive = season_paths(hours, season_walk(hours))
    losses = qlikes(hours.variance, ours)
    known = np.isfinite(losses)
    for path in naive.values():
        assert losses[known].mean() < qlikes(hours.variance, path)[known].mean()


def test_a_short_past_has_no_profile_and_holes_do_no_harm() -> None:
    assert profile_of(made(5, 27)) == ()
    assert np.isnan(season_walk(made(5, 20))).all()
    holey = profile_of(made(5, 200, holes=1500))
    assert len(holey) == A_WEEK
    assert all(each.factor > 0.0 for each in holey)
    lonely = made(6, 60)
    lonely.variance[5::A_WEEK] = np.nan  # an hour of the week that was never seen
    unseen = profile_of(lonely)[5]
    assert unseen.hours == 0
    assert 0.3 < unseen.factor < 2.0
    assert unseen.error > 0.0
