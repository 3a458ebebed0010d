"""Everything drawn on the five panes of one underlying."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt

from terminal.model.frame import Desk, Tracks
from ui.charts.band import Band
from ui.charts.bars import SignedBars
from ui.charts.curves import Curves
from ui.charts.marks import Marks
from ui.charts.pane import Curve, Pane
from ui.charts.rungs import Rungs
from ui.charts.tags import delta_tags, funding_tags, gamma_tags, price_tags, vega_tags
from ui.charts.time_window import TimeWindow

BAR_STEPS = 400
"""Steps per window in which the newest bar grows: it need not with every frame."""


class Picture:
    """Curves, bars, marks, band and lines of an underlying.

    Parameters
    ----------
    panes : sequence of Pane
        Price, net delta, gamma, vega and funding.
    """

    def __init__(self, panes: Sequence[Pane]) -> None:
        self.panes = tuple(panes)
        self.curves = curves = Curves()
        price, delta, gamma, vega, funding = self.panes
        self._last = pg.InfiniteLine(angle=0, movable=False)
        price.box.addItem(self._last, ignoreBounds=True)
        self._lines = (
            (price, Curve(price.box, curves.price), "price"),
            (delta, Curve(delta.box, curves.low, fits=False), "band_edge"),
            (delta, Curve(delta.box, curves.high, fits=False), "band_edge"),
            (delta, Curve(delta.box, curves.delta), "strong"),
            (delta, Curve(delta.box, curves.outside, fits=False), "down"),
            (gamma, Curve(gamma.box, curves.gamma), "series_4"),
            (vega, Curve(vega.box, curves.vega), "series_5"),
        )
        for pane, curve, _ in self._lines:
            pane.add(curve)
        self.bars = SignedBars(funding.box, curves.funding)
        funding.add(self.bars)
        self._zero = pg.InfiniteLine(pos=0.0, angle=0, movable=False)
        funding.box.addItem(self._zero, ignoreBounds=True)
        watched = (curves.price, curves.delta, curves.gamma, curves.vega)
        for pane, series in zip(self.panes, watched, strict=False):
            pane.watch_gaps(series)
        self.band = Band(delta.box)
        self.marks = Marks(price.box)
        self.rungs = Rungs(price.box)
        self._cross = [pg.InfiniteLine(angle=90, movable=False) for _ in self.panes]
        for pane, line in zip(self.panes, self._cross, strict=True):
            pane.box.addItem(line, ignoreBounds=True)
            line.setVisible(False)

    @property
    def lines(self) -> dict[str, pg.PlotCurveItem]:
        """The lines by what they show."""
        names = ("price", "low", "high", "delta", "outside", "gamma", "vega")
        return {
            name: curve.line for name, (_, curve, _) in zip(names, self._lines, strict=True)
        }

    def take(self, tracks: Tracks) -> None:
        """Append what is new in a frame."""
        self.curves.take(tracks)
        self.marks.take(tracks.markers)

    def forget(self) -> None:
        """Empty everything, for another underlying."""
        self.curves.forget()
        self.marks.take(())
        self.band.show_band(None, None, None)
        self.rungs.take(None, None)
        for pane in self.panes:
            pane.refit()

    def draw(self, desk: Desk, now: float, window: TimeWindow, shown: Sequence[bool]) -> None:
        """Draw a window of time on the panes that are shown; what has not changed costs little."""
        self._dress(desk, now, window.span)
        pixels = max(int(self.panes[0].box.width()), 1)
        included = self._included(desk, window, now=now)
        for pane, visible, values in zip(self.panes, shown, included, strict=True):
            if visible:
                pane.redraw(window.start, window.end, pixels, values)

    def _dress(self, desk: Desk, now: float, span: float) -> None:
        """Lines, band and boxes of a desk."""
        price, target = desk.exposure.spot, desk.target
        self._last.setVisible(price is not None)
        if price is not None and price != self._last.value():
            self._last.setValue(price)
        if target is None:
            self.band.show_band(None, None, None)
        else:
            self.band.show_band(target.low, target.high, target.delta)
        self.bars.until = now - now % max(span / BAR_STEPS, 1.0)
        tags = (
            price_tags(desk),
            delta_tags(desk, self.band.edges if self.band.known else None),
            gamma_tags(desk),
            vega_tags(desk),
            funding_tags(self.curves.funding.at(now)),
        )
        for pane, each in zip(self.panes, tags, strict=True):
            pane.tags = each

    def _included(
        self, desk: Desk, window: TimeWindow, *, now: float
    ) -> tuple[tuple[float, ...], ...]:
        """Values that each pane keeps in its picture besides its curves.

        What holds now belongs there only as long as now does: it would flatten the past.
        """
        current = window.start <= now <= window.end
        spot, net = desk.exposure.spot, desk.net_delta
        price = (spot,) if current and spot is not None else ()
        delta = (net,) if current and net is not None else ()
        marks = self.marks.within(window.start, window.end)
        return (*price, *marks), (*delta, *self.band.fitted), (), (), (0.0,)

    def point_at(self, time: float | None) -> None:
        """Stand the cross hair at a time; None takes it away."""
        for line in self._cross:
            line.setVisible(time is not None)
            if time is not None:
                line.setValue(time)

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        for pane in self.panes:
            pane.retheme(colors)
        for _, curve, role in self._lines:
            curve.retheme(colors[role])
        self.bars.retheme(colors["up"], colors["down"])
        self._last.setPen(pg.mkPen(colors["delta"], width=1, style=Qt.PenStyle.DashLine))
        self._zero.setPen(pg.mkPen(colors["muted"], width=1))
        for line in self._cross:
            line.setPen(pg.mkPen(colors["muted"], width=1))
        self.band.retheme(colors)
        self.marks.retheme(colors)
        self.rungs.retheme(colors)
