"""The log panel: nothing twice, nothing lost, and the filter hides only what it should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from terminal.model.frame import LogLine
from tests.ui.panel_frame import frame, line
from ui.panels.log import LogPanel, matches, new_lines
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

ONE, TWO = line("BTC feed is live"), line("ETH denied", "DENIED", "warn")


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> LogPanel:
    apply_theme(qapp, load_tokens("dark"))
    made = LogPanel(load_tokens("dark"))
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    return made


def shown(panel: LogPanel) -> list[str]:
    return panel.view.toPlainText().splitlines()


@given(cuts=st.lists(st.integers(0, 6), max_size=6), kept=st.integers(7, 12))
def test_a_bounded_log_is_read_once(cuts: list[int], kept: int) -> None:
    """However many lines come between two looks, each is read exactly once and in order."""
    every: list[LogLine] = []
    seen: tuple[LogLine, ...] = ()
    read: list[LogLine] = []
    for more in cuts:
        every += [line("same") for _ in range(more)]
        log = tuple(every[-kept:])
        read += new_lines(seen, log)
        seen = log
    assert [id(each) for each in read] == [id(each) for each in every]


def test_appends_without_duplicating(panel: LogPanel) -> None:
    panel.render_frame(frame(log=(ONE,)))
    panel.render_frame(frame(log=(ONE,)))
    panel.render_frame(frame(log=(ONE, TWO)))
    lines = shown(panel)
    assert len(lines) == 2
    assert "INFO FEED" in lines[0]
    assert lines[0].endswith("BTC feed is live")
    assert "WARN DENIED" in lines[1]


def test_another_run_starts_a_new_log(panel: LogPanel) -> None:
    panel.render_frame(frame(log=(ONE, TWO)))
    panel.render_frame(frame(log=(TWO,), run="next"))
    assert len(shown(panel)) == 1


def test_hidden_panel_catches_up(panel: LogPanel) -> None:
    panel.hide()
    panel.render_frame(frame(log=(ONE, TWO)))
    assert shown(panel) == []
    panel.show()
    assert len(shown(panel)) == 2


@pytest.mark.parametrize(
    ("words", "count"), [("", 2), ("denied", 1), ("eth DENIED", 1), ("warn", 1), ("nothing", 0)]
)
def test_filter(panel: LogPanel, words: str, count: int) -> None:
    panel.render_frame(frame(log=(ONE, TWO)))
    panel.filter.setText(words)
    assert len(shown(panel)) == count
    panel.render_frame(frame(log=(ONE, TWO, line("more"))))
    assert len(shown(panel)) == count + (not words)
    panel.filter.clear()
    assert len(shown(panel)) == 3


def test_long_lines_are_wrapped_not_cut(panel: LogPanel) -> None:
    panel.resize(320, 200)
    panel.render_frame(frame(log=(line("net delta +0.92 above the band " * 8),)))
    assert panel.view.horizontalScrollBar().maximum() == 0


def test_the_newest_line_stays_when_the_dock_gets_narrower(panel: LogPanel) -> None:
    log = tuple(line(f"{place} net delta is above the band for a while") for place in range(60))
    panel.render_frame(frame(log=log))
    bar = panel.view.verticalScrollBar()
    for width in (300, 900, 260):
        panel.resize(width, 200)
        assert bar.value() == bar.maximum() > 0
    more = (*log, line("one more"))
    panel.render_frame(frame(log=more))
    assert bar.value() == bar.maximum()


def test_whoever_scrolled_up_is_left_there(panel: LogPanel) -> None:
    log = tuple(line(f"{place} net delta is above the band for a while") for place in range(60))
    panel.render_frame(frame(log=log))
    bar = panel.view.verticalScrollBar()
    bar.setValue(3)
    panel.render_frame(frame(log=(*log, line("one more"))))
    assert bar.value() == 3


def test_every_word_has_to_occur() -> None:
    assert matches(TWO, "eth denied")
    assert not matches(TWO, "btc denied")


def test_level_has_its_colour(panel: LogPanel) -> None:
    panel.render_frame(frame(log=(line("stop", "STOP", "crit"),)))
    cursor = panel.view.textCursor()
    cursor.setPosition(shown(panel)[0].index("CRIT") + 1)
    color = cursor.charFormat().foreground().color().name().upper()
    assert color == load_tokens("dark").crit


def test_copy(panel: LogPanel) -> None:
    panel.render_frame(frame(log=(ONE, TWO)))
    panel.filter.setText("denied")
    panel.copy_button.click()
    text = QGuiApplication.clipboard().text()
    assert "ETH denied" in text
    assert "BTC feed" not in text


def test_everything_has_a_name(panel: LogPanel) -> None:
    for each in (panel, panel.view, panel.filter, panel.copy_button):
        assert each.accessibleName()
