"""What a panel says while it has nothing to show, and what can be done about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.theme.fonts import TITLE, semibold
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.icons import pixmap
from ui.widgets.label import plain_label


class EmptyState(QWidget):
    """Icon, title, one sentence and at most one action, in the middle.

    Parameters
    ----------
    title, text : str
        What is missing, and why or what to do.
    icon_name : str
        None if empty.
    action : str
        Label of the button; none if empty.
    """

    acted = Signal()

    def __init__(
        self,
        title: str,
        text: str = "",
        icon_name: str = "",
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._picture = plain_label()
        self._title = plain_label("", "hi", semibold(TITLE), wrap=True)
        self._text = plain_label("", "mut", wrap=True)
        self._button = QPushButton(action.replace("&", "&&"))
        self._button.setProperty("role", "tonal")
        self._button.setAccessibleName(action)
        self._button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        for label in (self._picture, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._picture.setHidden(not icon_name)
        self._button.setHidden(not action)
        self.show_message(title, text)
        self.retheme(current_tokens())

    def show_message(self, title: str, text: str = "") -> None:
        """Change the words."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def retheme(self, tokens: Tokens) -> None:
        """Draw the icon in the colours of a theme."""
        if self._icon_name:
            self._picture.setPixmap(pixmap(self._icon_name, tokens.mut, 24))
