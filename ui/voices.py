"""Tells alerts on this machine: a message of the desktop, and a sound."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStyle, QSystemTrayIcon

from terminal.core.plain import one_line
from terminal.model.alert import Channel, Dispatch, Tier
from terminal.model.frame import Frame
from terminal.model.messages import Dispatched

BEEPS = {Tier.INFO: 1, Tier.WATCH: 1, Tier.HIGH: 2, Tier.CRITICAL: 4}
BEEP_MS = 300
MESSAGE_MS = 10_000


class Voice(Protocol):
    """One way to tell on this machine."""

    def tell(self, dispatch: Dispatch) -> str:
        """Tell; what is wrong, or empty when nothing is."""
        ...


class DesktopVoice(QObject):
    """Messages of the desktop's tray."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tray: QSystemTrayIcon | None = None

    def tell(self, dispatch: Dispatch) -> str:
        """Show a message; its icon is in the tray from the first one on."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return "this desktop has no tray"
        if self._tray is None:
            style = QApplication.style()
            icon = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.setToolTip("Gammadesk")
            self._tray.show()
        kind = QSystemTrayIcon.MessageIcon
        shown = kind.Critical if dispatch.tier is Tier.CRITICAL else kind.Warning
        title = f"Gammadesk: {dispatch.tier.value}"
        self._tray.showMessage(title, message_text(dispatch.text), shown, MESSAGE_MS)
        return ""


def message_text(text: str) -> str:
    """Words of a message of the desktop, some of which render markup: none is left that could be.

    Written with other brackets, since a desktop that renders none would show an escape as it is.
    """
    return one_line(text).replace("<", "‹").replace(">", "›")


class SoundVoice(QObject):
    """The system's bell, more often the more it matters."""

    def __init__(self, parent: QObject, beep: Callable[[], None] = QApplication.beep) -> None:
        super().__init__(parent)
        self._beep = beep
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(BEEP_MS)
        self._timer.timeout.connect(self._next)

    def tell(self, dispatch: Dispatch) -> str:
        """Ring; while it rings already, the longer of the two is rung."""
        self._left = max(self._left, BEEPS[dispatch.tier])
        if not self._timer.isActive():
            self._next()
            self._timer.start()
        return ""

    def _next(self) -> None:
        if self._left <= 0:
            self._timer.stop()
            return
        self._left -= 1
        self._beep()

    def stop(self) -> None:
        """Be silent."""
        self._left = 0
        self._timer.stop()


class Voices(QObject):
    """Tells the dispatches that are new in a frame, and says what became of it.

    Emits ``command`` with a ``Dispatched`` for each. What was told before the window opened is
    not told again.
    """

    command = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sound = SoundVoice(self)
        self.voices: dict[Channel, Voice] = {
            Channel.DESKTOP: DesktopVoice(self),
            Channel.SOUND: self.sound,
        }
        self._seen: int | None = None

    def show_frame(self, frame: Frame) -> None:
        """Tell what is new."""
        dispatches = frame.alerts.dispatches
        newest = dispatches[-1].number if dispatches else 0
        if self._seen is None:
            self._seen = newest
        if newest == self._seen:
            return
        fresh = [each for each in dispatches if each.number > (self._seen or 0)]
        self._seen = newest
        for dispatch in fresh:
            for channel in dispatch.channels:
                voice = self.voices.get(channel)
                if voice is not None:
                    why = voice.tell(dispatch)
                    said = why or "handed to the system"
                    self.command.emit(Dispatched(dispatch.number, channel, not why, said))

    def stop(self) -> None:
        """Be silent, before the window closes."""
        self.sound.stop()
