"""The column right of a pane: round values, and the values that matter now in coloured boxes."""

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui.charts.axes import decimals_of, round_step, ticks
from ui.charts.overlay import Overlay
from ui.format import number
from ui.theme.tokens import readable_on

TAG_PX = 16
"""Height of a box."""

_TEXT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Tag(NamedTuple):
    """A value in a box."""

    value: float
    text: str
    role: str   # name of the fill's colour


class Scale(NamedTuple):
    """Values at the ends of a pane and where these are, pixels from the top."""

    low: float
    high: float
    top: float
    height: float

    def place(self, value: float) -> float:
        """Where a value is, kept inside the pane."""
        share = (self.high - value) / (self.high - self.low)
        return self.top + self.height * min(max(share, 0.0), 1.0)


class ValueColumn(Overlay):
    """Numbers and boxes; a number that a box would touch is left out.

    Parameters
    ----------
    parent : QGraphicsItem
        The plot.
    signed : bool
        Whether positive values carry a plus.
    """

    def __init__(self, parent: QGraphicsItem, *, signed: bool) -> None:
        super().__init__(parent, 60)
        self._signed = signed
        self._scale = Scale(0.0, 1.0, 0.0, 1.0)
        self._tags: tuple[Tag, ...] = ()
        self._lines: tuple[float, ...] = ()
        self._numbers: list[tuple[float, str]] = []
        self._boxes: list[tuple[float, Tag]] = []

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Boxes as shown, the most important first."""
        return self._tags

    @property
    def numbers(self) -> list[tuple[float, str]]:
        """Place and text of the round values that are written."""
        return self._numbers

    @property
    def boxes(self) -> list[tuple[float, Tag]]:
        """Middle of each box, pixels, from the top."""
        return self._boxes

    @property
    def lines(self) -> tuple[float, ...]:
        """Places of the round values, written or not."""
        return self._lines

    def show_values(self, scale: Scale, tags: tuple[Tag, ...]) -> None:
        """Write other values.

        Parameters
        ----------
        scale : Scale
        tags : tuple of Tag
            The most important first: it is the one that stays when there is no room for all.
        """
        if (scale, tags) != (self._scale, self._tags):
            self._scale, self._tags = scale, tags
            self._boxes, self._lines, self._numbers = [], (), []
            if scale.low < scale.high and scale.height >= 1:
                self._boxes = self._apart()
                self._number()
            self.update()

    def _number(self) -> None:
        low, high, top, height = self._scale
        step = round_step(high - low, height)
        digits = decimals_of(step)
        places = [(self._scale.place(value), value) for value in ticks(low, high, step)]
        self._lines = tuple(at for at, _ in places)
        self._numbers = [
            (at, number(value, digits, self._signed))
            for at, value in places
            if top + 7 <= at <= top + height - 7
            and all(abs(at - box) > 0.5 * TAG_PX + 7 for box, _ in self._boxes)
        ]

    def _apart(self) -> list[tuple[float, Tag]]:
        """Put each box beside its value, or as near as the others allow."""
        _, _, top, height = self._scale
        room = max(int(height // TAG_PX), 1)
        chosen = sorted(self._tags[:room], key=lambda tag: -tag.value)
        places: list[float] = []
        for tag in chosen:
            least = places[-1] + TAG_PX if places else top + 0.5 * TAG_PX
            places.append(max(self._scale.place(tag.value), least))
        lowest = top + height - 0.5 * TAG_PX
        for index in range(len(places) - 1, -1, -1):
            places[index] = min(places[index], lowest)
            lowest = places[index] - TAG_PX
        return list(zip(places, chosen, strict=True))

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Write numbers, then boxes."""
        left, wide = self.rect.left(), self.rect.width()
        painter.setFont(self.font)
        painter.setPen(QColor(self.colors["axis"]))
        for at, text in self._numbers:
            painter.drawText(QRectF(left + 6, at - 8, wide - 6, 16), _TEXT, text)
        for at, tag in self._boxes:
            fill = self.colors[tag.role]
            box = QRectF(left + 1, at - 0.5 * TAG_PX, wide - 1, TAG_PX)
            painter.fillRect(box, QColor(fill))
            painter.setPen(QColor(readable_on(fill)))
            painter.drawText(box.adjusted(5, 0, 0, 0), _TEXT, tag.text)
