"""The stack: ranges, gaps, band, keys, mouse, markers, sizes and themes."""

from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.hedge import Target
from tests.ui.chart_frames import COUNT, TARGET, TIMES, chart_desk, marker, track, tracks, wave
from tests.ui.queue_frames import NOW
from ui.charts.heights import DELTA, FUNDING, GAMMA, PRICE, VEGA
from ui.charts.overlay import TIME_AXIS_HEIGHT, TITLE_PX
from ui.charts.stack import ChartStack
from ui.theme.tokens import load_tokens, theme_names

# Without a window manager there is nobody to tell the smallest size to; and the test driver warns
# of presses that a scene has taken by its own way of passing events on.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "not accepted by", extend=True)

NOW_S = NOW / SECOND


@pytest.fixture
def stack(qtbot: QtBot) -> Iterator[ChartStack]:
    made = ChartStack(load_tokens("dark"))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    made.show_tracks(tracks())
    made.redraw(chart_desk(), NOW_S)
    yield made
    made.close()


def value_range(stack: ChartStack, pane: int) -> tuple[float, float]:
    low, high = stack.panes[pane].box.viewRange()[1]
    return low, high


def test_every_pane_has_a_value_axis_of_its_own(stack: ChartStack) -> None:
    for pane, low, high in (
        (PRICE, 94_000, 94_400),
        (GAMMA, 40_000, 41_000),
        (VEGA, 500, 600),
        (FUNDING, -0.4, 1.2),
    ):
        bottom, top = value_range(stack, pane)
        assert top - bottom < 4 * (high - low)
        assert bottom < high
        assert top > low


@pytest.mark.parametrize("height", [160, 300, 600, 1100])
def test_the_title_has_its_height_to_itself(stack: ChartStack, height: int) -> None:
    stack.resize(900, height)
    stack.redraw_now()
    for row, line in ((PRICE, "price"), (DELTA, "delta"), (GAMMA, "gamma"), (VEGA, "vega")):
        box = stack.panes[row].box
        if not stack.panes[row].box.isVisible():
            continue
        _, drawn = stack.picture.lines[line].getData()
        bottom, top = value_range(stack, row)
        free = (top - np.nanmax(drawn)) / (top - bottom) * box.height()
        assert free >= TITLE_PX - 1e-6
        assert np.nanmin(drawn) > bottom
    _, high = stack.band.edges
    bottom, top = value_range(stack, DELTA)
    assert (top - high) / (top - bottom) * stack.panes[DELTA].box.height() >= TITLE_PX - 1e-6


def test_a_rising_curve_never_reaches_the_title(stack: ChartStack) -> None:
    pane = stack.panes[PRICE]
    for step in range(1, 60):
        times = np.append(TIMES, TIMES[-1] + np.arange(1.0, step + 1))
        price = np.append(wave(94_000.0, 94_400.0), 94_400.0 + 3 * np.arange(1.0, step + 1))
        stack.show_tracks(tracks(price=track(price, times)))
        stack.redraw(chart_desk(), NOW_S + step)
        bottom, top = value_range(stack, PRICE)
        assert (top - price[-1]) / (top - bottom) * pane.box.height() >= TITLE_PX - 1e-6


def test_the_range_shrinks_when_a_spike_has_left(stack: ChartStack) -> None:
    stack.forget()
    price = wave(94_000.0, 94_100.0)
    price[100] = 120_000.0
    stack.show_tracks(tracks(price=track(price)))
    stack.set_window("24h")
    stack.redraw(chart_desk(), NOW_S)
    assert value_range(stack, PRICE)[1] > 120_000
    stack.set_window("15m")
    stack.redraw(chart_desk(), NOW_S)
    assert value_range(stack, PRICE)[1] < 95_000


def test_the_range_shrinks_while_following(stack: ChartStack) -> None:
    stack.forget()
    price = wave(94_000.0, 94_100.0)
    price[-800] = 120_000.0
    stack.show_tracks(tracks(price=track(price)))
    stack.redraw(chart_desk(), NOW_S)
    assert value_range(stack, PRICE)[1] > 120_000
    times = np.concatenate((TIMES, TIMES[-1] + 1 + np.arange(300.0)))
    longer = np.concatenate((price, np.full(300, 94_050.0)))
    stack.show_tracks(tracks(price=track(longer, times)))
    stack.redraw(chart_desk(), NOW_S + 300)
    assert value_range(stack, PRICE)[1] < 95_000


