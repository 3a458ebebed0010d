"""A slider over hours, with a mark for everything that happened on the way."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

from terminal.core.units import SECOND
from ui.theme.tokens import Tokens, current_tokens

MINUTE_S = 60
MARK_WIDTH = 2


class TimeLine(QSlider):
    """Moments from a first to a last one; emits ``moved`` with the moment a person chose, UtcNs."""

    moved = Signal(object)  # an instant is larger than a signal's int

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._tokens = current_tokens()
        self._first = 0
        self._marks: tuple[int, ...] = ()
        self.setAccessibleName("Moment of the recording")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(MINUTE_S)
        self.setPageStep(10 * MINUTE_S)
        self.sliderReleased.connect(self._tell)
        self.actionTriggered.connect(self._on_action)

    def show_span(self, first: int, last: int, marks: Iterable[int]) -> None:
        """Take the ends of the line and the moments that are marked, UtcNs."""
        self._first = first
        self.setRange(0, max((last - first) // SECOND, 1))
        self._marks = tuple((each - first) // SECOND for each in marks)
        self.update()

    def show_moment(self, at: int) -> None:
        """Move to a moment, unless a hand is on the slider."""
        if not self.isSliderDown():
            self.setValue((at - self._first) // SECOND)

    def moment(self) -> int:
        """Moment under the handle, UtcNs."""
        return self._first + self.sliderPosition() * SECOND

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to where the button goes down; it can be dragged on from there."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go where the pointer is."""
        if event.button() is Qt.MouseButton.LeftButton and self.isSliderDown():
            self._follow(event)
            self.setSliderDown(False)

    def _follow(self, event: QMouseEvent) -> None:
        handle = self._handle()
        place, room = round(event.position().x()) - handle // 2, self.width() - handle
        found = QStyle.sliderValueFromPosition(0, self.maximum(), place, max(room, 1))
        self.setSliderPosition(found)

    def _handle(self) -> int:
        """Width of the handle, pixels."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marks below the slider's own groove and handle."""
        handle = self._handle()
        room = self.width() - handle
        painter = QPainter(self)
        ink = QColor(self._tokens.acc)
        places = {
            QStyle.sliderPositionFromValue(0, self.maximum(), each, room) for each in self._marks
        }
        for place in places:
            painter.fillRect(place + handle // 2, 0, MARK_WIDTH, self.height(), ink)
        painter.end()
        super().paintEvent(event)

    def _on_action(self, action: int) -> None:
        """Tell steps of keys and clicks; a drag is told when it ends."""
        if action != QSlider.SliderAction.SliderMove.value:
            self.setValue(self.sliderPosition())
            self._tell()

    def _tell(self) -> None:
        self.moved.emit(self.moment())
