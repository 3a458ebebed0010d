"""What stands where a panel has failed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.widgets.label import plain_label


class PanelFault(QWidget):
    """The error in words, and a button to try again.

    Parameters
    ----------
    title : str
        Panel that failed.
    error : str
        What it said.
    """

    reloaded = Signal()

    def __init__(self, title: str, error: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = plain_label(f"{title} could not be drawn", "crit")
        words = plain_label(error, "mut", wrap=True)
        again = QPushButton("Reload")
        again.setProperty("role", "tonal")
        again.setAccessibleName(f"Reload {title}")
        again.clicked.connect(self.reloaded)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        for widget in (head, words, again):
            column.addWidget(widget)
        column.addStretch(1)
        self.setAccessibleName(f"{title} failed: {error}")
