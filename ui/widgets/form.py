"""A form from declared fields: checks while typing and knows what has been changed."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from terminal.core.errors import ConfigError
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans
from ui.widgets.form_fields import Field, Value, range_text, read, write
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

__all__ = ["Field", "Form", "Value"]

Input = QLineEdit | QComboBox | QCheckBox


class Form(QWidget):
    """Label, input, unit and error text for each field.

    Parameters
    ----------
    fields : sequence of Field
        The questions, from top to bottom; keys are unique.
    """

    edited = Signal()  # the user changed an answer, valid or not

    def __init__(self, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = {field.key: field for field in fields}
        if len(self._fields) != len(fields):
            raise ValueError("two fields of a form have the same key")
        self._inputs: dict[str, Input] = {}
        self._errors: dict[str, QLabel] = {}
        self._saved: dict[str, str] = {}
        self._filling = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, field in enumerate(fields):
            self._add(grid, 2 * row, field)
        self.set_values({})

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Fill in values as the saved ones, without emitting; fields not named become empty.

        Raises
        ------
        ValueError
            A key is not one of the form.
        """
        strange = sorted(set(values) - set(self._fields))
        if strange:
            raise ValueError(f"the form has no field {', '.join(strange)}")
        self._filling = True
        for key, field in self._fields.items():
            _fill(self._inputs[key], write(field, values.get(key)))
        self._filling = False
        self._saved = {key: _text(each) for key, each in self._inputs.items()}
        self._check()

    def values(self) -> dict[str, Value] | None:
        """Answers by key, or None while one of them is not valid."""
        try:
            return {key: read(each, self.text(key)) for key, each in self._fields.items()}
        except ConfigError:
            return None

    def text(self, key: str) -> str:
        """What stands in a field."""
        return _text(self._inputs[key])

    def error(self, key: str) -> str:
        """What is wrong with an answer, "" if nothing is."""
        return self._errors[key].text()

    def dirty_keys(self) -> tuple[str, ...]:
        """Keys of the answers that differ from the saved ones, in the order of the form."""
        return tuple(key for key in self._fields if self.text(key) != self._saved[key])

    def revert(self) -> None:
        """Go back to the saved answers, without emitting."""
        self._filling = True
        for key, saved in self._saved.items():
            _fill(self._inputs[key], saved)
        self._filling = False
        self._check()

    def input(self, key: str) -> Input:
        """Input of a field, to give it the focus."""
        return self._inputs[key]

    def _add(self, grid: QGridLayout, row: int, field: Field) -> None:
        name = plain_label(field.label, "mut")
        entry = _entry(field)
        allowed = range_text(field)
        entry.setAccessibleName(f"{field.label} ({field.unit})" if field.unit else field.label)
        hint = ". ".join(each for each in (field.help.rstrip("."), allowed) if each)
        entry.setAccessibleDescription(hint)
        set_tip(entry, hint)
        error = plain_label("", "crit", sans(LABEL), wrap=True)
        error.hide()
        name.setBuddy(entry)
        grid.addWidget(name, row, 0)
        grid.addWidget(entry, row, 1)
        grid.addWidget(plain_label(field.unit, "mut"), row, 2)
        grid.addWidget(error, row + 1, 1, 1, 2)
        self._inputs[field.key], self._errors[field.key] = entry, error
        match entry:
            case QLineEdit():
                entry.textChanged.connect(self._on_edit)
            case QComboBox():
                entry.currentIndexChanged.connect(self._on_edit)
            case QCheckBox():
                entry.toggled.connect(self._on_edit)

    def _on_edit(self) -> None:
        if not self._filling:
            self._check()
            self.edited.emit()

    def _check(self) -> None:
        for key, field in self._fields.items():
            try:
                read(field, self.text(key))
            except ConfigError as error:
                wrong = str(error)
            else:
                wrong = ""
            self._errors[key].setText(wrong)
            self._errors[key].setHidden(not wrong)
            set_property(self._inputs[key], "invalid", "true" if wrong else "false")


class _Choice(QComboBox):
    """A combo box that the wheel scrolls past: it must not change a limit on its way."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__()
        self.addItems(list(choices))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area around the form."""
        event.ignore()


def _entry(field: Field) -> Input:
    match field.kind:
        case "flag":
            return QCheckBox()
        case "choice":
            return _Choice(field.choices)
        case _:
            return QLineEdit()


def _text(entry: Input) -> str:
    match entry:
        case QLineEdit():
            return entry.text()
        case QComboBox():
            return entry.currentText()
        case QCheckBox():
            return "true" if entry.isChecked() else "false"


def _fill(entry: Input, text: str) -> None:
    match entry:
        case QLineEdit():
            entry.setText(text)
        case QComboBox():
            entry.setCurrentIndex(entry.findText(text))
        case QCheckBox():
            entry.setChecked(text == "true")
