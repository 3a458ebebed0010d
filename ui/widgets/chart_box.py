"""A chart under its title, which says why when there is nothing to draw."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.theme.fonts import LABEL, sans, semibold
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

LEAST = 112
"""Least height of a chart, pixels: the book is low in a small window."""

TALL = 180
"""Height of a box from which there is room for words under its chart, pixels."""


class ChartBox(QWidget):
    """A title, a chart or the reason why there is none, and what its signs mean.

    Parameters
    ----------
    title : str
    chart : QWidget
    key : str
        What the signs in the chart mean.
    """

    def __init__(self, title: str, chart: QWidget, key: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._key = key
        self.title = plain_label(title, "hi", semibold(), wrap=True)
        self.chart = chart
        chart.setMinimumHeight(LEAST)
        self.reason = plain_label("", "mut", wrap=True)
        self.note = plain_label(key, "mut", sans(LABEL), wrap=True)
        self.stack = QStackedWidget()
        self.stack.addWidget(chart)
        self.stack.addWidget(self.reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.stack, 1)
        column.addWidget(self.note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words to the chart's tooltip where they would take its room."""
        super().resizeEvent(event)
        self.note.setVisible(self.height() >= TALL)

    def show_chart(self, note: str = "") -> None:
        """Show the chart, and more words after its key."""
        self.stack.setCurrentIndex(0)
        words = ". ".join(filter(None, (self._key, note)))
        self.note.setText(words)
        set_tip(self.chart, words)

    def show_reason(self, reason: str) -> None:
        """Show words where the chart would be."""
        self.reason.setText(reason)
        self.reason.setAccessibleName(reason)
        self.stack.setCurrentIndex(1)
        self.note.setText("")