def test_what_holds_now_does_not_flatten_the_past(stack: ChartStack) -> None:
    stack.time.pan(-2.0)
    desk = chart_desk()
    far = replace(desk, exposure=replace(desk.exposure, spot=200_000.0))
    stack.redraw(far, NOW_S)
    assert value_range(stack, PRICE)[1] < 95_000
    stack.follow(True)
    assert value_range(stack, PRICE)[1] > 200_000


def test_a_value_without_a_curve_still_has_its_box(stack: ChartStack) -> None:
    stack.forget()
    stack.redraw(chart_desk(), NOW_S)
    assert [tag.text for _, tag in stack.panes[GAMMA].column.boxes] == ["40,123"]


def test_a_gap_is_hatched_and_not_joined(stack: ChartStack) -> None:
    stack.forget()
    price = wave(94_000.0, 94_400.0)
    price[-500:-400] = np.nan
    stack.show_tracks(tracks(price=track(price)))
    stack.redraw(chart_desk(), NOW_S)
    pane = stack.panes[PRICE]
    ((left, right),) = pane.backdrop.spans
    wide = pane.box.width()
    assert right - left == pytest.approx(101 / 900 * wide, abs=2)
    times, values = stack.picture.lines["price"].getData()
    inside = (times > TIMES[-500] + 1) & (times < TIMES[-401] - 1)
    assert np.isnan(values[inside]).all()
    assert stack.panes[GAMMA].backdrop.spans == ()


def test_the_delta_is_orange_only_outside_its_band(stack: ChartStack) -> None:
    stack.forget()
    delta = np.full(COUNT, 0.1)
    delta[-300:-200] = 0.4
    stack.show_tracks(tracks(delta=track(delta)))
    stack.redraw(chart_desk(), NOW_S)
    line = stack.picture.lines["outside"]
    times, values = line.getData()
    marked = times[np.isfinite(values)]
    assert marked.min() == pytest.approx(TIMES[-300], abs=3)
    assert marked.max() == pytest.approx(TIMES[-200], abs=3)
    assert line.opts["pen"].color().name().upper() == load_tokens("dark").dn


def test_values_now_stand_in_boxes(stack: ChartStack) -> None:
    texts = [[tag.text for tag in pane.column.tags] for pane in stack.panes]
    assert texts[PRICE] == ["94,200.00"]
    assert texts[DELTA] == ["+0.0500 BTC", "−0.200", "+0.250"]
    assert texts[GAMMA] == ["40,123"]
    assert texts[VEGA] == ["901.0"]
    assert texts[FUNDING] == ["−0.40"]
    assert stack.panes[FUNDING].column.tags[0].role == "down"
    stack.redraw(chart_desk(net_delta=0.3), NOW_S)
    assert stack.panes[DELTA].column.tags[0].role == "down"


def test_funding_is_drawn_from_zero_by_sign(stack: ChartStack) -> None:
    above, below = stack.picture.bars.above.opts, stack.picture.bars.below.opts
    stack.set_window("24h")
    assert set(above["y1"]) == {1.2}
    assert set(below["y1"]) == {-0.4}
    assert above["y0"] == below["y0"] == 0.0
    assert below["x1"].max() == pytest.approx(NOW_S, abs=300)
    low, high = value_range(stack, FUNDING)
    assert low < -0.4
    assert high > 1.2


def test_time_is_written_below_the_lowest_pane(stack: ChartStack) -> None:
    for height in (700, 420, 330, 250, 160, 100):
        stack.resize(900, height)
        stack.redraw_now()
        visible = [pane for pane in stack.panes if pane.box.isVisible()]
        assert stack.times.rect.top() == visible[-1].box.geometry().bottom()
        assert stack.times.rect.bottom() <= stack.viewport().height() + 1
        assert len(stack.times.times) >= 5
        assert stack.times.ZONE == "UTC"


