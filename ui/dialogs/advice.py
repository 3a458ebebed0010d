"""What a language model said of a decision, what was sent to it, and the core's own score."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from terminal.model.advice import Advice, AdviceView, Suggestion
from terminal.model.risk import RiskProfile
from ui.dialogs.sheet import Sheet
from ui.format import clock, count
from ui.widgets.label import plain_label

MOST = 3
"""Proposals of one answer."""


class SuggestionRow(QWidget):
    """One proposal: the change, its evidence, the core's own score, and the way to the diff."""

    wanted = Signal(object)  # RiskProfile

    def __init__(self, place: int) -> None:
        super().__init__()
        self._draft: RiskProfile | None = None
        self.change = plain_label("", "hi", wrap=True)
        self.evidence = plain_label("", "mut", wrap=True)
        self.outcome = plain_label("", "tx", wrap=True)
        self.review = QPushButton("Review…")
        self.review.setAutoDefault(False)
        self.review.setAccessibleName(f"Look at proposal {place} as a change of the profile")
        self.review.clicked.connect(self._on_review)
        words = QVBoxLayout()
        words.setSpacing(2)
        for each in (self.change, self.evidence, self.outcome):
            words.addWidget(each)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(words, 1)
        row.addWidget(self.review)

    def show_suggestion(self, each: Suggestion, *, current: bool) -> None:
        """Show one; ``current`` says whether the profile is still the one it starts from."""
        unit = f" {each.unit}" if each.unit else ""
        self.change.setText(f"{each.label}: {each.before:g} → {each.after:g}{unit}")
        self.evidence.setText(f"The model: {each.evidence}")
        self.outcome.setText(f"The core: {_outcome(each, current=current)}")
        ready = bool(each.outcome) and not each.refused and current
        self._draft = each.draft if ready else None
        self.review.setEnabled(self._draft is not None)

    def _on_review(self) -> None:
        if self._draft is not None:
            self.wanted.emit(self._draft)


def _outcome(each: Suggestion, *, current: bool) -> str:
    if each.refused:
        return f"refused, {each.refused}"
    if not current:
        return "the profile has changed since: ask again"
    return each.outcome or "scoring it…"


class AdviceDialog(Sheet):
    """Everything about one exchange of words; nothing in it applies anything.

    ``reviewed`` carries a profile that a person wants to see as a change of the one in use.
    """

    reviewed = Signal(object)  # RiskProfile

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Words of the language model", parent, 620)
        self._drawn: tuple[object, ...] = ()
        self.add_text(
            "It sees the numbers below and nothing else, and can change nothing. A proposal is"
            " scored by the core; Review opens it as a change of the profile, which you apply or"
            " not.",
            "mut",
        )
        self.words = self.add_text("")
        self.stands = self.add_text("", "mut")
        self.notes = self.add_text("", "warn")
        self.rows = tuple(SuggestionRow(place + 1) for place in range(MOST))
        for row in self.rows:
            row.hide()
            row.wanted.connect(self._on_wanted)
            self.body.addWidget(row)
        self.body.addWidget(plain_label("What was sent", "mut"))
        self.prompt = QPlainTextEdit()
        self.prompt.setReadOnly(True)
        self.prompt.setAccessibleName("What was sent to the language model")
        self.prompt.setTabChangesFocus(True)
        self.prompt.setMinimumHeight(96)
        self.body.addWidget(self.prompt, 1)
        self.spent = self.add_text("", "mut")
        self.add_button("Close", "ghost", self.reject)

    def show_view(self, view: AdviceView, profile: RiskProfile) -> None:
        """Show how it stands, against the profile in use."""
        drawn = (view, profile)
        if self._drawn and view is self._drawn[0] and profile is self._drawn[1]:
            return
        self._drawn = drawn
        advice = view.advice
        self.write(self.words, view.words)
        self.write(self.stands, stands(advice) if advice else "")
        self.write(self.notes, "\n".join(advice.notes) if advice else "")
        found = advice.suggestions if advice else ()
        current = advice is not None and advice.base == profile
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(found))
            if place < len(found):
                row.show_suggestion(found[place], current=current)
        if self.prompt.toPlainText() != (view.prompt or NOTHING_SENT):
            self.prompt.setPlainText(view.prompt or NOTHING_SENT)
        self.write(self.spent, view.spent)
        self.fit()

    def _on_wanted(self, draft: RiskProfile) -> None:
        self.accept()
        self.reviewed.emit(draft)


NOTHING_SENT = "Nothing has been sent in this run."


def stands(advice: Advice) -> str:
    """What the model was asked about, and where it stands."""
    concerns = ", ".join(each.value.replace("_", " ") for each in advice.concerns) or "none"
    return (
        f"{advice.model} on decision {advice.number} of {advice.underlying}, asked"
        f" {clock(advice.asked_at)}, {count(advice.took_ms)} ms. Agrees:"
        f" {advice.agreement.value}. Concerns: {concerns}."
    )
