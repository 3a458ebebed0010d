"""What is painted on a pane in pixels: its title, the spans without data, the words on them."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui.theme.fonts import LABEL, sans

TITLE_PX = 22
"""Height at the top of every pane that its title has to itself."""

Parts = tuple[tuple[str, str], ...]
"""Words and the name of their colour, in reading order."""


class Overlay(QGraphicsItem):
    """An item with a size in pixels that takes no part in what the mouse does."""

    def __init__(self, parent: QGraphicsItem, depth: float) -> None:
        super().__init__(parent)
        self.setZValue(depth)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.rect = QRectF()
        self.colors: dict[str, str] = {}
        self.font: QFont = sans(LABEL)
        self.metrics = QFontMetricsF(self.font)

    def boundingRect(self) -> QRectF:
        """Where it paints."""
        return self.rect

    def place(self, rect: QRectF) -> None:
        """Take this much room, in the parent's pixels."""
        if rect != self.rect:
            self.prepareGeometryChange()
            self.rect = QRectF(rect)

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        self.colors = colors
        self.update()


class Title(Overlay):
    """One line of words over a pane, cut where it would leave it."""

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 40)
        self._parts: Parts = ()

    @property
    def text(self) -> str:
        """The words without their colours."""
        return "".join(words for words, _ in self._parts)

    @property
    def parts(self) -> Parts:
        """Words and colours as shown."""
        return self._parts

    def say(self, parts: Parts) -> None:
        """Show other words."""
        if parts != self._parts:
            self._parts = parts
            self.update()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,   # noqa: ARG002 - Qt's signature
        widget: QWidget | None = None,   # noqa: ARG002
    ) -> None:
        """Write the words one after the other."""
        painter.setFont(self.font)
        left, right = self.rect.left() + 8, self.rect.right() - 4
        for words, role in self._parts:
            if right - left < 12:
                break
            shown = self.metrics.elidedText(words, Qt.TextElideMode.ElideRight, right - left)
            painter.setPen(QColor(self.colors[role]))
            painter.drawText(
                QRectF(left, self.rect.top(), right - left + 4, TITLE_PX),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                shown,
            )
            left += self.metrics.horizontalAdvance(shown)


class Gaps(Overlay):
    """Hatched spans without data, so that nobody takes them for a quiet market."""

    WORD = "gap"

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, -50)
        self._spans: tuple[tuple[float, float], ...] = ()

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Left and right edge of each span, pixels."""
        return self._spans

    def mark(self, spans: Sequence[tuple[float, float]]) -> None:
        """Hatch other spans, pixels from the left."""
        if tuple(spans) != self._spans:
            self._spans = tuple(spans)
            self.update()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,   # noqa: ARG002 - Qt's signature
        widget: QWidget | None = None,   # noqa: ARG002
    ) -> None:
        """Hatch, and write the word where it fits."""
        if not self._spans:
            return
        hatch = QBrush(QColor(self.colors["grid"]), Qt.BrushStyle.BDiagPattern)
        painter.setFont(self.font)
        painter.setPen(QColor(self.colors["muted"]))
        need = self.metrics.horizontalAdvance(self.WORD) + 6
        for left, right in self._spans:
            box = QRectF(left, self.rect.top(), max(right - left, 2.0), self.rect.height())
            painter.fillRect(box, hatch)
            if box.width() >= need:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.WORD)
