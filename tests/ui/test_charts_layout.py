"""Heights, ticks, boxes and the window of time: pure arithmetic of the charts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QGraphicsRectItem
from pytestqt.qtbot import QtBot

from ui.charts.axes import VALUE_PX, decimals_of, round_step, ticks, time_step, time_text
from ui.charts.heights import DELTA, FUNDING, GAMMA, PRICE, SMALL_PX, VEGA, pane_heights
from ui.charts.time_window import LONGEST, SHORTEST, TimeWindow
from ui.charts.values import TAG_PX, Scale, Tag, ValueColumn


@given(st.integers(0, 3000))
def test_heights_fill_what_is_there_and_price_always_shows(height: int) -> None:
    heights = pane_heights(height)
    assert sum(heights) == height
    assert all(each >= 0 for each in heights)
    assert heights[PRICE] > 0 or height == 0
    for pane in (GAMMA, VEGA, FUNDING):
        assert heights[pane] == 0 or heights[pane] >= SMALL_PX
    assert heights[FUNDING] == 0 or heights[GAMMA] > 0
    assert heights[VEGA] == 0 or heights[FUNDING] > 0


def test_little_room_leaves_price_and_delta() -> None:
    assert [height > 0 for height in pane_heights(150)] == [True, True, False, False, False]
    assert all(pane_heights(500))
    assert pane_heights(150)[DELTA] > 40


@given(st.floats(1e-9, 1e9), st.floats(10, 2000))
def test_ticks_are_round_and_far_enough_apart(span: float, size: float) -> None:
    step = round_step(span, size)
    assert step / span * max(size, VALUE_PX) >= VALUE_PX * (1 - 1e-9)
    mantissa = float(f"{step:e}".split("e", 1)[0])
    assert round(mantissa, 6) in {1.0, 2.0, 5.0}
    places = ticks(0.0, span, step)
    assert all(0 <= value <= span * (1 + 1e-9) for value in places)
    texts = [f"{value:.{decimals_of(step)}f}" for value in places]
    if step >= 1e-8:
        assert len(set(texts)) == len(texts)


@given(st.floats(SHORTEST, LONGEST), st.floats(100, 4000))
def test_times_do_not_run_into_each_other(span: float, width: float) -> None:
    step = time_step(span, width)
    assert step * width / span >= 79.9 or step == 56 * 86_400


@pytest.mark.parametrize(
    ("time", "step", "text"),
    [(86_400.0, 3600, "02 Jan"), (90_061.0, 1, "01:01:01"), (90_060.0, 60, "01:01")],
)
def test_times_read_in_utc(time: float, step: int, text: str) -> None:
    assert time_text(time, step) == text


@given(
    st.lists(st.floats(-1, 1), max_size=6),
    st.floats(20, 400),
)
def test_boxes_never_cover_each_other_or_a_number(
    qapp: object, values: list[float], height: float
) -> None:
    parent = QGraphicsRectItem()
    column = ValueColumn(parent, signed=True)
    column.show_values(
        Scale(-1.0, 1.0, 0.0, height), tuple(Tag(value, f"{value}", "up") for value in values)
    )
    places = [at for at, _ in column.boxes]
    assert all(b - a >= TAG_PX - 1e-6 for a, b in pairwise(places))
    assert all(0.5 * TAG_PX - 1e-6 <= at <= height - 0.5 * TAG_PX + 1e-6 for at in places)
    for at, _ in column.numbers:
        assert all(abs(at - box) > 0.5 * TAG_PX for box in places)
    if values:
        assert column.tags[0] in [tag for _, tag in column.boxes]


def test_the_newest_point_stays_in_the_picture_until_the_user_moves(qtbot: QtBot) -> None:
    window = TimeWindow(100.0)
    for now in range(1000, 1300):
        window.advance(float(now))
        assert window.start <= now <= window.end
    window.pan(-0.1)
    end = window.end
    window.advance(2000.0)
    assert (window.following, window.end) == (False, end)
    window.follow(on=True)
    assert window.start <= 2000.0 <= window.end


@given(st.floats(0.01, 100.0), st.floats(0.0, 1.0))
def test_zoom_keeps_the_time_under_the_mouse(factor: float, share: float) -> None:
    window = TimeWindow(1000.0)
    window.advance(1e6)
    window.pan(-0.5)
    at = window.start + share * window.span
    window.zoom(factor, at)
    assert SHORTEST <= window.span <= LONGEST
    assert window.start + share * window.span == pytest.approx(at, abs=1e-3)


@given(st.floats(0.01, 100.0))
def test_zoom_while_following_keeps_the_newest_point(factor: float) -> None:
    window = TimeWindow(1000.0)
    window.advance(1e6)
    window.zoom(factor)
    assert window.following
    assert window.start <= 1e6 <= window.end
