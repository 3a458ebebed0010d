"""Small coloured words: states, sides, modes and the health of a feed."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from terminal.core.plain import one_line
from ui.theme.fonts import LABEL, semibold
from ui.theme.tokens import Tokens, current_tokens, mix, readable_on, role_color, tint

_PADDING = 8

MODES = ("sim", "replay", "paper", "live", "recording")
"""Modes with a colour role of their own."""


class Pill(QWidget):
    """A word on a quiet tint of its tone, or on the full colour when ``solid``."""

    def __init__(
        self,
        text: str = "",
        tone: str = "mut",
        *,
        solid: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._tone, self._solid = "", tone, solid
        self._tokens = current_tokens()
        self.setFont(semibold(LABEL))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_text(text, tone)

    def text(self) -> str:
        """Word that is shown."""
        return self._text

    def tone(self) -> str:
        """Colour role of the word."""
        return self._tone

    def show_text(self, text: str, tone: str = "mut") -> None:
        """Show a word in a tone; without a word nothing is drawn and no width is taken."""
        text = one_line(text)
        if (text, tone) == (self._text, self._tone):
            return
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole word; the height stays when there is none."""
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self._text) + 2 * _PADDING if self._text else 0
        return QSize(width, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Never cut the word."""
        return self.sizeHint()

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tint and the word."""
        if not self._text:
            return
        color = role_color(self._tokens, self._tone)
        ground = color if self._solid else tint(self._tokens, self._tone)
        edge = color if self._solid else mix(color, self._tokens.bg1, 0.45)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(ground))
        painter.setPen(QColor(edge))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(readable_on(color) if self._solid else color))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class SideChip(Pill):
    """``▲ BUY`` or ``▼ SELL``: arrow, word and colour together."""

    def show_side(self, side: Literal["buy", "sell"]) -> None:
        """Show the side of an order."""
        self.show_text("▲ BUY" if side == "buy" else "▼ SELL", "up" if side == "buy" else "dn")


class ModeBadge(Pill):
    """The mode of the desk, on its full colour: SIM, REPLAY, PAPER, LIVE or RECORDING."""

    def __init__(self, mode: str = "", parent: QWidget | None = None) -> None:
        super().__init__(solid=True, parent=parent)
        self.show_mode(mode)

    def show_mode(self, mode: str, note: str = "") -> None:
        """Show a mode by name and what stands beside it; LIVE is red and nothing else is."""
        name = mode.lower()
        tone = name if name in MODES else "mut"
        text = f"{mode.upper()} · {note}" if note else mode.upper()
        self.show_text(text, tone)
        self.setAccessibleName(f"Mode {text}")


class FeedPill(Pill):
    """Health of a market data feed in words."""

    def show_feed(self, name: str, state: Literal["live", "stale", "down", "unknown"]) -> None:
        """Show a feed by name and state."""
        tones = {"live": "up", "stale": "warn", "down": "crit", "unknown": "mut"}
        self.show_text(f"{name} {state}", tones[state])
