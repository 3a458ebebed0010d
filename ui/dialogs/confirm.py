"""Ask once more before something is done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.dialogs.sheet import Sheet


class ConfirmDialog(Sheet):
    """A question, its consequence, and two buttons.

    Parameters
    ----------
    title : str
        The question.
    text : str
        What happens.
    action : str
        Label of the button that does it.
    """

    confirmed = Signal()

    def __init__(
        self, title: str, text: str, action: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self.text = self.add_text(text)
        self.cancel = self.add_button("Cancel", "ghost", self.reject)
        self.action = self.add_button(action, "primary", self._on_action)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_action(self) -> None:
        self.accept()
        self.confirmed.emit()
