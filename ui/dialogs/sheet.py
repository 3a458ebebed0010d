"""What every dialog is: modal to its window, closed by Esc, nothing pressed by a bare Enter."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.theme.fonts import TITLE, semibold
from ui.widgets.label import plain_label


class Sheet(QDialog):
    """A titled column with buttons beneath; shown with ``open()`` only.

    Parameters
    ----------
    title : str
        Plain text.
    parent : QWidget or None
        Window that waits for the dialog.
    width : int
        Smallest width, pixels.
    """

    def __init__(self, title: str, parent: QWidget | None = None, width: int = 420) -> None:
        super().__init__(parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setMinimumWidth(width)
        self.heading = plain_label(title, "hi", semibold(TITLE), wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addLayout(self.body, 1)
        column.addLayout(self._buttons)

    def add_text(self, text: str, tone: str = "tx") -> QLabel:
        """Add a paragraph of plain text that wraps; hidden while empty."""
        label = plain_label("", tone, wrap=True)
        self.body.addWidget(label)
        self.write(label, text)
        return label

    def write(self, label: QLabel, text: str) -> None:
        """Change a paragraph, and make room for it."""
        if label.text() == text and label.isHidden() == (not text):
            return
        label.setText(text)
        label.setVisible(bool(text))
        self.fit()

    def add_button(self, text: str, role: str, slot: Callable[[], object]) -> QPushButton:
        """Add a button to the row at the bottom."""
        button = QPushButton(text.replace("&", "&&"))
        button.setAutoDefault(False)
        button.setProperty("role", role)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        self._buttons.addWidget(button)
        return button

    def fit(self) -> None:
        """Grow until wrapped text fits: Qt asks for it only when a window is first shown."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for what was written before the dialog was shown."""
        super().showEvent(event)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for what wraps otherwise now."""
        super().resizeEvent(event)
        self.fit()