def test_markers_show_their_words_and_are_not_cut_off(stack: ChartStack) -> None:
    stack.show_tracks(tracks(markers=(marker(100, 93_000.0, "buy 0.3 at 93,000"),)))
    stack.redraw(chart_desk(), NOW_S)
    assert value_range(stack, PRICE)[0] < 93_000
    (point,) = stack.picture.marks.item.points()
    tip = stack.picture.marks.item.opts["tip"]
    assert tip(x=0, y=0, data=point.data()) == "buy 0.3 at 93,000"


def test_a_band_from_a_frame_emits_nothing(stack: ChartStack, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(stack.bandEdited):
        stack.redraw(chart_desk(target=Target(0.0, -0.4, 0.4, "band", "")), NOW_S)
    assert stack.band.edges == (-0.4, 0.4)


def test_dragging_emits_once_on_release_and_frames_do_not_move_it(
    stack: ChartStack, qtbot: QtBot
) -> None:
    seen: list[tuple[float, float]] = []
    stack.bandEdited.connect(lambda low, high: seen.append((low, high)))
    _, edge = stack.band.lines
    for value in (0.3, 0.35):
        edge.setValue(value)
        edge.sigDragged.emit(edge)
        moved = Target(0.0, -0.1, value - 0.1, "band", "")
        stack.redraw(chart_desk(target=moved), NOW_S)
        assert edge.value() == value
    assert seen == []
    edge.sigPositionChangeFinished.emit(edge)
    assert seen == [(-0.2, 0.35)]
    assert stack.band.edges == pytest.approx((-0.1, 0.25))


def test_the_mouse_drags_an_edge(stack: ChartStack, qtbot: QtBot) -> None:
    seen: list[tuple[float, float]] = []
    stack.bandEdited.connect(lambda low, high: seen.append((low, high)))
    box = stack.panes[DELTA].box
    QApplication.processEvents()

    def at(value: float) -> QPoint:
        middle = 0.5 * sum(box.viewRange()[0])
        place: QPoint = stack.mapFromScene(box.mapViewToScene(QPointF(middle, value)))
        return place

    start, end = at(0.25), at(0.15)
    view = stack.viewport()
    QTest.mouseMove(view, start)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 11):
        QTest.mouseMove(view, start + (end - start) * step / 10)
        qtbot.wait(5)
    assert seen == []
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    assert len(seen) == 1
    assert seen[0][0] == -0.2
    assert seen[0][1] == pytest.approx(0.15, abs=0.02)


def test_keys_widen_and_narrow_the_band_and_add_up(stack: ChartStack) -> None:
    seen: list[tuple[float, float]] = []
    stack.bandEdited.connect(lambda low, high: seen.append((low, high)))
    shift = Qt.KeyboardModifier.ShiftModifier
    QApplication.sendEvent(stack, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Up, shift))
    assert seen[-1] == pytest.approx((-0.21125, 0.26125))
    stack.redraw(chart_desk(target=Target(0, -0.3, 0.3, "band", "")), NOW_S)
    QApplication.sendEvent(stack, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, shift))
    wide = 0.45 * 1.05 * 0.95
    assert seen[-1] == pytest.approx((0.025 - wide / 2, 0.025 + wide / 2))
    QTest.keyRelease(stack, Qt.Key.Key_Shift)
    assert stack.band.edges == (-0.3, 0.3)
    assert len(seen) == 2


