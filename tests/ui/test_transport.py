"""The controls of a recording: hidden without one; every way to another moment; mistakes said."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.frame import Frame
from terminal.model.playback import Mark, PlaybackView, Seek
from tests.ui.panel_frame import frame
from ui.panels.transport import TransportPanel
from ui.theme.tokens import load_tokens
from ui.widgets.segmented import Segmented
from ui.widgets.time_line import TimeLine

MIDNIGHT = 20_458 * DAY
FIRST, LAST = MIDNIGHT + 12 * HOUR, MIDNIGHT + 14 * HOUR
MARKS = tuple(
    Mark(FIRST + minute * MINUTE, "BTC", f"hedge of minute {minute}") for minute in (10, 30, 90)
)


def recording(now: int, **fields: object) -> Frame:
    view = PlaybackView(path="/somewhere", first=FIRST, last=LAST, lived="live", marks=MARKS)
    return replace(frame(), now=now, playback=replace(view, **fields))


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    made = QWidget()  # shown by itself the panel would be a window of its own
    qtbot.addWidget(made)
    return made


@pytest.fixture
def panel(host: QWidget) -> TransportPanel:
    made = TransportPanel(load_tokens("dark"))
    made.setParent(host)
    made.resize(1600, 40)
    return made


def named(panel: TransportPanel, name: str) -> QPushButton:
    return next(each for each in panel.findChildren(QPushButton) if each.accessibleName() == name)


def words(panel: TransportPanel) -> str:
    labels = panel.findChildren(QLabel)
    return next(each.text() for each in labels if each.accessibleName() == "About the recording")


def asked(panel: TransportPanel) -> list[object]:
    found: list[object] = []
    panel.command.connect(found.append)
    return found


def test_it_is_hidden_but_for_a_recording(panel: TransportPanel) -> None:
    panel.render_frame(frame())
    assert panel.isHidden()
    panel.render_frame(recording(FIRST))
    assert not panel.isHidden()
    assert words(panel) == "no hedge was decided before this moment"
    panel.render_frame(frame())
    assert panel.isHidden()


def test_steps_go_from_hedge_to_hedge_and_end_at_the_ends(panel: TransportPanel) -> None:
    found = asked(panel)
    before, after = named(panel, "Hedge before"), named(panel, "Hedge after")
    panel.render_frame(recording(FIRST))
    assert not before.isEnabled()
    after.click()
    panel.render_frame(recording(MARKS[0].at))
    assert "hedge of minute 10" in words(panel)
    after.click()
    panel.render_frame(recording(MARKS[1].at + SECOND // 2))
    before.click()  # the one that is just shown is not gone to again
    panel.render_frame(recording(LAST))
    assert not after.isEnabled()
    before.click()
    assert found == [Seek(MARKS[place].at) for place in (0, 1, 0, 2)]


def test_the_line_follows_the_time_and_the_hand(panel: TransportPanel) -> None:
    found = asked(panel)
    line = panel.findChild(TimeLine)
    assert line is not None
    panel.render_frame(recording(FIRST + HOUR))
    assert (line.minimum(), line.value(), line.maximum()) == (0, 3600, 7200)
    assert found == []  # time that passes is no wish
    QTest.keyClick(line, Qt.Key.Key_Right)
    assert found == [Seek(FIRST + HOUR + MINUTE)]
    line.setSliderDown(True)
    line.setSliderPosition(100)
    panel.render_frame(recording(FIRST + HOUR))
    assert line.value() == 100  # not pulled out of the hand
    line.setSliderDown(False)
    assert found[-1] == Seek(FIRST + 100 * SECOND)
    where = QPoint(line.width() // 2, line.height() // 2)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=where)
    panel.render_frame(recording(FIRST))  # time goes on, and the hand stays
    assert line.moment() == pytest.approx(FIRST + HOUR, abs=2 * MINUTE)
    assert words(panel).startswith("2026-01-05 1")
    before = len(found)
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=where)
    assert found[before:] == [Seek(line.moment())]  # a click goes where it is, once
    panel.render_frame(recording(FIRST + HOUR, seeking=FIRST + 2 * MINUTE))
    assert line.value() == 120
    assert words(panel).startswith("going to 2026-01-05 12:02")
    assert not panel.grab().isNull()


def test_a_moment_that_is_typed_is_gone_to_or_said_to_be_none(panel: TransportPanel) -> None:
    found = asked(panel)
    field = panel.findChild(QLineEdit)
    assert field is not None
    panel.render_frame(recording(FIRST))
    for text in ("13:12:00", "2026-01-05T13:12:00"):
        field.setText(text)
        field.returnPressed.emit()
        assert field.text() == ""
    assert found == [Seek(FIRST + 72 * MINUTE)] * 2
    panel._now = FIRST  # of a recording that goes on after midnight
    panel._view = replace(panel._view, last=FIRST + DAY) if panel._view else None
    field.setText("03:12:00")
    field.returnPressed.emit()
    assert found.pop() == Seek(MIDNIGHT + DAY + 3 * HOUR + 12 * MINUTE)
    for text, said in (("soon", "is no time"), ("03:12", "it holds 2026-01-05 12:00:00")):
        panel.render_frame(recording(FIRST))
        field.setText(text)
        field.returnPressed.emit()
        panel.render_frame(recording(FIRST))
        assert said in panel._wrong
        assert words(panel)[:3] == panel._wrong[:3]
    assert len(found) == 2
    field.setText("")
    field.returnPressed.emit()
    assert len(found) == 2


def test_pace_is_asked_for_and_refusals_are_told(panel: TransportPanel) -> None:
    paces: list[str] = []
    panel.paceAsked.connect(paces.append)
    panel.render_frame(recording(FIRST))
    speeds = panel.findChild(Segmented)
    assert speeds is not None
    named(panel, "60×").click()
    named(panel, "Pause").click()
    assert paces == ["60", "toggle"]
    paused = replace(frame().machine, paused=True, speed=5.0)
    refused = recording(FIRST, refused="Stop was not carried out")
    panel.render_frame(replace(refused, machine=paused))
    assert speeds.current() == "5"
    assert named(panel, "Pause").text() == "Play"
    assert words(panel) == "Stop was not carried out"


def test_nothing_is_cut_off_in_the_smallest_window(panel: TransportPanel) -> None:
    panel.render_frame(recording(FIRST))
    panel.resize(1024, panel.sizeHint().height())
    layout = panel.layout()
    assert layout is not None
    layout.setGeometry(panel.rect())
    for widget in (*panel.findChildren(QPushButton), *panel.findChildren(TimeLine)):
        assert widget.width() >= widget.sizeHint().width(), widget.accessibleName()
    line = panel.findChild(TimeLine)
    assert line is not None
    assert line.width() >= 1000
