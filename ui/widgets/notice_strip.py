"""One line across the window that says what needs attention and offers what to do."""

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from ui.theme.apply import set_property
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.icons import icon, pixmap
from ui.widgets.label import plain_label

Tone = Literal["info", "up", "warn", "crit"]

_ICONS = {"info": "info", "up": "check", "warn": "triangle-alert", "crit": "octagon-x"}
_COLORS = {"info": "acc", "up": "up", "warn": "warn", "crit": "crit"}


class NoticeStrip(QFrame):
    """Hidden until there is something to say."""

    acted = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone: Tone = "info"
        self._tokens = current_tokens()
        self.setProperty("kind", "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._picture = plain_label()
        self._label = plain_label("", "hi", wrap=True)
        self._action = QPushButton()
        self._action.setProperty("role", "tonal")
        self._action.clicked.connect(self.acted)
        self._close = QToolButton()
        self._close.setProperty("role", "ghost")
        self._close.setIconSize(QSize(14, 14))
        self._close.setAccessibleName("Dismiss notice")
        self._close.setToolTip("Dismiss")
        self._close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(self._label, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    def show_notice(
        self, text: str, tone: Tone = "info", action: str = "", *, dismissible: bool = True
    ) -> None:
        """Show one notice in place of the one before.

        Parameters
        ----------
        text : str
            One sentence.
        tone : str
            How much it matters: info, up, warn or crit.
        action : str
            Label of the button; none if empty.
        dismissible : bool
            Whether it can be closed; a halt cannot.
        """
        self._tone = tone
        self._label.setText(text)
        self._action.setText(action.replace("&", "&&"))
        self._action.setAccessibleName(action)
        self._action.setHidden(not action)
        self._close.setHidden(not dismissible)
        self.setAccessibleName(text)
        set_property(self, "tone", tone)
        self.retheme(self._tokens)
        self.show()

    def text(self) -> str:
        """Notice that is shown, "" while hidden."""
        return "" if self.isHidden() else self._label.text()

    def clear(self) -> None:
        """Hide without emitting."""
        self.hide()

    def retheme(self, tokens: Tokens) -> None:
        """Draw the icons in the colours of a theme."""
        self._tokens = tokens
        color = str(getattr(tokens, _COLORS[self._tone]))
        self._picture.setPixmap(pixmap(_ICONS[self._tone], color, 16))
        self._close.setIcon(icon("x", tokens.mut, 14))

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
