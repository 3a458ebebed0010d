"""The charts: every point once, gaps as gaps, and a band that only a hand can move."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from terminal.core.units import HOUR, SECOND
from terminal.model.frame import Desk, Frame, Marker, Track, Tracks
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Target
from terminal.model.order import Side
from terminal.model.risk import PolicyKind
from tests.ui.panel_frame import NOW, PROFILE, SPEC, desk, frame
from ui.charts.curves import Curves
from ui.charts.heights import DELTA, FUNDING, GAMMA, PRICE, VEGA
from ui.panels.charts import TEXT_EVERY, ChartsPanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

END = NOW / SECOND
LEFT = Qt.MouseButton.LeftButton
MOVE_MS = 15   # pyqtgraph passes over moves that follow each other faster
BAND = Target(0.0, -0.2, 0.5, "fixed band", "")
UNEVEN = replace(SPEC, kind=PolicyKind.BAND_TO_TARGET, low=-0.2, high=0.5)


def track(values: Any, start: int = 0) -> Track:
    """One value a second, the last one now."""
    given_values = np.asarray(values, dtype=np.float64)
    times = END - len(given_values) + 1 + np.arange(len(given_values), dtype=np.float64)
    return Track(times, given_values, start)


def tracks(price: Any, **more: Any) -> Tracks:
    """Curves of which only the price matters."""
    flat = track(np.zeros(len(price)))
    plain: dict[str, Any] = dict.fromkeys(("delta", "gamma", "vega"), flat)
    plain |= {"low": track(np.full(len(price), -0.2)), "high": track(np.full(len(price), 0.5))}
    plain |= {"price": track(price), "funding": track([1.5]), "markers": ()}
    return Tracks(**plain | more)


def a_desk(underlying: str = "BTC", **more: Any) -> Desk:
    """A desk with a band, Greeks and funding."""
    plain = desk(underlying)
    risk = Sensitivity(delta=0.9, gamma_1pct_usd=-90_605.0, vega_usd=62.04)
    known: dict[str, Any] = {
        "exposure": replace(plain.exposure, spot=85_336.01, total=risk),
        "net_delta": 0.92,
        "target": BAND,
        "change_pct": 1.24,
        "funding_rate": 1.7e-4,
        "funding_interval": 8 * HOUR,
        "funding_next": NOW + 2 * HOUR + 14 * 60 * SECOND + 9 * SECOND,
        "funding_usd_8h": -20.1,
    }
    return replace(plain, **known | more)


def shown(*desks: Desk, price: Any = (1.0, 2.0, 3.0), **more: Any) -> Frame:
    """A frame of these desks, each with the same curves."""
    desks = desks or (a_desk(),)
    curves = tracks(price, **more)
    rules = replace(PROFILE, policies={"BTC": UNEVEN, "ETH": SPEC})
    return frame(desks=desks, tracks={each.underlying: curves for each in desks}, profile=rules)


@pytest.fixture
def panel(qapp: QApplication) -> Iterator[ChartsPanel]:
    apply_theme(qapp, load_tokens("dark"))
    made = ChartsPanel(load_tokens("dark"))
    made.resize(1160, 560)
    made.show()
    yield made
    QTest.qWait(40)   # what pyqtgraph holds back while the mouse moves is told by then
    made.shut()
    made.close()
    made.deleteLater()
    for each in QApplication.topLevelWidgets():
        if isinstance(each, QMenu):   # made by pyqtgraph for every plot, without a parent
            each.deleteLater()


def title(panel: ChartsPanel, pane: int) -> str:
    return panel.stack.panes[pane].title.text


def hatched(panel: ChartsPanel, pane: int) -> list[tuple[float, float]]:
    """Spans painted as gaps, pixels from the left."""
    items = panel.stack.panes[pane].box.childItems()
    return [span for item in items for span in getattr(item, "spans", ())]


def asked(panel: ChartsPanel) -> list[tuple[str, float, float]]:
    bands: list[tuple[str, float, float]] = []
    panel.bandDragged.connect(lambda *band: bands.append(band))
    return bands


def drag_edge(panel: ChartsPanel, to: float, *, up: bool, steps: int = 5) -> None:
    """Take an edge of the band with the mouse and let it go at another delta."""
    stack = panel.stack
    line = stack.band.lines[up]
    box = stack.panes[DELTA].box
    middle = 0.5 * sum(box.viewRange()[0])
    ends = [box.mapViewToScene(QPointF(middle, value)) for value in (line.value(), to)]
    begin, end = (QPointF(stack.mapFromScene(place)) for place in ends)
    send(panel, QEvent.Type.MouseMove, begin)
    send(panel, QEvent.Type.MouseButtonPress, begin)
    for step in range(1, steps + 1):
        QTest.qWait(MOVE_MS)
        send(panel, QEvent.Type.MouseMove, begin + (end - begin) * step / steps, held=True)
    send(panel, QEvent.Type.MouseButtonRelease, end)


def send(panel: ChartsPanel, kind: QEvent.Type, at: QPointF, *, held: bool = False) -> None:
    view = panel.stack.viewport()
    moving, none = kind is QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    down = held or kind is QEvent.Type.MouseButtonPress
    where = QPointF(view.mapToGlobal(at.toPoint()))
    button, buttons = none if moving else LEFT, LEFT if down else none
    event = QMouseEvent(kind, at, where, button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


# -- Points ---------------------------------------------------------------------------------------


@given(cuts=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 40)), min_size=1, max_size=8))
def test_every_point_is_taken_once(cuts: list[tuple[int, int]]) -> None:
    """However a track grows between frames, and though its front is dropped meanwhile."""
    curves = Curves()
    whole = track(np.arange(120.0))
    front = last = 0
    for end, dropped in sorted(cuts):
        front = max(front, min(dropped, last))   # what no frame has shown is not dropped yet
        part = Track(whole.times[front:end], whole.values[front:end], front)
        curves.take(replace(tracks(()), price=part, funding=track(())))
        last = end
    assert np.array_equal(curves.price.values, whole.values[:last])


def test_a_frame_without_news_draws_nothing_again(panel: ChartsPanel) -> None:
    same = shown()
    panel.render_frame(same)
    curves = panel.stack.picture.curves
    before = curves.price.revision, panel.stack.picture.lines["price"].xData
    panel.render_frame(same)
    assert curves.price.revision == before[0]
    assert panel.stack.picture.lines["price"].xData is before[1]


def test_a_hidden_panel_takes_points_and_draws_when_shown(panel: ChartsPanel) -> None:
    panel.hide()
    panel.render_frame(shown())
    assert len(panel.stack.picture.lines["price"].xData) == 0
    assert panel.stack.picture.curves.price.count == 3
    panel.show()
    panel.render_frame(shown())
    assert list(panel.stack.picture.lines["price"].yData) == [1.0, 2.0, 3.0]


def test_a_gap_is_hatched_and_not_joined(panel: ChartsPanel) -> None:
    price = np.full(600, 85_000.0)
    price[200:320] = math.nan
    panel.render_frame(shown(price=price))
    (span,) = hatched(panel, PRICE)
    wide = panel.stack.panes[PRICE].box.width()
    assert span[1] - span[0] == pytest.approx(121 / 900 * wide, rel=0.02)
    assert np.isnan(panel.stack.picture.lines["price"].yData).any()
    panel.render_frame(shown(a_desk("ETH"), price=np.full(600, 3_000.0)))
    assert hatched(panel, PRICE) == []


def test_hedges_are_marked_with_their_side(panel: ChartsPanel) -> None:
    marks = (
        Marker(NOW - 3 * SECOND, Side.BUY, 85_000.0, 0.1, "buy 0.1 at 85,000.00"),
        Marker(NOW - SECOND, Side.SELL, 85_100.0, 0.2, "sell 0.2 at 85,100.00"),
    )
    panel.render_frame(shown(price=(85_000.0, 85_050.0), markers=marks))
    assert panel.stack.picture.marks.within(END - 60, END) == (85_000.0, 85_100.0)


# -- Words ----------------------------------------------------------------------------------------


def test_titles_carry_live_numbers_with_their_units(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    assert panel.price.text() == "BTC 85,336.01  +1.24 %"
    assert title(panel, PRICE) == "Index, USD per BTC · ▲ hedge buy ▼ hedge sell"
    assert title(panel, DELTA).startswith(
        "Net Δ +0.9200 BTC above band · band −0.200 to +0.500 BTC"
    )
    assert title(panel, GAMMA) == "Γ −$90,605 of delta per 1 % move"
    assert title(panel, VEGA) == "ν $62.0 per vol point"
    assert title(panel, FUNDING) == (
        "Funding +1.70 bps per 8 h · next in 02:14:09 · you pay $20.10 per 8 h"
    )


@pytest.mark.parametrize(
    ("net", "words"), [(0.51, "above band"), (0.5, "in band"), (-0.2, "in band"), (-0.3, "below")]
)
def test_delta_is_placed_in_words(panel: ChartsPanel, net: float, words: str) -> None:
    panel.render_frame(shown(a_desk(net_delta=net)))
    assert words in title(panel, DELTA)


def test_unknown_is_said_and_never_zero(panel: ChartsPanel) -> None:
    blind = a_desk(net_delta=None, target=None, funding_rate=None, verdict="no mark for a leg")
    panel.render_frame(shown(replace(blind, exposure=replace(blind.exposure, usable=False))))
    assert title(panel, DELTA) == "Net Δ, BTC: unknown, no band · no mark for a leg"
    assert "–" in title(panel, GAMMA)
    assert "–" in title(panel, VEGA)
    assert title(panel, FUNDING) == "Funding: none is quoted"
    assert [panel.stack.panes[pane].tags for pane in (DELTA, GAMMA, VEGA)] == [(), (), ()]


def test_received_funding_is_called_so(panel: ChartsPanel) -> None:
    panel.render_frame(shown(a_desk(funding_usd_8h=20.1)))
    assert "you receive $20.10" in title(panel, FUNDING)


def test_values_now_are_tagged(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    assert [tag.text for tag in panel.stack.panes[PRICE].tags] == ["85,336.01"]
    assert [tag.text for tag in panel.stack.panes[DELTA].tags] == [
        "+0.9200 BTC",
        "−0.200",
        "+0.500",
    ]


def test_cross_hair_reads_every_curve_in_utc(panel: ChartsPanel) -> None:
    panel.render_frame(shown(price=(85_000.0, 85_100.0, 85_200.0), gamma=track([7.0, 8.0, 9.0])))
    panel.stack.point_at(END - 1)
    words = panel.readout.text()
    assert "12:53:19 UTC" in words
    assert "85,100.00" in words
    assert "Γ $8" in words
    panel.stack.point_at(None)
    assert panel.readout.text() == ""


# -- Choice and time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "coin", "price"), [("ETH", "ETH", 3.0), ("All", "BTC", 8.0), ("", "BTC", 8.0)]
)
def test_select(panel: ChartsPanel, name: str, coin: str, price: float) -> None:
    """A curve never goes on with the points of another coin."""
    curves = {"BTC": tracks((8.0, 8.0)), "ETH": tracks((3.0, 3.0, 3.0))}
    both = replace(shown(a_desk("BTC"), a_desk("ETH")), tracks=curves)
    panel.render_frame(both)
    panel.select(name)
    panel.render_frame(both)
    assert panel.underlying == coin
    assert panel.price.text().startswith(coin)
    assert set(panel.stack.picture.curves.price.values) == {price}


def test_window_buttons_choose_the_time_shown(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    for name, span in (("5m", 300.0), ("24h", 86_400.0), ("1h", 3600.0)):
        button = next(b for b in panel.windows.findChildren(QPushButton) if b.text() == name)
        QTest.mouseClick(button, LEFT)
        start, end = panel.stack.panes[PRICE].box.viewRange()[0]
        assert end - start == pytest.approx(span)
        assert start < END <= end


def test_looking_back_stops_following_and_follow_returns(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    assert panel.follow.isChecked()
    panel.stack.setFocus()
    for _ in range(12):
        QTest.keyClick(panel.stack, Qt.Key.Key_Left)
    assert not panel.follow.isChecked()
    panel.render_frame(shown())
    assert panel.stack.panes[PRICE].box.viewRange()[0][1] < END
    QTest.mouseClick(panel.follow, LEFT)
    assert panel.stack.panes[PRICE].box.viewRange()[0][1] >= END


def test_panes_share_one_time_axis(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    ranges = [pane.box.viewRange()[0] for pane in panel.stack.panes]
    assert all(each == pytest.approx(ranges[0]) for each in ranges)
    lowest = max(pane.box.geometry().bottom() for pane in panel.stack.panes)
    assert panel.stack.times.rect.top() == lowest


# -- Band -----------------------------------------------------------------------------------------


def test_dragging_an_edge_asks_once_and_leaves_the_other(panel: ChartsPanel) -> None:
    """Offsets count from the policy's target, so the edge that nobody touched keeps its value."""
    panel.render_frame(shown())
    bands = asked(panel)
    drag_edge(panel, 0.7, up=True)
    ((coin, low, high),) = bands
    assert coin == "BTC"
    assert low == pytest.approx(UNEVEN.low)
    assert high == pytest.approx(0.7, abs=0.02)


