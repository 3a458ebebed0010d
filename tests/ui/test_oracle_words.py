"""The Oracle's words: off is said, asking is a click, and a proposal ends in the profile's diff."""

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from terminal.model.advice import (
    Advice,
    AdviceView,
    Agreement,
    AskAdvice,
    Concern,
    Suggestion,
    SwitchAdvice,
)
from terminal.model.messages import SetProfile
from terminal.model.preview import Draft
from terminal.model.risk import RiskProfile
from tests.ui.panel_frame import NOW, PROFILE, SPEC, frame
from ui.dialogs.advice import NOTHING_SENT, AdviceDialog
from ui.dialogs.diff import DiffSheet
from ui.panels.book import BookPanel
from ui.panels.book_oracle import OraclePage
from ui.panels.oracle_words import WordsRow
from ui.panels.profile import ProfilePanel
from ui.theme.tokens import load_tokens

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

DRAFT = replace(PROFILE, policies={**PROFILE.policies, "BTC": replace(SPEC, high=0.15)})
MADE = Suggestion(
    parameter="high",
    label="Band above",
    unit="coin",
    before=SPEC.high,
    after=0.15,
    evidence="delta is outside its band",
    outcome="Band -0.1 to +0.15 now.",
    draft=DRAFT,
)


def view(*suggestions: Suggestion, **more: Any) -> AdviceView:
    advice = Advice(
        underlying="BTC",
        number=7,
        seal="s",
        model="small",
        asked_at=NOW,
        took_ms=1234,
        agreement=Agreement.PARTLY,
        concerns=(Concern.HIGH_COST, Concern.BAND_TOO_NARROW),
        summary="<b>Hedge</b> back.",
        suggestions=suggestions,
        notes=("A proposal was dropped: it names what can not be proposed.",),
        base=PROFILE,
    )
    plain: dict[str, Any] = {
        "can": True,
        "on": True,
        "words": advice.summary,
        "advice": advice,
        "prompt": "You explain one decision.",
        "spent": "1 of 12 calls",
    }
    return AdviceView(**(plain | more))


@pytest.fixture
def row(qtbot: QtBot) -> WordsRow:
    made = WordsRow()
    qtbot.addWidget(made)
    made.show()
    return made


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def sheet_of(row: WordsRow) -> AdviceDialog:
    (found,) = [each for each in row.window().findChildren(AdviceDialog) if each.isVisible()]
    return found


def test_off_is_said_and_nothing_can_be_asked(row: WordsRow) -> None:
    row.show_frame(frame(), "")
    assert row.words.text() == "Words: Off: the rules decide and explain by themselves."
    assert not row.ask.isEnabled()
    assert not row.switch.isEnabled()  # this run has none
    click(row.more)
    assert sheet_of(row).prompt.toPlainText() == NOTHING_SENT


def test_it_is_switched_on_asked_and_switched_off(row: WordsRow) -> None:
    wishes: list[object] = []
    row.asked.connect(wishes.append)
    row.show_frame(frame(advice=AdviceView(can=True)), "ETH")
    click(row.switch)
    row.show_frame(frame(advice=AdviceView(can=True, on=True, words="On.")), "ETH")
    click(row.ask)
    click(row.switch)
    assert wishes == [SwitchAdvice(on=True), AskAdvice("ETH"), SwitchAdvice(on=False)]
    row.show_frame(frame(advice=AdviceView(can=True, on=True, busy=True, words="Asking…")), "ETH")
    assert not row.ask.isEnabled()


def test_the_sheet_says_everything_in_plain_text(row: WordsRow) -> None:
    row.show_frame(frame(advice=view(MADE)), "")
    click(row.more)
    click(row.more)
    sheet = sheet_of(row)
    assert sheet.words.text() == "<b>Hedge</b> back."
    for label in sheet.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
    assert "decision 7 of BTC" in sheet.stands.text()
    assert "Agrees: partly. Concerns: high cost, band too narrow." in sheet.stands.text()
    assert "was dropped" in sheet.notes.text()
    assert sheet.prompt.toPlainText() == "You explain one decision."
    assert sheet.spent.text() == "1 of 12 calls"
    (shown,) = [each for each in sheet.rows if not each.isHidden()]
    assert shown.change.text() == f"Band above: {SPEC.high:g} → 0.15 coin"
    assert "delta is outside" in shown.evidence.text()
    assert "Band -0.1 to +0.15 now." in shown.outcome.text()
    sheet.reject()
    click(row.more)
    assert sheet_of(row).isVisible()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": ""}, "scoring it"),
        ({"refused": "the band is narrower than a lot", "draft": None}, "refused, the band"),
    ],
)
def test_a_proposal_that_is_not_scored_cannot_be_taken(
    change: dict[str, Any], words: str, row: WordsRow
) -> None:
    row.show_frame(frame(advice=view(replace(MADE, **change))), "")
    click(row.more)
    first = sheet_of(row).rows[0]
    assert words in first.outcome.text()
    assert not first.review.isEnabled()


def test_a_proposal_for_another_profile_cannot_be_taken(row: WordsRow) -> None:
    answer = view(MADE)
    row.show_frame(frame(advice=answer), "")
    click(row.more)
    first = sheet_of(row).rows[0]
    assert first.review.isEnabled()
    row.show_frame(frame(advice=answer, profile=replace(PROFILE, max_order_usd=11.0)), "")
    assert not first.review.isEnabled()
    assert "ask again" in first.outcome.text()


@pytest.fixture
def panels(qtbot: QtBot) -> tuple[BookPanel, ProfilePanel]:
    tokens = load_tokens("dark")
    book, profile = BookPanel(tokens), ProfilePanel({"b": PROFILE}, tokens)
    for each in (book, profile):
        qtbot.addWidget(each)
        each.show()
    book.add(OraclePage())
    book.reviewed.connect(profile.review)
    return book, profile


def test_a_click_opens_the_diff_of_the_profile_and_sends_nothing(
    panels: tuple[BookPanel, ProfilePanel],
) -> None:
    book, profile = panels
    page = book.page(OraclePage)
    sent: list[object] = []
    for each in (book, profile):
        each.command.connect(sent.append)
    now = frame(advice=view(MADE))
    for each in (book, profile):
        each.render_frame(now)
    page.show_frame(now, "")
    click(page.words.more)
    (sheet,) = page.window().findChildren(AdviceDialog)
    reviewed: list[RiskProfile] = []
    book.reviewed.connect(reviewed.append)
    click(sheet.rows[0].review)
    assert reviewed == [DRAFT]
    assert not sheet.isVisible()
    (diff,) = profile.window().findChildren(DiffSheet)
    assert [(each.before, each.after) for each in diff.changes] == [("0.5 BTC", "0.15 BTC")]
    assert not [each for each in sent if not isinstance(each, Draft)]
    click(diff.apply)
    (made,) = [each for each in sent if isinstance(each, SetProfile)]
    assert made.profile.policies == DRAFT.policies
