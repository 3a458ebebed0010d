"""Writing a report from the menu: in a process of its own, one at a time, and said how it went."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from ui.children import begin, child_of, end


class Reports(QObject):
    """Has reports written beside the desk: a day is lived again, which takes a minute or more.

    Parameters
    ----------
    out : Path
        Folder of reports.
    say : callable
        Puts a line into the log.
    parent : QObject
    python : str
        Interpreter of the children.
    """

    done = Signal(str)  # the report's folder; empty where there is none

    def __init__(
        self,
        out: Path,
        say: Callable[[str], None],
        parent: QObject,
        *,
        python: str = sys.executable,
    ) -> None:
        super().__init__(parent)
        self._out = out
        self._say = say
        self._python = python
        self._child: QProcess | None = None
        self._folder = ""

    def ask(self, kind: str, journal: str, day: str) -> None:
        """Write a report, unless one is being written.

        Parameters
        ----------
        kind : str
            start, end or handover.
        journal : str
            Directory of the run's journal; empty where it keeps none.
        day : str
            UTC day, 2026-01-05.
        """
        if self._child is not None:
            self._say("a report is being written already: ask again when the log says it is done")
            return
        if not journal:
            self._say("this run keeps no journal, which a report is made of")
            return
        self._say(f"writing the report of {day} ({kind}) beside the desk")
        self._folder = ""
        asked = ("--journal", journal, "--kind", kind, "--day", day, "--out", str(self._out))
        self._start(("-m", "terminal", "report", *asked, "--json"))

    def close(self) -> None:
        """End what is being written; the report that was there before may be gone in part."""
        child, self._child = self._child, None
        end(child)

    def _start(self, arguments: Sequence[str]) -> None:
        child = child_of(self)
        child.finished.connect(self._on_finished)
        child.errorOccurred.connect(self._on_error)
        self._child = child
        begin(child, arguments, self._python)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._child is not None:
            self._end(f"no report: {self._child.errorString()}")

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        child = self._child
        if child is None:
            return  # ended with the window
        told = bytes(child.readAllStandardOutput().data()).decode(errors="replace")
        words = bytes(child.readAllStandardError().data()).decode(errors="replace").strip()
        if code != 0 or status is not QProcess.ExitStatus.NormalExit:
            why = words.splitlines()[-1] if words else f"the program ended with {code}"
            what = f"report in {self._folder}, but no PDF" if self._folder else "no report"
            self._end(f"{what}: {why}")
        elif not self._folder:
            self._print(told)
        else:
            self._end(f"report written: {self._folder}")

    def _print(self, told: str) -> None:
        """Make the PDF in the folder that the verb says it has written to."""
        try:
            self._folder = str(json.loads(told)["folder"])
        except (ValueError, TypeError, KeyError):
            self._end(f"no report: {told.strip()[:200] or 'the program said nothing'}")
            return
        if self._child is not None:
            self._child.deleteLater()
        self._start(("-m", "ui.report_pdf", self._folder))

    def _end(self, words: str) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        self._say(words)
        self.done.emit(self._folder)


def open_folder(folder: str) -> None:
    """Show a folder by the desktop's own program; without a desktop nothing happens."""
    if folder:
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
