"""Frontiers of the lab: opened from files, and made of bars in a process beside the desk."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QFileDialog

from terminal.core.errors import DataError
from terminal.model.frontier import Frontier, frontier_of
from ui.children import begin, child_of, end
from ui.panels.book_frontier import FrontierPage

FILE: Final = "frontier.json"
LARGEST: Final = 8_000_000
"""Bytes of a file: more is none of the lab's."""

REMEDY: Final = "choose a frontier.json of the lab, or make one with Run…"

_PROGRESS: Final = re.compile(r"(\d{1,3}) % ?(.*)")


class Frontiers(QObject):
    """Serves a page: reads the file that a person chooses, and has the lab make another.

    Parameters
    ----------
    folder : Path
        Where frontiers are kept, each in a folder of its own.
    page : FrontierPage
    say : callable
        Puts a line into the log.
    python : str
        Interpreter of the child.
    """

    def __init__(
        self,
        folder: Path,
        page: FrontierPage,
        say: Callable[[str], None],
        *,
        python: str = sys.executable,
    ) -> None:
        super().__init__(page)
        self._folder = folder
        self._page = page
        self._say = say
        self._python = python
        self._child: QProcess | None = None
        self._out = folder
        self._rest = ""  # of a line that is not whole yet
        self._last = ""  # line that told no progress
        page.open_asked.connect(self.choose_file)
        page.run_asked.connect(self.choose_bars)
        page.cancel_asked.connect(self.cancel)

    def choose_file(self) -> None:
        """Ask which frontier to open."""
        dialog = self._dialog("Open a frontier", "Frontiers (*.json)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.open()

    def choose_bars(self, coin: str) -> None:
        """Ask which bars to run; of several coins the one that is named."""
        dialog = self._dialog("Five-minute bars of a perpetual", "Bars (*.parquet *.csv *.gz)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.start([Path(n) for n in names], coin))
        dialog.open()

    def show_latest(self) -> None:
        """Show the frontier that was made last, if there is one."""
        made = [(each.stat().st_mtime_ns, each) for each in self._folder.glob(f"*/{FILE}")]
        if made:
            self.read(max(made)[1])

    def read(self, path: Path) -> bool:
        """Show a file, or say what is wrong with it; whether it is shown."""
        try:
            found = _read(path)
        except (OSError, DataError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self._page.show_fault(f"{path} cannot be shown: {why}. Remedy: {REMEDY}")
            return False
        self._page.show_frontier(found, str(path))
        return True

    def start(self, bars: Sequence[Path], coin: str) -> None:
        """Have the lab make a frontier of bars, unless it is making one.

        Parameters
        ----------
        bars : sequence of Path
        coin : str
            Which, where the bars are of several; else empty.
        """
        if self._child is not None or not bars:
            return
        name = "-".join(filter(None, (bars[0].stem, coin)))
        self._out = self._folder / name
        self._rest = self._last = ""
        child = child_of(self)
        child.setStandardOutputFile(QProcess.nullDevice())  # the file says the same
        child.readyReadStandardError.connect(self._on_words)
        child.finished.connect(self._on_finished)
        child.errorOccurred.connect(self._on_error)
        self._child = child
        self._page.show_run(0.0, "The lab reads the bars…")
        asked = (*map(str, bars), "--coin", coin, "--out", str(self._out), "--progress")
        begin(child, ("-m", "terminal", "lab", "frontier", *asked), self._python)

    def cancel(self) -> None:
        """End the run; what was shown before stays."""
        if self._child is not None:
            self.close()
            self._page.show_run(None, "Cancelled: nothing was compared.")

    def close(self) -> None:
        """End the run with the window."""
        child, self._child = self._child, None
        end(child)

    def _dialog(self, title: str, kinds: str) -> QFileDialog:
        start = self._folder if self._folder.is_dir() else Path.home()
        dialog = QFileDialog(self._page.window(), title, str(start), kinds)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _on_words(self) -> None:
        child = self._child
        if child is None:
            return
        text = self._rest + bytes(child.readAllStandardError().data()).decode(errors="replace")
        *lines, self._rest = text.split("\n")
        for line in lines:
            told = _PROGRESS.fullmatch(line.strip())
            if told:
                part = min(int(told[1]), 100) / 100.0
                self._page.show_run(part, f"The lab runs {told[2] or 'the policies'}: {told[1]} %")
            elif line.strip():
                self._last = line.strip()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._child is not None:
            self._end(f"The lab cannot be started: {self._child.errorString()}")

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._child is None:
            return  # cancelled, or ended with the window
        self._on_words()
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            self._end("")
            if self.read(self._out / FILE):
                self._say(f"frontier written: {self._out}")
        else:
            why = self._rest.strip() or self._last or f"the program ended with {code}"
            self._end(f"No frontier: {why}")

    def _end(self, fault: str) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        self._page.show_run(None)
        if fault:
            self._page.show_fault(fault)
            self._say(fault)


def _read(path: Path) -> Frontier:
    if path.stat().st_size > LARGEST:
        raise DataError(f"it has more than {LARGEST / 1e6:.0f} MB")
    return frontier_of(path.read_bytes())
