"""A plot of two axes that shows all it has: nothing to drag, no menu."""

import pyqtgraph as pg
from PySide6.QtGui import QResizeEvent

from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens
from ui.widgets.tip import set_tip

TALL = 150
"""Height from which the lower axis has room for its title."""


class PlainPlot(pg.GraphicsLayoutWidget):
    """A box of curves with a left and a bottom axis.

    Parameters
    ----------
    name : str
        For screen readers.
    left, bottom : str
        Titles of the axes, with their units.
    """

    def __init__(self, name: str, left: str, bottom: str) -> None:
        self.axes: dict[str, pg.AxisItem] = {}
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumSize(220, 112)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.axes = {"left": pg.AxisItem("left"), "bottom": pg.AxisItem("bottom")}
        self.ci.addItem(self.axes["left"], 0, 0)
        self.ci.addItem(self.box, 0, 1)
        self.ci.addItem(self.axes["bottom"], 1, 1)
        self.ci.layout.setContentsMargins(4, 8, 8, 4)
        self.ci.layout.setSpacing(0)
        for side, title in (("left", left), ("bottom", bottom)):
            axis = self.axes[side]
            axis.linkToView(self.box)
            axis.setStyle(tickFont=sans(LABEL))
            axis.enableAutoSIPrefix(enable=False)
            axis.setLabel(title)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the title of the lower axis out where it would be cut: the page names it too."""
        super().resizeEvent(event)
        if self.axes:  # the view resizes itself once before it has any
            self.axes["bottom"].showLabel(self.height() >= TALL)

    def say(self, words: str) -> None:
        """Describe the picture to those who cannot see it, and to the mouse."""
        self.setAccessibleDescription(words)
        set_tip(self, words)

    def dress(self, tokens: Tokens) -> None:
        """Take over the colours of background and axes."""
        self.setBackground(tokens.bg1)
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTextPen(tokens.mut)
