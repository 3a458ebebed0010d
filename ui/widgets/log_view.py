"""The last thousand lines of what happened, newest at the bottom."""

from collections import deque

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from terminal.core.plain import LONGEST, one_line
from ui.format import clock
from ui.theme.fonts import mono
from ui.theme.tokens import Tokens, current_tokens, role_color

LINES = 1000


class LogView(QPlainTextEdit):
    """Plain text: time, topic in colour, words. Follows the end unless scrolled up."""

    def __init__(self, name: str = "Log", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[tuple[str, str, str, str]] = deque(maxlen=LINES)
        self._tokens = current_tokens()
        self.setProperty("kind", "log")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setFont(mono())
        self.setAccessibleName(name)

    def add_line(self, at: int | None, topic: str, text: str, tone: str = "acc") -> None:
        """Add one line.

        Parameters
        ----------
        at : int or None
            UTC nanoseconds.
        topic, text : str
            Shown as they are; line breaks and control characters become spaces.
        tone : str
            Colour role of the topic.
        """
        line = (clock(at), one_line(topic), one_line(text, LONGEST), tone)
        self._lines.append(line)
        self._write(line)

    def clear_lines(self) -> None:
        """Forget all lines."""
        self._lines.clear()
        self.clear()

    def retheme(self, tokens: Tokens) -> None:
        """Write all lines again in the colours of a theme."""
        self._tokens = tokens
        self.clear()
        for line in self._lines:
            self._write(line)

    def _write(self, line: tuple[str, str, str, str]) -> None:
        when, topic, text, tone = line
        bar = self.verticalScrollBar()
        following = bar.value() >= bar.maximum()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if not self.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(f"{when}  ", self._ink("mut"))
        cursor.insertText(f"{topic:<9} ", self._ink(tone))
        cursor.insertText(text, self._ink("tx"))
        cursor.endEditBlock()
        if following:
            bar.setValue(bar.maximum())

    def _ink(self, role: str) -> QTextCharFormat:
        ink = QTextCharFormat()
        ink.setForeground(QColor(role_color(self._tokens, role)))
        return ink
