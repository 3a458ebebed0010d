"""The window: layouts come back, a failing panel fails alone, and closing waits for its answer."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame
from terminal.model.messages import Disturb, DisturbanceKind, Mode, Stop, StopStage
from tests.ui.queue_frames import NO_STOP, desk, frame, order, proposal
from tests.ui.showing import show
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.stop import StopDialog
from ui.panels.panel import Panel
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tokens, load_tokens
from ui.window import Window

# Without a window manager there is nobody to tell the smallest size to, or to raise a window.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

LEFT = Qt.MouseButton.LeftButton
NAMES = ("charts", "queue", "profile", "book", "log")


class Plain(Panel):
    """A panel that counts its frames, and fails when told to."""

    def __init__(self, name: str, tokens: Tokens) -> None:
        super().__init__(name, name.capitalize(), tokens)
        self.setMinimumSize(120, 60)
        self.shown: list[int] = []
        self.selected: list[str] = []
        self.broken = ""

    def render_frame(self, frame: Frame) -> None:
        if self.broken:
            raise ValueError(self.broken)
        self.shown.append(frame.seq)

    def select(self, underlying: str) -> None:
        self.selected.append(underlying)


class Shell:
    """A shown window with plain panels."""

    def __init__(
        self, settings: Path, mode: str = "sim", size: tuple[int, int] = (1600, 900)
    ) -> None:
        tokens = load_tokens("dark")
        self.window = Window(mode, QSettings(str(settings), QSettings.Format.IniFormat), tokens)
        self.window.restore_size(size)
        self.window.show()
        self.panels = {name: Plain(name, tokens) for name in NAMES}
        self.sent: list[object] = []
        self.window.command.connect(self.sent.append)
        self.window.install(list(self.panels.values()))
        for _ in range(3):
            QApplication.processEvents()

    def dock(self, name: str) -> QDockWidget:
        found = self.window.findChild(QDockWidget, f"dock-{name}")
        assert isinstance(found, QDockWidget)
        return found

    def close(self) -> None:
        self.window.allow_close()
        QApplication.processEvents()


@pytest.fixture
def shell(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Callable[..., Shell]:
    apply_theme(qapp, load_tokens("dark"))

    def make(name: str = "window.ini", **options: object) -> Shell:
        one = Shell(tmp_path / name, **options)  # type: ignore[arg-type]
        qtbot.addWidget(one.window, before_close_func=lambda _: one.window.allow_close())
        return one

    return make


Make = Callable[..., Shell]


def test_every_panel_gets_every_frame(shell: Make) -> None:
    one = shell()
    for seq in (1, 2, 3):
        show(one.window, frame(seq=seq))
    assert all(panel.shown == [1, 2, 3] for panel in one.panels.values())


def test_a_fast_engine_keeps_no_panel_waiting(shell: Make, qtbot: QtBot) -> None:
    one = shell()
    for seq in range(60):
        one.window.show_frame(frame(seq=seq))
        qtbot.wait(12)
    newest = [panel.shown[-1] for panel in one.panels.values()]
    assert min(newest) > 60 - 3 * len(newest)


def test_first_painting_is_told_once(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    window = Window("sim", settings, load_tokens("dark"))
    qtbot.addWidget(window, before_close_func=lambda _: window.allow_close())
    painted: list[bool] = []
    window.firstPainted.connect(lambda: painted.append(True))
    with qtbot.waitSignal(window.firstPainted, timeout=5000):
        window.show()
    window.repaint()
    assert painted == [True]


@pytest.mark.logs
def test_a_failing_panel_fails_alone(shell: Make, caplog: pytest.LogCaptureFixture) -> None:
    one = shell()
    one.panels["book"].broken = "no such column"
    show(one.window, frame(seq=1))
    show(one.window, frame(seq=2))
    assert one.panels["queue"].shown == [1, 2]
    assert one.panels["book"].shown == []
    assert "panel book failed" in caplog.text
    assert len(caplog.records) == 1
    fault = one.dock("book").widget()
    assert any("no such column" in label.text() for label in fault.findChildren(QLabel))
    one.panels["book"].broken = ""
    QTest.mouseClick(fault.findChildren(QPushButton)[0], LEFT)
    show(one.window, frame(seq=3))
    assert one.dock("book").widget() is one.panels["book"]
    assert one.panels["book"].shown == [3]


@pytest.mark.logs
def test_the_panel_in_the_middle_can_fail_and_come_back(
    shell: Make, caplog: pytest.LogCaptureFixture
) -> None:
    one = shell()
    one.panels["charts"].broken = "bad curve"
    show(one.window, frame(seq=1))
    again = [b for b in one.window.findChildren(QPushButton) if b.text() == "Reload"]
    one.panels["charts"].broken = ""
    QTest.mouseClick(again[0], LEFT)
    show(one.window, frame(seq=2))
    assert one.panels["charts"].shown == [2]
    assert one.panels["charts"].isVisible()


def test_layout_comes_back(shell: Make, tmp_path: Path) -> None:
    first = shell()
    first.dock("log").close()
    first.dock("profile").setFloating(True)
    inner = first.window.docks
    inner.resizeDocks([first.dock("queue")], [520], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    sizes = {name: first.dock(name).size() for name in ("queue", "book")}
    assert sizes["queue"].width() > 450
    first.close()
    for _ in range(3):
        # The screen of the tests is smaller than the window, which would be fitted to it.
        QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat).remove("geometry")
        again = shell()
        assert not again.dock("log").isVisible()
        assert again.dock("profile").isFloating()
        assert {name: again.dock(name).size() for name in sizes} == sizes
        again.close()


def test_reset_brings_every_dock_home(shell: Make) -> None:
    one = shell()
    one.dock("log").close()
    one.dock("queue").setFloating(True)
    one.window.docks.arrange()
    QApplication.processEvents()
    assert not one.dock("queue").isFloating()
    assert not one.dock("log").isHidden()


@pytest.mark.parametrize(
    "text", ["", "\x00\xff garbage", "[General]\nlayout=12\ngeometry=left", "layout=@ByteArray(x)"]
)
def test_bad_settings_leave_the_defaults(shell: Make, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.ini").write_text(text, "latin-1")
    one = shell("bad.ini")
    assert all(one.dock(name).isVisible() for name in ("queue", "book"))


def test_a_layout_of_another_version_leaves_the_defaults(shell: Make, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "old.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout", QByteArray(b"\x00\x01 not a layout"))
    settings.sync()
    one = shell("old.ini")
    assert one.dock("queue").isVisible()


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1024, 600)])
def test_window_takes_the_size_it_is_given(shell: Make, size: tuple[int, int]) -> None:
    one = shell(size=size)
    show(one.window, frame(proposal(), orders=(order("a"),)))
    QApplication.processEvents()
    assert (one.window.width(), one.window.height()) == size


def test_two_hundred_sizes(shell: Make) -> None:
    one, draw = shell(), Random(7)
    for seq in range(200):
        width, height = draw.randint(1024, 2400), draw.randint(600, 1400)
        one.window.resize(width, height)
        one.window.show_frame(frame(seq=seq))
        QApplication.processEvents()
        assert (one.window.width(), one.window.height()) == (width, height)
        status = one.window.status.geometry()
        assert status.bottom() < height


def test_selecting_a_book_reaches_every_panel(shell: Make) -> None:
    one = shell()
    show(one.window, frame())
    one.window.header.choose("ETH")
    assert all(panel.selected == ["ETH"] for panel in one.panels.values())


def test_closing_waits_for_its_answer(shell: Make, qtbot: QtBot) -> None:
    one = shell()
    with qtbot.waitSignal(one.window.closing, timeout=1000):
        one.window.close()
    assert one.window.isVisible()
    one.close()
    assert not one.window.isVisible()


def test_leaving_with_orders_at_work_asks_once(shell: Make) -> None:
    one = shell()
    show(one.window, frame(orders=(order("a", qty=Decimal(3)),)))
    answers: list[bool] = []
    one.window.ask_leave(answers.append)
    one.window.ask_leave(answers.append)
    [sheet] = one.window.findChildren(ClosingDialog)
    QTest.mouseClick(sheet.leave, LEFT)
    assert answers == [True]


def press_stop(widget: QWidget) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(widget, Qt.Key.Key_K, keys)


def test_stop_by_keys_then_freeze_by_the_same_keys(shell: Make, qtbot: QtBot) -> None:
    one = shell()
    show(one.window, frame())
    press_stop(one.window)
    [sheet] = one.window.findChildren(StopDialog)
    qtbot.waitUntil(sheet.isActiveWindow, timeout=5000)
    assert one.sent == []
    press_stop(sheet)
    assert [type(each) for each in one.sent] == [Stop]
    first = one.sent[0]
    assert isinstance(first, Stop)
    assert first.stage is StopStage.FREEZE
    sheet.reject()


def test_rearm_opens_once(shell: Make) -> None:
    one = shell()
    show(one.window, frame(stop=replace(NO_STOP, stage=StopStage.FREEZE, reason="x")))
    one.window.header.rearmAsked.emit()
    one.window.header.rearmAsked.emit()
    [sheet] = one.window.findChildren(RearmDialog)
    sheet.reject()


def test_a_stop_further_is_within_reach_while_stopped(shell: Make) -> None:
    one = shell()
    show(one.window, frame(stop=replace(NO_STOP, stage=StopStage.FREEZE, reason="x")))
    press_stop(one.window)
    [sheet] = one.window.findChildren(StopDialog)
    assert sheet.boxes[StopStage.FLATTEN].button.isEnabled()
    sheet.reject()


def menu_actions(one: Shell) -> dict[str, Callable[[], None]]:
    return {
        action.text(): action.trigger
        for menu in one.window.findChildren(QMenu)
        for action in menu.actions()
    }


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_only_a_simulation_can_be_disturbed(shell: Make, mode: str) -> None:
    one = shell(mode=mode)
    assert not [text for text in menu_actions(one) if "Jump" in text or "Reject" in text]
    assert mode.upper() in one.window.windowTitle()


def test_a_disturbance_names_the_book_that_is_shown(shell: Make) -> None:
    one = shell()
    show(one.window, frame(mode=Mode.SIM, desks=(desk("BTC"), desk("ETH"))))
    menu_actions(one)["Jump −3 %"]()
    one.window.header.choose("ETH")
    menu_actions(one)["Jump −3 %"]()
    assert one.sent == [
        Disturb(DisturbanceKind.JUMP, "", -0.03, 0.0),
        Disturb(DisturbanceKind.JUMP, "ETH", -0.03, 0.0),
    ]
