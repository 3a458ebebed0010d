"""Arm a live run by typing the word, and every address that is not an exchange's own."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from terminal.model.frame import Frame
from terminal.model.live import LiveAccount, LiveView
from terminal.model.messages import ArmLive
from ui.dialogs.live_words import size_words
from ui.dialogs.sheet import Sheet
from ui.widgets.label import plain_label

WORD = "LIVE"


class ArmDialog(Sheet):
    """Says what arming does, account by account; its button works once all of it is typed."""

    armed = Signal(object)  # messages.ArmLive

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__("Arm live trading", parent, 560)
        self.accounts = self.add_text("", "hi")
        self.add_text(
            "From then on approved hedges are real orders with real money. Every desk begins at"
            " Manual: nothing is proposed unasked, and nothing is sent without your click."
            " Stop (Ctrl+Shift+K) cancels what rests. A restart must be armed again."
        )
        self._view = frame.live or LiveView(armed=False)
        self.addresses: dict[str, QLineEdit] = {}
        for account in dict.fromkeys(row.account for row in self._view.rows):
            if account.address:
                self._ask_address(account)
        self.word = self._field(f"Type {WORD} to arm", f"The word {WORD}")
        self.problem = self.add_text("", "warn")
        self.cancel = self.add_button("Stay disarmed", "ghost", self.reject)
        self.action = self.add_button("Arm live trading", "danger", self._on_action)
        self.show_frame(frame)
        self._check()

    def _ask_address(self, account: LiveAccount) -> None:
        self.add_text(
            f"Orders of {account.name} would go to {account.address}, not to the exchange's own"
            " address.",
            "warn",
        )
        what = f"Type that address: {account.address}"
        self.addresses[account.address] = self._field(what, f"Address of {account.name}")

    def _field(self, label: str, name: str) -> QLineEdit:
        self.body.addWidget(plain_label(label, "mut", wrap=True))
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textChanged.connect(self._check)
        self.body.addWidget(field)
        return field

    def show_frame(self, frame: Frame) -> None:
        """Show the accounts of this frame."""
        view = frame.live
        if view is None:
            return
        if view.armed and self.isVisible():
            self.accept()
            return
        lines = "\n".join(f"{row.account.name}: {size_words(row)}." for row in view.rows)
        self.write(self.accounts, lines or "This run has no account: it cannot send orders.")

    def _missing(self) -> str:
        for address, field in self.addresses.items():
            if field.text() != address:
                return f"The address is not typed yet: {address}" if field.text() else " "
        return "" if self.word.text() == WORD else " "

    def _check(self) -> None:
        missing = self._missing()
        self.write(self.problem, missing.strip())
        self.action.setEnabled(not missing and bool(self._view.rows))

    def _on_action(self) -> None:
        if not self._missing():
            self.accept()
            self.armed.emit(ArmLive(WORD, tuple(self.addresses)))

    def focus_word(self) -> None:
        """Begin with the first field."""
        first = next(iter(self.addresses.values()), self.word)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
