"""One pane of the chart stack: curves over a shared time axis, drawn cheaply."""

import math
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from ui.charts.axes import time_places
from ui.charts.overlay import AXIS_WIDTH, TITLE_PX, Backdrop, Title
from ui.charts.pyramid import Column
from ui.charts.series import Series
from ui.charts.time_box import TimeBox
from ui.charts.values import Scale, Tag, ValueColumn

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
    box : TimeBox
    series : Series
    fits : bool
        Whether the value range follows it.
    """

    def __init__(self, box: TimeBox, series: Series, *, fits: bool = True) -> None:
        self.series = series
        self.fits = fits
        self.line = pg.PlotCurveItem(connect="finite", skipFiniteCheck=False)
        self.line.setSegmentedLineMode("on")
        box.addItem(self.line, ignoreBounds=True)

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
    box : TimeBox
        An empty one, already in its layout, with the column of values free at its right.
    signed : bool
        Whether its values have a sign to be seen.
    """

    def __init__(self, box: TimeBox, *, signed: bool = False) -> None:
        self.box = box
        self._curves: list[Drawn] = []
        self._gapped: Series | None = None
        self._range: tuple[float, float] | None = None
        self._drawn: tuple[object, ...] = ()
        self._known: tuple[float, float] | None = None
        self.tags: tuple[Tag, ...] = ()
        self.title = Title(box)
        self.backdrop = Backdrop(box)
        self.column = ValueColumn(box.parentItem(), signed=signed)
        box.disableAutoRange()
        box.setMouseEnabled(x=True, y=False)

    def show(self, *, shown: bool) -> None:
        """Show the pane, or leave it out."""
        self.box.setVisible(shown)
        self.column.setVisible(shown)

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
        values = (*(self._known or ()), *include) or tuple(tag.value for tag in self.tags[:1])
        if values:
            self._fit(min(values), max(values))
        self._dress(start, end)

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
        self.backdrop.mark(
            [
                (max((a - start) / per_px, 0.0), min((b - start) / per_px, float(pixels)))
                for a, b in spans
            ]
        )

    def _fit(self, low: float, high: float) -> None:
        """Change the range only when the values would leave it or have become small in it.

        Every change of range draws the axis anew, which costs more than the curve.
        """
        height = float(self.box.height())
        usable = max(height - TITLE_PX - FOOT_PX, 1.0)
        # Around a lone zero any scale is as true as another: one that needs no decimals.
        span = max(high - low, abs(high) * 1e-5, 1e-9) if high or low else 1.0
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
        self.box.setYRange(*self._range, padding=0)

    def _dress(self, start: float, end: float) -> None:
        """Put title, grid, hatching and values where they belong."""
        box = self.box.geometry()
        wide, high = box.width(), box.height()
        self.title.place(QRectF(0, 0, wide, TITLE_PX))
        self.backdrop.place(QRectF(0, 0, wide, high))
        self.column.place(QRectF(box.right(), box.top(), AXIS_WIDTH, high))
        low, high_value = self._range or (0.0, 0.0)
        self.column.show_values(Scale(low, high_value, box.top(), high), self.tags)
        across = tuple(at - box.top() for at in self.column.lines)
        self.backdrop.rule(across, time_places(start, end, wide))

    def refit(self) -> None:
        """Forget the value range: the next drawing fits anew."""
        self._range = None
        self._drawn = ()

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        for item in (self.title, self.backdrop, self.column):
            item.retheme(colors)


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value
