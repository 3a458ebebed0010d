"""Turn a proposal down, with a reason that goes into the journal."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QRadioButton, QWidget

from terminal.model.hedge import Proposal
from ui.dialogs.proposal_words import title
from ui.dialogs.sheet import Sheet

REASONS = ("Price will come back", "Too large", "Waiting for an event", "Wrong delta")


class RejectDialog(Sheet):
    """A reason is one of the usual ones, words of one's own, or both."""

    reasoned = Signal(str)  # QDialog has a signal ``rejected`` already

    def __init__(self, proposal: Proposal, parent: QWidget | None = None) -> None:
        super().__init__("Reject this proposal?", parent)
        self._called_off = False
        self.add_text(title(proposal))
        self.choices = tuple(QRadioButton(reason) for reason in REASONS)
        for choice in self.choices:
            choice.setAccessibleName(choice.text())
            choice.toggled.connect(self._check)
            self.body.addWidget(choice)
        self.words = QLineEdit()
        self.words.setMaxLength(200)
        self.words.setPlaceholderText("Another reason, or more about it")
        self.words.setAccessibleName("Reason in your own words")
        self.words.textChanged.connect(self._check)
        self.body.addWidget(self.words)
        self._problem = self.add_text("", "warn")
        self.add_button("Cancel", "ghost", self.reject)
        self.action = self.add_button("Reject", "primary", self._on_action)
        self._check()

    def reason(self) -> str:
        """The reason so far; empty while there is none."""
        chosen = [choice.text() for choice in self.choices if choice.isChecked()]
        return ": ".join(part for part in (*chosen, self.words.text().strip()) if part)

    def call_off(self, why: str) -> None:
        """Say why there is nothing to reject any more."""
        self._called_off = True
        self.write(self._problem, why)
        self._check()

    def _check(self) -> None:
        self.action.setEnabled(bool(self.reason()) and not self._called_off)

    def _on_action(self) -> None:
        reason = self.reason()
        if reason and not self._called_off:
            self.reasoned.emit(reason)
            self.accept()
