"""Series: what is drawn covers what is known, gaps stay gaps, the past is bounded."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.charts.pyramid import FAN, Column
from ui.charts.series import Series


def made(chunks: list[int], *, capacity: int = 4000, gaps: float = 0.02) -> tuple[Series, Column]:
    """A random walk appended in chunks, with all of its values."""
    chance = np.random.default_rng(len(chunks) + sum(chunks))
    count = sum(chunks)
    values = np.cumsum(chance.normal(size=count))
    values[chance.random(count) < gaps] = np.nan
    series, first = Series(capacity), 0
    for chunk in chunks:
        times = np.arange(first, first + chunk, dtype=float)
        series.extend(times, values[first : first + chunk])
        first += chunk
    return series, values


CHUNKS = st.lists(st.integers(0, 700), min_size=1, max_size=8)


@given(CHUNKS, st.floats(0, 1), st.floats(0, 1), st.integers(1, 300))
def test_every_known_value_lies_within_what_is_drawn_at_its_time(
    chunks: list[int], one: float, other: float, pixels: int
) -> None:
    series, _ = made(chunks)
    end = max(sum(chunks) - 1, 0)
    start, stop = sorted((one * end, other * end))
    times, values = series.view(start, stop, pixels)
    step = max((stop - start) / pixels, 0.0) * 2 + 2
    inside = (series.times >= start) & (series.times <= stop) & ~np.isnan(series.values)
    for at, value in zip(series.times[inside][::7], series.values[inside][::7], strict=True):
        near = values[(times >= at - step) & (times <= at + step)]
        assert np.nanmin(near) <= value <= np.nanmax(near)


@given(CHUNKS, st.floats(0, 1), st.floats(0, 1), st.integers(1, 300))
def test_what_is_drawn_are_real_points_in_time_order_and_few(
    chunks: list[int], one: float, other: float, pixels: int
) -> None:
    series, _ = made(chunks)
    end = max(sum(chunks) - 1, 0)
    start, stop = sorted((one * end, other * end))
    times, values = series.view(start, stop, pixels)
    assert len(times) == len(values) <= 5 * pixels + 10
    assert (np.diff(times) >= 0).all()
    known = values[~np.isnan(values)]
    assert np.isin(known, series.values).all()


@given(st.integers(20, 2000), st.integers(1, 60), st.integers(10, 200))
def test_one_unknown_point_breaks_the_drawn_line(count: int, pixels: int, place: int) -> None:
    values = np.ones(count)
    at = place % count
    values[at] = np.nan
    series = Series()
    series.extend(np.arange(count, dtype=float), values)
    times, drawn = series.view(0, count, pixels)
    broken = times[np.isnan(drawn)]
    assert len(broken) >= 1
    assert np.abs(broken - at).min() <= 2 * count / pixels + 1


@given(st.lists(st.integers(0, 300), max_size=12), st.integers(4 * FAN, 600))
def test_no_more_is_kept_than_the_capacity_and_it_is_the_newest(
    chunks: list[int], capacity: int
) -> None:
    series, values = made(chunks, capacity=capacity)
    assert series.count <= capacity
    assert series.count >= min(len(values), capacity // 2)
    kept = values[len(values) - series.count :]
    np.testing.assert_array_equal(series.values, kept)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.integers(4 * FAN, 600))
def test_after_eviction_extremes_are_still_those_of_the_points(
    chunks: list[int], capacity: int
) -> None:
    series, _ = made(chunks, capacity=capacity, gaps=0.0)
    _, drawn = series.view(series.times[0], series.times[-1], 1)
    assert np.nanmin(drawn) == series.values.min()
    assert np.nanmax(drawn) == series.values.max()


@given(st.lists(st.sampled_from([1.0, 2.0, np.nan]), min_size=1, max_size=60), st.integers(1, 9))
def test_gaps_are_the_spans_between_known_points(values: list[float], chunk: int) -> None:
    series = Series()
    times = np.arange(len(values), dtype=float)
    for first in range(0, len(values), chunk):
        part = slice(first, first + chunk)
        series.extend(times[part], np.array(values[part]))
    known = [index for index, value in enumerate(values) if not np.isnan(value)]
    expected = [(float(a), float(b)) for a, b in pairwise(known) if b > a + 1]
    if known and known[0] > 0:
        expected.insert(0, (0.0, float(known[0])))
    newest = len(values) - 1.0
    if not known or known[-1] < newest:
        expected.append((float(known[-1]) if known else 0.0, newest))
    assert series.gaps(-1.0, len(values), 0.0) == expected


def test_gaps_outside_the_window_and_short_ones_are_left_out() -> None:
    series = Series()
    values = np.ones(100)
    values[[10, 50, 51, 52, 90]] = np.nan
    series.extend(np.arange(100.0), values)
    assert series.gaps(0, 100, 3.0) == [(49.0, 53.0)]
    assert series.gaps(60, 100, 0.0) == [(89.0, 91.0)]


@pytest.mark.parametrize(
    ("times", "values", "words"),
    [
        ([1.0, 3.0, 2.0], [0.0, 0.0, 0.0], "time 2.000 is before 3.000"),
        ([-1.0], [0.0], "time -1.000 is before 0.000"),
        ([1.0, np.nan], [0.0, 0.0], "not finite"),
        ([1.0, 2.0], [0.0], "2 times do not go with 1 values"),
    ],
)
def test_points_out_of_order_are_refused_and_nothing_is_taken(
    times: list[float], values: list[float], words: str
) -> None:
    series = Series()
    series.extend(np.array([0.0]), np.array([7.0]))
    revision = series.revision
    with pytest.raises(ValueError, match=words):
        series.extend(np.array(times), np.array(values))
    assert (series.count, series.revision) == (1, revision)


def test_too_small_a_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 points"):
        Series(31)


def test_a_value_is_known_from_its_point_to_the_next() -> None:
    series = Series()
    series.extend(np.array([10.0, 20.0, 30.0]), np.array([1.0, np.nan, 3.0]))
    read = [series.at(time) for time in (9.0, 10.0, 19.9, 20.0, 31.0)]
    assert read == [None, 1.0, 1.0, None, 3.0]


def test_an_emptied_series_begins_anew() -> None:
    series, _ = made([500])
    series.clear()
    assert series.view(0, 1000, 10)[0].size == 0
    series.extend(np.array([5.0]), np.array([1.0]))
    assert series.count == 1
    assert series.gaps(0, 1000, 0.0) == []


def test_gaps_go_with_the_points_they_lay_between() -> None:
    series = Series(100)
    values = np.ones(1000)
    values[::5] = np.nan
    series.extend(np.arange(1000.0), values)
    assert all(end > series.times[0] for _, end in series.gaps(-1.0, 2000.0, 0.0))
