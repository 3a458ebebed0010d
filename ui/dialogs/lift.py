"""Trade whole sizes before an account's first days are over: a deliberate act, with its reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from terminal.model.frame import Frame
from terminal.model.messages import LiftFirstDays
from ui.dialogs.live_words import small_accounts
from ui.dialogs.sheet import Sheet
from ui.widgets.label import plain_label

WORD = "WHOLE"


class LiftDialog(Sheet):
    """Names the accounts at a quarter; its button works with the word and a reason."""

    lifted = Signal(object)  # messages.LiftFirstDays

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__("Trade whole sizes", parent, 520)
        self.add_text(
            "In its first seven live days an account trades a quarter of the profile's sizes, so"
            " that what is set up wrongly costs a quarter. Lifting this cannot be taken back."
        )
        self.account = QComboBox()
        self.account.setAccessibleName("Account")
        self.account.addItems(small_accounts(frame))
        self.body.addWidget(self.account)
        self.none = self.add_text("", "warn")
        self.body.addWidget(plain_label("Reason (required, kept in the journal)", "mut"))
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.setAccessibleName("Reason for whole sizes")
        self.reason.textChanged.connect(self._check)
        self.body.addWidget(self.reason)
        self.body.addWidget(plain_label(f"Type {WORD} to lift it", "mut"))
        self.word = QLineEdit()
        self.word.setAccessibleName(f"The word {WORD}")
        self.word.textChanged.connect(self._check)
        self.body.addWidget(self.word)
        self.add_button("Keep the quarter", "ghost", self.reject)
        self.action = self.add_button("Trade whole sizes", "danger", self._on_action)
        self.show_frame(frame)

    def show_frame(self, frame: Frame) -> None:
        """Bring the accounts up to date."""
        names = small_accounts(frame)
        if [self.account.itemText(row) for row in range(self.account.count())] != names:
            self.account.clear()
            self.account.addItems(names)
        self.write(self.none, "" if names else "No account trades at a quarter of its sizes.")
        self._check()

    def _ready(self) -> bool:
        typed = self.word.text() == WORD and bool(self.reason.text().strip())
        return typed and bool(self.account.currentText())

    def _check(self) -> None:
        self.action.setEnabled(self._ready())

    def _on_action(self) -> None:
        if self._ready():
            account, reason = self.account.currentText(), self.reason.text().strip()
            self.accept()
            self.lifted.emit(LiftFirstDays(account, reason))
