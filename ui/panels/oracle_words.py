"""The Oracle's third row: a language model's words, and what asks for them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from terminal.model.advice import AskAdvice, SwitchAdvice
from terminal.model.frame import Frame
from ui.dialogs.advice import AdviceDialog
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip


class WordsRow(QWidget):
    """One line of words with three buttons; the whole exchange is in a sheet.

    Emits ``asked`` with a wish for the advisor and ``reviewed`` with a profile to look at.
    """

    asked = Signal(object)
    reviewed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Words")
        self._frame: tuple[Frame, str] | None = None
        self._drawn: object = None
        self._sheet: AdviceDialog | None = None
        self.words = plain_label("", "mut", wrap=True)
        self.switch = _button("Switch on", "Switch the language model on or off for this run")
        self.ask = _button("Ask", "Ask the language model about the newest decision")
        self.more = _button("Details…", "What was sent, said and proposed")
        self.switch.clicked.connect(self._on_switch)
        self.ask.clicked.connect(self._on_ask)
        self.more.clicked.connect(self._on_more)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        for each in (self.switch, self.ask, self.more):
            row.addWidget(each)

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show how the advisor stands."""
        self._frame = frame, underlying
        if self._sheet is not None:
            self._sheet.show_view(frame.advice, frame.profile)
        view = frame.advice
        if view is self._drawn:
            return
        self._drawn = view
        self.words.setText(f"Words: {view.words}")
        set_tip(self.words, view.spent)
        self.switch.setText("Switch off" if view.on else "Switch on")
        self.switch.setEnabled(view.can)
        self.ask.setEnabled(view.on and not view.busy)

    def _on_switch(self) -> None:
        if self._frame is not None:
            self.asked.emit(SwitchAdvice(on=not self._frame[0].advice.on))

    def _on_ask(self) -> None:
        if self._frame is not None:
            self.asked.emit(AskAdvice(self._frame[1]))

    def _on_more(self) -> None:
        if self._frame is None or self._sheet is not None:
            return
        frame = self._frame[0]
        self._sheet = sheet = AdviceDialog(self.window())
        sheet.reviewed.connect(self.reviewed)
        sheet.finished.connect(self._forget_sheet)
        sheet.show_view(frame.advice, frame.profile)
        sheet.open()

    def _forget_sheet(self) -> None:
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            sheet.deleteLater()


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(name)
    set_tip(button, name)
    return button
