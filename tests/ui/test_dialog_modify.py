"""Another size: whatever is typed, what is approved lies on the grid and inside the proposal."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.queue_frames import proposal
from ui.dialogs.modify import ModifyDialog
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, load_tokens("dark"))


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def modify(qtbot: QtBot) -> Iterator[ModifyDialog]:
    dialog = ModifyDialog(proposal())
    qtbot.addWidget(dialog)
    dialog.open()
    yield dialog
    dialog.reject()


def enter(dialog: ModifyDialog, name: str, text: str) -> None:
    dialog.fields[name].clear()
    QTest.keyClicks(dialog.fields[name], text) if text.isascii() else _paste(dialog, name, text)


def _paste(dialog: ModifyDialog, name: str, text: str) -> None:
    QApplication.clipboard().setText(text)
    dialog.fields[name].paste()


def test_the_whole_proposal_stands_at_first(qtbot: QtBot, modify: ModifyDialog) -> None:
    assert {name: field.text() for name, field in modify.fields.items()} == {
        "coin": "0.850000",
        "contracts": "8515",
        "usd": "80123.00",
    }
    with qtbot.waitSignal(modify.sized) as heard:
        click(modify.action)
    assert heard.args == [Decimal(8515)]


@pytest.mark.parametrize(
    ("name", "text", "qty"),
    [
        ("contracts", "4257", 4257),
        ("contracts", "8,515", 8515),
        ("contracts", "8515.0", 8515),
        ("coin", "0.85", 8515),
        ("coin", "0.425", 4257),
        ("coin", ".0001", 1),
        ("usd", "80,123.00", 8515),
        ("usd", "40000", 4250),
    ],
)
def test_sizes_stay_in_step(modify: ModifyDialog, name: str, text: str, qty: int) -> None:
    enter(modify, name, text)
    assert modify.qty() == qty
    assert modify.action.isEnabled()
    assert modify.problem.text() == ""
    assert modify.fields[name].text() == text   # typing is not disturbed
    share = qty / 8515
    wanted = {"coin": 0.85 * share, "contracts": qty, "usd": 80_123 * share}
    for each, field in modify.fields.items():
        if each != name:
            assert float(field.text()) == pytest.approx(wanted[each], abs=0.01)


@pytest.mark.parametrize("name", ["coin", "contracts", "usd"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a size"),
        ("-1", "above zero"),
        ("−1", "above zero"),
        ("0", "above zero"),
        ("99999999", "At most"),
        ("nan", "not a number"),
        ("inf", "not a number"),
        ("1e3", "not a number"),
        ("1,5", "not a number"),
        ("--1", "not a number"),
        ("٣", "not a number"),
        (".", "not a number"),
    ],
)
def test_bad_sizes_are_refused_in_words(
    qtbot: QtBot, modify: ModifyDialog, name: str, text: str, words: str
) -> None:
    enter(modify, name, "1")
    enter(modify, name, text)
    if not text:
        modify.fields[name].textEdited.emit("")
    assert modify.qty() is None
    assert words in modify.problem.text()
    assert not modify.action.isEnabled()
    with qtbot.assertNotEmitted(modify.sized):
        click(modify.action)


def test_contracts_off_the_grid_and_below_one_step(modify: ModifyDialog) -> None:
    enter(modify, "contracts", "10.5")
    assert "steps of 1" in modify.problem.text()
    enter(modify, "coin", "0.00001")
    assert "Less than one step" in modify.problem.text()
    assert not modify.action.isEnabled()


def test_outcome_follows_the_size(modify: ModifyDialog) -> None:
    assert "+0.0500 BTC" in modify.outcome.text()
    assert "$8.00" in modify.cost.text()
    enter(modify, "contracts", "1703")
    assert "+0.7300 BTC" in modify.outcome.text()
    assert "$1.60" in modify.cost.text()


@given(text=st.text(max_size=24), name=st.sampled_from(("coin", "contracts", "usd")))
def test_no_text_makes_a_size_outside_the_proposal(text: str, name: str) -> None:
    dialog = ModifyDialog(proposal(qty=Decimal("3.25")))
    read = dialog._read(name, text)
    if isinstance(read, Decimal):
        assert 0 < read <= Decimal("3.25")
    else:
        assert read
    dialog.deleteLater()


@given(units=st.integers(1, 851_500), name=st.sampled_from(("coin", "contracts", "usd")))
def test_any_number_below_the_whole_lands_on_the_grid(units: int, name: str) -> None:
    dialog = ModifyDialog(proposal(qty=Decimal("8515.00")))
    read = dialog._read(name, str(dialog._whole[name] * units / 851_500))
    if isinstance(read, Decimal):
        assert read % Decimal("0.01") == 0
        assert 0 < read <= Decimal("8515.00")
    dialog.deleteLater()


def test_enter_in_a_field_approves_nothing(qtbot: QtBot, modify: ModifyDialog) -> None:
    with qtbot.assertNotEmitted(modify.sized):
        QTest.keyClick(modify.fields["coin"], Qt.Key.Key_Return)
    assert modify.isVisible()


def test_words_that_come_later_find_room(qtbot: QtBot, modify: ModifyDialog) -> None:
    modify.call_off("Words " * 80)
    QApplication.processEvents()
    assert modify.problem.height() >= modify.problem.heightForWidth(modify.problem.width())
