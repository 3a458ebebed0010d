"""The stop in its three stages: what each would do now, and a button to hold for it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from terminal.model.frame import Frame, StopView
from terminal.model.messages import Stop, StopStage
from ui.dialogs.sheet import Sheet
from ui.format import clock
from ui.theme.fonts import CONTROL, semibold
from ui.widgets.hold_button import HoldButton
from ui.widgets.label import plain_label

BY_HAND = "stopped by hand"
FREEZE_KEYS = "Ctrl+Shift+K"
LINES = 8
"""Lines of a preview that are shown; the rest is counted."""

_ABOUT = {
    StopStage.FREEZE: "Cancel what rests and send nothing new. Positions stay.",
    StopStage.NEUTRALISE: "Freeze, then bring net delta back to target.",
    StopStage.FLATTEN: "Freeze, then close every perpetual and future. Options stay.",
}
_ORDER = tuple(_ABOUT)


def first_lines(lines: tuple[str, ...], most: int = LINES) -> str:
    """Join lines, and count those beyond ``most`` instead of showing them."""
    beyond = len(lines) - most
    if beyond <= 0:
        return "\n".join(lines)
    return "\n".join((*lines[:most], f"and {beyond} more"))


def latched_words(view: StopView) -> str:
    """Say which stage is latched, since when, how far it is, and why."""
    if view.stage is None:
        return "No stop is latched."
    progress = "done" if view.done else "in progress"
    name = view.stage.value.capitalize()
    return f"{name} is latched since {clock(view.since)}, {progress}: {view.reason}"


class StageBox(QFrame):
    """One stage: its name, what it is, what it would do now, and its button."""

    def __init__(self, stage: StopStage, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(220)
        self.setAccessibleName(stage.value.capitalize())
        self.preview = plain_label("", "hi", wrap=True)
        self.latched = plain_label("", "warn", semibold(), wrap=True)
        self.latched.hide()
        self.button = HoldButton(f"Hold to {stage.value}")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(plain_label(stage.value.upper(), "hi", semibold(CONTROL)))
        column.addWidget(plain_label(_ABOUT[stage], "mut", wrap=True))
        column.addWidget(plain_label("Now it would:", "mut"))
        column.addWidget(self.preview)
        column.addStretch(1)
        column.addWidget(self.latched)
        column.addWidget(self.button)

    def show_state(self, preview: str, latched: str, asked: str) -> None:
        """Show what the stage would do, and that it is latched or has been asked for.

        What was only asked for can be asked for again: a stop must never wait for an answer.
        """
        self.button.setEnabled(not latched)
        self._sheet.write(self.preview, preview)
        self._sheet.write(self.latched, latched or asked)


class StopDialog(Sheet):
    """Stop trading, as far as is wanted; stays open so that a further stage is one hold away."""

    stopped = Signal(object)  # messages.Stop

    def __init__(self, parent: QWidget | None = None, rehearsed: str = "") -> None:
        super().__init__("Stop trading", parent, 780)
        self._frame: Frame | None = None
        self._asked: StopStage | None = None
        self.add_text(
            "A stop stays latched until it is re-armed with a reason."
            f" {FREEZE_KEYS} freezes at once, Esc closes this window and stops nothing.",
            "mut",
        )
        self.boxes = {stage: StageBox(stage, self) for stage in _ORDER}
        row = QHBoxLayout()
        row.setSpacing(12)
        for stage, box in self.boxes.items():
            box.button.confirmed.connect(lambda stage=stage: self._stop(stage))
            row.addWidget(box, 1)
        self.body.addLayout(row, 1)
        self.reason = QLineEdit(BY_HAND)
        self.reason.setMaxLength(200)
        self.reason.setPlaceholderText(BY_HAND)
        self.reason.setAccessibleName("Reason for the stop")
        self.body.addWidget(plain_label("Reason (kept in the journal)", "mut"))
        self.body.addWidget(self.reason)
        how = rehearsed or "never: menu Trading, Rehearse a stop"
        self.rehearsed = self.add_text(f"Rehearsed on the simulated venue: {how}", "mut")
        self.close_button = self.add_button("Close", "ghost", self.reject)
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        freeze = QShortcut(QKeySequence(FREEZE_KEYS), self)
        # The same keys may have opened this window and still be held down.
        freeze.setAutoRepeat(False)
        freeze.activated.connect(self.freeze)

    def show_frame(self, frame: Frame) -> None:
        """Show what each stage would do in this frame, and what is latched."""
        self._frame = frame
        stage = frame.stop.stage
        if stage is not None and self._asked is not None and _covers(stage, self._asked):
            self._asked = None
        self._show_boxes()

    def freeze(self) -> None:
        """Freeze at once, unless a stop is latched already."""
        if self.boxes[StopStage.FREEZE].button.isEnabled():
            self._stop(StopStage.FREEZE)

    def _stop(self, stage: StopStage) -> None:
        self._asked = stage
        self.stopped.emit(Stop(stage, self.reason.text().strip() or BY_HAND))
        self._show_boxes()

    def _show_boxes(self) -> None:
        previews = self._frame.stop.previews if self._frame is not None else {}
        for stage, box in self.boxes.items():
            asked = self._asked
            words = f"Asked to {asked.value}…" if asked and _covers(asked, stage) else ""
            box.show_state(first_lines(previews.get(stage, ())), self._latched(stage), words)

    def _latched(self, stage: StopStage) -> str:
        """Why a stage has nothing left to ask for; empty when it has."""
        view = self._frame.stop if self._frame is not None else None
        if view is None or view.stage is None or not _covers(view.stage, stage):
            return ""
        return latched_words(view)


def _covers(done: StopStage, stage: StopStage) -> bool:
    return _ORDER.index(done) >= _ORDER.index(stage)
