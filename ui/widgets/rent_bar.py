"""Scalps banked against the rent of the day, on one track."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.format import percent, usd
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens, mix
from ui.widgets.tip import set_tip

_EDGE, _HEIGHT = 8.0, 10.0


class RentBar(QWidget):
    """A bar that fills as scalps are banked; a tick marks the rent, a line the time of day.

    The track ends at the larger of rent and scalps. Losses fill it too, in the colour of losses.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[float, float, float] | None = None
        self._tokens = current_tokens()
        self.setFont(sans(LABEL))
        self.setAccessibleName("Scalps banked against the rent of the day")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_rent(None, None, 0.0)

    def show_rent(self, banked: float | None, rent: float | None, elapsed: float) -> None:
        """Show the meter.

        Parameters
        ----------
        banked : float or None
            Today's scalps before fees, USD; None empties the bar and says so.
        rent : float or None
            Of the whole day, USD; negative when the book is paid.
        elapsed : float
            Part of the day that is over, 0 to 1.
        """
        if banked is None or rent is None:
            self._shown, words = None, "unknown"
        else:
            self._shown = banked, rent, elapsed
            owed = "rent" if rent >= 0.0 else "received"
            words = (
                f"scalps {usd(banked, 0, signed=True)} of {owed} {usd(abs(rent), 0)}, "
                f"{percent(elapsed, 0)} of the day is over"
            )
        self.setAccessibleDescription(words)
        set_tip(self, words)
        self.update()

    def share(self, x: float) -> float:
        """Place of an amount on the track, 0 to 1."""
        if self._shown is None:
            return 0.0
        banked, rent, _ = self._shown
        longest = max(abs(banked), abs(rent))
        return min(abs(x) / longest, 1.0) if longest else 0.0

    def sizeHint(self) -> QSize:
        """Wide enough to read a tenth of it."""
        return QSize(240, 28)

    def minimumSizeHint(self) -> QSize:
        """Room for the track and the word 'unknown'."""
        return QSize(96, 28)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, fill, the tick of the rent and the time of day."""
        tokens, middle = self._tokens, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        wide = self.width() - 2 * _EDGE
        painter.drawRoundedRect(QRectF(_EDGE, middle - _HEIGHT / 2, wide, _HEIGHT), 3, 3)
        if self._shown is None:
            painter.setPen(QColor(tokens.mut))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "unknown")
        else:
            self._paint_shown(painter, wide, middle)
        painter.end()

    def _paint_shown(self, painter: QPainter, wide: float, middle: float) -> None:
        if self._shown is None:
            return
        banked, rent, elapsed = self._shown
        tokens = self._tokens
        color = tokens.up if banked >= 0.0 else tokens.dn
        painter.setBrush(QColor(mix(color, tokens.bg2, 0.7)))
        filled = QRectF(_EDGE, middle - _HEIGHT / 2, wide * self.share(banked), _HEIGHT)
        painter.drawRoundedRect(filled, 3, 3)
        marks = (
            (self.share(rent), tokens.hi, Qt.PenStyle.SolidLine),
            (elapsed * self.share(rent), tokens.mut, Qt.PenStyle.DashLine),
        )
        for share, line, style in marks:
            painter.setPen(QPen(QColor(line), 1.5, style))
            x = _EDGE + wide * share
            painter.drawLine(QPointF(x, middle - 11), QPointF(x, middle + 11))
