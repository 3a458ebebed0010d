"""One underlying without a proposal: why nothing is due, and a button to ask all the same."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton

from terminal.model.frame import Desk, Frame
from terminal.model.messages import HedgeNow
from ui.panels.card_guard import ClickGuard, Rest
from ui.theme.fonts import semibold
from ui.widgets.label import plain_label


class DeskRow(QFrame):
    """A compact row of one desk.

    Parameters
    ----------
    underlying : str
    elapsed : callable
        Monotonic milliseconds, for the arming delay.
    """

    command = Signal(object)

    def __init__(self, underlying: str, elapsed: Callable[[], int]) -> None:
        super().__init__()
        self.underlying = underlying
        self._guard = ClickGuard(elapsed)
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(underlying)
        self._verdict = plain_label("", "mut", wrap=True)
        self._halted = plain_label("", "crit", semibold(), wrap=True)
        self._halted.hide()
        self.ask_button = QPushButton("Hedge now")
        self.ask_button.setAutoDefault(False)
        self.ask_button.setEnabled(False)
        self.ask_button.setAccessibleName(f"Hedge {underlying} now")
        self.ask_button.clicked.connect(self._on_ask)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.addWidget(plain_label(underlying, "hi", semibold()), 0, 0)
        grid.addWidget(self.ask_button, 0, 1)
        grid.addWidget(self._verdict, 1, 0, 1, 2)
        grid.addWidget(self._halted, 2, 0, 1, 2)

    def render_desk(self, desk: Desk, frame: Frame, place: int) -> None:
        """Show why no hedge is due; nothing can be asked for while halted or stopped."""
        self._verdict.setText(desk.verdict)
        self._verdict.setVisible(bool(desk.verdict))
        stage = frame.stop.stage
        words = f"Stopped ({stage.value})" if stage is not None else ""
        words = f"Halted: {desk.halted}" if desk.halted else words
        self._halted.setText(words)
        self._halted.setVisible(bool(words))
        self._show_button(self._guard.show(words, place, frame.seq, frame.now), words)

    def _show_button(self, rest: Rest, blocked: str) -> None:
        button = self.ask_button
        on = rest is Rest.READY and not blocked
        button.setEnabled(on)
        button.setText("asked…" if rest is Rest.ASKED else "Hedge now")
        button.setAccessibleDescription(blocked or rest.value)

    def _on_ask(self) -> None:
        self._guard.ask()
        self._show_button(self._guard.rest(), "")
        self.command.emit(HedgeNow(self.underlying))
