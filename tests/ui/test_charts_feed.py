"""Feeds: each point once, late ones left out, jumps of time interrupt the curve."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from terminal.model.frame import Track
from ui.charts.feed import Feed, Outside
from ui.charts.series import Series


def grown(count: int, start: int = 0) -> Track:
    times = np.arange(start, count, dtype=np.float64)
    return Track(times, 2 * times, start)


@given(st.lists(st.integers(0, 40), max_size=10))
def test_each_point_is_taken_once_however_the_track_grows(steps: list[int]) -> None:
    series = Series()
    feed = Feed(series)
    count = 0
    for step in steps:
        count += step
        feed.take(grown(count))
        feed.take(grown(count))
    np.testing.assert_array_equal(series.times, np.arange(count))


@given(st.integers(1, 60), st.integers(0, 59), st.integers(0, 30))
def test_points_dropped_from_the_front_are_not_taken_twice(
    first: int, dropped: int, more: int
) -> None:
    series = Series()
    feed = Feed(series)
    feed.take(grown(first))
    feed.take(grown(first + more, min(dropped, first)))
    np.testing.assert_array_equal(series.times, np.arange(first + more))


def test_a_shorter_track_is_another_run() -> None:
    series = Series()
    feed = Feed(series)
    feed.take(grown(50))
    feed.take(grown(3))
    assert feed.restarted
    np.testing.assert_array_equal(series.times, [0.0, 1.0, 2.0])


def test_a_late_value_is_left_out_and_a_late_interruption_counts_from_now() -> None:
    series = Series()
    feed = Feed(series)
    feed.take(Track(np.array([1.0, 5.0, 2.0, 3.0, 6.0]), np.array([1.0, 5.0, 9.0, np.nan, 6.0])))
    np.testing.assert_array_equal(series.times, [1.0, 5.0, 5.0, 6.0])
    np.testing.assert_array_equal(series.values, [1.0, 5.0, np.nan, 6.0])


@given(st.integers(4, 30), st.floats(6.0, 1000.0), st.booleans())
def test_a_jump_of_time_is_a_gap(before: int, jump: float, at_once: bool) -> None:
    times = np.concatenate((np.arange(before, dtype=float), before - 1 + jump + np.arange(5.0)))
    series = Series()
    feed = Feed(series)
    if not at_once:
        feed.take(Track(times[:before], np.ones(before)))
    feed.take(Track(times, np.ones(len(times))))
    assert series.gaps(0, times[-1], 5.0) == [(before - 1.0, before - 1.0 + jump)]


def test_steady_minutes_and_bursts_at_one_time_are_no_gap() -> None:
    times = np.repeat(np.arange(20) * 60.0, 4)
    series = Series()
    Feed(series).take(Track(times, np.ones(len(times))))
    assert series.gaps(0, 2000, 0.0) == []


def test_a_feed_may_be_told_that_its_points_are_rare() -> None:
    series = Series()
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 900.0])
    Feed(series, jumps=False).take(Track(times, np.ones(6)))
    assert series.gaps(0, 1000, 0.0) == []


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40), st.integers(1, 7))
def test_outside_is_the_curve_outside_its_band_and_back(values: list[float], chunk: int) -> None:
    times = np.arange(len(values), dtype=float)
    low, high = Track(times, times * 0 - 0.3), Track(times, times * 0 + 0.4)
    series = Series()
    outside = Outside(series)
    for first in range(0, len(values), chunk):
        part = slice(first, first + chunk)
        outside.take(times[part], np.array(values[part]), low, high)
    out = [not -0.3 <= value <= 0.4 for value in values]
    shown = [one or (index > 0 and out[index - 1]) for index, one in enumerate(out)]
    np.testing.assert_array_equal(~np.isnan(series.values), shown)


def test_outside_uses_the_band_of_each_time() -> None:
    times = np.arange(4.0)
    low = Track(np.array([0.0, 2.0]), np.array([-1.0, -0.1]))
    high = Track(np.array([0.0, 2.0]), np.array([1.0, 0.1]))
    series = Series()
    Outside(series).take(times, np.full(4, 0.5), low, high)
    assert np.isnan(series.values).tolist() == [True, True, False, False]


def test_without_a_band_nothing_is_outside() -> None:
    nothing = Track(np.empty(0), np.empty(0))
    series = Series()
    Outside(series).take(np.arange(3.0), np.full(3, 9.0), nothing, nothing)
    assert np.isnan(series.values).all()
