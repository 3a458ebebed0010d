"""Cards: what is clicked is what was shown, and nothing is clicked by accident."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.hedge import Cost, Part, Plan, ProposalStatus
from terminal.model.messages import Approve, Requote
from terminal.model.risk import Style
from tests.ui.queue_frames import NOW, frame, proposal
from tests.ui.queue_screen import Screen, click, texts
from ui.dialogs.modify import ModifyDialog
from ui.dialogs.proposal_words import half
from ui.panels.card import MOVED, ProposalCard
from ui.panels.card_guard import ClickGuard, Rest
from ui.panels.card_words import seconds_left
from ui.panels.queue import QueuePanel
from ui.theme.tokens import load_tokens
from ui.widgets.countdown_bar import CountdownBar

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def screen(qapp: QApplication, qtbot: QtBot) -> Iterator[Screen]:
    made = Screen(qapp)
    qtbot.addWidget(made.panel)
    yield made
    if made.panel._dialog is not None:
        made.panel._dialog.reject()


def buttons(card: ProposalCard) -> tuple[QPushButton, ...]:
    return (card.approve, card.half, card.modify, card.reject)


def test_approve_names_the_revision_shown(screen: Screen) -> None:
    screen.settle(proposal(revision=7))
    click(screen.card().approve)
    assert screen.sent == [Approve("BTC-1-abcd", 7, None)]


def test_an_old_revision_cannot_be_sent_after_new_numbers(screen: Screen) -> None:
    screen.settle(proposal(revision=1))
    screen.show(proposal(revision=2))
    click(screen.card().approve)
    assert screen.sent == []
    screen.clock[0] += 499
    screen.show(proposal(revision=2))
    click(screen.card().approve)
    assert screen.sent == []
    screen.clock[0] += 1
    screen.show(proposal(revision=2))
    click(screen.card().approve)
    assert screen.sent == [Approve("BTC-1-abcd", 2, None)]


def test_buttons_arm_after_half_a_second(screen: Screen) -> None:
    screen.show(proposal())
    card = screen.card()
    assert not any(button.isEnabled() for button in buttons(card))
    assert card.approve.accessibleDescription() == Rest.SETTLING.value
    screen.panel.approve_first()
    screen.panel.reject_first()
    assert screen.sent == []
    screen.clock[0] += 500
    screen.show(proposal())
    assert all(button.isEnabled() for button in buttons(card))
    assert card.approve.accessibleDescription() == ""


def test_arming_runs_on_a_real_clock(qtbot: QtBot) -> None:
    panel = QueuePanel(load_tokens("dark"))
    qtbot.addWidget(panel)
    panel.render_frame(frame(proposal()))
    assert not panel.cards()[0].approve.isEnabled()
    qtbot.wait(550)
    panel.render_frame(frame(proposal(), seq=2))
    assert panel.cards()[0].approve.isEnabled()


def test_a_card_that_moves_up_arms_anew(screen: Screen) -> None:
    older = proposal(created_at=NOW - SECOND)
    newer = proposal(proposal_id="ETH-1-abcd", underlying="ETH")
    screen.settle(older, newer)
    second = screen.card(1)
    assert second.approve.isEnabled()
    assert second.approve.property("role") == "tonal"
    screen.show(newer)
    assert screen.card() is second
    assert not second.approve.isEnabled()
    assert second.approve.property("role") == "primary"


def test_keys_act_on_the_first_card_only(screen: Screen, qtbot: QtBot) -> None:
    qtbot.waitActive(screen.panel)
    first = proposal(proposal_id="ETH-2-abcd", urgent=True)
    screen.settle(proposal(created_at=NOW - SECOND), first)
    QTest.keyClick(screen.panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert screen.sent == [Approve("ETH-2-abcd", 1, None)]
    assert screen.card(1).approve.isEnabled()
    QTest.keyClick(screen.panel, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert screen.panel._dialog is None  # the first card rests until it is answered


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_bare_keys_do_not_approve_what_has_just_appeared(
    screen: Screen, qtbot: QtBot, key: Qt.Key
) -> None:
    qtbot.waitActive(screen.panel)
    screen.settle(proposal())
    QTest.keyClick(QApplication.focusWidget() or screen.panel, key)
    assert screen.sent == []
    for button in screen.panel.findChildren(QPushButton):
        assert not button.autoDefault()
        assert not button.isDefault()


@pytest.mark.parametrize(
    ("qty", "lot", "expected"),
    [
        ("8515", "1", "4257"),
        ("1.5", "0.1", "0.7"),
        ("0.03", "0.01", "0.01"),
        ("8510", "10", "4250"),
        ("10", "10", None),
    ],
)
def test_half(screen: Screen, qty: str, lot: str, expected: str | None) -> None:
    screen.settle(proposal(qty=Decimal(qty), lot=Decimal(lot)))
    assert screen.card().half.isEnabled() == (expected is not None)
    click(screen.card().half)
    assert screen.sent == ([Approve("BTC-1-abcd", 1, Decimal(expected))] if expected else [])


@given(units=st.integers(1, 10**9), exponent=st.integers(-8, 3))
def test_half_is_on_the_grid_and_never_more_than_half(units: int, exponent: int) -> None:
    lot = Decimal(1).scaleb(exponent)
    qty = units * lot
    part = half(qty, lot)
    assert 0 <= part <= qty / 2
    assert part % lot == 0
    assert qty - 2 * part < 2 * lot


@given(left=st.integers(-(10**10), 10**11))
def test_seconds_left_reach_zero_only_at_the_end(left: int) -> None:
    shown = seconds_left(proposal(expires_at=NOW + left), NOW)
    assert (shown == 0) == (left <= 0)
    assert shown * SECOND >= left


def test_requote(screen: Screen) -> None:
    screen.settle(proposal())
    assert MOVED not in texts(screen.card())
    screen.settle(proposal(status=ProposalStatus.REQUOTE))
    card = screen.card()
    assert MOVED in texts(card)
    assert card.approve.text() == "Re-quote"
    assert not card.half.isEnabled()
    assert not card.modify.isEnabled()
    assert card.reject.isEnabled()
    click(card.approve)
    assert screen.sent == [Requote("BTC-1-abcd")]


def test_a_status_that_changes_arms_anew(screen: Screen) -> None:
    screen.settle(proposal(status=ProposalStatus.REQUOTE))
    screen.show(proposal())
    assert not screen.card().approve.isEnabled()


def test_a_click_rests_the_card_until_it_is_answered(screen: Screen) -> None:
    screen.settle(proposal())
    click(screen.card().approve)
    assert screen.card().approve.text() == "asked…"
    screen.clock[0] += 10_000
    screen.show(proposal(), now=NOW + SECOND)
    assert not any(button.isEnabled() for button in buttons(screen.card()))
    click(screen.card().approve)
    screen.panel.approve_first()
    assert len(screen.sent) == 1
    screen.show(proposal(), now=NOW + 2 * SECOND)
    assert screen.card().approve.isEnabled()
    assert screen.card().approve.text() == "Approve"


def test_an_answer_ends_the_rest_with_a_new_arming(screen: Screen) -> None:
    screen.settle(proposal(status=ProposalStatus.REQUOTE))
    click(screen.card().approve)
    screen.show(proposal(revision=2))
    assert screen.card().approve.text() == "Approve"
    assert not screen.card().approve.isEnabled()
    screen.settle(proposal(revision=2))
    assert screen.card().approve.isEnabled()


def test_guard_keeps_asking_while_the_same_frame_is_shown() -> None:
    guard = ClickGuard(lambda: 0)
    guard.show("a", 0, 5, NOW)
    guard.ask()
    assert guard.show("b", 0, 5, NOW) is Rest.ASKED
    assert guard.show("c", 0, 6, NOW) is Rest.SETTLING


def test_lapsed_cannot_be_approved(screen: Screen) -> None:
    screen.settle(proposal(), now=NOW + 20 * SECOND)
    assert not screen.card().approve.isEnabled()


def test_cards_stay_the_same_widgets(screen: Screen, qtbot: QtBot) -> None:
    qtbot.waitActive(screen.panel)
    one, other = proposal(), proposal(proposal_id="ETH-1-abcd", created_at=NOW + 1)
    screen.settle(one, other)
    cards = screen.panel.cards()
    cards[1].reject.setFocus()
    screen.settle(replace(one, revision=2), other)
    assert screen.panel.cards() == cards
    assert cards[1].reject.hasFocus()
    screen.show(replace(one, revision=2), replace(other, urgent=True))
    assert screen.panel.cards() == (cards[1], cards[0])
    column = screen.panel._card_column
    assert [column.indexOf(card) for card in screen.panel.cards()] == [0, 1]


def test_a_button_that_must_rest_gives_its_focus_to_its_card(screen: Screen, qtbot: QtBot) -> None:
    qtbot.waitActive(screen.panel)
    screen.settle(proposal())
    screen.card().approve.setFocus()
    screen.settle(proposal(revision=2))
    assert screen.card().hasFocus()
    QTest.keyClick(screen.card(), Qt.Key.Key_Space)
    assert screen.sent == []


def test_focus_of_a_card_that_goes_is_not_passed_on(screen: Screen, qtbot: QtBot) -> None:
    qtbot.waitActive(screen.panel)
    screen.settle(proposal())
    screen.card().reject.setFocus()
    screen.settle()
    assert screen.panel.hasFocus()
    QTest.keyClick(screen.panel, Qt.Key.Key_Space)
    assert screen.sent == []


def test_most_urgent_first_then_oldest(screen: Screen) -> None:
    young = proposal(proposal_id="young", created_at=NOW)
    old = proposal(proposal_id="old", created_at=NOW - SECOND)
    urgent = proposal(proposal_id="urgent", created_at=NOW + SECOND, urgent=True)
    screen.show(old, young, urgent)
    shown = [card.proposal for card in screen.panel.cards()]
    assert [each.proposal_id for each in shown if each] == ["urgent", "old", "young"]


def test_what_a_card_says(screen: Screen) -> None:
    plan = Plan(cost_usd=3.5, other=Style.MARKET, other_cost_usd=8.0)
    screen.settle(
        proposal(risk_removed_usd=None, reduce_only=True, qty=Decimal("8515.50"), plan=plan)
    )
    said = texts(screen.card())
    for words in (
        "0.8500 BTC",
        "BTC-PERPETUAL",
        "8,515.50 contracts · $80,123 · reduce only",
        "94,262.50",
        "$8.00 · 1.0 bps",
        "post-only peg · about $3.50",
        "cross now, limit at the cap · about $8.00",
        "Net Δ +0.9000 BTC → +0.0500 BTC",
        "band to target",
        "0.2 s",
        "Calm: rests at the touch.",
    ):
        assert words in said
    assert "deribit" not in said


def part(key: str, qty: str, coins: float) -> Part:
    return Part(
        key=key,
        qty=Decimal(qty),
        coins=coins,
        usd=coins * 94_262.5,
        mid=94_262.5,
        limit=Decimal("94262.5"),
        lot=Decimal(1),
        reduce_only=False,
        cost=Cost(5.0, 0.5, 0.0),
    )


PARTS = (part("BTC-PERPETUAL@deribit", "5300", 0.56), part("BTC_USDC-PERP@far", "0.29", 0.29))


def test_a_divided_hedge_names_every_part(screen: Screen) -> None:
    screen.settle(proposal(parts=PARTS, qty=Decimal(5300)))
    said = texts(screen.card())
    assert "BTC-PERPETUAL + BTC_USDC-PERP" in said
    assert "5,300 + 0.29 contracts · $80,123" in said


def test_another_size_of_a_divided_hedge_is_asked_of_its_first_part(qtbot: QtBot) -> None:
    dialog = ModifyDialog(proposal(parts=PARTS, qty=Decimal(5300), lot=Decimal(1)))
    qtbot.addWidget(dialog)
    assert "5,300 + 0.29 contracts at most" in texts(dialog)
    assert "contracts of BTC-PERPETUAL, the others alike" in texts(dialog)
    dialog.fields["contracts"].setText("2650")
    dialog.fields["contracts"].textEdited.emit("2650")
    assert dialog.qty() == Decimal(2650)
    assert dialog.fields["coin"].text() == "0.425000"


def test_countdown_turns_urgent_under_five_seconds(screen: Screen) -> None:
    screen.show(proposal())
    bar = screen.card().findChild(CountdownBar)
    assert isinstance(bar, CountdownBar)
    assert (bar.text(), bar.fraction()) == ("20 s left", 1.0)
    screen.show(proposal(), now=NOW + 15 * SECOND)
    assert screen.card().property("expiring") == "false"
    screen.show(proposal(), now=NOW + 15 * SECOND + 1)
    assert bar.text() == "5 s left"
    screen.show(proposal(), now=NOW + 16 * SECOND)
    assert screen.card().property("expiring") == "true"


def test_markup_in_reasons_is_shown_as_it_is(screen: Screen) -> None:
    screen.show(proposal(reasons=("<b>bold</b>", "<img src=x>")))
    for label in screen.card().findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_nothing_is_cut_off_at_the_smallest_width(screen: Screen, qtbot: QtBot) -> None:
    long = proposal(
        urgent=True,
        key="SOL-27MAR26-120000-PERPETUAL@deribit",
        underlying="SOL",
        coins=1_234_567.891,
        qty=Decimal("12345678.901"),
        usd=123_456_789.0,
        limit=Decimal("123456.12345"),
        proposal_id="SOL-123456-abcd",
        reasons=("Words " * 30, "More words " * 30),
        status=ProposalStatus.REQUOTE,
        parts=(PARTS[0], part("SOL-27MAR26-120000-PERPETUAL@far", "12345678.901", 1.0)),
    )
    screen.settle(long)
    QApplication.processEvents()
    content = screen.panel.area.widget()
    assert content is not None
    assert content.width() <= screen.panel.area.viewport().width()
    for label in content.findChildren(QLabel):
        if label.isHidden():
            continue
        place = label.mapTo(content, QPoint(0, 0))
        assert place.x() + label.width() <= content.width()
        width = QFontMetrics(label.font()).horizontalAdvance(label.text())
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())
        else:
            assert label.width() >= width
    for button in content.findChildren(QPushButton):
        assert button.width() >= button.minimumSizeHint().width()
        assert button.mapTo(content, QPoint(button.width(), 0)).x() <= content.width()
