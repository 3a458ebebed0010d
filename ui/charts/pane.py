"""One pane of the chart stack: curves over a shared time axis, drawn cheaply."""

import math
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont

from ui.charts.axes import UtcAxis, ValueAxis
from ui.charts.overlay import TITLE_PX, Gaps, Title
from ui.charts.pyramid import Column
from ui.charts.series import Series
from ui.charts.values import Scale, Tag, ValueColumn

AXIS_WIDTH = 84
TIME_AXIS_HEIGHT = 22

FOOT_PX = 5
"""Free height below the lowest value."""

SLACK = 0.08
"""Room above and below the values after a fit, so that the next point needs no other."""

SMALL = 0.4
"""The range is fitted anew when the values use less than this part of it."""

GAP_S, GAP_PX = 3.0, 3.0
"""Shorter spans without data are not hatched: one missing sample is no gap."""


class Drawn(Protocol):
    """Something that draws a part of a series."""

    @property
    def fits(self) -> bool:
        """Whether the value range follows it."""

    @property
    def stamp(self) -> object:
        """Changes whenever it has to be drawn anew."""

    def draw(self, start: float, end: float, pixels: int) -> Column:
        """Draw what lies between two times; the values drawn."""


class Curve:
    """A series as a line.

    Parameters
    ----------
    plot : PlotItem
    series : Series
    fits : bool
        Whether the value range follows it.
    """

    def __init__(self, plot: pg.PlotItem, series: Series, *, fits: bool = True) -> None:
        self.series = series
        self.fits = fits
        self.line = pg.PlotCurveItem(connect="finite", skipFiniteCheck=False)
        self.line.setSegmentedLineMode("on")
        plot.addItem(self.line)

    @property
    def stamp(self) -> object:
        """Changes whenever the line has to be drawn anew."""
        return self.series.revision

    def draw(self, start: float, end: float, pixels: int) -> Column:
        """Draw what lies between two times; the values drawn."""
        times, values = self.series.view(start, end, pixels)
        self.line.setData(times, values)
        return values

    def retheme(self, color: str) -> None:
        """Take another colour."""
        self.line.setPen(pg.mkPen(color, width=1))


