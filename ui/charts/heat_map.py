"""A map of a value over price and volatility, in the colours of gain and loss."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from ui.theme.fonts import LABEL, sans
from ui.theme.qss import chart_colors
from ui.theme.tokens import Tokens

SHADES = 255


class HeatMap(pg.GraphicsLayoutWidget):
    """Cells coloured from the largest loss to the largest gain, nought in the background's colour.

    Emits ``hovered`` with the row and the column under the mouse, or None.
    """

    hovered = Signal(object)

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Map over price and volatility")
        self._rows = self._columns = np.empty(0)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._cross = [pg.InfiniteLine(pos=0.0, angle=angle, movable=False) for angle in (0, 90)]
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self.ci.addItem(self.axes["left"], 0, 0)
        self.ci.addItem(self.box, 0, 1)
        self.ci.addItem(self.axes["bottom"], 1, 1)
        self.ci.layout.setContentsMargins(4, 4, 8, 2)
        self.ci.layout.setSpacing(0)
        for item in (self._image, *self._cross):
            self.box.addItem(item)
        for axis in self.axes.values():
            axis.linkToView(self.box)
            axis.setStyle(tickFont=sans(LABEL))
            axis.enableAutoSIPrefix(enable=False)
        self.axes["left"].setLabel("vol move, %")
        self.axes["bottom"].setLabel("price move, %")
        self.scene().sigMouseMoved.connect(self._on_mouse)
        self.retheme(tokens)

    def show_values(
        self, values: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
    ) -> None:
        """Show a map; rows and columns are the rising, even moves of volatility and price, %."""
        self._rows, self._columns = rows, columns
        high = float(np.abs(values).max()) or 1.0
        self._image.setImage(values, autoLevels=False, levels=(-high, high))
        wide, tall = columns[1] - columns[0], rows[1] - rows[0]
        left, low = columns[0] - 0.5 * wide, rows[0] - 0.5 * tall
        area = QRectF(left, low, wide * len(columns), tall * len(rows))
        self._image.setRect(area)
        self.box.setRange(area, padding=0.0)

    def clear_values(self) -> None:
        """Show nothing."""
        self._rows = self._columns = np.empty(0)
        self._image.clear()

    def cell_at(self, price_move: float, vol_move: float) -> tuple[int, int] | None:
        """Row and column of a cell by its moves, %; None outside the map."""
        if not len(self._rows):
            return None
        area = self._image.mapRectToParent(self._image.boundingRect())
        if not area.contains(QPointF(price_move, vol_move)):
            return None
        row = int(np.abs(self._rows - vol_move).argmin())
        return row, int(np.abs(self._columns - price_move).argmin())

    def _on_mouse(self, at: QPointF) -> None:
        place = self.box.mapSceneToView(at)
        self.hovered.emit(self.cell_at(float(place.x()), float(place.y())))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self.hovered.emit(None)
        super().leaveEvent(event)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        colors = chart_colors(tokens)
        self.setBackground(colors["background"])
        stops = (colors["down"], colors["background"], colors["up"])
        shades = pg.ColorMap(None, [pg.mkColor(each) for each in stops])
        self._image.setLookupTable(shades.getLookupTable(nPts=SHADES))
        for line in self._cross:
            line.setPen(pg.mkPen(colors["muted"], width=1))
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(colors["grid"]))
            axis.setTextPen(pg.mkPen(colors["axis"]))
