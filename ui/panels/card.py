"""One proposal as a card: what, why, at what cost, how long, and the buttons that decide."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from terminal.model.frame import Frame
from terminal.model.hedge import Proposal, ProposalStatus
from terminal.model.messages import Approve, Requote
from ui.dialogs import proposal_words as words
from ui.format import UNKNOWN
from ui.panels.card_guard import ClickGuard, Rest
from ui.panels.card_words import FACTS, WIDE_FACTS, facts, seconds_left
from ui.theme.apply import set_property
from ui.theme.fonts import CONTROL, LABEL, TITLE, sans, semibold
from ui.widgets.badge import Pill, SideChip
from ui.widgets.countdown_bar import CountdownBar
from ui.widgets.gauge import DeltaGauge
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

URGENT_S = 5

MOVED = "The market moved: these numbers no longer hold"


class ProposalCard(QFrame):
    """Shows one proposal and asks for what its buttons say, always with the revision shown.

    Parameters
    ----------
    elapsed : callable
        Monotonic milliseconds, for the arming delay.
    """

    command = Signal(object)
    modify_wanted = Signal(object)  # the Proposal that is shown
    reject_wanted = Signal(object)

    def __init__(self, elapsed: Callable[[], int]) -> None:
        super().__init__()
        self._guard = ClickGuard(elapsed)
        self._proposal: Proposal | None = None
        self._first = False
        self._lapsed = False
        self._drawn: object = None
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        # A card takes the focus back from a button that has to rest, so that it is not lost to
        # the next button, where Space would do something else.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._chip = SideChip()
        self._size = plain_label("", "hi", semibold(TITLE))
        self._urgent = Pill()
        self._symbol = plain_label("", "hi", sans(CONTROL), wrap=True)
        self._terms = plain_label("", "mut", wrap=True)
        self._moved = plain_label(MOVED, "warn", semibold(), wrap=True)
        self._why = plain_label("", "hi", semibold(), wrap=True)
        self._more = plain_label("", "mut", wrap=True)
        self._deltas = plain_label("", "tx", wrap=True)
        self._gauge = DeltaGauge()
        self._left = CountdownBar()
        self._values = tuple(plain_label("", "tx", wrap=True) for _ in FACTS)
        self.approve = _button("Approve", self._on_approve)
        self.half = _button("Half", self._on_half)
        self.modify = _button("Modify…", self._on_modify)
        self.reject = _button("Reject…", self._on_reject)
        self._lay_out()

    @property
    def proposal(self) -> Proposal | None:
        """What is shown."""
        return self._proposal

    @property
    def stops(self) -> tuple[QFrame | QPushButton, ...]:
        """What the Tab key visits, in order."""
        return (self, self.approve, self.half, self.modify, self.reject)

    def render_proposal(self, proposal: Proposal, frame: Frame, place: int) -> None:
        """Show a proposal as it is in this frame; ``place`` 0 is the first card."""
        if proposal is not self._proposal:
            self._proposal = proposal
            self._write(proposal)
        for label, text in zip(self._values, facts(proposal, frame.now), strict=True):
            label.setText(text)
        left = seconds_left(proposal, frame.now)
        soon = left < URGENT_S
        span = proposal.expires_at - proposal.created_at
        share = (proposal.expires_at - frame.now) / span if span > 0 else None
        self._left.show_left(share, f"{left} s left", urgent=soon)
        set_property(self, "expiring", "true" if soon else "false")
        self._lapsed = left == 0
        self._first = place == 0
        content = (proposal.proposal_id, proposal.revision, proposal.status)
        self._show_buttons(self._guard.show(content, place, frame.seq, frame.now))

    def ask(self, command: object) -> None:
        """Emit a command about this card and let its buttons rest until it is answered."""
        self._guard.ask()
        self._show_buttons(self._guard.rest())
        self.command.emit(command)

    def _write(self, proposal: Proposal) -> None:
        self.setAccessibleName(words.title(proposal))
        self.setAccessibleDescription(" ".join(proposal.reasons))
        self._chip.show_side(proposal.side.value)
        self._size.setText(words.size_text(proposal))
        self._urgent.show_text("URGENT" if proposal.urgent else "", "warn")
        self._symbol.setText(words.symbol(proposal))
        self._terms.setText(words.terms(proposal))
        self._moved.setVisible(proposal.status is ProposalStatus.REQUOTE)
        self._why.setText(proposal.reasons[0] if proposal.reasons else UNKNOWN)
        self._more.setText("\n".join(proposal.reasons[1:]))
        self._more.setVisible(len(proposal.reasons) > 1)
        self._deltas.setText(words.deltas(proposal))
        target = proposal.target
        self._gauge.show_state(
            proposal.before, target.low, target.high, target.delta, after=proposal.after
        )

    def _show_buttons(self, rest: Rest) -> None:
        proposal = self._proposal
        drawn = (proposal, rest, self._first, self._lapsed)
        if proposal is None or drawn == self._drawn:
            return
        self._drawn = drawn
        stale = proposal.status is ProposalStatus.REQUOTE
        known = stale or proposal.status is ProposalStatus.OPEN
        ready = rest is Rest.READY and known and not self._lapsed
        fresh = ready and not stale
        self.approve.setText(_primary(rest, stale=stale))
        set_property(self.approve, "role", "primary" if self._first else "tonal")
        self._enable(self.approve, ready, rest)
        self._enable(self.half, fresh and words.half(proposal.qty, proposal.lot) > 0, rest)
        self._enable(self.modify, fresh, rest)
        self._enable(self.reject, ready, rest)
        what = words.title(proposal)
        verb = "Re-quote" if stale else "Approve"
        self.approve.setAccessibleName(f"{verb}: {what}")
        self.half.setAccessibleName(f"Approve half of: {what}")
        self.modify.setAccessibleName(f"Modify: {what}")
        self.reject.setAccessibleName(f"Reject: {what}")
        self.approve.setToolTip("Ctrl+Return" if self._first else "")
        self.reject.setToolTip("Alt+R" if self._first else "")
        set_tip(self.half, f"{words.exact(words.half(proposal.qty, proposal.lot))} contracts")

    def _enable(self, button: QPushButton, on: bool, rest: Rest) -> None:
        if not on and button.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        button.setEnabled(on)
        button.setAccessibleDescription(rest.value)

    def _on_approve(self) -> None:
        proposal = self._proposal
        if proposal is None:
            return
        if proposal.status is ProposalStatus.REQUOTE:
            self.ask(Requote(proposal.proposal_id))
        else:
            self.ask(Approve(proposal.proposal_id, proposal.revision, None))

    def _on_half(self) -> None:
        proposal = self._proposal
        if proposal is not None:
            qty: Decimal = words.half(proposal.qty, proposal.lot)
            self.ask(Approve(proposal.proposal_id, proposal.revision, qty))

    def _on_modify(self) -> None:
        self.modify_wanted.emit(self._proposal)

    def _on_reject(self) -> None:
        self.reject_wanted.emit(self._proposal)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._chip)
        head.addWidget(self._size)
        head.addStretch(1)
        terms = QHBoxLayout()
        terms.setSpacing(8)
        terms.addWidget(self._terms, 1)
        terms.addWidget(self._urgent)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        for place, button in enumerate((self.approve, self.half, self.modify, self.reject)):
            buttons.addWidget(button, place // 2, place % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._symbol)
        column.addLayout(terms)
        # What is decided on stands above the buttons, and the buttons above the details: in a
        # low dock a card's head is all that shows.
        for part in (self._why, self._deltas, self._gauge, self._moved, self._left):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addLayout(_grid(self._values))
        column.addWidget(self._more)


def _primary(rest: Rest, *, stale: bool) -> str:
    if rest is Rest.ASKED:
        return "asked…"
    return "Re-quote" if stale else "Approve"


def _button(text: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setEnabled(False)
    button.clicked.connect(slot)
    return button


def _grid(values: tuple[QLabel, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 4, 0, 4)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    row = column = 0
    for name, value in zip(FACTS, values, strict=True):
        wide = name in WIDE_FACTS
        if wide and column:
            row, column = row + 1, 0
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        value.setAccessibleName(name)
        label = plain_label(name, "mut", sans(LABEL))
        grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, column + 1, 1, 3 if wide else 1)
        row, column = (row + 1, 0) if wide or column else (row, 2)
    return grid
