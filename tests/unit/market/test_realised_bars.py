"""Bars: what cannot be is set aside and named, and no return is measured over a gap."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import HOUR
from terminal.market.arrays import instants, known, numbers, whole, within
from terminal.market.bars import asked_window, bars_of, between
from tests.unit.market.recorded import START, grid, walk, walked


def test_a_bar_after_a_gap_has_no_previous_close() -> None:
    start = np.delete(grid(6, HOUR), 3)
    bars = bars_of(start, walk(1, 5), span=HOUR)
    assert np.isnan(bars.previous).tolist() == [True, False, False, True, False]
    assert bars.previous[1] == bars.close[0]


def test_the_close_before_the_first_bar_is_taken_where_it_is_known() -> None:
    bars = bars_of(grid(2, HOUR), walk(1, 2), span=HOUR, previous_close=99.0)
    assert bars.previous.tolist() == [99.0, bars.close[0]]


@pytest.mark.parametrize(
    ("row", "value"),
    [(0, np.nan), (1, np.nan), (2, 0.0), (2, -1.0), (1, np.inf), (1, 1.0), (2, 1e9), (3, np.nan)],
)
def test_an_impossible_bar_is_set_aside_and_leaves_a_gap(row: int, value: float) -> None:
    prices = walk(2, 6)
    prices[row, 2] = value
    bars = bars_of(grid(6, HOUR), prices, span=HOUR)
    assert bars.faulty.tolist() == [START + 2 * HOUR]
    assert bars.start.size == 5
    assert np.isnan(bars.previous).tolist() == [True, False, True, False, False]


def test_a_first_bar_that_cannot_be_takes_the_close_before_it_along() -> None:
    prices = walk(2, 3)
    prices[0, 0] = np.nan
    bars = bars_of(grid(3, HOUR), prices, span=HOUR, previous_close=99.0)
    assert np.isnan(bars.previous[0])
    assert asked_window(bars) == (START, START + 3 * HOUR)


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_part_lies_wholly_inside_and_keeps_its_previous_closes(low: int, high: int) -> None:
    bars = walked(3, 12, HOUR)
    part = between(bars, START + low * HOUR, START + high * HOUR + HOUR // 2)
    assert part.start.tolist() == bars.start[low:high].tolist()
    assert np.array_equal(part.previous, bars.previous[low:high], equal_nan=True)


def test_no_bars_are_bars_too() -> None:
    bars = bars_of([], np.empty((4, 0)), span=HOUR)
    assert bars.start.size == 0
    assert asked_window(bars) == (0, 0)


@pytest.mark.parametrize(
    ("start", "message"),
    [([START, START - HOUR], "sorted"), ([START, START + 1], "before the one before it ends")],
)
def test_disorder_and_overlap_are_refused(start: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bars_of(start, walk(1, 2), span=HOUR)


@pytest.mark.parametrize(
    ("start", "prices", "error"),
    [
        (["a", "b"], walk(1, 2), TypeError),
        ([0.5, 1.5], walk(1, 2), TypeError),
        (np.array([START, START + HOUR], dtype=object), walk(1, 2), TypeError),
        ([[START]], walk(1, 1), ValueError),
        (grid(2, HOUR), [["1", "2"]] * 4, TypeError),
        (grid(2, HOUR), [[1.0, 2.0], [1.0]], TypeError),
        (grid(2, HOUR), walk(1, 2).astype(object), TypeError),
        (grid(2, HOUR), walk(1, 3), ValueError),
        (grid(2, HOUR), [1.0, 2.0], ValueError),
        (grid(2, HOUR), None, TypeError),
    ],
)
def test_what_is_not_bars_is_refused(start: Any, prices: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"start|prices"):
        bars_of(start, prices, span=HOUR)


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_the_close_before_must_be_a_price(price: float) -> None:
    with pytest.raises(ValueError, match="previous_close"):
        bars_of(grid(2, HOUR), walk(1, 2), span=HOUR, previous_close=price)


@pytest.mark.parametrize(("span", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_a_span_is_a_positive_whole_number(span: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="span"):
        bars_of([], np.empty((4, 0)), span=span)


def test_checks_name_what_they_refuse() -> None:
    with pytest.raises(TypeError, match="decay"):
        within("decay", True, 0.0, 1.0)
    with pytest.raises(TypeError, match="decay"):
        within("decay", "x", 0.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="decay"):
        within("decay", float("nan"), 0.0, 1.0)
    with pytest.raises(TypeError, match="count"):
        whole("count", True)
    with pytest.raises(TypeError, match="flags"):
        numbers("flags", [True, False])
    assert instants("at", []).dtype == np.int64
    assert known(float("nan")) is None
    assert known(1.5) == 1.5
