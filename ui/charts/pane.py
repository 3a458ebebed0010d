"""One pane of the chart stack: curves over a shared time axis, drawn cheaply."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont

from ui.charts.series import Series

MARGIN = 0.12
"""Part of the value range left free above and below."""


class QuietAxis(pg.AxisItem):
    """Value axis with numbers as the desk writes them: thousands apart, real minus."""

    def tickStrings(
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        """Texts of the ticks, with as many decimals as their spacing needs."""
        del scale
        decimals = max(0, min(8, -math.floor(math.log10(spacing) + 1e-9))) if spacing > 0 else 2
        return [f"{value:,.{decimals}f}".replace("-", "−") for value in values]


class UtcAxis(pg.DateAxisItem):
    """Time axis in UTC."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom", utcOffset=0)


class Pane:
    """A plot with its title, curves and value range.

    Parameters
    ----------
    plot : PlotItem
        An empty one, already in its layout.
    """

    def __init__(self, plot: pg.PlotItem) -> None:
        self.plot = plot
        self._curves: list[tuple[Series, pg.PlotCurveItem]] = []
        self._include: tuple[float, ...] = ()
        self._range: tuple[float, float] | None = None
        self.title = pg.LabelItem(justify="left")
        self.title.setParentItem(plot.vb)
        self.title.anchor(itemPos=(0, 0), parentPos=(0, 0), offset=(8, 2))
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.disableAutoRange()
        plot.setMouseEnabled(x=True, y=False)
        plot.showAxis("right")
        plot.hideAxis("left")
        plot.getAxis("right").setWidth(84)
        plot.showGrid(x=True, y=True, alpha=1.0)

    def add_curve(self, *, step: bool = False, width: int = 1) -> tuple[Series, pg.PlotCurveItem]:
        """Add a curve drawn from a series of its own."""
        curve = pg.PlotCurveItem(skipFiniteCheck=False, connect="finite")
        curve.setSegmentedLineMode("on")
        curve.opts["stepMode"] = "left" if step else None
        curve.setPen(pg.mkPen(width=width))
        self.plot.addItem(curve)
        series = Series()
        self._curves.append((series, curve))
        return series, curve

    def include(self, *values: float | None) -> None:
        """Keep these values inside the picture besides the curves."""
        self._include = tuple(value for value in values if value is not None)

    def redraw(self, start: float, end: float, pixels: int) -> None:
        """Draw the curves between two times and fit the value range when they leave it."""
        low, high = math.inf, -math.inf
        for series, curve in self._curves:
            times, values = series.view(start, end, pixels)
            curve.setData(times, values)
            known = values[np.isfinite(values)]
            if len(known):
                low, high = min(low, float(known.min())), max(high, float(known.max()))
        for value in self._include:
            low, high = min(low, value), max(high, value)
        if low <= high:
            self._fit(low, high)

    def _fit(self, low: float, high: float) -> None:
        """Change the range only when the curve would leave it or has become small in it.

        Every change of range draws the axis anew, which costs more than the curve.
        """
        span = max(high - low, abs(high) * 1e-5, 1e-9)
        if self._range is not None:
            bottom, top = self._range
            if bottom <= low and high <= top and span > 0.35 * (top - bottom):
                return
        self._range = (low - MARGIN * span, high + 2.0 * MARGIN * span)
        self.plot.setYRange(*self._range, padding=0)

    def refit(self) -> None:
        """Forget the value range: the next drawing fits anew."""
        self._range = None

    def set_title(self, html: str) -> None:
        """Words over the pane; the caller escapes what comes from outside."""
        self.title.setText(html)

    def retheme(self, colors: dict[str, str], font: QFont) -> None:
        """Take other colours."""
        for name in ("right", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(colors["grid"]))
            axis.setTextPen(pg.mkPen(colors["axis"]))
            axis.setTickPen(pg.mkPen(colors["grid"]))
            axis.setStyle(maxTickLevel=0, tickLength=0, tickFont=font)
            axis.setZValue(-200)
        self.title.setAttr("color", colors["text"])


class Tag(pg.TextItem):
    """Value written on the right edge of a pane, over the axis."""

    def __init__(self) -> None:
        super().__init__(anchor=(0, 0.5))
        self.setZValue(50)

    def show_at(self, text: str, fill: str, ink: str) -> None:
        """Words and colours of the tag."""
        self.setText(text)
        self.fill = pg.mkBrush(fill)
        self.setColor(QColor(ink))


def dashed(color: str) -> object:
    """Thin dashed pen."""
    return pg.mkPen(color, width=1, style=Qt.PenStyle.DashLine)
