"""The queue: proposals to decide on, and why the other desks have none."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from terminal.model.frame import Frame
from terminal.model.hedge import Proposal, ProposalStatus
from terminal.model.messages import Approve, Reject
from ui.dialogs.modify import ModifyDialog
from ui.dialogs.reject import RejectDialog
from ui.panels.card import ProposalCard
from ui.panels.card_desk import DeskRow
from ui.panels.panel import Panel
from ui.theme.fonts import TITLE, semibold
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label

MIN_WIDTH = 300


class QueuePanel(Panel):
    """Cards of the open proposals, the most urgent first, and one row per quiet desk.

    Parameters
    ----------
    tokens : Tokens
    elapsed : callable, optional
        Monotonic milliseconds for the arming delay; a timer of its own without one.
    """

    count = Signal(int)

    def __init__(self, tokens: Tokens, elapsed: Callable[[], int] | None = None) -> None:
        super().__init__("queue", "Proposals", tokens)
        self._timer = QElapsedTimer()
        self._timer.start()
        self._elapsed = self._timer.elapsed if elapsed is None else elapsed
        self._cards: dict[str, ProposalCard] = {}
        self._order: list[str] = []
        self._desks: dict[str, DeskRow] = {}
        self._counted: int | None = None
        self._dialog: ModifyDialog | RejectDialog | None = None
        self._asked_about: Proposal | None = None
        self.setMinimumWidth(MIN_WIDTH)
        self._headline = plain_label("No hedge is due", "hi", semibold(TITLE), wrap=True)
        self._card_column, self._desk_column = QVBoxLayout(), QVBoxLayout()
        self._card_column.setSpacing(8)
        self._desk_column.setSpacing(8)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._headline)
        column.addLayout(self._card_column)
        column.addLayout(self._desk_column)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidgetResizable(True)
        self.area.setWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            self._add_shortcut(keys, self.approve_first)
        self._add_shortcut("Alt+R", self.reject_first)

    def cards(self) -> tuple[ProposalCard, ...]:
        """Cards from the top down."""
        return tuple(self._cards[name] for name in self._order)

    def desk_rows(self) -> tuple[DeskRow, ...]:
        """Rows of the desks without an open proposal."""
        return tuple(self._desks.values())

    def approve_first(self) -> None:
        """Press the primary button of the first card, if it may be pressed."""
        if self._order:
            _press(self._cards[self._order[0]].approve)

    def reject_first(self) -> None:
        """Press Reject of the first card, if it may be pressed."""
        if self._order:
            _press(self._cards[self._order[0]].reject)

    def render_frame(self, frame: Frame) -> None:
        """Bring cards and rows up to date in place."""
        wanted = sorted(frame.proposals, key=lambda each: (not each.urgent, each.created_at))
        self._match_cards([each.proposal_id for each in wanted])
        for place, proposal in enumerate(wanted):
            self._cards[proposal.proposal_id].render_proposal(proposal, frame, place)
        self._render_desks(frame)
        self._headline.setVisible(not wanted)
        self._check_dialog(frame)
        if len(wanted) != self._counted:
            self._counted = len(wanted)
            self.count.emit(self._counted)

    def _match_cards(self, names: list[str]) -> None:
        if names == self._order:
            return
        for name in set(self._cards) - set(names):
            self._discard(self._cards.pop(name), self._card_column)
        for place, name in enumerate(names):
            card = self._cards.get(name)
            if card is None:
                card = self._cards[name] = ProposalCard(self._elapsed)
                card.command.connect(self.command)
                card.modify_wanted.connect(self._open_modify)
                card.reject_wanted.connect(self._open_reject)
            if self._card_column.indexOf(card) != place:
                self._card_column.removeWidget(card)
                self._card_column.insertWidget(place, card)
        self._order = names
        stops = [stop for card in self.cards() for stop in card.stops]
        for one, following in pairwise(stops):
            QWidget.setTabOrder(one, following)

    def _render_desks(self, frame: Frame) -> None:
        busy = {each.underlying for each in frame.proposals}
        quiet = [desk for desk in frame.desks if desk.underlying not in busy]
        for name in set(self._desks) - {desk.underlying for desk in quiet}:
            self._discard(self._desks.pop(name), self._desk_column)
        for place, desk in enumerate(quiet):
            row = self._desks.get(desk.underlying)
            if row is None:
                row = self._desks[desk.underlying] = DeskRow(desk.underlying, self._elapsed)
                row.command.connect(self.command)
                self._desk_column.insertWidget(place, row)
            row.render_desk(desk, frame, len(frame.proposals) + place)

    def _open_modify(self, proposal: Proposal) -> None:
        if self._dialog is None:
            dialog = ModifyDialog(proposal, self.window())
            dialog.sized.connect(self._on_sized)
            self._open(dialog, proposal)

    def _open_reject(self, proposal: Proposal) -> None:
        if self._dialog is None:
            dialog = RejectDialog(proposal, self.window())
            dialog.reasoned.connect(self._on_reasoned)
            self._open(dialog, proposal)

    def _open(self, dialog: ModifyDialog | RejectDialog, proposal: Proposal) -> None:
        self._dialog, self._asked_about = dialog, proposal
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = self._asked_about = None

    def _on_sized(self, qty: Decimal) -> None:
        proposal = self._asked_about
        if proposal is not None:
            self._ask(proposal, Approve(proposal.proposal_id, proposal.revision, qty))

    def _on_reasoned(self, reason: str) -> None:
        proposal = self._asked_about
        if proposal is not None:
            self._ask(proposal, Reject(proposal.proposal_id, reason))

    def _ask(self, proposal: Proposal, command: Approve | Reject) -> None:
        card = self._cards.get(proposal.proposal_id)
        if card is not None:
            card.ask(command)

    def _check_dialog(self, frame: Frame) -> None:
        """Call off a dialog whose proposal is gone, or whose numbers are no longer these."""
        asked = self._asked_about
        if self._dialog is None or asked is None:
            return
        found = [each for each in frame.proposals if each.proposal_id == asked.proposal_id]
        if not found:
            self._dialog.call_off("This proposal is gone: close and look again.")
        elif isinstance(self._dialog, ModifyDialog) and (
            found[0].revision != asked.revision or found[0].status is not ProposalStatus.OPEN
        ):
            self._dialog.call_off("The numbers have changed: close and look again.")

    def _discard(self, widget: QWidget, column: QVBoxLayout) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and (focused is widget or widget.isAncestorOf(focused)):
            # Qt would pass it on to the next button, where Space asks for something else.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        column.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _add_shortcut(self, keys: str, slot: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        # Keys that are held down must not go on to the next card.
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(slot)


def _press(button: QPushButton) -> None:
    if button.isEnabled():
        button.click()
