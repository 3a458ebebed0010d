"""Labels that show words as they are, whatever the words are."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

from ui.theme.fonts import sans


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
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setProperty("tone", tone)
    label.setFont(sans() if font is None else font)
    label.setWordWrap(wrap)
    return label
