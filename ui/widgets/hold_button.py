"""A button that acts only after it has been held, for what must not happen by accident."""

from PySide6.QtCore import QElapsedTimer, QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QPushButton, QWidget

from ui.format import number
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.tip import set_tip

_TICK_MS = 16
# A blocked loop must not count as holding: the release may already wait in the queue.
_LONGEST_STEP_MS = 50
_HOLD_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HoldButton(QPushButton):
    """Hold with the mouse, Space or Enter for ``ms`` to confirm; let go to cancel.

    Parameters
    ----------
    text : str
        What holding does.
    ms : int
        Time to hold, milliseconds, > 0.
    """

    confirmed = Signal()

    def __init__(self, text: str, ms: int = 1000, parent: QWidget | None = None) -> None:
        super().__init__(text.replace("&", "&&"), parent)
        if ms <= 0:
            raise ValueError(f"{text!r} must be held for more than {ms} ms")
        self._ms = ms
        self._held_ms = 0
        self._holding = False
        self._tokens = current_tokens()
        self._since_tick = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setAutoDefault(False)
        self.setProperty("role", "danger")
        self.setAccessibleName(text)
        hint = f"Hold for {number(ms / 1000, 1)} s"
        self.setAccessibleDescription(hint)
        set_tip(self, hint)

    def progress(self) -> float:
        """Share of the time that has been held, 0 to 1."""
        return min(1.0, self._held_ms / self._ms)

    def holding(self) -> bool:
        """Whether the button is being held now."""
        return self._holding

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours and repaint."""
        self._tokens = tokens
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start with the left button."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._start()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Cancel when the mouse leaves the button."""
        if self._holding and not self.rect().contains(event.position().toPoint()):
            self._stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Cancel unless it was long enough."""
        self._stop()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start with Space or Enter; repeats of a held key change nothing."""
        if event.key() not in _HOLD_KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._start()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Cancel unless it was long enough."""
        if event.key() not in _HOLD_KEYS:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._stop()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Cancel: the release may go elsewhere."""
        self._stop()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cancel: what is not seen is not held."""
        self._stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Cancel when disabled."""
        if event.type() is QEvent.Type.EnabledChange and not self.isEnabled():
            self._stop()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button and how far it has been held."""
        super().paintEvent(event)
        if not self._held_ms:
            return
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(2, 0, -2, -2)
        bar = QRectF(room.left(), room.bottom() - 4, room.width() * self.progress(), 4)
        painter.fillRect(bar, QColor(self._tokens.on_fill))
        painter.end()

    def _start(self) -> None:
        if self._holding or not self.isEnabled():
            return
        self._holding, self._held_ms = True, 0
        self.setDown(True)
        self._since_tick.start()
        self._timer.start()

    def _stop(self) -> None:
        self._timer.stop()
        self._holding, self._held_ms = False, 0
        self.setDown(False)
        self.update()

    def _tick(self) -> None:
        if not self._holding:
            return
        self._held_ms += min(_LONGEST_STEP_MS, self._since_tick.restart())
        self.update()
        if self._held_ms >= self._ms:
            self._stop()
            self.confirmed.emit()
