"""The shape of a short history, without axes."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.tokens import Tokens, current_tokens, role_color

_LIMIT = 240
_MARGIN = 3.0


class Sparkline(QWidget):
    """A line through the last values; unknown values leave a gap."""

    def __init__(self, name: str = "History", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float | None, ...] = ()
        self._tone = "acc"
        self._tokens = current_tokens()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: Sequence[float | None], tone: str = "acc") -> None:
        """Show a history, oldest first; of more than 240 values the last 240."""
        self._values, self._tone = tuple(values[-_LIMIT:]), tone
        self.update()

    def pieces(self) -> list[list[QPointF]]:
        """Points of the line in this widget, one list for each run of known values."""
        known = [each for each in self._values if each is not None]
        if not known:
            return []
        low, high = min(known), max(known)
        height = self.height() - 2 * _MARGIN
        step = (self.width() - 2 * _MARGIN) / max(1, len(self._values) - 1)
        pieces: list[list[QPointF]] = []
        broken = True
        for place, value in enumerate(self._values):
            if value is not None:
                share = (value - low) / (high - low) if high > low else 0.5
                if broken:
                    pieces.append([])
                pieces[-1].append(QPointF(_MARGIN + place * step, _MARGIN + (1 - share) * height))
            broken = value is None
        return pieces

    def sizeHint(self) -> QSize:
        """Small, beside a figure."""
        return QSize(96, 24)

    def minimumSizeHint(self) -> QSize:
        """Still a shape."""
        return QSize(32, 16)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line and a dot on the last known value."""
        pieces = self.pieces()
        if not pieces:
            return
        color = QColor(role_color(self._tokens, self._tone))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1))
        for piece in pieces:
            painter.drawPolyline(QPolygonF(piece))
        painter.setBrush(color)
        painter.drawEllipse(pieces[-1][-1], 1.5, 1.5)
        painter.end()
