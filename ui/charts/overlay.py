"""What is painted on a pane in pixels: its title, its grid, the spans without data."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui.theme.fonts import LABEL, sans

TITLE_PX = 22
"""Height at the top of every pane that its title has to itself."""

AXIS_WIDTH = 84
"""Width of the column of values right of every pane."""

TIME_AXIS_HEIGHT = 22

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft

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
        self._laid: list[tuple[QRectF, str, QColor]] = []

    @property
    def text(self) -> str:
        """The words without their colours."""
        return "".join(words for words, _ in self._parts)

    @property
    def parts(self) -> Parts:
        """Words and colours as given."""
        return self._parts

    @property
    def shown(self) -> str:
        """The words that there is room for."""
        return "".join(words for _, words, _ in self._laid)

    def say(self, parts: Parts) -> None:
        """Show other words."""
        if parts != self._parts:
            self._parts = parts
            self._lay_out()

    def place(self, rect: QRectF) -> None:
        """Take this much room."""
        if rect != self.rect:
            super().place(rect)
            self._lay_out()

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        super().retheme(colors)
        self._lay_out()

    def _lay_out(self) -> None:
        self._laid = []
        left, right = self.rect.left() + 8, self.rect.right() - 4
        for words, role in self._parts:
            if right - left < 12:
                break
            shown = self.metrics.elidedText(words, Qt.TextElideMode.ElideRight, right - left)
            wide = self.metrics.horizontalAdvance(shown)
            box = QRectF(left, self.rect.top(), wide + 4, TITLE_PX)
            self._laid.append((box, shown, QColor(self.colors[role])))
            left += wide
        self.update()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Write the words one after the other, on the background: lines below would cross them."""
        painter.setFont(self.font)
        if self._laid:
            ground = self._laid[0][0].united(self._laid[-1][0]).adjusted(-4, 2, 4, -2)
            painter.fillRect(ground, QColor(self.colors["background"]))
        for box, words, color in self._laid:
            painter.setPen(color)
            painter.drawText(box, _LEFT, words)


class Backdrop(Overlay):
    """Grid, and hatched spans without data, so that nobody takes them for a quiet market."""

    WORD = "gap"

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, -50)
        self._spans: tuple[tuple[float, float], ...] = ()
        self._across: tuple[float, ...] = ()
        self._down: tuple[float, ...] = ()

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Left and right edge of each span without data, pixels."""
        return self._spans

    def mark(self, spans: Sequence[tuple[float, float]]) -> None:
        """Hatch other spans, pixels from the left."""
        if tuple(spans) != self._spans:
            self._spans = tuple(spans)
            self.update()

    def rule(self, across: tuple[float, ...], down: tuple[float, ...]) -> None:
        """Draw other grid lines: pixels from the top, and pixels from the left."""
        if (across, down) != (self._across, self._down):
            self._across, self._down = across, down
            self.update()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Grid first, hatching above it, and the word where it fits."""
        wide, high = self.rect.width(), self.rect.height()
        painter.setPen(QColor(self.colors["grid"]))
        painter.drawLines(
            [
                *(QLineF(0, at, wide, at) for at in (*self._across, high - 1)),
                *(QLineF(at, 0, at, high) for at in (*self._down, wide - 1)),
            ]
        )
        hatch = QBrush(QColor(self.colors["grid"]), Qt.BrushStyle.BDiagPattern)
        painter.setFont(self.font)
        painter.setPen(QColor(self.colors["muted"]))
        need = self.metrics.horizontalAdvance(self.WORD) + 6
        for left, right in self._spans:
            box = QRectF(left, 0, max(right - left, 2.0), high)
            painter.fillRect(box, hatch)
            if box.width() >= need:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.WORD)


class TimeRow(Overlay):
    """Times below the lowest pane, with the zone they are in."""

    ZONE = "UTC"

    def __init__(self, parent: QGraphicsItem) -> None:
        super().__init__(parent, 60)
        self._times: list[tuple[float, str]] = []

    @property
    def times(self) -> list[tuple[float, str]]:
        """Place, pixels from the left, and text of each."""
        return self._times

    def show_times(self, times: list[tuple[float, str]]) -> None:
        """Write those of these times that fit beside the zone."""
        last = self.rect.width() - AXIS_WIDTH - 30
        fitting = [(at, text) for at, text in times if 30 <= at <= last]
        if fitting != self._times:
            self._times = fitting
            self.update()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Write the times under their lines, and the zone in the corner."""
        painter.setFont(self.font)
        painter.setPen(QColor(self.colors["axis"]))
        top, high = self.rect.top(), self.rect.height()
        for at, text in self._times:
            painter.drawText(QRectF(at - 40, top, 80, high), Qt.AlignmentFlag.AlignCenter, text)
        corner = QRectF(self.rect.right() - AXIS_WIDTH + 6, top, AXIS_WIDTH - 6, high)
        painter.drawText(corner, _LEFT, self.ZONE)
