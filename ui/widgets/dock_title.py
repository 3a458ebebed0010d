"""The title bar of a dock: icon, title, count, and buttons to make room, float and close."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from ui.format import count as count_text
from ui.theme.fonts import CONTROL, semibold
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.badge import Pill
from ui.widgets.icons import icon, pixmap
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

_ICON = 14


class DockTitle(QFrame):
    """For ``QDockWidget.setTitleBarWidget``; dragging and double-clicks stay with the dock.

    Parameters
    ----------
    title : str
        Name of the panel.
    icon_name : str
        Icon before the title; none if empty.
    """

    room_asked = Signal()
    float_asked = Signal()
    close_asked = Signal()

    def __init__(self, title: str, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setProperty("kind", "dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self._picture = plain_label()
        self._title = plain_label(title, "hi", semibold(CONTROL))
        self._count = Pill()
        self._room = _button(f"All the room for {title}", "")
        self._float = _button(f"Float {title}", "Detach or dock this panel")
        self._close = _button(f"Close {title}", "Close this panel")
        self._room.clicked.connect(self.room_asked)
        self._float.clicked.connect(self.float_asked)
        self._close.clicked.connect(self.close_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        for widget in (self._picture, self._title, self._count):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._room)
        row.addWidget(self._float)
        row.addWidget(self._close)
        self._picture.setHidden(not icon_name)
        self._has_room = False
        self._room.hide()
        self.retheme(current_tokens())

    def show_count(self, count: int | None, tone: str = "mut") -> None:
        """Show how many things the panel holds; None shows nothing."""
        self._count.show_text("" if count is None else count_text(count), tone)

    def show_room(self, *, taken: bool) -> None:
        """Offer the button that takes the room of the window's middle, or gives it back."""
        self._has_room = taken
        set_tip(self._room, "Show the charts again" if taken else "Put this over the charts")
        self._room.show()
        self.retheme(current_tokens())

    def retheme(self, tokens: Tokens) -> None:
        """Draw the icons in the colours of a theme."""
        if self._icon_name:
            self._picture.setPixmap(pixmap(self._icon_name, tokens.mut, _ICON))
        self._room.setIcon(icon(f"chevron-{'down' if self._has_room else 'up'}", tokens.mut, _ICON))
        self._float.setIcon(icon("external-link", tokens.mut, _ICON))
        self._close.setIcon(icon("x", tokens.mut, _ICON))


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "ghost")
    button.setIconSize(QSize(_ICON, _ICON))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    set_tip(button, tip)
    return button
