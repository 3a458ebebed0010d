"""A held button: only a whole hold confirms, and nothing runs afterwards."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QElapsedTimer, QEvent, Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.widgets.hold_button import HoldButton

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def button(qtbot: QtBot) -> HoldButton:
    made = HoldButton("Stop & flatten", ms=60)
    qtbot.addWidget(made)
    made.show()
    return made


def test_mouse_hold_confirms_once(qtbot: QtBot, button: HoldButton) -> None:
    seen: list[bool] = []
    button.confirmed.connect(lambda: seen.append(True))
    QTest.mousePress(button, LEFT)
    qtbot.waitUntil(lambda: bool(seen))
    assert not button.holding()
    assert not button._timer.isActive()
    QTest.mouseRelease(button, LEFT)
    assert seen == [True]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_key_hold_confirms(qtbot: QtBot, button: HoldButton, key: Qt.Key) -> None:
    with qtbot.waitSignal(button.confirmed):
        QTest.keyPress(button, key)
    QTest.keyRelease(button, key)
    assert not button.isDown()


def test_short_press_does_nothing(qtbot: QtBot) -> None:
    button = HoldButton("Stop", ms=100_000)
    qtbot.addWidget(button)
    with qtbot.assertNotEmitted(button.confirmed), qtbot.assertNotEmitted(button.clicked):
        QTest.mouseClick(button, LEFT)
        QTest.keyClick(button, Qt.Key.Key_Space)
        QTest.keyClick(button, Qt.Key.Key_Return)
        button._tick()
    assert button.progress() < 0.01


def test_a_press_by_a_screen_reader_is_not_a_hold(qtbot: QtBot, button: HoldButton) -> None:
    with qtbot.assertNotEmitted(button.confirmed, wait=120):
        button.click()


CANCELS: dict[str, Callable[[HoldButton], object]] = {
    "release": lambda button: QTest.mouseRelease(button, LEFT),
    "leave": lambda button: QTest.mouseMove(button, button.rect().bottomRight() * 3),
    "hide": lambda button: button.hide(),
    "parent hidden": lambda button: QApplication.sendEvent(button, QHideEvent()),
    "disable": lambda button: button.setEnabled(False),
    "focus": lambda button: QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusOut)),
}


@pytest.mark.parametrize("how", CANCELS)
def test_cancelled(qtbot: QtBot, button: HoldButton, how: str) -> None:
    QTest.mousePress(button, LEFT)
    assert button.holding()
    with qtbot.assertNotEmitted(button.confirmed, wait=120):
        CANCELS[how](button)
        assert not button.holding()
        assert not button._timer.isActive()
        assert button.progress() == 0.0


def test_disabled_and_other_buttons_do_not_start(qtbot: QtBot, button: HoldButton) -> None:
    QTest.mousePress(button, Qt.MouseButton.RightButton)
    assert not button.holding()
    button.setEnabled(False)
    QTest.mousePress(button, LEFT)
    assert not button.holding()


def test_repeats_of_a_held_key_change_nothing(qtbot: QtBot) -> None:
    button = HoldButton("Stop", ms=100_000)
    qtbot.addWidget(button)
    QTest.keyPress(button, Qt.Key.Key_Space)
    none = Qt.KeyboardModifier.NoModifier
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        QApplication.sendEvent(button, QKeyEvent(kind, Qt.Key.Key_Space, none, " ", True))
        assert button.holding()
    QTest.keyRelease(button, Qt.Key.Key_Space)
    assert not button.holding()


def test_a_blocked_loop_is_not_a_hold(qtbot: QtBot) -> None:
    button = HoldButton("Stop", ms=1000)
    qtbot.addWidget(button)
    QTest.mousePress(button, LEFT)
    clock = QElapsedTimer()
    clock.start()
    while clock.elapsed() < 120:
        pass
    button._tick()
    assert button.progress() <= 0.05
    button.grab()
    QTest.mouseRelease(button, LEFT)


def test_time_to_hold_is_positive(qtbot: QtBot) -> None:
    with pytest.raises(ValueError, match="more than 0 ms"):
        HoldButton("Stop", ms=0)


def test_says_what_to_do(button: HoldButton) -> None:
    assert button.accessibleName() == "Stop & flatten"
    assert button.text() == "Stop && flatten"
    assert button.accessibleDescription() == "Hold for 0.1 s"
    assert not button.autoDefault()
