"""Net delta against its no-trade band, at a glance."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.format import number
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens, mix
from ui.widgets.tip import set_tip

_DOT, _EDGE = 5.0, 8.0


class DeltaGauge(QWidget):
    """A track with the band as a box, the target as a tick and net delta as a dot.

    The band fills the middle half of the track; values further out than the track stay at its end.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: tuple[float, float, float, float] | None = None
        self._after: float | None = None
        self._tokens = current_tokens()
        self.setFont(sans(LABEL))
        self.setAccessibleName("Net delta against its band")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_state(None, None, None, None)

    def show_state(
        self,
        value: float | None,
        low: float | None,
        high: float | None,
        target: float | None,
        after: float | None = None,
    ) -> None:
        """Show net delta and its band.

        Parameters
        ----------
        value : float or None
            Net delta, coins; None empties the track and says so.
        low, high : float or None
            Ends of the no-trade band, coins, ``low <= high``.
        target : float or None
            Delta to aim at, coins; the middle of the band without one.
        after : float or None
            Delta after the proposed trade: a hollow circle.
        """
        if value is None or low is None or high is None:
            self._state = None
            words = "unknown"
        else:
            middle = (low + high) / 2 if target is None else target
            self._state = (value, min(low, high), max(low, high), middle)
            inside = "inside" if low <= value <= high else "outside"
            words = f"{number(value, 4)}, {inside} {number(low, 4)} to {number(high, 4)}"
        self._after = after
        self.setAccessibleDescription(words)
        set_tip(self, words)
        self.update()

    def share(self, x: float) -> float:
        """Place of a delta on the track, 0 (left end) to 1 (right end); 0.5 while unknown."""
        if self._state is None:
            return 0.5
        _, low, high, _ = self._state
        span = high - low
        if span <= 0.0:
            return 0.5 if x == low else float(x > low)
        return max(0.0, min(1.0, (x - (low - span / 2)) / (2 * span)))

    def sizeHint(self) -> QSize:
        """Wide enough to tell inside from outside."""
        return QSize(160, 24)

    def minimumSizeHint(self) -> QSize:
        """Room for the track and the word 'unknown'."""
        return QSize(96, 24)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, band, target, dot and circle."""
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        track = QRectF(_EDGE, middle - 2, self.width() - 2 * _EDGE, 4)
        painter.drawRoundedRect(track, 2, 2)
        if self._state is None:
            painter.setPen(QColor(tokens.mut))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "unknown")
        else:
            self._paint_state(painter, self._state)
        painter.end()

    def _paint_state(self, painter: QPainter, state: tuple[float, float, float, float]) -> None:
        tokens, middle = self._tokens, self.height() / 2
        value, low, high, target = state
        left, right = self._x(low), self._x(high)
        painter.setBrush(QColor(mix(tokens.acc, tokens.bg2, 0.25)))
        painter.setPen(QColor(mix(tokens.acc, tokens.bg2, 0.6)))
        painter.drawRoundedRect(QRectF(left, middle - 6, max(1.0, right - left), 12), 3, 3)
        tick = self._x(target)
        painter.setPen(QPen(QColor(tokens.mut), 1))
        painter.drawLine(QPointF(tick, middle - 9), QPointF(tick, middle + 9))
        inside = low <= value <= high
        color = QColor(tokens.acc if inside else tokens.warn)
        if self._after is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.hi), 1.5))
            painter.drawEllipse(QPointF(self._x(self._after), middle), _DOT, _DOT)
        painter.setPen(QPen(QColor(tokens.bg0), 1))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(self._x(value), middle), _DOT, _DOT)

    def _x(self, value: float) -> float:
        return _EDGE + self.share(value) * (self.width() - 2 * _EDGE)
