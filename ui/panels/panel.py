"""What every panel is: data in by ``render``, commands out by one signal."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from terminal.model.frame import Frame
from ui.theme.tokens import Tokens


class Panel(QWidget):
    """A part of the window that shows frames.

    Parameters
    ----------
    name : str
        Object name, stable across versions: layouts are restored by it.
    title : str
        Shown in the dock.
    tokens : Tokens
    """

    command = Signal(object)

    def __init__(self, name: str, title: str, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = title
        self.tokens = tokens

    def render_frame(self, frame: Frame) -> None:
        """Show a frame; called about ten times a second and must come back quickly."""
        raise NotImplementedError

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self.tokens = tokens