class Pane:
    """A plot with its title, curves, value range and values at the right.

    Parameters
    ----------
    plot : PlotItem
        An empty one, already in its layout, with ``ValueAxis`` and ``UtcAxis``.
    signed : bool
        Whether its values have a sign to be seen.
    """

    def __init__(self, plot: pg.PlotItem, *, signed: bool = False) -> None:
        self.plot = plot
        self._curves: list[Drawn] = []
        self._gapped: Series | None = None
        self._range: tuple[float, float] | None = None
        self._drawn: tuple[object, ...] = ()
        self._known: tuple[float, float] | None = None
        self.tags: tuple[Tag, ...] = ()
        self.title = Title(plot.vb)
        self.gaps = Gaps(plot.vb)
        axis: ValueAxis = plot.getAxis("right")
        self.column = ValueColumn(plot, axis, signed=signed)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.disableAutoRange()
        plot.setMouseEnabled(x=True, y=False)
        plot.showAxis("right")
        plot.hideAxis("left")
        plot.layout.setContentsMargins(0, 0, 0, 0)
        axis.setWidth(AXIS_WIDTH)
        plot.showGrid(x=True, y=True, alpha=1.0)
        self.show_time(shown=False)

    def show_time(self, *, shown: bool) -> None:
        """Write the times below the pane, or leave that to a lower one."""
        axis: UtcAxis = self.plot.getAxis("bottom")
        axis.setStyle(showValues=shown)
        axis.setHeight(TIME_AXIS_HEIGHT if shown else 1)
        self._timed = shown

    @property
    def timed(self) -> bool:
        """Whether the times are written below it."""
        return self._timed

    def add(self, drawn: Drawn) -> None:
        """Draw this too from now on."""
        self._curves.append(drawn)

    def watch_gaps(self, series: Series) -> None:
        """Hatch where this series knows nothing."""
        self._gapped = series

    # -- Drawing ------------------------------------------------------------------------------

    def redraw(
        self, start: float, end: float, pixels: int, include: tuple[float, ...] = ()
    ) -> None:
        """Draw the curves between two times and fit the value range.

        Parameters
        ----------
        start, end : float
            Seconds UTC.
        pixels : int
            Width to draw on.
        include : tuple of float
            Values to keep in the picture besides the curves.
        """
        state = (start, end, pixels, *(curve.stamp for curve in self._curves))
        if state != self._drawn:
            self._drawn = state
            self._known = self._draw_curves(start, end, pixels)
            self._mark_gaps(start, end, pixels)
        values = (*(self._known or ()), *include)
        if values:
            self._fit(min(values), max(values))
        self._dress()

    def _draw_curves(self, start: float, end: float, pixels: int) -> tuple[float, float] | None:
        low, high = math.inf, -math.inf
        for curve in self._curves:
            values = curve.draw(start, end, pixels)
            if curve.fits and len(values):
                # fmin and fmax pass over NaN, and are NaN only when nothing is known.
                low = min(low, _or(float(np.fmin.reduce(values)), math.inf))
                high = max(high, _or(float(np.fmax.reduce(values)), -math.inf))
        return (low, high) if low <= high else None

    def _mark_gaps(self, start: float, end: float, pixels: int) -> None:
        if self._gapped is None or end <= start:
            return
        per_px = (end - start) / max(pixels, 1)
        spans = self._gapped.gaps(start, end, max(GAP_S, GAP_PX * per_px))
        self.gaps.mark(
            [
                (max((a - start) / per_px, 0.0), min((b - start) / per_px, float(pixels)))
                for a, b in spans
            ]
        )

    def _fit(self, low: float, high: float) -> None:
        """Change the range only when the values would leave it or have become small in it.

        Every change of range draws the axis anew, which costs more than the curve.
        """
        height = float(self.plot.vb.height())
        usable = max(height - TITLE_PX - FOOT_PX, 1.0)
        span = max(high - low, abs(high) * 1e-5, 1e-9)
        if self._range is not None and height > 0:
            bottom, top = self._range
            unit = (top - bottom) / height
            inside = bottom + FOOT_PX * unit <= low and high <= top - TITLE_PX * unit
            if inside and span >= SMALL * usable * unit:
                return
        unit = (1 + 2 * SLACK) * span / usable
        middle = 0.5 * (low + high)
        half = 0.5 * usable * unit
        self._range = (middle - half - FOOT_PX * unit, middle + half + TITLE_PX * unit)
        self.plot.setYRange(*self._range, padding=0)

    def _dress(self) -> None:
        """Put title, hatching and values where they belong."""
        box = self.plot.vb.geometry()
        inner = QRectF(0, 0, box.width(), box.height())
        self.title.place(QRectF(0, 0, box.width(), TITLE_PX))
        self.gaps.place(inner)
        foot = TIME_AXIS_HEIGHT if self._timed else 0
        self.column.place(QRectF(box.right(), box.top(), AXIS_WIDTH, box.height() + foot))
        low, high = self._range or (0.0, 0.0)
        scale = Scale(low, high, box.top(), box.height())
        self.column.show_values(scale, self.tags, "UTC" if self._timed else "")

    def refit(self) -> None:
        """Forget the value range: the next drawing fits anew."""
        self._range = None
        self._drawn = ()

    def retheme(self, colors: dict[str, str], font: QFont) -> None:
        """Take other colours."""
        for name in ("right", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(colors["grid"]))
            axis.setTextPen(pg.mkPen(colors["axis"]))
            axis.setTickPen(pg.mkPen(colors["grid"]))
            axis.setStyle(maxTickLevel=0, tickLength=0, tickFont=font)
            axis.setZValue(-200)
        for item in (self.title, self.gaps, self.column):
            item.retheme(colors)


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value
