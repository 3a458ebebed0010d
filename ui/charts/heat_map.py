"""A map of a value over price and volatility, in the colours of gain and loss."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Signal

from ui.theme.fonts import LABEL, sans
from ui.theme.qss import chart_colors
from ui.theme.tokens import Tokens

SHADES = 255
REDRAWS = 30


class HeatMap(pg.PlotWidget):
    """Cells coloured from the largest loss to the largest gain, nought in the background's colour.

    Emits ``hovered`` with the row and the column under the mouse, or None.
    """

    hovered = Signal(object)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setAccessibleName("Map over price and volatility")
        self._rows = self._columns = np.empty(0)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._cross = [pg.InfiniteLine(pos=0.0, angle=angle, movable=False) for angle in (0, 90)]
        plot = self.getPlotItem()
        for item in (self._image, *self._cross):
            plot.addItem(item)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.setLabel("bottom", "price move, %")
        plot.setLabel("left", "vol move, %")
        for name in ("bottom", "left"):
            plot.getAxis(name).setStyle(tickFont=sans(LABEL))
            plot.getAxis(name).enableAutoSIPrefix(False)
        self._mouse = pg.SignalProxy(
            self.scene().sigMouseMoved, rateLimit=REDRAWS, slot=self._on_mouse
        )
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
        self.getPlotItem().setRange(area, padding=0.0)

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

    def _on_mouse(self, args: tuple[QPointF]) -> None:
        place = self.getPlotItem().vb.mapSceneToView(args[0])
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
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(colors["grid"]))
            axis.setTextPen(pg.mkPen(colors["axis"]))

    def close(self) -> bool:
        """Let go of the mouse before the view is deleted."""
        self._mouse.timer.stop()
        self._mouse.disconnect()
        super().close()
        self.deleteLater()  # closing has taken it from its parent
        return True
