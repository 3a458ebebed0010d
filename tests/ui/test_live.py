"""Live on the screen: a red frame, a typed word, and the size of the first days."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from terminal.core.units import DAY, HOUR
from terminal.model.frame import Frame
from terminal.model.live import LiveRow
from terminal.model.messages import ArmLive, LiftFirstDays, Mode
from tests.ui.live_frames import ACCOUNT, GATEWAY, live_frame, row
from tests.ui.queue_frames import NOW, frame
from tests.ui.showing import show
from ui.dialogs.arm import ArmDialog
from ui.dialogs.lift import LiftDialog
from ui.dialogs.live_words import live_note
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.window import Window

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

LEFT = Qt.MouseButton.LeftButton
Make = Callable[[str], Window]


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Make:
    tokens = load_tokens("dark")
    apply_theme(qapp, tokens)

    def make(mode: str) -> Window:
        settings = QSettings(str(tmp_path / mode), QSettings.Format.IniFormat)
        made = Window(mode, settings, tokens)
        qtbot.addWidget(made, before_close_func=Window.allow_close)
        made.resize(1024, 600)
        made.show()
        qtbot.waitExposed(made)
        return made

    return make


def sheet(window: Window, kind: type[QDialog]) -> QDialog:
    [found] = [each for each in window.findChildren(kind) if each.isVisible()]
    return found


def words(dialog: QDialog) -> str:
    return "\n".join(each.text() for each in dialog.findChildren(QLabel))


def edge_colour(window: Window) -> str:
    return window.grab().toImage().pixelColor(1, window.height() // 2).name()


# -- The frame --------------------------------------------------------------------------------


def test_every_mode_has_its_own_edge(window: Make) -> None:
    tokens = load_tokens("dark")
    colours = {mode: edge_colour(window(mode)) for mode in ("sim", "replay", "paper", "live")}
    assert colours["live"] == tokens.live.lower()
    assert colours["paper"] == tokens.paper.lower()
    assert colours["sim"] not in (colours["live"], colours["paper"])
    assert colours["replay"] not in (colours["live"], colours["paper"])


@pytest.mark.parametrize(
    ("shown", "note"),
    [
        (frame(mode=Mode.SIM), ""),
        (live_frame(armed=False), "NOT ARMED"),
        (live_frame(), "¼ SIZE 6 d"),
        (live_frame(row(full_at=NOW + 3 * HOUR - 1)), "¼ SIZE 3 h"),
        (live_frame(row(full_at=NOW + 1)), "¼ SIZE 1 h"),
        (live_frame(row(factor=1.0)), ""),
        (live_frame(row(factor=1.0), row(GATEWAY, full_at=NOW + 2 * DAY + 1)), "¼ SIZE 3 d"),
    ],
)
def test_the_badge_says_whether_and_how_much(shown: Frame, note: str, window: Make) -> None:
    assert live_note(shown) == note
    one = window(shown.mode.value)
    one.show_frame(shown)
    name = shown.mode.value.upper()
    assert one.header._mode.text() == (f"{name} · {note}" if note else name)


def test_the_badge_tells_every_account_in_its_tip(window: Make) -> None:
    one = window("live")
    one.show_frame(live_frame(row(), row(GATEWAY, factor=1.0, lifted="an old account")))
    tip = one.header._mode.toolTip()
    assert "deribit/main/main: a quarter" in tip
    assert "okx/test/lab: whole sizes" in tip
    assert "an old account" in tip


# -- Arming -----------------------------------------------------------------------------------


def arming(window: Make, *rows: LiveRow) -> tuple[Window, ArmDialog, list[object]]:
    one = window("live")
    sent: list[object] = []
    one.command.connect(sent.append)
    show(one, live_frame(*rows, armed=False))
    found = sheet(one, ArmDialog)
    assert isinstance(found, ArmDialog)
    return one, found, sent


def test_a_live_run_asks_to_be_armed_and_may_stay_disarmed(window: Make) -> None:
    one, dialog, sent = arming(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    show(one, live_frame(armed=False))
    assert not [each for each in one.findChildren(ArmDialog) if each.isVisible()]
    assert sent == []


def test_what_arming_does_is_said_before(window: Make) -> None:
    _, dialog, _ = arming(window, row(since=0))
    said = words(dialog)
    assert "deribit/main/main" in said
    assert "a quarter of the sizes for seven days" in said
    assert "real money" in said
    assert "Manual" in said


@pytest.mark.parametrize("typed", ["", "live", "LIVE ", "LIV", "YES"])
def test_only_the_word_arms(typed: str, window: Make) -> None:
    _, dialog, sent = arming(window)
    QTest.keyClicks(dialog.word, typed)
    assert not dialog.action.isEnabled()
    QTest.keyClick(dialog.word, Qt.Key.Key_Return)
    assert sent == []


def test_the_word_arms(window: Make) -> None:
    one, dialog, sent = arming(window)
    assert dialog.word.hasFocus() or not one.isActiveWindow()
    QTest.keyClicks(dialog.word, "LIVE")
    QTest.mouseClick(dialog.action, LEFT)
    assert sent == [ArmLive("LIVE")]


def test_a_foreign_address_is_shown_and_must_be_typed(window: Make) -> None:
    _, dialog, sent = arming(window, row(), row(GATEWAY))
    assert GATEWAY.address in words(dialog)
    QTest.keyClicks(dialog.word, "LIVE")
    assert not dialog.action.isEnabled()
    field = dialog.addresses[GATEWAY.address]
    QTest.keyClicks(field, GATEWAY.address[:-1])
    assert not dialog.action.isEnabled()
    QTest.keyClicks(field, GATEWAY.address[-1])
    QTest.mouseClick(dialog.action, LEFT)
    assert sent == [ArmLive("LIVE", (GATEWAY.address,))]


def test_an_armed_run_is_not_asked_again(window: Make) -> None:
    one, _, _ = arming(window)
    show(one, live_frame())
    one.sheets.arm()
    assert not [each for each in one.findChildren(ArmDialog) if each.isVisible()]


@pytest.mark.parametrize("mode", ["sim", "replay", "paper"])
def test_nothing_but_a_live_run_can_be_armed(mode: str, window: Make) -> None:
    one = window(mode)
    show(one, frame(mode=Mode(mode)))
    one.sheets.arm()
    one.sheets.lift()
    assert not [each for each in one.findChildren(QDialog) if each.isVisible()]
    texts = [action.text() for action in one.menus.actions()[0].menu().actions()]  # type: ignore[attr-defined]
    assert "Arm live trading…" not in texts


# -- Lifting ----------------------------------------------------------------------------------


def test_lifting_takes_the_word_and_a_reason(window: Make) -> None:
    one = window("live")
    sent: list[object] = []
    one.command.connect(sent.append)
    show(one, live_frame(row(), row(GATEWAY, factor=1.0)))
    one.menus.liftAsked.emit()
    dialog = sheet(one, LiftDialog)
    assert isinstance(dialog, LiftDialog)
    assert dialog.account.count() == 1
    QTest.keyClicks(dialog.reason, "sized by hand for years")
    assert not dialog.action.isEnabled()
    QTest.keyClicks(dialog.word, "WHOLE")
    QTest.mouseClick(dialog.action, LEFT)
    assert sent == [LiftFirstDays(ACCOUNT.name, "sized by hand for years")]


def test_with_nothing_to_lift_it_says_so(window: Make) -> None:
    one = window("live")
    show(one, live_frame(row(factor=1.0)))
    one.sheets.lift()
    dialog = sheet(one, LiftDialog)
    assert "No account trades at a quarter" in words(dialog)


# -- Shape ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ArmDialog, LiftDialog])
def test_every_control_has_a_name_and_fits(
    kind: type[ArmDialog] | type[LiftDialog], qtbot: QtBot
) -> None:
    dialog = kind(live_frame(row(), row(GATEWAY), armed=kind is LiftDialog))
    qtbot.addWidget(dialog)
    dialog.show()
    for each in dialog.findChildren(QPushButton) + dialog.findChildren(QLineEdit):
        assert each.accessibleName()
    assert dialog.sizeHint().height() <= 600
    assert dialog.sizeHint().width() <= 1024
