"""Dialogs: each asks for exactly what it says, and for nothing without a deliberate act."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame, Notice
from terminal.model.messages import Stop, StopStage
from tests.ui.queue_frames import NO_STOP, NOW, frame, order, proposal
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.modify import ModifyDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.reject import REASONS, RejectDialog
from ui.dialogs.sheet import Sheet
from ui.dialogs.stop import BY_HAND, LINES, StopDialog, first_lines
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

LEFT = Qt.MouseButton.LeftButton
FREEZE, NEUTRALISE, FLATTEN = StopStage.FREEZE, StopStage.NEUTRALISE, StopStage.FLATTEN


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, load_tokens("dark"))


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, LEFT)


def latched(stage: StopStage, *, done: bool = False) -> Frame:
    return frame(stop=replace(NO_STOP, stage=stage, reason="too fast", since=NOW, done=done))


def kinds() -> tuple[Sheet, ...]:
    long = "a reason that is long enough to wrap " * 6
    crowded = frame(
        orders=tuple(order(str(number)) for number in range(12)),
        notices=(Notice("crit", long, NOW, long),),
        stop=replace(
            NO_STOP,
            stage=FREEZE,
            reason=long,
            previews={stage: tuple([long] * 3) for stage in StopStage},
        ),
    )
    stop = StopDialog()
    stop.show_frame(crowded)
    return (
        stop,
        RearmDialog(crowded),
        ClosingDialog(crowded),
        ConfirmDialog("Sure?", long, "Do it & go"),
        ModifyDialog(proposal()),
        RejectDialog(proposal()),
    )


# -- all of them ------------------------------------------------------------------------------


def test_every_dialog_is_quiet_plain_and_closed_by_escape(qtbot: QtBot) -> None:
    for dialog in kinds():
        qtbot.addWidget(dialog)
        dialog.open()
        assert dialog.windowModality() is Qt.WindowModality.WindowModal
        assert dialog.accessibleName()
        for button in dialog.findChildren(QPushButton):
            assert not button.autoDefault()
            assert not button.isDefault()
            assert button.accessibleName()
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


def test_no_dialog_cuts_its_words(qtbot: QtBot) -> None:
    for dialog in kinds():
        qtbot.addWidget(dialog)
        dialog.open()
        QApplication.processEvents()
        for label in dialog.findChildren(QLabel):
            if label.isHidden():
                continue
            if label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()), label.text()
            else:
                assert label.width() >= QFontMetrics(label.font()).horizontalAdvance(label.text())
        for button in dialog.findChildren(QPushButton):
            assert button.width() >= button.minimumSizeHint().width()
        dialog.reject()


# -- reject -----------------------------------------------------------------------------------


def test_reject_needs_a_reason(qtbot: QtBot) -> None:
    dialog = RejectDialog(proposal())
    qtbot.addWidget(dialog)
    dialog.open()
    heard: list[str] = []
    dialog.reasoned.connect(heard.append)
    assert not dialog.action.isEnabled()
    QTest.keyClicks(dialog.words, "   ")
    assert not dialog.action.isEnabled()
    dialog._on_action()
    assert heard == []
    click(dialog.choices[3])
    QTest.keyClicks(dialog.words, "vega hedge ")
    click(dialog.action)
    assert heard == [f"{REASONS[3]}: vega hedge"]
    assert not dialog.isVisible()


def test_reject_with_words_alone_until_called_off(qtbot: QtBot) -> None:
    dialog = RejectDialog(proposal())
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.words, "mine")
    assert dialog.reason() == "mine"
    assert dialog.action.isEnabled()
    dialog.call_off("gone")
    assert not dialog.action.isEnabled()


# -- stop -------------------------------------------------------------------------------------


@pytest.fixture
def stop(qtbot: QtBot) -> Iterator[StopDialog]:
    dialog = StopDialog()
    qtbot.addWidget(dialog)
    dialog.show_frame(frame())
    dialog.open()
    yield dialog
    dialog.reject()


def test_a_whole_hold_stops(qtbot: QtBot, stop: StopDialog) -> None:
    button = stop.boxes[NEUTRALISE].button
    with qtbot.waitSignal(stop.stopped, timeout=5000) as heard:
        QTest.mousePress(button, LEFT)
    QTest.mouseRelease(button, LEFT)
    assert heard.args == [Stop(NEUTRALISE, BY_HAND)]
    words = "Asked to neutralise…"
    assert [box.latched.text() for box in stop.boxes.values()] == [words, words, ""]


def test_a_click_stops_nothing(qtbot: QtBot, stop: StopDialog) -> None:
    with qtbot.assertNotEmitted(stop.stopped):
        for box in stop.boxes.values():
            click(box.button)
            QTest.keyClick(box.button, Qt.Key.Key_Space)


def test_keys_freeze_at_once_until_it_is_latched(qtbot: QtBot, stop: StopDialog) -> None:
    qtbot.waitActive(stop)
    heard: list[object] = []
    stop.stopped.connect(heard.append)
    stop.reason.setText("  a bad print ")
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(stop, Qt.Key.Key_K, both)
    QTest.keyClick(stop, Qt.Key.Key_K, both)
    stop.show_frame(latched(FREEZE))
    QTest.keyClick(stop, Qt.Key.Key_K, both)
    assert heard == [Stop(FREEZE, "a bad print")] * 2


def test_an_empty_reason_becomes_the_usual_one(stop: StopDialog) -> None:
    heard: list[object] = []
    stop.stopped.connect(heard.append)
    stop.reason.setText(" ")
    stop.freeze()
    assert heard == [Stop(FREEZE, BY_HAND)]


@pytest.mark.parametrize(
    ("stage", "enabled"),
    [
        (FREEZE, [False, True, True]),
        (NEUTRALISE, [False, False, True]),
        (FLATTEN, [False, False, False]),
    ],
)
def test_latched_stages_cannot_be_asked_again(
    stop: StopDialog, stage: StopStage, enabled: list[bool]
) -> None:
    stop.show_frame(latched(stage))
    assert [box.button.isEnabled() for box in stop.boxes.values()] == enabled
    words = stop.boxes[FREEZE].latched.text()
    assert stage.value.capitalize() in words
    assert "too fast" in words
    assert "in progress" in words
    stop.show_frame(frame())
    assert all(box.button.isEnabled() for box in stop.boxes.values())


def test_what_was_asked_is_said_until_the_latch_shows_and_never_blocks(
    stop: StopDialog,
) -> None:
    stop.freeze()
    stop.show_frame(frame())
    assert stop.boxes[FREEZE].latched.text() == "Asked to freeze…"
    assert stop.boxes[FREEZE].button.isEnabled()
    stop.show_frame(latched(FREEZE, done=True))
    assert "done" in stop.boxes[FREEZE].latched.text()
    stop.show_frame(frame())
    assert stop.boxes[FREEZE].button.isEnabled()
    assert stop.boxes[FREEZE].latched.text() == ""


def test_previews_are_live_and_counted(stop: StopDialog) -> None:
    assert stop.boxes[FLATTEN].preview.text() == "would flatten\nand nothing else"
    lines = tuple(str(number) for number in range(LINES + 3))
    stop.show_frame(frame(stop=replace(NO_STOP, previews={FLATTEN: lines})))
    assert stop.boxes[FLATTEN].preview.text().endswith("7\nand 3 more")
    assert first_lines(lines[:LINES]) == "\n".join(lines[:LINES])


# -- re-arm, closing, confirm -----------------------------------------------------------------


def test_rearm_needs_a_reason(qtbot: QtBot) -> None:
    notice = Notice("crit", "ETH halted: 3 rejects", NOW, "Re-arm when it is understood")
    dialog = RearmDialog(replace(latched(FLATTEN), notices=(notice,)))
    qtbot.addWidget(dialog)
    dialog.open()
    heard: list[str] = []
    dialog.rearmed.connect(heard.append)
    assert "Flatten is latched" in dialog.latched.text()
    assert "3 rejects" in dialog.notices.text()
    QTest.keyClicks(dialog.reason, "  ")
    assert not dialog.action.isEnabled()
    click(dialog.action)
    dialog._on_action()
    assert heard == []
    QTest.keyClicks(dialog.reason, "checked")
    click(dialog.action)
    assert heard == ["checked"]
    dialog.show_frame(frame())
    assert dialog.latched.text() == "No stop is latched."


def test_leaving_lists_what_is_cancelled(qtbot: QtBot) -> None:
    rows = (order("a"), order("b", working=False))
    dialog = ClosingDialog(replace(latched(FREEZE), orders=rows))
    qtbot.addWidget(dialog)
    dialog.open()
    heard: list[bool] = []
    dialog.leaving.connect(heard.append)
    assert dialog.orders.text() == "1 working order will be cancelled:"
    assert dialog.listed.text() == "Buy 60 of 100 contracts BTC-PERPETUAL at 94000.5"
    assert "stays latched" in dialog.stop.text()
    dialog.show_frame(frame())
    assert (dialog.orders.text(), dialog.leave.text()) == ("No orders work.", "Leave")
    click(dialog.leave)
    assert heard == [True]


@pytest.mark.parametrize("how", ["button", "escape"])
def test_staying(qtbot: QtBot, how: str) -> None:
    dialog = ClosingDialog(frame(orders=(order("a"),)))
    qtbot.addWidget(dialog)
    dialog.open()
    heard: list[bool] = []
    dialog.leaving.connect(heard.append)
    if how == "button":
        click(dialog.stay)
    else:
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert heard == [False]


def test_confirm(qtbot: QtBot) -> None:
    dialog = ConfirmDialog("Reset?", "Everything <b>goes</b>.", "Reset & go")
    qtbot.addWidget(dialog)
    dialog.open()
    with qtbot.assertNotEmitted(dialog.confirmed):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        click(dialog.cancel)
    dialog.open()
    with qtbot.waitSignal(dialog.confirmed):
        click(dialog.action)
    assert dialog.action.text() == "Reset && go"
