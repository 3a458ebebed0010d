"""The sheets over the window: stop, re-arm, arm, lift, leave, keys. Each kind once at a time."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.messages import Rearm
from ui.containment import contained
from ui.dialogs.arm import ArmDialog
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.lift import LiftDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.sheet import Sheet
from ui.dialogs.stop import StopDialog
from ui.theme.fonts import semibold
from ui.widgets.label import plain_label


class KeysDialog(Sheet):
    """The keys of the window and what they do."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__("Keys", parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        for row, (key, words) in enumerate(keys):
            grid.addWidget(plain_label(key, "hi", semibold()), row, 0)
            grid.addWidget(plain_label(words), row, 1)
        self.body.addLayout(grid)
        self.add_button("Close", "ghost", self.reject)

    def show_frame(self, frame: Frame) -> None:
        """Keys do not change with frames."""


SheetKind = StopDialog | RearmDialog | ClosingDialog | KeysDialog | ArmDialog | LiftDialog


class Sheets(QObject):
    """Opens sheets without blocking the loop and keeps what they say current."""

    command = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._frame: Frame | None = None
        self._open: dict[type[SheetKind], SheetKind] = {}
        self._stale: set[type[SheetKind]] = set()
        self._rehearsed = ""

    def show_frame(self, frame: Frame) -> None:
        """Keep the open sheets current."""
        self._frame = frame
        for kind, sheet in list(self._open.items()):
            if kind in self._stale:
                continue
            with contained(f"sheet {kind.__name__}", partial(self._leave_stale, kind)):
                sheet.show_frame(frame)

    def _leave_stale(self, kind: type[SheetKind], error: Exception) -> None:
        """Show a sheet nothing more: one with an old preview still stops."""
        del error
        self._stale.add(kind)

    def stop(self) -> None:
        """Ask how far to stop."""
        if self._frame is None or StopDialog in self._open:
            return
        sheet = StopDialog(self._window, self._rehearsed)
        sheet.stopped.connect(self.command)
        sheet.show_frame(self._frame)
        self._present(sheet)

    def show_rehearsal(self, lines: str) -> None:
        """Have the stop sheet say from here on how the newest rehearsals went."""
        self._rehearsed = lines

    def rearm(self) -> None:
        """Ask for the reason to trade again."""
        if self._frame is None or RearmDialog in self._open:
            return
        sheet = RearmDialog(self._frame, self._window)
        sheet.rearmed.connect(lambda reason: self.command.emit(Rearm(reason)))
        self._present(sheet)

    def arm(self) -> None:
        """Ask for the word that lets orders of a live run leave."""
        frame = self._frame
        if frame is None or frame.live is None or frame.live.armed or ArmDialog in self._open:
            return
        sheet = ArmDialog(frame, self._window)
        sheet.armed.connect(self.command)
        self._present(sheet)
        sheet.focus_word()

    def lift(self) -> None:
        """Ask for the word that ends the first days of a live account."""
        frame = self._frame
        if frame is None or frame.live is None or LiftDialog in self._open:
            return
        sheet = LiftDialog(frame, self._window)
        sheet.lifted.connect(self.command)
        self._present(sheet)

    def leave(self, answer: Callable[[bool], None]) -> None:
        """Say what leaving would do while orders work, and pass the answer on."""
        if self._frame is None or ClosingDialog in self._open:
            return
        sheet = ClosingDialog(self._frame, self._window)
        sheet.leaving.connect(answer)
        self._present(sheet)

    def keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """List what the keys do."""
        if KeysDialog not in self._open:
            self._present(KeysDialog(keys, self._window))

    def _present(self, sheet: SheetKind) -> None:
        kind = type(sheet)
        self._open[kind] = sheet
        sheet.finished.connect(lambda: self._closed(kind))
        sheet.open()

    def _closed(self, kind: type[SheetKind]) -> None:
        self._stale.discard(kind)
        sheet = self._open.pop(kind, None)
        if sheet is not None:
            sheet.deleteLater()
