"""Figures, gauges, badges and choices: they say what they mean and cut nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.widgets.badge import FeedPill, ModeBadge, Pill, SideChip
from ui.widgets.countdown_bar import CountdownBar
from ui.widgets.gauge import DeltaGauge
from ui.widgets.kpi import KpiCard
from ui.widgets.segmented import Segmented
from ui.widgets.sparkline import Sparkline

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

NUMBERS = st.floats(-1e6, 1e6)


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, load_tokens("dark"))


def cut_labels(widget: QWidget) -> list[str]:
    """Texts that need more room than their label has."""
    return [
        label.text()
        for label in widget.findChildren(QLabel)
        if not label.wordWrap()
        and QFontMetrics(label.font()).horizontalAdvance(label.text()) > label.width()
    ]


@given(x=NUMBERS, y=NUMBERS, low=NUMBERS, span=st.floats(0, 1e6))
def test_gauge_keeps_order_and_stays_on_its_track(
    x: float, y: float, low: float, span: float
) -> None:
    gauge = DeltaGauge()
    gauge.show_state(x, low, low + span, None)
    left, right = sorted((x, y))
    assert 0.0 <= gauge.share(left) <= gauge.share(right) <= 1.0
    gauge.deleteLater()


def test_gauge_places(qtbot: QtBot) -> None:
    gauge = DeltaGauge()
    qtbot.addWidget(gauge)
    gauge.show_state(0.7, -0.5, 0.5, 0.0, after=0.1)
    assert [gauge.share(each) for each in (-9, -0.5, 0.0, 0.5, 9)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert "outside" in gauge.accessibleDescription()
    gauge.grab()
    gauge.show_state(0.5, -0.5, 0.5, None)
    assert "inside" in gauge.accessibleDescription()
    gauge.grab()


@pytest.mark.parametrize("state", [(None, -1, 1, 0), (0, None, 1, 0), (0, -1, None, 0)])
def test_gauge_says_unknown(
    qtbot: QtBot, state: tuple[float | None, float | None, float | None, float | None]
) -> None:
    gauge = DeltaGauge()
    qtbot.addWidget(gauge)
    gauge.show_state(*state)
    assert gauge.accessibleDescription() == "unknown"
    gauge.grab()


def test_gauge_dot_changes_colour_outside(qtbot: QtBot) -> None:
    gauge = DeltaGauge()
    qtbot.addWidget(gauge)
    gauge.resize(200, 24)
    tokens = load_tokens("dark")
    for value, color in ((0.2, tokens.acc), (0.9, tokens.warn)):
        gauge.show_state(value, -0.5, 0.5, 0.0)
        x = round(8 + gauge.share(value) * 184)
        assert gauge.grab().toImage().pixelColor(x, 12).name().upper() == color


def test_card_cuts_nothing_at_its_smallest(qtbot: QtBot) -> None:
    card = KpiCard("Net delta", DeltaGauge())
    qtbot.addWidget(card)
    card.show_value("−1,234.5678 BTC", "band −0.5000 to +0.5000", "OUTSIDE", "warn", alert=True)
    card.show()
    card.resize(card.minimumSizeHint())
    assert cut_labels(card) == []
    assert card._badge.width() >= card._badge.sizeHint().width()
    assert card.property("alert") == "true"
    assert card.accessibleName() == "Net delta −1,234.5678 BTC OUTSIDE band −0.5000 to +0.5000"
    assert (card.value_text(), card.badge_text()) == ("−1,234.5678 BTC", "OUTSIDE")


def test_card_keeps_its_height(qtbot: QtBot) -> None:
    card = KpiCard("P&L today")
    qtbot.addWidget(card)
    card.show_value("+$1", "since 00:00 UTC")
    before = card.sizeHint().height()
    card.show_value("−$1", "since 00:00 UTC", "STALE", "crit", alert=True)
    assert card.sizeHint().height() == before
    assert card.sub_text() == "since 00:00 UTC"


def test_card_shows_markup_as_it_is(qtbot: QtBot) -> None:
    card = KpiCard("<b>x</b>")
    qtbot.addWidget(card)
    assert {each.textFormat() for each in card.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


def test_alert_tints_the_card(qtbot: QtBot) -> None:
    card = KpiCard("Margin")
    qtbot.addWidget(card)
    card.show_value("1", "x")
    card.show()
    calm = card.grab().toImage().pixelColor(6, 30)
    card.show_value("1", "x", alert=True)
    assert card.grab().toImage().pixelColor(6, 30) != calm


@pytest.mark.parametrize("text", ["", "OK", "REDUCE ONLY", "▲ BUY"])
def test_pill_has_room(qtbot: QtBot, text: str) -> None:
    pill = Pill(text, "warn")
    qtbot.addWidget(pill)
    assert not pill.isVisible()
    width = QFontMetrics(pill.font()).horizontalAdvance(text)
    assert pill.minimumSizeHint().width() >= width
    assert (pill.minimumSizeHint().width() == 0) == (not text)
    pill.grab()


def test_chips_say_more_than_colour(qtbot: QtBot) -> None:
    side, mode, feed = SideChip(), ModeBadge("live"), FeedPill()
    for each in (side, mode, feed):
        qtbot.addWidget(each)
    side.show_side("buy")
    assert (side.text(), side.tone()) == ("▲ BUY", "up")
    side.show_side("sell")
    assert (side.text(), side.tone()) == ("▼ SELL", "dn")
    assert (mode.text(), mode.accessibleName()) == ("LIVE", "Mode LIVE")
    feed.show_feed("Deribit", "stale")
    assert (feed.text(), feed.tone()) == ("Deribit stale", "warn")


@pytest.mark.parametrize("theme", ["dark", "light", "colour_blind"])
@pytest.mark.parametrize("mode", ["sim", "replay", "paper", "live"])
def test_mode_fills_its_badge(qtbot: QtBot, theme: str, mode: str) -> None:
    badge = ModeBadge(mode)
    qtbot.addWidget(badge)
    tokens = load_tokens(theme)
    badge.retheme(tokens)
    picture = badge.grab().toImage()
    assert picture.pixelColor(4, picture.height() // 2).name().upper() == getattr(tokens, mode)


def test_choice(qtbot: QtBot) -> None:
    choice = Segmented({"1m": "1 min", "5m": "5 min", "1h": "R&D"})
    qtbot.addWidget(choice)
    choice.show()
    with qtbot.assertNotEmitted(choice.chosen):
        choice.set_current("5m")
        choice._buttons["5m"].click()
    assert choice.current() == "5m"
    with qtbot.waitSignal(choice.chosen) as seen:
        QTest.mouseClick(choice._buttons["1m"], Qt.MouseButton.LeftButton)
    assert seen.args == ["1m"]
    assert [each.isChecked() for each in choice._buttons.values()] == [True, False, False]
    for button in choice._buttons.values():
        assert button.width() >= QFontMetrics(button.font()).horizontalAdvance(button.text()) - 8


def test_choice_by_arrows(qtbot: QtBot) -> None:
    choice = Segmented(["a", "b"])
    qtbot.addWidget(choice)
    with qtbot.waitSignal(choice.chosen) as seen:
        QTest.keyClick(choice._buttons["a"], Qt.Key.Key_Right)
    assert seen.args == ["b"]
    with qtbot.assertNotEmitted(choice.chosen):
        QTest.keyClick(choice._buttons["b"], Qt.Key.Key_Down)
    QTest.keyClick(choice._buttons["b"], Qt.Key.Key_Left)
    assert choice.current() == "a"
    tab = [each.focusPolicy() is Qt.FocusPolicy.StrongFocus for each in choice._buttons.values()]
    assert tab == [True, False]


def test_choice_refuses_what_it_does_not_offer(qtbot: QtBot) -> None:
    choice = Segmented(["a", "b"])
    qtbot.addWidget(choice)
    with pytest.raises(ValueError, match="'c' is not one of a, b"):
        choice.set_current("c")
    with pytest.raises(ValueError, match="at least one"):
        Segmented([])


def test_countdown(qtbot: QtBot) -> None:
    bar = CountdownBar()
    qtbot.addWidget(bar)
    for fraction, shown in ((0.5, 0.5), (7.0, 1.0), (-1.0, 0.0), (None, None)):
        bar.show_left(fraction, "01:23", urgent=fraction is None)
        assert bar.fraction() == shown
        bar.grab()
    assert bar.accessibleDescription() == bar.text() == "01:23"
    words = QFontMetrics(bar.font()).horizontalAdvance("01:23")
    assert bar.minimumSizeHint().width() >= words + 48


@given(values=st.lists(st.none() | NUMBERS, max_size=300))
def test_sparkline_draws_every_known_value_inside(values: list[float | None]) -> None:
    line = Sparkline()
    line.resize(96, 24)
    line.show_values(values)
    pieces = line.pieces()
    points = [point for piece in pieces for point in piece]
    assert len(points) == sum(each is not None for each in values[-240:])
    assert all(0 <= point.x() <= 96 and 0 <= point.y() <= 24 for point in points)
    line.grab()
    line.deleteLater()
