"""Giving a key: masked, checked before it is kept, and forgotten by the window afterwards."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from terminal.core.secret import Secret
from terminal.model.keys import (
    CheckRow,
    CheckState,
    Keeping,
    KeyEntry,
    KeyOffer,
    KeyReport,
    StoredKey,
)
from terminal.model.live import LiveAccount, Network
from ui.dialogs.key_wizard import KeyWizard
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

LEFT = Qt.MouseButton.LeftButton
CANARY = "canary-pasted-into-a-window"
DERIBIT = KeyOffer(venue="deribit", title="Deribit", fields=("apiKey", "secret"), test_network=True)
GATE = KeyOffer(
    venue="gate",
    title="Gate",
    fields=("apiKey", "secret", "password"),
    test_network=False,
    why_read_only="its fills are not proven",
)
WALLET = KeyOffer(
    venue="hyperliquid",
    title="Hyperliquid",
    fields=("walletAddress", "privateKey"),
    test_network=True,
)
GOOD = CheckRow("Reading", CheckState.OK, "the account answers")
LOUD = CheckRow("Withdrawals", CheckState.WARN, "WITHDRAWALS ARE ENABLED", "make a new", loud=True)
HEDGE = CheckRow("Position mode", CheckState.BAD, "hedge mode", "change it")


@pytest.fixture
def wizard(qtbot: QtBot, qapp: QApplication) -> KeyWizard:
    apply_theme(qapp, load_tokens("dark"))
    made = KeyWizard((DERIBIT, GATE, WALLET))
    qtbot.addWidget(made)
    made.show()
    return made


def press(wizard: KeyWizard) -> None:
    QTest.mouseClick(wizard.action, LEFT)


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def filled(wizard: KeyWizard) -> list[tuple[KeyEntry, bool]]:
    """Go to the last page with a pasted key; gives what is asked about."""
    asked: list[tuple[KeyEntry, bool]] = []
    wizard.checkAsked.connect(lambda entry, order: asked.append((entry, order)))
    press(wizard)
    for field in wizard.keys.fields.values():
        QTest.keyClicks(field, CANARY)
    press(wizard)
    return asked


def report(*rows: CheckRow, failure: str = "") -> KeyReport:
    return KeyReport(LiveAccount("deribit", Network.MAIN, "main"), rows, failure)


def test_a_key_is_asked_about_and_kept(wizard: KeyWizard) -> None:
    kept: list[KeyEntry] = []
    wizard.keepAsked.connect(kept.append)
    wizard.show_keeping(Keeping("Secret Service"))
    [(entry, with_order)] = filled(wizard)
    assert entry.account == LiveAccount("deribit", Network.MAIN, "main")
    assert entry.fields == {"apiKey": Secret(CANARY), "secret": Secret(CANARY)}
    assert not with_order, "no order is placed unless it is asked for"
    assert not entry.session_only
    assert not wizard.action.isEnabled(), "nothing is kept before its checks were seen"
    wizard.show_report(report(GOOD))
    press(wizard)
    assert kept == [entry]
    assert not wizard.action.isEnabled(), "it is being kept"
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert wizard.isVisible(), "half a key might stay behind"
    wizard.show_kept()
    assert not wizard.isVisible()


def test_no_field_shows_a_key_and_none_stays_behind(wizard: KeyWizard) -> None:
    QApplication.clipboard().setText(CANARY)
    filled(wizard)
    fields = wizard.keys.fields.values()
    assert all(field.echoMode() is QLineEdit.EchoMode.Password for field in fields)
    wizard.reject()
    assert all(field.text() == "" for field in fields)
    assert QApplication.clipboard().text() == ""


def test_what_else_is_on_the_clipboard_stays(wizard: KeyWizard) -> None:
    QApplication.clipboard().setText("a shopping list")
    filled(wizard)
    wizard.reject()
    assert QApplication.clipboard().text() == "a shopping list"


def test_fields_are_those_of_the_exchange(wizard: KeyWizard) -> None:
    assert wizard.account is not None
    wizard.account.venue.setCurrentIndex(2)
    press(wizard)
    assert list(wizard.keys.fields) == ["walletAddress", "privateKey"]
    assert wizard.keys.fields["walletAddress"].echoMode() is QLineEdit.EchoMode.Normal
    assert wizard.keys.fields["privateKey"].echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(wizard.keys.fields["privateKey"], CANARY)
    QTest.mouseClick(wizard.back, LEFT)
    wizard.account.venue.setCurrentIndex(0)
    press(wizard)
    assert [each.text() for each in wizard.keys.fields.values()] == ["", ""]


def test_a_venue_without_a_test_network_has_only_the_main_one(wizard: KeyWizard) -> None:
    assert wizard.account is not None
    QTest.mouseClick(wizard.account.network.findChildren(QPushButton)[1], LEFT)
    assert wizard.account.account().network is Network.TEST
    wizard.account.venue.setCurrentIndex(1)
    assert wizard.account.account().network is Network.MAIN
    assert not wizard.account.network.isEnabled()
    assert "its fills are not proven" in words(wizard)


def test_another_address_is_warned_of_and_must_be_given(wizard: KeyWizard) -> None:
    assert wizard.account is not None
    assert not wizard.account.address.isVisible()
    QTest.mouseClick(wizard.account.elsewhere, LEFT, pos=wizard.account.elsewhere.rect().center())
    wizard.account.elsewhere.setChecked(True)
    assert "instead of the exchange's own" in words(wizard)
    assert not wizard.action.isEnabled()
    QTest.keyClicks(wizard.account.address, "http://127.0.0.1:9")
    [(entry, _)] = filled(wizard)
    assert entry.account.address == "http://127.0.0.1:9"


def test_without_a_keychain_a_key_lives_as_long_as_the_program(wizard: KeyWizard) -> None:
    wizard.show_keeping(Keeping("", "Secret Service: not running"))
    [(entry, _)] = filled(wizard)
    assert entry.session_only
    QTest.mouseClick(wizard.back, LEFT)
    assert "memory of this process only" in words(wizard)
    assert "not running" in words(wizard)


def test_results_are_listed_and_a_bad_one_keeps_the_key_out(wizard: KeyWizard) -> None:
    filled(wizard)
    wizard.show_report(report(GOOD, HEDGE))
    said = words(wizard)
    for text in ("OK", "the account answers", "BAD", "hedge mode. change it."):
        assert text in said
    assert not wizard.action.isEnabled()
    wizard.show_report(report(failure="no route to host"))
    assert "no route to host" in words(wizard)
    assert not wizard.action.isEnabled()


def test_the_right_to_withdraw_must_be_accepted_by_hand(wizard: KeyWizard) -> None:
    kept: list[KeyEntry] = []
    wizard.keepAsked.connect(kept.append)
    filled(wizard)
    wizard.show_report(report(GOOD, LOUD))
    loud = [each for each in wizard.findChildren(QLabel) if "WITHDRAWALS" in each.text()]
    assert [each.property("tone") for each in loud] == ["crit"]
    assert "DANGER" in words(wizard)
    press(wizard)
    assert kept == []
    wizard.found.accepted.setChecked(True)
    press(wizard)
    assert len(kept) == 1


def test_a_second_check_asks_for_the_tick_again(wizard: KeyWizard) -> None:
    filled(wizard)
    wizard.show_report(report(LOUD))
    wizard.found.accepted.setChecked(True)
    QTest.mouseClick(wizard.back, LEFT)
    press(wizard)
    wizard.show_report(report(LOUD))
    assert not wizard.action.isEnabled()


def test_an_answer_about_another_account_is_not_taken(wizard: KeyWizard) -> None:
    filled(wizard)
    other = LiveAccount("deribit", Network.TEST, "main")
    wizard.show_report(replace(report(GOOD), account=other))
    assert not wizard.action.isEnabled()


def test_a_refusal_is_said_and_can_be_tried_again(wizard: KeyWizard) -> None:
    filled(wizard)
    wizard.show_report(report(GOOD))
    press(wizard)
    wizard.show_refusal("Secret Service did not keep it: it is locked; unlock it and try again")
    assert "unlock it" in words(wizard)
    assert wizard.action.isEnabled()


def test_accounts_that_have_a_key_are_listed_and_can_be_forgotten(wizard: KeyWizard) -> None:
    assert wizard.account is not None
    forgotten: list[StoredKey] = []
    wizard.forgetAsked.connect(forgotten.append)
    known = tuple(
        StoredKey(
            account=LiveAccount("deribit", Network.TEST, name), fields=("apiKey",), saved_at=1
        )
        for name in ("main", "second")
    )
    assert not wizard.account.known.isVisible()
    wizard.show_accounts(known)
    assert wizard.account.known.isVisible()
    wizard.account.kept.setCurrentIndex(1)
    assert wizard.account.kept.currentText() == "deribit/test/second"
    wizard.account.forget.confirmed.emit()
    assert forgotten == [known[1]]
    wizard.show_accounts(())
    assert not wizard.account.known.isVisible()


def test_without_exchanges_it_says_so(qtbot: QtBot) -> None:
    made = KeyWizard(())
    qtbot.addWidget(made)
    made.show()
    assert "no exchange" in words(made)
    assert not made.action.isEnabled()


def test_every_control_has_a_name_and_every_page_fits_a_small_window(wizard: KeyWizard) -> None:
    account = LiveAccount("hyperliquid", Network.TEST, "a label of thirty-two characters")
    wizard.show_accounts((StoredKey(account=account, fields=("secret",), saved_at=1),))
    assert wizard.account is not None
    wizard.account.elsewhere.setChecked(True)
    wizard.account.address.setText("http://127.0.0.1:9")
    rows = tuple(replace(LOUD, what=f"Row {number}") for number in range(8))
    for place in range(3):
        if place == 1:
            press(wizard)
        if place == 2:
            for field in wizard.keys.fields.values():
                field.setText("x")
            press(wizard)
            wizard.show_report(report(*rows))
        shown = [
            each
            for kind in (QLineEdit, QPushButton, QComboBox, QCheckBox)
            for each in wizard.findChildren(kind)
            if each.isVisible()
        ]
        assert all(each.accessibleName() for each in shown)
        assert wizard.minimumSizeHint().height() <= 600
        assert wizard.height() <= 600
        assert wizard.width() <= 1024
        for label in wizard.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap():
                assert label.sizeHint().width() <= label.width()


def test_enter_presses_nothing(wizard: KeyWizard) -> None:
    asked = filled(wizard)
    wizard.show_report(report(GOOD))
    QTest.keyClick(wizard, Qt.Key.Key_Return)
    assert wizard.isVisible()
    assert len(asked) == 1
