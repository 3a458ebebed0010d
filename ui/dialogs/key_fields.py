"""Second page of giving a key: its fields, pasted and never shown again, and where they go."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from terminal.core.secret import Secret
from terminal.model.keys import Keeping
from ui.widgets.label import plain_label

LONGEST = 4000
_NAMES = {
    "apiKey": "API key",
    "secret": "API secret",
    "password": "Passphrase",
    "walletAddress": "Wallet address",
    "privateKey": "Private key",
    "uid": "User id",
}
_OPEN = frozenset({"walletAddress"})
"""Fields that are no secret: everybody may see an address."""


class FieldsPage(QWidget):
    """Asks for the fields of a key and where to keep them.

    Parameters
    ----------
    changed : callable
        Called whenever an answer changes.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed
        self.fields: dict[str, QLineEdit] = {}
        self._form = QFormLayout()
        self._form.setSpacing(8)
        self.keeping = plain_label("Looking for the keychain of this system…", "mut", wrap=True)
        self.session_only = QCheckBox("Keep it until the program ends only")
        self.session_only.setAccessibleName(self.session_only.text())
        self.with_order = QCheckBox("Prove trading: place a far-away post-only order and cancel it")
        self.with_order.setAccessibleName(self.with_order.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(
            plain_label(
                "Use a key that may read and trade and never withdraw, best of a sub-account and"
                " bound to your own addresses.",
                "mut",
                wrap=True,
            )
        )
        column.addLayout(self._form)
        for each in (self.keeping, self.session_only, self.with_order):
            column.addWidget(each)

    def ask_for(self, names: tuple[str, ...]) -> None:
        """Ask for these fields; what was typed for others is forgotten."""
        if tuple(self.fields) == names:
            return
        self.clear()
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields = {}
        for name in names:
            words = _NAMES.get(name, name)
            field = QLineEdit()
            field.setAccessibleName(words)
            field.setMaxLength(LONGEST)
            if name not in _OPEN:
                field.setEchoMode(QLineEdit.EchoMode.Password)
            field.textChanged.connect(lambda _: self._changed())
            self._form.addRow(plain_label(words, "mut"), field)
            self.fields[name] = field

    def show_keeping(self, keeping: Keeping) -> None:
        """Say where the key would go."""
        self.keeping.setText(f"It would be kept in {keeping.words}. {keeping.why}".strip())
        if not keeping.name:
            self.session_only.setChecked(True)
            self.session_only.setEnabled(False)

    def key(self) -> dict[str, Secret]:
        """The fields as they were typed."""
        return {name: Secret(field.text().strip()) for name, field in self.fields.items()}

    def ready(self) -> bool:
        """Whether every field is filled in."""
        return bool(self.fields) and all(field.text().strip() for field in self.fields.values())

    def clear(self) -> None:
        """Forget what was typed, on the clipboard too where it came from there."""
        clipboard = QApplication.clipboard()
        pasted = clipboard.text().strip()
        if pasted and pasted in {field.text().strip() for field in self.fields.values()}:
            clipboard.clear()
        for field in self.fields.values():
            field.clear()
