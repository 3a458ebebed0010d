"""The sheet that shows what is about to change, and asks once."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.theme.fonts import TITLE, semibold
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table


class Change(msgspec.Struct, frozen=True):
    """One field before and after, as it is written in the form."""

    label: str
    before: str
    after: str


class DiffSheet(QDialog):
    """Changes to look at before they are applied; open it with ``open``.

    ``accepted`` is emitted once, when the user applies them. The sheet deletes itself.

    Parameters
    ----------
    title : str
        What is changed.
    changes : tuple of Change
        Not empty.
    parent : QWidget
        Window that waits for the answer.
    """

    def __init__(self, title: str, changes: tuple[Change, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.changes = changes
        self.setObjectName("diff-sheet")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = Table(_COLUMNS, row_id=lambda change: change.label)
        self.table.setAccessibleName("Changes")
        self.table.show_rows(changes)
        self.back = QPushButton("Back")
        self.back.setAccessibleName("Back to the form without applying")
        self.back.clicked.connect(self.reject)
        self.apply = QPushButton(f"Apply {changes_text(len(changes))}")
        self.apply.setAccessibleName(self.apply.text())
        self.apply.setProperty("role", "primary")
        self.apply.clicked.connect(self.accept)
        # Enter goes back: a key pressed once too often must not change a limit.
        self.apply.setAutoDefault(False)
        self.back.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(title, "hi", semibold(TITLE), wrap=True))
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        self.resize(560, 360)
        self.back.setFocus()


def changes_text(count: int) -> str:
    """Write ``1 change`` or ``3 changes``."""
    return f"{count} change" if count == 1 else f"{count} changes"


_COLUMNS = (
    Column(
        title="Field",
        get=lambda change: change.label,
        show=lambda change: change.label,
        align="left",
        width=208,
    ),
    Column(
        title="Before",
        get=lambda change: change.before,
        show=lambda change: change.before,
        align="left",
        width=152,
        sort=False,
        role=lambda _change: "mut",
    ),
    Column(
        title="After",
        get=lambda change: change.after,
        show=lambda change: change.after,
        align="left",
        width=152,
        sort=False,
        role=lambda _change: "hi",
    ),
)
