"""The status bar: how the program itself is doing, and the keys."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from terminal.model.frame import Frame, JournalHealth
from terminal.model.recording import RecordingView
from ui.format import count, number, size_bytes
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

KEYS = "Ctrl+Return approve · Alt+R reject · F9 pause · Ctrl+Shift+K stop"
SLOW_MS = 50.0
MARGIN, SPACING = 12, 16
NEARLY_FULL = 0.9
"""Part of its limit from which the journal's size is a warning."""

WIDTHS = (800, 1200)
"""Widths from which the journal's last commit, then the keys are shown."""


class StatusPanel(Panel):
    """Loop lag, feed rate, frame rate, journal."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("status", "Status", tokens)
        self.setProperty("kind", "status")
        self.rate = 0.0
        self._frames = 0
        self._machine = plain_label("starting", "mut")
        self._machine.setAccessibleName("Engine and screen")
        self._journal = plain_label("", "mut")
        self._journal.setAccessibleName("Journal")
        self._keys = plain_label(KEYS, "mut")
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 2, MARGIN, 4)
        row.setSpacing(SPACING)
        row.addWidget(self._machine)
        row.addWidget(self._journal)
        row.addStretch(1)
        row.addWidget(self._keys)
        for label in (self._machine, self._journal, self._keys):
            label.setMinimumWidth(1)
        self._keys.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Renew the words with the next frame: what is said depends on the room."""
        super().resizeEvent(event)
        self._keys.setVisible(self.width() >= WIDTHS[1])
        self._frames = 0

    def render_frame(self, frame: Frame) -> None:
        """Renew the words twice a second."""
        self._frames += 1
        if self._frames % 5 != 1:
            return
        machine, journal = frame.machine, frame.journal
        self._machine.setText(
            f"loop {number(machine.lag_ms, 1)} ms · feed {count(round(machine.records_per_s))}/s"
            f" · screen {number(self.rate, 0)}/s{_recording_words(frame.recording)}"
        )
        set_tip(self._machine, frame.recording.path)
        slow = machine.lag_ms > SLOW_MS
        set_property(self._machine, "tone", "warn" if slow else "mut")
        words = _journal_words(journal, wide=self.width() >= WIDTHS[0])
        if frame.playback is not None:
            words = f"record {count(journal.last_seq)}"
        room = self.width() - self._taken()
        metrics = QFontMetrics(self._journal.font())
        self._journal.setText(metrics.elidedText(words, Qt.TextElideMode.ElideRight, room))
        set_tip(self._journal, f"{words}\n{journal.path}".strip())
        full = 0 < NEARLY_FULL * journal.limit <= journal.bytes
        broken = journal.read_only and frame.playback is None
        tone = "crit" if broken else "warn" if full else "mut"
        set_property(self._journal, "tone", tone)

    def _taken(self) -> int:
        """Width that is not the journal's, pixels."""
        labels = [self._machine] if self._keys.isHidden() else [self._machine, self._keys]
        return 2 * MARGIN + sum(each.sizeHint().width() + 2 * SPACING for each in labels)


def _recording_words(recording: RecordingView) -> str:
    return f" · recording {size_bytes(recording.bytes)}" if recording.path else ""


def _journal_words(journal: JournalHealth, *, wide: bool) -> str:
    if journal.note:
        return f"journal: {journal.note}"
    if not journal.limit:
        return "no journal is kept"
    used = f"journal {size_bytes(journal.bytes)} of {size_bytes(journal.limit)}"
    if not wide:
        return used
    durable = f"record {count(journal.durable_seq)} durable"
    return f"{used} · {durable} · last commit {number(journal.sync_ms, 1)} ms"
