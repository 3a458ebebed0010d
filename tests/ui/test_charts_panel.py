"""The chart panel: titles, selection, read-out, windows, following, themes."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from tests.ui.chart_frames import chart_desk, chart_frame, track, tracks, wave
from tests.ui.queue_frames import NOW
from ui.charts.heights import DELTA, FUNDING, GAMMA, PRICE, VEGA
from ui.panels.charts import TEXT_EVERY, ChartsPanel
from ui.theme.tokens import load_tokens, theme_names

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ChartsPanel]:
    made = ChartsPanel(load_tokens("dark"))
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.show()
    yield made
    made.shut()


def titles(panel: ChartsPanel) -> list[str]:
    return [pane.title.text for pane in panel.stack.panes]


def test_titles_carry_values_and_units(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    told = titles(panel)
    assert told[PRICE].startswith("Index, USD per BTC")
    assert told[DELTA].startswith("Net Δ +0.0500 BTC in band · band −0.200 to +0.250 BTC")
    assert told[GAMMA] == "Γ $40,123 of delta per 1 % move"
    assert told[VEGA] == "ν $901.0 per vol point"
    assert told[FUNDING] == "Funding +1.00 bps per 8 h · next in 01:00:00 · you pay $3.20 per 8 h"
    assert panel.price.text() == "BTC 94,200.00"


@pytest.mark.parametrize(
    ("net", "words"), [(0.3, "+0.3000 BTC above band"), (-0.3, "−0.3000 BTC below band")]
)
def test_outside_the_band_is_said_in_words_and_colour(
    panel: ChartsPanel, net: float, words: str
) -> None:
    panel.render_frame(chart_frame(chart_desk(net_delta=net)))
    assert (words, "down") in panel.stack.panes[DELTA].title.parts


def test_an_unknown_delta_is_said_with_its_reason(panel: ChartsPanel) -> None:
    desk = chart_desk(net_delta=None, target=None, verdict="no fresh Greeks of 2 options")
    panel.render_frame(chart_frame(desk))
    assert titles(panel)[DELTA] == "Net Δ, BTC: unknown, no band · no fresh Greeks of 2 options"
    assert panel.stack.panes[DELTA].column.tags == ()


def test_a_known_delta_without_a_band_is_shown(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame(chart_desk(target=None, verdict="no policy")))
    assert titles(panel)[DELTA] == "Net Δ, BTC: +0.0500 BTC, no band · no policy"


def test_unusable_greeks_and_missing_prices_are_unknown(panel: ChartsPanel) -> None:
    desk = chart_desk(funding_rate=None)
    desk = replace(desk, exposure=replace(desk.exposure, usable=False, spot=None))
    panel.render_frame(chart_frame(desk))
    told = titles(panel)
    assert told[GAMMA].startswith("Γ –")
    assert told[VEGA].startswith("ν –")
    assert told[FUNDING] == "Funding: none is quoted"
    assert panel.price.text() == "BTC –"
    assert [pane.column.tags for pane in panel.stack.panes[:3:2]] == [(), ()]


def test_a_frame_without_desks_or_curves_is_survived(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame(desks=()))
    panel.stack.set_window("5m")
    panel.stack.follow(False)
    panel.redraw_now()
    assert panel.underlying == ""
    panel.render_frame(chart_frame(tracks={}))
    assert panel.stack.picture.curves.price.count == 0


def test_words_in_titles_are_never_markup(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame(chart_desk(target=None, verdict="<b>x</b> & y")))
    assert titles(panel)[DELTA].endswith("<b>x</b> & y")


def test_titles_are_renewed_less_often_than_curves(panel: ChartsPanel) -> None:
    for index in range(TEXT_EVERY + 1):
        panel.render_frame(chart_frame(chart_desk(net_delta=0.01 * index)))
        shown = "0.0000" if index < TEXT_EVERY else f"+{0.01 * index:.4f}"
        assert f"Net Δ {shown} BTC" in titles(panel)[DELTA]


def test_select_shows_another_underlying_and_its_curves_alone(panel: ChartsPanel) -> None:
    two = chart_frame(chart_desk("BTC"), chart_desk("ETH"))
    low = tracks(price=track(wave(3000.0, 3100.0)))
    two = replace(two, tracks={**two.tracks, "ETH": low})
    panel.render_frame(two)
    assert panel.underlying == "BTC"
    panel.select("ETH")
    panel.render_frame(two)
    assert panel.underlying == "ETH"
    assert panel.stack.picture.curves.price.values.max() <= 3100
    assert titles(panel)[PRICE].startswith("Index, USD per ETH")
    panel.select("All")
    panel.render_frame(two)
    assert panel.underlying == "BTC"
    assert panel.stack.picture.curves.price.values.min() >= 94_000


def test_selecting_what_is_shown_keeps_the_curves(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    revision = panel.stack.picture.curves.price.revision
    panel.select("BTC")
    panel.render_frame(chart_frame())
    assert panel.stack.picture.curves.price.revision == revision


def test_a_gap_reaches_the_screen(panel: ChartsPanel) -> None:
    price = wave(94_000.0, 94_400.0)
    price[-300:-100] = np.nan
    panel.render_frame(chart_frame(curves=tracks(price=track(price))))
    assert len(panel.stack.panes[PRICE].backdrop.spans) == 1


def test_the_readout_tells_values_with_units(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    panel.stack.point_at(NOW / SECOND - 60)
    words = panel.readout.text()
    assert " UTC " in words
    assert all(unit in words for unit in ("Δ ", " BTC", "Γ $", "ν $", "bps"))
    panel.stack.point_at(NOW / SECOND + 60)
    assert "Γ –" in panel.readout.text()
    panel.stack.point_at(None)
    assert panel.readout.text() == ""


def test_a_long_readout_does_not_widen_the_window(panel: ChartsPanel) -> None:
    before = panel.minimumSizeHint().width()
    panel.readout.setText("x" * 500)
    assert panel.minimumSizeHint().width() == before


def test_the_follow_button_tells_and_sets_following(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    panel.stack.setFocus()
    QTest.keyClick(panel.stack, Qt.Key.Key_Left)
    assert not panel.follow.isChecked()
    QTest.mouseClick(panel.follow, Qt.MouseButton.LeftButton)
    assert panel.stack.following
    assert panel.follow.isChecked()


def test_window_buttons_show_that_much_time(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    for name, seconds in (("5m", 300), ("1h", 3600), ("24h", 86_400)):
        panel.windows.chosen.emit(name)
        start, end = panel.stack.panes[PRICE].box.viewRange()[0]
        assert end - start == pytest.approx(seconds)
        assert start < NOW / SECOND < end


@pytest.mark.parametrize("theme", theme_names())
def test_another_theme_colours_everything(panel: ChartsPanel, theme: str) -> None:
    panel.render_frame(chart_frame())
    tokens = load_tokens(theme)
    panel.retheme(tokens)
    lines = panel.stack.picture.lines
    assert lines["price"].opts["pen"].color().name().upper() == tokens.tx
    assert lines["gamma"].opts["pen"].color().name().upper() == tokens.sim
    panel.grab()


def test_no_size_breaks_the_panel(panel: ChartsPanel) -> None:
    panel.render_frame(chart_frame())
    chance = np.random.default_rng(11)
    for wide, high in chance.integers((200, 100), (1920, 1080), (200, 2)):
        panel.resize(int(wide), int(high))
        QApplication.processEvents()
        panel.render_frame(chart_frame())
        for pane in panel.stack.panes:
            assert all(math.isfinite(at) for at, _ in pane.column.boxes)
    panel.grab()


def test_the_window_shown_is_the_one_asked_for(panel: ChartsPanel) -> None:
    panel.show_window("24h")
    assert panel.windows.current() == "24h"