def test_offsets_count_from_the_target_of_the_policy(panel: ChartsPanel) -> None:
    around = replace(UNEVEN, target=1.0)
    rules = replace(PROFILE, policies={"BTC": around})
    moved = replace(BAND, delta=1.25, low=0.8, high=1.5)   # a hedge would stop beside the target
    panel.render_frame(replace(shown(a_desk(target=moved)), profile=rules))
    bands = asked(panel)
    drag_edge(panel, 0.5, up=False)
    ((_, low, high),) = bands
    assert low == pytest.approx(-0.5, abs=0.02)
    assert high == pytest.approx(0.5)


def test_a_coin_without_a_policy_has_no_band_to_edit(panel: ChartsPanel) -> None:
    panel.render_frame(replace(shown(), profile=replace(PROFILE, policies={"SOL": SPEC})))
    bands = asked(panel)
    drag_edge(panel, 0.7, up=True)
    assert bands == []


def test_frames_never_ask(panel: ChartsPanel) -> None:
    bands = asked(panel)
    for high in (0.5, 0.6, 0.4, 0.5):
        panel.render_frame(shown(a_desk(target=replace(BAND, high=high))))
    panel.render_frame(shown(a_desk(target=None)))
    assert bands == []


def test_after_a_drag_the_band_in_force_is_shown(panel: ChartsPanel) -> None:
    """A dragged edge is a wish: the picture says what holds until the profile says otherwise."""
    panel.render_frame(shown())
    drag_edge(panel, 0.7, up=True)
    panel.render_frame(shown())
    assert panel.stack.band.edges == (BAND.low, BAND.high)


def test_keys_widen_the_band(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    bands = asked(panel)
    QTest.keyClick(panel.stack, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    ((_, low, high),) = bands
    assert low < UNEVEN.low
    assert high > UNEVEN.high


# -- Look -----------------------------------------------------------------------------------------


def test_titles_are_written_less_often_than_frames_come(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    for _ in range(TEXT_EVERY - 1):
        panel.render_frame(shown(a_desk(net_delta=0.1)))
        assert "above band" in title(panel, DELTA)
    panel.render_frame(shown(a_desk(net_delta=0.1)))
    assert "in band" in title(panel, DELTA)


def test_other_colours(panel: ChartsPanel) -> None:
    panel.render_frame(shown())
    panel.retheme(load_tokens("light"))
    background = panel.stack.backgroundBrush().color().lightness()
    assert background > 200
    panel.render_frame(shown())


def test_everything_has_a_name(panel: ChartsPanel) -> None:
    parts = (panel, panel.stack, panel.windows, panel.follow)
    assert all(part.accessibleName() for part in parts)
    assert all(button.accessibleName() for button in panel.findChildren(QPushButton))
