"""The sheets that open over the window: stop, re-arm, leave. Each kind once at a time."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from terminal.model.frame import Frame
from terminal.model.messages import Rearm
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.stop import StopDialog

SheetKind = StopDialog | RearmDialog | ClosingDialog


class Sheets(QObject):
    """Opens sheets without blocking the loop and keeps what they say current."""

    command = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._frame: Frame | None = None
        self._open: dict[type[SheetKind], SheetKind] = {}

    def show_frame(self, frame: Frame) -> None:
        """Keep the open sheets current."""
        self._frame = frame
        for sheet in list(self._open.values()):
            sheet.show_frame(frame)

    def stop(self) -> None:
        """Ask how far to stop."""
        if self._frame is None or StopDialog in self._open:
            return
        sheet = StopDialog(self._window)
        sheet.stopped.connect(self.command)
        sheet.show_frame(self._frame)
        self._present(sheet)

    def rearm(self) -> None:
        """Ask for the reason to trade again."""
        if self._frame is None or RearmDialog in self._open:
            return
        sheet = RearmDialog(self._frame, self._window)
        sheet.rearmed.connect(lambda reason: self.command.emit(Rearm(reason)))
        self._present(sheet)

    def leave(self, answer: Callable[[bool], None]) -> None:
        """Say what leaving would do while orders work, and pass the answer on."""
        if self._frame is None or ClosingDialog in self._open:
            return
        sheet = ClosingDialog(self._frame, self._window)
        sheet.leaving.connect(answer)
        self._present(sheet)

    def _present(self, sheet: SheetKind) -> None:
        kind = type(sheet)
        self._open[kind] = sheet
        sheet.finished.connect(lambda: self._closed(kind))
        sheet.open()

    def _closed(self, kind: type[SheetKind]) -> None:
        sheet = self._open.pop(kind, None)
        if sheet is not None:
            sheet.deleteLater()
