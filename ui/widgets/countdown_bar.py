"""How much of a proposal's life is left, as a bar and in words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens

_GAP, _BAR_HEIGHT, _BAR_WIDTH = 8, 4, 48


class CountdownBar(QWidget):
    """A bar that empties to the left, with its text on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._text, self._urgent = "", False
        self._tokens = current_tokens()
        self.setFont(sans(LABEL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Time left")

    def show_left(self, fraction: float | None, text: str, urgent: bool = False) -> None:
        """Show what is left.

        Parameters
        ----------
        fraction : float or None
            0 to 1, clamped; None leaves the track empty.
        text : str
            The same in words, such as ``00:42``.
        urgent : bool
            Amber instead of accent.
        """
        self._fraction = None if fraction is None else max(0.0, min(1.0, fraction))
        longer = text != self._text
        self._text, self._urgent = text, urgent
        self.setAccessibleDescription(text)
        if longer:
            self.updateGeometry()
        self.update()

    def fraction(self) -> float | None:
        """Share that is left, 0 to 1, or None."""
        return self._fraction

    def text(self) -> str:
        """Words that are shown."""
        return self._text

    def sizeHint(self) -> QSize:
        """Room for the bar and all of the text."""
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self._text)
        return QSize(_BAR_WIDTH + (_GAP + width if width else 0), metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Never cut the text."""
        return self.sizeHint()

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, bar and text."""
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = QFontMetrics(self.font()).horizontalAdvance(self._text)
        width = self.width() - (_GAP + words if words else 0)
        top = (self.height() - _BAR_HEIGHT) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(0, top, width, _BAR_HEIGHT), 2, 2)
        if self._fraction:
            painter.setBrush(QColor(tokens.warn if self._urgent else tokens.acc))
            painter.drawRoundedRect(QRectF(0, top, width * self._fraction, _BAR_HEIGHT), 2, 2)
        painter.setPen(QColor(tokens.warn if self._urgent else tokens.mut))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), flags, self._text)
        painter.end()
