"""One figure that matters: title, value, what it means, and a word when it is not well."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.apply import set_property
from ui.theme.fonts import KPI, LABEL, sans, semibold
from ui.widgets.badge import Pill
from ui.widgets.label import plain_label

Tone = Literal["neutral", "up", "dn", "warn", "crit"]


class KpiCard(QFrame):
    """A card of the strip at the top of the window.

    Parameters
    ----------
    title : str
        What the figure is.
    body : QWidget, optional
        Something to show below the figure, such as a gauge.
    """

    def __init__(
        self, title: str, body: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title = title
        self.body = body
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._name = plain_label(title, "mut", sans(LABEL))
        self._value = plain_label("", "hi", semibold(KPI))
        self._sub = plain_label("", "mut")
        self._badge = Pill()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 1)
        head.addWidget(self._badge)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._value)
        if body is not None:
            column.addWidget(body)
        column.addWidget(self._sub)
        self.show_value("–", "")

    def show_value(
        self, value: str, sub: str, badge: str = "", tone: Tone = "neutral", *, alert: bool = False
    ) -> None:
        """Show a figure.

        Parameters
        ----------
        value, sub : str
            The figure and the line below it, as written by ui.format.
        badge : str
            Word in the corner; none if empty.
        tone : str
            Colour role of the figure and the badge.
        alert : bool
            Tint and frame the whole card.
        """
        _show(self._value, value)
        _show(self._sub, sub)
        set_property(self._value, "tone", "hi" if tone == "neutral" else tone)
        self._badge.show_text(badge, "mut" if tone == "neutral" else tone)
        set_property(self, "alert", "true" if alert else "false")
        self.setAccessibleName(" ".join(x for x in (self._title, value, badge, sub) if x))

    def value_text(self) -> str:
        """Figure that is shown."""
        return self._value.text()

    def sub_text(self) -> str:
        """Line below the figure."""
        return self._sub.text()

    def badge_text(self) -> str:
        """Word in the corner."""
        return self._badge.text()


def _show(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