def test_without_a_band_there_is_nothing_to_widen(stack: ChartStack, qtbot: QtBot) -> None:
    stack.redraw(chart_desk(target=None), NOW_S)
    with qtbot.assertNotEmitted(stack.bandEdited):
        QTest.keyClick(stack, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert stack.panes[DELTA].column.tags[0].text == "+0.0500 BTC"


def test_keys_move_zoom_and_follow(stack: ChartStack, qtbot: QtBot) -> None:
    start, end = stack.time.start, stack.time.end
    with qtbot.waitSignal(stack.followed) as told:
        QTest.keyClick(stack, Qt.Key.Key_Left)
    assert told.args == [False]
    assert stack.panes[PRICE].box.viewRange()[0] == pytest.approx([start - 90, end - 90])
    QTest.keyClick(stack, Qt.Key.Key_Plus)
    assert stack.time.span == pytest.approx(720)
    QTest.keyClick(stack, Qt.Key.Key_Minus)
    assert stack.time.span == pytest.approx(900)
    QTest.keyClick(stack, Qt.Key.Key_Right)
    with qtbot.waitSignal(stack.followed) as told:
        QTest.keyClick(stack, Qt.Key.Key_End)
    assert told.args == [True]
    assert stack.time.start < NOW_S < stack.time.end


def test_the_wheel_zooms_time_alone(stack: ChartStack) -> None:
    before = [value_range(stack, pane) for pane in range(5)]
    span = stack.time.span
    place = QPointF(stack.viewport().rect().center())
    event = QWheelEvent(
        place,
        stack.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(stack.viewport(), event)
    assert stack.time.span == pytest.approx(span / 1.25)
    assert stack.following
    after = [value_range(stack, pane) for pane in range(5)]
    assert [low for low, _ in after] == pytest.approx([low for low, _ in before], rel=0.5)


def test_dragging_the_picture_stops_following(stack: ChartStack, qtbot: QtBot) -> None:
    view, start = stack.viewport(), QPoint(400, 120)
    QTest.mouseMove(view, start)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    with qtbot.waitSignal(stack.followed):
        for step in range(1, 11):
            QTest.mouseMove(view, start + QPoint(20 * step, 0))
            qtbot.wait(5)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(200, 0))
    assert not stack.following
    end = stack.time.end
    stack.redraw(chart_desk(), NOW_S + 10_000)
    assert stack.time.end == end


def test_a_second_drawing_of_the_same_state_draws_no_curve(stack: ChartStack) -> None:
    drawn: list[object] = []
    for line in stack.picture.lines.values():
        line.sigPlotChanged.connect(drawn.append)
    stack.redraw_now()
    stack.redraw(chart_desk(), NOW_S + 0.1)
    assert drawn == []
    longer = track(np.append(wave(94_000, 94_400), 94_000), np.append(TIMES, TIMES[-1] + 1))
    stack.show_tracks(tracks(price=longer))
    stack.redraw(chart_desk(), NOW_S + 1)
    assert drawn == [stack.picture.lines["price"]]


def test_hidden_charts_draw_nothing(stack: ChartStack) -> None:
    stack.hide()
    drawn: list[object] = []
    stack.picture.lines["price"].sigPlotChanged.connect(drawn.append)
    stack.set_window("5m")
    assert drawn == []


def test_the_readout_follows_the_mouse_and_leaves_with_it(stack: ChartStack) -> None:
    seen: list[float | None] = []
    stack.hovered.connect(seen.append)
    stack.point_at(NOW_S - 100)
    QApplication.sendEvent(stack, QEvent(QEvent.Type.Leave))
    assert seen == [NOW_S - 100, None]


@pytest.mark.parametrize("theme", theme_names())
def test_themes_paint_without_complaint(stack: ChartStack, theme: str) -> None:
    stack.show_tracks(tracks(markers=(marker(10, 94_100.0),)))
    stack.retheme(load_tokens(theme))
    picture = stack.grab().toImage()
    assert picture.pixelColor(2, 100).name().upper() == load_tokens(theme).bg1


def test_any_size_from_tiny_up_is_drawn(stack: ChartStack) -> None:
    chance = np.random.default_rng(5)
    for wide, high in chance.integers((200, 100), (1900, 1300), (200, 2)):
        stack.resize(int(wide), int(high))
        stack.redraw_now()
        visible = [pane for pane in stack.panes if pane.box.isVisible()]
        assert visible[0] is stack.panes[PRICE]
        bottom = visible[-1].box.geometry().bottom()
        assert bottom <= stack.viewport().height() - TIME_AXIS_HEIGHT + 1
    stack.grab()


def test_the_band_of_the_desk_is_inside_the_picture(stack: ChartStack) -> None:
    low, high = value_range(stack, DELTA)
    assert low < TARGET.low < TARGET.high < high
