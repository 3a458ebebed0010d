"""The queue around its cards: counts, quiet desks, and the dialogs it opens."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.hedge import Proposal, ProposalStatus
from terminal.model.messages import Approve, HedgeNow, Reject, StopStage
from tests.ui.queue_frames import NO_STOP, NOW, desk, proposal
from tests.ui.queue_screen import Screen, click, texts
from ui.dialogs.modify import ModifyDialog
from ui.dialogs.reject import RejectDialog

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def screen(qapp: QApplication, qtbot: QtBot) -> Iterator[Screen]:
    made = Screen(qapp)
    qtbot.addWidget(made.panel)
    yield made
    if made.panel._dialog is not None:
        made.panel._dialog.reject()


def test_count_is_told_when_it_changes(screen: Screen) -> None:
    told: list[int] = []
    screen.panel.count.connect(told.append)
    screen.show()
    screen.show()
    screen.show(proposal())
    screen.show(proposal(revision=2))
    screen.show()
    assert told == [0, 1, 0]


def test_quiet_desks_say_why_and_can_be_asked(screen: Screen) -> None:
    screen.settle(proposal())
    rows = screen.panel.desk_rows()
    assert [row.underlying for row in rows] == ["ETH", "SOL"]
    assert "No hedge is due" not in texts(screen.panel)
    assert "is inside" in texts(rows[0])
    click(rows[0].ask_button)
    click(rows[0].ask_button)
    assert screen.sent == [HedgeNow("ETH")]
    assert rows[0].ask_button.text() == "asked…"
    screen.clock[0] += 10_000
    screen.show(proposal(), now=NOW + 2 * SECOND)
    assert rows[0].ask_button.isEnabled()


def test_nothing_due_is_said_in_words(screen: Screen) -> None:
    screen.settle()
    assert "No hedge is due" in texts(screen.panel)
    assert [row.underlying for row in screen.panel.desk_rows()] == ["BTC", "ETH", "SOL"]


def test_halted_and_stopped_desks_cannot_be_asked(screen: Screen) -> None:
    screen.settle(desks=(desk("BTC", halted="feed lost"), desk("ETH")))
    halted, free = screen.panel.desk_rows()
    assert "Halted: feed lost" in texts(halted)
    assert not halted.ask_button.isEnabled()
    assert free.ask_button.isEnabled()
    screen.settle(stop=replace(NO_STOP, stage=StopStage.FREEZE))
    assert "Stopped (freeze)" in texts(screen.panel.desk_rows()[1])
    assert not screen.panel.desk_rows()[1].ask_button.isEnabled()


def test_modify_sends_the_size_with_the_revision_it_was_made_for(screen: Screen) -> None:
    screen.settle(proposal(revision=3))
    click(screen.card().modify)
    dialog = screen.panel._dialog
    assert isinstance(dialog, ModifyDialog)
    dialog.fields["contracts"].clear()
    QTest.keyClicks(dialog.fields["contracts"], "1000")
    click(dialog.action)
    assert screen.sent == [Approve("BTC-1-abcd", 3, Decimal(1000))]
    assert screen.card().approve.text() == "asked…"
    assert screen.panel._dialog is None


@pytest.mark.parametrize(
    "later", [(), (proposal(revision=2),), (proposal(status=ProposalStatus.REQUOTE),)]
)
def test_modify_is_called_off_when_the_numbers_change(
    screen: Screen, later: tuple[Proposal, ...]
) -> None:
    screen.settle(proposal())
    click(screen.card().modify)
    dialog = screen.panel._dialog
    assert isinstance(dialog, ModifyDialog)
    screen.show(*later)
    assert not dialog.action.isEnabled()
    QTest.keyClicks(dialog.fields["coin"], "1")
    click(dialog.action)
    assert screen.sent == []
    assert "look again" in dialog.problem.text()


def test_reject_names_its_reason(screen: Screen, qtbot: QtBot) -> None:
    qtbot.waitActive(screen.panel)
    screen.settle(proposal())
    QTest.keyClick(screen.panel, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    dialog = screen.panel._dialog
    assert isinstance(dialog, RejectDialog)
    screen.show(proposal(revision=2))
    click(dialog.choices[1])
    click(dialog.action)
    assert screen.sent == [Reject("BTC-1-abcd", "Too large")]
