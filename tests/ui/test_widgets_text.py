"""Log, notices, empty states, titles and icons."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.widgets.dock_title import DockTitle
from ui.widgets.empty_state import EmptyState
from ui.widgets.icons import icon_names, pixmap
from ui.widgets.log_view import LINES, LogView
from ui.widgets.notice_strip import NoticeStrip

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, load_tokens("dark"))


def labels(widget: DockTitle | EmptyState | NoticeStrip) -> list[QLabel]:
    return [each for each in widget.findChildren(QLabel) if each.pixmap().isNull()]


def test_log_shows_words_as_they_are(qtbot: QtBot) -> None:
    log = LogView()
    qtbot.addWidget(log)
    log.add_line(52_327 * SECOND, "order", "<b>sent</b>\nforged line")
    log.add_line(None, "feed", "stale", "warn")
    lines = log.toPlainText().split("\n")
    assert lines == ["14:32:07 UTC  order     <b>sent</b> forged line", "–  feed      stale"]


def test_log_is_bounded(qtbot: QtBot) -> None:
    log = LogView()
    qtbot.addWidget(log)
    for number in range(LINES + 50):
        log.add_line(0, "n", str(number))
    lines = log.toPlainText().split("\n")
    assert len(lines) == LINES
    assert lines[-1].endswith(f" {LINES + 49}")
    log.retheme(load_tokens("light"))
    assert log.toPlainText().split("\n") == lines
    log.clear_lines()
    assert log.toPlainText() == ""


def test_log_follows_unless_scrolled_up(qtbot: QtBot) -> None:
    log = LogView()
    qtbot.addWidget(log)
    log.resize(300, 100)
    log.show()
    for number in range(100):
        log.add_line(0, "n", str(number))
    bar = log.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(3)
    log.add_line(0, "n", "new")
    assert bar.value() == 3


def test_log_topic_has_its_colour(qtbot: QtBot) -> None:
    log = LogView()
    qtbot.addWidget(log)
    log.add_line(0, "risk", "x", "crit")
    cursor = log.textCursor()
    cursor.setPosition(len("00:00:00 UTC  ri"))
    color = cursor.charFormat().foreground().color().name().upper()
    assert color == load_tokens("dark").crit


def test_notice(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    assert not strip.isVisible()
    assert strip.text() == ""
    strip.show_notice("<i>Feed</i> is stale", "warn", "Reconnect & retry")
    assert strip.isVisible()
    assert strip.text() == strip.accessibleName() == "<i>Feed</i> is stale"
    assert strip.property("tone") == "warn"
    assert labels(strip)[0].textFormat() is Qt.TextFormat.PlainText
    with qtbot.waitSignal(strip.acted):
        strip._action.click()
    with qtbot.waitSignal(strip.dismissed):
        strip._close.click()
    assert not strip.isVisible()


def test_notice_that_cannot_be_closed(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    strip.show_notice("Trading is halted", "crit", dismissible=False)
    assert strip._close.isHidden()
    assert strip._action.isHidden()
    with qtbot.assertNotEmitted(strip.dismissed):
        strip.clear()
    assert not strip.isVisible()


def test_empty_state(qtbot: QtBot) -> None:
    state = EmptyState("No fills yet", "They appear here", "history", "Start")
    qtbot.addWidget(state)
    assert [each.text() for each in labels(state)] == ["No fills yet", "They appear here"]
    with qtbot.waitSignal(state.acted):
        state._button.click()
    state.retheme(load_tokens("light"))
    silent = EmptyState("Nothing")
    qtbot.addWidget(silent)
    assert silent._button.isHidden()
    assert silent._picture.isHidden()


def test_dock_title(qtbot: QtBot) -> None:
    window, dock, title = QMainWindow(), QDockWidget(), DockTitle("Positions", "layers")
    qtbot.addWidget(window)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    dock.setTitleBarWidget(title)
    title.show_count(1234)
    assert title._count.text() == "1,234"
    with qtbot.waitSignal(title.float_asked):
        title._float.click()
    with qtbot.waitSignal(title.close_asked):
        title._close.click()
    window.show()
    title.resize(title.minimumSizeHint())
    for label in labels(title):
        assert label.width() >= QFontMetrics(label.font()).horizontalAdvance(label.text())
    assert title._close.accessibleName() == "Close Positions"
    title.show_count(None)
    assert title._count.text() == ""


def test_icons_are_drawn_in_their_colour(qapp: QApplication) -> None:
    assert len(icon_names()) >= 25
    for name in icon_names():
        if name == "combo-arrow":   # the style sheet's own, grey in every theme
            continue
        image = pixmap(name, "#FF0000", 16).toImage()
        colors = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert colors == {"#ff0000"}, name


def test_unknown_icon_is_named() -> None:
    with pytest.raises(LookupError, match="'unicorn'"):
        pixmap("unicorn", "#FFFFFF")
