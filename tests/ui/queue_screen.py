"""A queue on the screen with a clock of its own, and a hand that clicks."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from terminal.model.hedge import Proposal
from tests.ui.queue_frames import NOW, frame
from ui.panels.card import ProposalCard
from ui.panels.queue import QueuePanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

LEFT = Qt.MouseButton.LeftButton


class Screen:
    """A shown panel, the clock it believes in, and what it asked for."""

    def __init__(self, app: QApplication) -> None:
        apply_theme(app, load_tokens("dark"))
        self.clock, self.seq = [0], 0
        self.panel = panel = QueuePanel(load_tokens("dark"), lambda: self.clock[0])
        panel.resize(300, 900)
        panel.show()
        panel.activateWindow()
        self.sent: list[object] = []
        panel.command.connect(self.sent.append)

    def show(self, *proposals: Proposal, now: int = NOW, **changes: object) -> None:
        self.seq += 1
        made = frame(*proposals, seq=self.seq, now=now, **changes)
        self.panel.render_frame(made)
        QApplication.processEvents()

    def settle(self, *proposals: Proposal, now: int = NOW, **changes: object) -> None:
        self.show(*proposals, now=now, **changes)
        self.clock[0] += 500
        self.show(*proposals, now=now, **changes)

    def card(self, place: int = 0) -> ProposalCard:
        return self.panel.cards()[place]


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, LEFT)


def texts(widget: QWidget) -> str:
    return "\n".join(
        label.text() for label in widget.findChildren(QLabel) if not label.isHidden()
    )
