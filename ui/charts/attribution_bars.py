"""Amounts side by side as bars from zero, named at the left."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.format import usd
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.tip import set_tip

LINE = 15
"""Pixels that a name needs."""

FRAME = 48
"""Pixels of the axis below and of the margins."""

THICKNESS = 0.7
"""Of a bar, where the distance between two is 1."""


class AttributionBars(pg.GraphicsLayoutWidget):
    """One bar a name, gains to the right. It cannot be dragged: all of it is in the picture."""

    _ready = False  # the base class resizes itself before there is anything to draw

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[tuple[str, float], ...] = ()
        self.setAccessibleName("P&L by cause or day as bars")
        self.setMinimumSize(200, 80)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.box.invertY(True)
        self.axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self.ci.addItem(self.axes["left"], 0, 0)
        self.ci.addItem(self.box, 0, 1)
        self.ci.addItem(self.axes["bottom"], 1, 1)
        self.ci.layout.setContentsMargins(4, 8, 12, 4)
        self.ci.layout.setSpacing(0)
        nothing = np.empty(0)
        self.gains, self.losses = (
            pg.BarGraphItem(x0=0.0, x1=nothing, y=nothing, height=THICKNESS, pen=None)
            for _ in range(2)
        )
        for bars in (self.gains, self.losses):
            self.box.addItem(bars, ignoreBounds=True)
        for axis in self.axes.values():
            axis.linkToView(self.box)
            axis.setStyle(tickFont=sans(LABEL), tickLength=0)
            axis.enableAutoSIPrefix(enable=False)
        self.axes["bottom"].setLabel("USD")
        self.retheme(current_tokens())
        self._ready = True

    def show_bars(self, amounts: Sequence[tuple[str, float]]) -> None:
        """Draw a bar for each name and amount (USD), the first at the top."""
        shown = tuple(amounts)
        if shown == self._shown:
            return
        self._shown = shown
        self._draw()
        words = ", ".join(f"{name} {usd(value, 2, signed=True)}" for name, value in shown)
        self.setAccessibleDescription(words or "nothing has moved yet")
        set_tip(self, words)

    def _draw(self) -> None:
        """Draw as many bars as there is height for, the largest ones, in their order."""
        room = max(int((self.height() - FRAME) // LINE), 1)
        sizes = sorted((abs(value) for _, value in self._shown), reverse=True)
        least = sizes[room - 1] if len(sizes) > room else 0.0
        shown = [each for each in self._shown if abs(each[1]) >= least][:room]
        values = np.array([value for _, value in shown], dtype=np.float64)
        places = np.arange(len(shown), dtype=np.float64)
        for bars, chosen in ((self.gains, values > 0.0), (self.losses, values < 0.0)):
            bars.setOpts(x0=0.0, x1=values[chosen], y=places[chosen], height=THICKNESS)
        names = [(float(place), name) for place, (name, _) in enumerate(shown)]
        self.axes["left"].setTicks([names])
        low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
        edge = 0.04 * (high - low) or 1.0
        self.box.setXRange(low - edge, high + edge, padding=0)
        self.box.setYRange(-0.5, max(len(shown), 1) - 0.5, padding=0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw more bars, or fewer."""
        super().resizeEvent(event)
        if self._ready:
            self._draw()

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self.setBackground(tokens.bg1)
        self.gains.setOpts(brush=pg.mkBrush(tokens.up))
        self.losses.setOpts(brush=pg.mkBrush(tokens.dn))
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTextPen(tokens.mut)
