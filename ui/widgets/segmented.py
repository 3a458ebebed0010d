"""A choice of a few: one button each, one of them down."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.theme.fonts import BODY, sans

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class Segmented(QFrame):
    """Buttons side by side; arrow keys move the choice.

    Parameters
    ----------
    options : sequence of str, or mapping of value to label
        The choices; a sequence uses each value as its label. The first is chosen at first.
    """

    chosen = Signal(str)   # value the user chose

    def __init__(
        self, options: Sequence[str] | Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        labels = dict(options) if isinstance(options, Mapping) else {each: each for each in options}
        if not labels:
            raise ValueError("a segmented choice needs at least one option")
        self._buttons: dict[str, QPushButton] = {}
        self.setProperty("kind", "segments")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for value, label in labels.items():
            button = _Segment(label.replace("&", "&&"), self)
            button.setAccessibleName(label)
            button.clicked.connect(lambda _down=False, value=value: self._choose(value))
            self._group.addButton(button)
            row.addWidget(button)
            self._buttons[value] = button
        self._current = next(iter(self._buttons))
        self.set_current(self._current)

    def current(self) -> str:
        """Value that is chosen."""
        return self._current

    def set_current(self, value: str) -> None:
        """Choose without emitting.

        Raises
        ------
        ValueError
            ``value`` is not one of the options.
        """
        if value not in self._buttons:
            raise ValueError(f"{value!r} is not one of {', '.join(self._buttons)}")
        self._current = value
        for each, button in self._buttons.items():
            button.setChecked(each == value)
            # One stop for the Tab key, as for radio buttons; the arrows do the rest.
            policy = Qt.FocusPolicy.StrongFocus if each == value else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)
        self.setFocusProxy(self._buttons[value])

    def step(self, by: int) -> None:
        """Move the choice as the arrow keys do; the ends do not wrap."""
        values = list(self._buttons)
        place = max(0, min(len(values) - 1, values.index(self._current) + by))
        self._buttons[values[place]].setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose(values[place])

    def _choose(self, value: str) -> None:
        changed = value != self._current
        self.set_current(value)
        if changed:
            self.chosen.emit(value)


class _Segment(QPushButton):
    """One button of a segmented choice."""

    def __init__(self, label: str, owner: Segmented) -> None:
        super().__init__(label, owner)
        self._owner = owner
        self.setCheckable(True)
        self.setProperty("segment", "true")
        self.setFont(sans(BODY))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand arrow keys to the whole choice."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._owner.step(step)
