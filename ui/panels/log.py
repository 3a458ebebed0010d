"""The log panel: what the engine said, with a filter."""

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout

from terminal.model.frame import Frame, LogLine
from ui.format import count
from ui.panels.panel import Panel
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.log_view import LogView

_TONES = {"info": "mut", "warn": "warn", "crit": "crit"}


class LogPanel(Panel):
    """Lines of the log, newest at the bottom; every word of the filter has to occur in a line."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("log", "Log", tokens)
        self._frame: Frame | None = None
        self._seen: tuple[LogLine, ...] = ()
        self._run = ""
        self.view = LogView("Log lines")
        # A reason that is cut off in a narrow dock is a reason that nobody reads.
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._at_end = True
        self._bar = self.view.verticalScrollBar()
        self._bar.valueChanged.connect(self._on_scrolled)
        self._bar.rangeChanged.connect(self._on_rewrapped)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by topic or words")
        self.filter.setAccessibleName("Filter the log by topic or words")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._write_all)
        self.copy_button = QPushButton("Copy")
        self.copy_button.setAccessibleName("Copy the lines shown")
        self.copy_button.setToolTip("Copy the lines shown to the clipboard")
        self.copy_button.clicked.connect(self.copy)
        self._count = plain_label("", "mut", sans(LABEL))
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(8)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self._count)
        bar.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        self.setFocusProxy(self.filter)
        self._tell_count()

    def render_frame(self, frame: Frame) -> None:
        """Append the lines that are new; a panel that is hidden catches up when it is shown."""
        self._frame = frame
        if self.isVisible():
            self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while the panel was hidden."""
        super().showEvent(event)
        self._catch_up()

    def retheme(self, tokens: Tokens) -> None:
        """Write the lines again in other colours."""
        super().retheme(tokens)
        self.view.retheme(tokens)

    def copy(self) -> None:
        """Put the lines that are shown on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.toPlainText())

    def _on_scrolled(self, value: int) -> None:
        self._at_end = value >= self._bar.maximum()

    def _on_rewrapped(self) -> None:
        """Stay at the newest line when a narrower dock wraps lines and so pushes it out."""
        if self._at_end:
            self._bar.setValue(self._bar.maximum())

    def _catch_up(self) -> None:
        frame = self._frame
        if frame is None or frame.log is self._seen:
            return
        if frame.run != self._run:
            self._run, self._seen = frame.run, ()
            self.view.clear_lines()
        fresh = new_lines(self._seen, frame.log)
        self._seen = frame.log
        self._write(fresh)

    def _write_all(self) -> None:
        self.view.clear_lines()
        self._write(self._seen)

    def _write(self, lines: Sequence[LogLine]) -> None:
        words = self.filter.text()
        for line in lines:
            if matches(line, words):
                topic = f"{line.level.upper():<4} {line.topic:<9}"
                self.view.add_line(line.at, topic, line.text, _TONES.get(line.level, "mut"))
        self._tell_count()

    def _tell_count(self) -> None:
        words = self.filter.text()
        shown = sum(matches(line, words) for line in self._seen)
        every = count(len(self._seen))
        self._count.setText(f"{count(shown)} of {every} lines" if words else f"{every} lines")


def new_lines(seen: Sequence[LogLine], log: Sequence[LogLine]) -> Sequence[LogLine]:
    """Lines of ``log`` after the last one that was seen; all of them if that one is gone.

    Lines are told apart by identity: two equal ones are two events.
    """
    if not seen:
        return log
    last = seen[-1]
    for place in range(len(log) - 1, -1, -1):
        if log[place] is last:
            return log[place + 1 :]
    return log


def matches(line: LogLine, words: str) -> bool:
    """Whether every word occurs in the level, topic or text of a line, in any case."""
    text = f"{line.level} {line.topic} {line.text}".casefold()
    return all(word in text for word in words.casefold().split())
