"""Labels that show words as they are, whatever the words are."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

from terminal.core.plain import LONGEST, ONE_LINE, plain
from ui.theme.fonts import sans


class PlainLabel(QLabel):
    """A label that knows no markup and shows nothing hidden, nor more than can be read.

    The one place where words of exchanges, files and models become a label.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:
        """Show a text, made fit to be shown."""
        super().setText(plain(text, LONGEST if self.wordWrap() else ONE_LINE))


def plain_label(
    text: str = "", tone: str = "tx", font: QFont | None = None, *, wrap: bool = False
) -> QLabel:
    """Make a label of plain text, so that markup from outside is never rendered.

    Parameters
    ----------
    text : str
        Shown character for character.
    tone : str
        Colour role: hi, tx, mut, acc, up, dn, warn or crit.
    font : QFont, optional
        Body text without one.
    wrap : bool
        Break lines instead of widening the parent.
    """
    label = PlainLabel()
    label.setWordWrap(wrap)
    label.setText(text)
    label.setProperty("tone", tone)
    label.setFont(sans() if font is None else font)
    return label
