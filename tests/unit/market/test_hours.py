"""Hours and days of realised variance: sums by hand, gaps, two sources as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.market.arrays import InstantArray
from terminal.market.hours import (
    STEP,
    Spans,
    daily_means,
    days_of,
    hours_of,
    joined,
    latest,
)
from terminal.pricing.rows import FloatArray
from tests.unit.market.hourly import MONDAY, made


def marks(seed: int, hours: int) -> tuple[InstantArray, FloatArray]:
    """Five-minute marks from a Monday on, both ends included, and a price at each."""
    count = 12 * hours + 1
    moves = np.random.default_rng(seed).normal(0.0, 1e-3, count)
    return MONDAY + STEP * np.arange(count, dtype=np.int64), 100.0 * np.exp(np.cumsum(moves))


@given(st.integers(0, 50), st.integers(1, 60))
def test_hours_are_sums_of_squared_returns(seed: int, count: int) -> None:
    at, prices = marks(seed, count)
    found = hours_of(at, prices)
    moves = np.diff(np.log(prices)).reshape(count, 12)
    assert (found.first, found.end) == (MONDAY, MONDAY + count * HOUR)
    assert np.allclose(found.variance, (moves**2).sum(axis=1), rtol=1e-12)
    assert np.allclose(found.move, moves.sum(axis=1), rtol=1e-9, atol=1e-15)
    pairs = (np.abs(moves[:, 1:]) * np.abs(moves[:, :-1])).sum(axis=1)
    assert np.allclose(found.bipower, 0.5 * np.pi * 12 / 11 * pairs, rtol=1e-12)


def test_a_price_counts_for_the_mark_before_it_and_an_hour_under_way_does_not() -> None:
    at, prices = marks(1, 3)
    late = hours_of(at + MINUTE, prices)
    assert late.variance.size == 2  # the first mark of the first hour was not seen
    assert np.array_equal(
        hours_of(at[:-1], prices[:-1]).variance, hours_of(at, prices).variance[:2]
    )


def test_no_return_is_taken_over_a_gap() -> None:
    at, prices = marks(2, 4)
    whole = hours_of(at, prices)
    prices = prices.copy()
    prices[14:17] = [np.nan, 0.0, -5.0]  # three marks of the second hour, four of its returns
    found = hours_of(at, prices)
    moves = np.delete(np.diff(np.log(marks(2, 4)[1]))[12:24], [1, 2, 3, 4])
    assert found.variance[1] == pytest.approx((moves**2).sum() * 12 / 8)
    assert np.array_equal(np.delete(found.variance, 1), np.delete(whole.variance, 1))
    prices[13:22] = np.nan
    assert np.isnan(hours_of(at, prices).variance[1])


@given(st.integers(0, 30), st.integers(0, 23), st.integers(0, 100))
def test_days_are_whole_utc_days(seed: int, skipped: int, more: int) -> None:
    hours = made(seed, 6)
    part = Spans(hours.first + skipped * HOUR, HOUR, *(e[skipped : 48 + more] for e in hours[2:]))
    days = days_of(part)
    assert days.first % DAY == 0
    assert days.span == DAY
    start = (days.first - hours.first) // HOUR
    for number, value in enumerate(days.variance.tolist()):
        inside = hours.variance[start + 24 * number : start + 24 * (number + 1)]
        assert value == pytest.approx(float(inside.sum()))
    assert days.end <= part.end < days.end + DAY or days.variance.size == 0


def test_a_day_of_which_less_than_half_was_seen_is_unknown() -> None:
    hours = made(3, 2)
    hours.variance[:13] = np.nan
    days = days_of(hours)
    assert np.isnan(days.variance[0])
    assert np.isfinite(days.variance[1])
    means = daily_means(hours, hours.variance)
    assert np.isnan(means[0])
    assert means[1] == pytest.approx(float(hours.variance[24:].mean()))


def test_two_sources_are_one_series_and_the_newer_counts() -> None:
    hours = made(4, 3)
    old = Spans(hours.first, HOUR, *(each[:40] for each in hours[2:]))
    new = Spans(hours.first + 35 * HOUR, HOUR, *(2.0 * each[35:] for each in hours[2:]))
    new.variance[1] = np.nan
    found = joined(old, new)
    assert (found.first, found.end) == (hours.first, hours.end)
    assert np.array_equal(found.variance[:35], hours.variance[:35])
    assert found.variance[35] == 2.0 * hours.variance[35]
    assert found.variance[36] == hours.variance[36]
    nothing = hours_of(np.empty(0, np.int64), [])
    assert joined(nothing, old) is old
    assert joined(old, nothing) is old
    apart = joined(Spans(hours.first, HOUR, *(each[:5] for each in hours[2:])), new)
    assert np.isnan(apart.variance[5:35]).all()


def test_only_the_last_hours_are_kept() -> None:
    hours = made(5, 2)
    found = latest(hours, 30)
    assert (found.variance.size, found.end) == (30, hours.end)
    assert latest(hours, 100).first == hours.first


def test_nothing_and_bad_input() -> None:
    assert hours_of(np.empty(0, np.int64), []).variance.size == 0
    assert days_of(hours_of(np.array([MONDAY]), [1.0])).variance.size == 0
    assert daily_means(made(1, 1), np.empty(0)).size == 0
    with pytest.raises(ValueError, match="same length"):
        hours_of(np.array([MONDAY]), [1.0, 2.0])
    with pytest.raises(ValueError, match="sorted"):
        hours_of(np.array([MONDAY, MONDAY - 1]), [1.0, 2.0])
