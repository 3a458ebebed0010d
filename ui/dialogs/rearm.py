"""Lift a stop or a halt, with a reason that goes into the journal."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from terminal.model.frame import Frame
from ui.dialogs.sheet import Sheet
from ui.dialogs.stop import first_lines, latched_words
from ui.widgets.label import plain_label


class RearmDialog(Sheet):
    """Shows what is latched; the button works once a reason is typed."""

    rearmed = Signal(str)

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__("Re-arm trading", parent, 480)
        self.latched = self.add_text("", "hi")
        self.notices = self.add_text("")
        self.add_text("Re-arming lets orders be sent again. Say what was found first.", "mut")
        self.body.addWidget(plain_label("Reason (required, kept in the journal)", "mut"))
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.setAccessibleName("Reason for re-arming")
        self.reason.textChanged.connect(self._check)
        self.body.addWidget(self.reason)
        self.add_button("Cancel", "ghost", self.reject)
        self.action = self.add_button("Re-arm", "primary", self._on_action)
        self._check()
        self.show_frame(frame)

    def show_frame(self, frame: Frame) -> None:
        """Show what is latched in this frame, and what else stands."""
        self.write(self.latched, latched_words(frame.stop))
        lines = tuple(f"{each.cause}. {each.next_step}." for each in frame.notices)
        self.write(self.notices, first_lines(lines))

    def _check(self) -> None:
        self.action.setEnabled(bool(self.reason.text().strip()))

    def _on_action(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.accept()
            self.rearmed.emit(reason)
