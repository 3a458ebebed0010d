"""Predicted against paid cost of hedges: a point each, the honest line and the fitted one."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import Calibration
from ui.format import number
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens
from ui.widgets.tip import set_tip

ROOM = 0.08
"""Free part of the picture around the points."""


class CalibrationChart(pg.GraphicsLayoutWidget):
    """The plot. It cannot be dragged: everything it has is in the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Predicted against paid cost of hedges")
        self.setMinimumSize(200, 120)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self.ci.addItem(self.axes["left"], 0, 0)
        self.ci.addItem(self.box, 0, 1)
        self.ci.addItem(self.axes["bottom"], 1, 1)
        self.ci.layout.setContentsMargins(4, 8, 8, 4)
        self.ci.layout.setSpacing(0)
        self.points = pg.ScatterPlotItem(size=5, pen=None)
        self.honest = pg.PlotCurveItem()
        self.fitted = pg.PlotCurveItem()
        for item in (self.honest, self.fitted):
            self.box.addItem(item, ignoreBounds=True)
        self.box.addItem(self.points)
        for axis in self.axes.values():
            axis.linkToView(self.box)
            axis.setStyle(tickFont=sans(LABEL))
            axis.enableAutoSIPrefix(enable=False)
        self.axes["left"].setLabel("paid, bp")
        self.axes["bottom"].setLabel("predicted, bp")
        self.retheme(current_tokens())

    def show_hedges(self, hedges: Sequence[HedgeCost], fit: Calibration) -> None:
        """Draw the hedges whose cost is known, and the line that fits all of the run."""
        pairs = [(each.bps(each.predicted), each.bps(each.paid.total)) for each in hedges]
        known = [(x, y) for x, y in pairs if x is not None and y is not None]
        x, y = np.array(known, dtype=np.float64).reshape(-1, 2).T
        self.points.setData(x, y)
        right = float(x.max()) if x.size else 1.0
        low = min(float(y.min()), 0.0) if y.size else 0.0
        high = max(float(y.max()), right) if y.size else right
        ends = np.array((0.0, right * (1.0 + ROOM)))
        self.honest.setData(ends, ends)
        slope = fit.slope
        self.fitted.setVisible(slope is not None)
        if slope is not None:
            self.fitted.setData(ends, slope * ends)
        room = ROOM * max(high - low, 1e-9)
        self.box.setXRange(0.0, float(ends[1]), padding=0)
        self.box.setYRange(low - room, high + room, padding=0)
        words = calibration_words(len(known), fit)
        self.setAccessibleDescription(words)
        set_tip(self, words)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.setBackground(tokens.bg1)
        self.points.setBrush(tokens.acc)
        self.honest.setPen(pg.mkPen(tokens.mut, width=1, style=Qt.PenStyle.DashLine))
        self.fitted.setPen(pg.mkPen(tokens.warn, width=1))
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTextPen(tokens.mut)


def calibration_words(drawn: int, fit: Calibration) -> str:
    """Write the picture in a sentence."""
    if fit.slope is None:
        return "No hedge with a known and a predicted cost yet: nothing to compare"
    error = "" if fit.error is None else f" ± {number(fit.error, 2)}"
    return (
        f"Paid per predicted cost {number(fit.slope, 2)}{error} over {fit.count} hedges"
        f" (solid), honest is 1 (dashed); the last {drawn} are drawn"
    )
