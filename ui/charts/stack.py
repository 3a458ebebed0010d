"""Price, net delta, gamma and vega, and funding, one above the other on one time axis."""

import html
import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent

from terminal.model.frame import Desk, Marker, Track, Tracks
from terminal.model.order import Side
from ui.charts.band import Band
from ui.charts.pane import Pane, QuietAxis, UtcAxis
from ui.charts.series import Series
from ui.theme.fonts import LABEL, sans
from ui.theme.qss import chart_colors
from ui.theme.tokens import Tokens

WINDOWS = {"5m": 300.0, "15m": 900.0, "1h": 3600.0, "4h": 14_400.0, "24h": 86_400.0}
AHEAD = 0.04
"""Part of the window kept free at the right, so that the picture jumps instead of creeping."""


class ChartStack(pg.GraphicsLayoutWidget):
    """Four linked panes of one underlying."""

    bandEdited = Signal(float, float)  # noqa: N815 - Qt's way
    followed = Signal(bool)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setAccessibleName("Charts of price, net delta, gamma, vega and funding")
        self.ci.layout.setSpacing(0)
        self.ci.setContentsMargins(0, 0, 0, 0)
        self._span = WINDOWS["15m"]
        self._end = 0.0
        self._following = True
        self._moving = False
        self._seen: dict[int, int] = {}
        self._colors = chart_colors(tokens)
        self.price = self._pane(0, 46)
        self.delta = self._pane(1, 26)
        self.greeks = self._pane(2, 16)
        self.funding = self._pane(3, 14)
        self._panes = (self.price, self.delta, self.greeks, self.funding)
        self._price, self._price_line = self.price.add_curve()
        self._delta, self._delta_line = self.delta.add_curve()
        self._gamma, self._gamma_line = self.greeks.add_curve()
        self._vega, self._vega_line = self.greeks.add_curve()
        self._fund, self._fund_line = self.funding.add_curve(step=True)
        self._last = pg.InfiniteLine(angle=0, movable=False)
        self.price.plot.addItem(self._last, ignoreBounds=True)
        self._zero = pg.InfiniteLine(pos=0.0, angle=0, movable=False)
        self.funding.plot.addItem(self._zero, ignoreBounds=True)
        self.band = Band(self.delta.plot)
        self.band.edited.connect(self.bandEdited)
        self._marks = pg.ScatterPlotItem(pxMode=True, hoverable=True)
        self.price.plot.addItem(self._marks)
        self._markers: tuple[Marker, ...] = ()
        self._cross = [pg.InfiniteLine(angle=90, movable=False) for _ in self._panes]
        for pane, line in zip(self._panes, self._cross, strict=True):
            pane.plot.addItem(line, ignoreBounds=True)
            line.setVisible(False)
        self._mouse = pg.SignalProxy(self.scene().sigMouseMoved, rateLimit=30, slot=self._on_mouse)
        self.price.plot.vb.sigRangeChangedManually.connect(self._on_pan)
        for pane in self._panes[1:]:
            pane.plot.vb.sigRangeChangedManually.connect(self._on_pan)
        self.readout = ""
        self.retheme(tokens)

    def _pane(self, row: int, stretch: int) -> Pane:
        axes: dict[str, pg.AxisItem] = {"right": QuietAxis("right"), "bottom": UtcAxis()}
        plot = self.addPlot(row=row, col=0, axisItems=axes)
        self.ci.layout.setRowStretchFactor(row, stretch)
        pane = Pane(plot)
        if row > 0:
            plot.setXLink(self.getItem(0, 0))
        if row < 3:
            plot.getAxis("bottom").setStyle(showValues=False)
            plot.getAxis("bottom").setHeight(1)
        return pane

    # -- Data ---------------------------------------------------------------------------------

    def show_tracks(self, tracks: Tracks) -> None:
        """Take what is new on the curves of the underlying that is shown."""
        pairs = (
            (self._price, tracks.price),
            (self._delta, tracks.delta),
            (self._gamma, tracks.gamma),
            (self._vega, tracks.vega),
            (self._fund, tracks.funding),
        )
        for series, track in pairs:
            self._feed(series, track)
        if tracks.markers is not self._markers and tracks.markers != self._markers:
            self._markers = tracks.markers
            self._draw_markers()

    def _feed(self, series: Series, track: Track) -> None:
        seen = self._seen.get(id(series), 0)
        fresh = max(seen - track.start, 0)
        if fresh < len(track.times):
            series.extend(track.times[fresh:], track.values[fresh:])
            self._seen[id(series)] = track.start + len(track.times)

    def forget(self) -> None:
        """Empty every curve, for another underlying."""
        for series in (self._price, self._delta, self._gamma, self._vega, self._fund):
            series.clear()
        self._seen.clear()
        self._markers = ()
        self._marks.setData([])
        for pane in self._panes:
            pane.refit()
        self.follow(True)

    def _draw_markers(self) -> None:
        up, down = self._colors["up"], self._colors["down"]
        self._marks.setData(
            [
                {
                    "pos": (mark.at / 1e9, mark.price),
                    "symbol": "t1" if mark.side is Side.BUY else "t",
                    "size": 11,
                    "brush": pg.mkBrush(up if mark.side is Side.BUY else down),
                    "pen": pg.mkPen(self._colors["background"]),
                    "data": mark.text,
                }
                for mark in self._markers
            ]
        )

    # -- Time ---------------------------------------------------------------------------------

    def set_window(self, name: str) -> None:
        """Show this much time, following the newest point."""
        self._span = WINDOWS[name]
        for pane in self._panes:
            pane.refit()
        self.follow(True)

    def follow(self, on: bool) -> None:
        """Keep the newest point in the picture, or stay where it is."""
        self._following = on
        if on:
            self._end = 0.0
        self.followed.emit(on)

    @property
    def following(self) -> bool:
        """Whether the newest point is kept in the picture."""
        return self._following

    def _on_pan(self) -> None:
        if self._following and not self._moving:
            self.follow(False)

    def redraw(self, desk: Desk | None, now: float) -> None:
        """Draw what is visible; the owner calls this a few times a second.

        Parameters
        ----------
        desk : Desk or None
            Numbers of the titles, the band and the lines.
        now : float
            Engine time, seconds UTC.
        """
        if not self.isVisible() or self.width() < 50:
            return
        if self._following and (now > self._end or now < self._end - self._span):
            self._moving = True
            self._end = now + AHEAD * self._span
            self.price.plot.setXRange(self._end - self._span, self._end, padding=0)
            self._moving = False
        start, end = self.price.plot.vb.viewRange()[0]
        if desk is not None:
            self._lines(desk)
        pixels = int(self.price.plot.vb.width())
        for pane in self._panes:
            pane.redraw(start, end, pixels)

    def _lines(self, desk: Desk) -> None:
        price = desk.exposure.spot
        self._last.setVisible(price is not None)
        if price is not None:
            self._last.setValue(price)
        target = desk.target
        if target is None:
            self.band.show_band(None, None, None)
            self.delta.include(desk.net_delta)
        else:
            self.band.show_band(target.low, target.high, target.delta)
            self.delta.include(*self.band.edges, desk.net_delta)
        self.funding.include(0.0)

    def set_titles(self, texts: tuple[str, str, str, str]) -> None:
        """Titles of the panes, plain text with their own colour marks from the panel."""
        for pane, text in zip(self._panes, texts, strict=True):
            pane.set_title(text)

    def _on_mouse(self, args: tuple[QPointF]) -> None:
        place = args[0]
        inside = self.sceneBoundingRect_contains(place)
        for line in self._cross:
            line.setVisible(inside)
        if not inside:
            self.readout = ""
            return
        at = self.price.plot.vb.mapSceneToView(place).x()
        for line in self._cross:
            line.setValue(at)
        self.readout = self.read(at)

    def sceneBoundingRect_contains(self, place: QPointF) -> bool:
        """Whether a place in the scene is over one of the panes."""
        return any(pane.plot.sceneBoundingRect().contains(place) for pane in self._panes)

    def read(self, at: float) -> str:
        """Values of every curve at a time, in words."""
        stamp = np.datetime64(int(at), "s").item().strftime("%m-%d %H:%M:%S") if at > 0 else ""
        names = (
            ("price", self._price, ",.2f"),
            ("Δ", self._delta, "+,.4f"),
            ("Γ$", self._gamma, ",.0f"),
            ("ν$", self._vega, ",.1f"),
            ("funding", self._fund, "+,.2f"),
        )
        parts = []
        for name, series, form in names:
            place = int(np.searchsorted(series.times, at, side="right")) - 1
            if place >= 0 and math.isfinite(series.values[place]):
                parts.append(f"{name} {series.values[place]:{form}}")
        return f"{stamp} UTC  " + "  ".join(parts)

    # -- Look ---------------------------------------------------------------------------------

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        colors = self._colors = chart_colors(tokens)
        self.setBackground(colors["background"])
        font = sans(LABEL)
        for pane in self._panes:
            pane.retheme(colors, font)
        self._price_line.setPen(pg.mkPen(colors["price"], width=1))
        self._delta_line.setPen(pg.mkPen(colors["strong"], width=1))
        self._gamma_line.setPen(pg.mkPen(colors["series_4"], width=1))
        self._vega_line.setPen(pg.mkPen(colors["series_5"], width=1))
        self._fund_line.setPen(pg.mkPen(colors["series_2"], width=1))
        self._last.setPen(pg.mkPen(colors["delta"], width=1, style=pg.QtCore.Qt.PenStyle.DashLine))
        self._zero.setPen(pg.mkPen(colors["muted"], width=1))
        for line in self._cross:
            line.setPen(pg.mkPen(colors["muted"], width=1))
        self.band.retheme(colors)
        self._draw_markers()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the funding and Greek panes when there is no room for four."""
        super().resizeEvent(event)
        if hasattr(self, "_panes"):
            self.greeks.plot.setVisible(self.height() > 330)
            self.funding.plot.setVisible(self.height() > 260)


def words(text: str) -> str:
    """Text from outside, safe inside a title."""
    return html.escape(text)
