"""The status bar: how the program itself is doing, and the keys."""

from PySide6.QtWidgets import QHBoxLayout, QLabel

from terminal.model.frame import Frame
from ui.format import count, number, size_bytes
from ui.panels.panel import Panel
from ui.theme.apply import set_property
from ui.theme.tokens import Tokens

KEYS = "Ctrl+Return approve · Alt+R reject · F9 pause · Ctrl+Shift+K stop"
SLOW_MS = 50.0


class StatusPanel(Panel):
    """Loop lag, feed rate, frame rate, journal."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("status", "Status", tokens)
        self.setProperty("kind", "status")
        self.rate = 0.0
        self._frames = 0
        self._machine = QLabel("starting")
        self._machine.setAccessibleName("Engine and screen")
        self._journal = QLabel("")
        self._journal.setAccessibleName("Journal")
        self._keys = QLabel(KEYS)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 4)
        row.setSpacing(16)
        row.addWidget(self._machine)
        row.addWidget(self._journal)
        row.addStretch(1)
        row.addWidget(self._keys)
        for label in (self._machine, self._journal, self._keys):
            label.setProperty("tone", "mut")
            label.setMinimumWidth(1)

    def render_frame(self, frame: Frame) -> None:
        """Renew the words twice a second."""
        self._frames += 1
        if self._frames % 5 != 1:
            return
        machine, journal = frame.machine, frame.journal
        self._machine.setText(
            f"loop {number(machine.lag_ms, 1)} ms · feed {count(round(machine.records_per_s))}/s"
            f" · screen {number(self.rate, 0)}/s"
        )
        slow = machine.lag_ms > SLOW_MS
        set_property(self._machine, "tone", "warn" if slow else "mut")
        if journal.note:
            self._journal.setText(f"journal: {journal.note}")
        elif journal.limit:
            used = f"{size_bytes(journal.bytes)} of {size_bytes(journal.limit)}"
            self._journal.setText(
                f"journal {used} · record {count(journal.durable_seq)} durable"
                f" · last commit {number(journal.sync_ms, 1)} ms"
            )
        else:
            self._journal.setText("no journal is kept")
        set_property(self._journal, "tone", "crit" if journal.read_only else "mut")
        self._keys.setVisible(self.width() > 1000)
