"""Hedge fills on the price pane: a triangle each, with its words under the mouse."""

import numpy as np
import pyqtgraph as pg

from terminal.model.frame import Marker
from terminal.model.order import Side
from ui.charts.time_box import TimeBox

SIZE = 11


def _words(x: float, y: float, data: object) -> str:
    del x, y  # pyqtgraph names them in its call
    return str(data)


class Marks:
    """Triangles up for buys and down for sells.

    Parameters
    ----------
    box : TimeBox
    """

    def __init__(self, box: TimeBox) -> None:
        self.item = pg.ScatterPlotItem(pxMode=True, hoverable=True, hoverSize=SIZE + 4, tip=_words)
        box.addItem(self.item, ignoreBounds=True)
        self._markers: tuple[Marker, ...] = ()
        self._times = self._prices = np.empty(0)
        self._colors: dict[str, str] = {}

    def take(self, markers: tuple[Marker, ...]) -> None:
        """Show these fills."""
        if markers == self._markers:
            return
        self._markers = markers
        self._times = np.array([mark.at / 1e9 for mark in markers])
        self._prices = np.array([mark.price for mark in markers])
        self._draw()

    def within(self, start: float, end: float) -> tuple[float, ...]:
        """Lowest and highest price between two times, so that none is cut off."""
        prices = self._prices[(self._times >= start) & (self._times <= end)]
        return (float(prices.min()), float(prices.max())) if len(prices) else ()

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        self._colors = colors
        self._draw()

    def _draw(self) -> None:
        buys = [mark.side is Side.BUY for mark in self._markers]
        up, down = pg.mkBrush(self._colors["up"]), pg.mkBrush(self._colors["down"])
        self.item.setData(
            x=self._times,
            y=self._prices,
            size=SIZE,
            symbol=["t1" if buy else "t" for buy in buys],
            brush=[up if buy else down for buy in buys],
            pen=pg.mkPen(self._colors["background"]),
            data=[mark.text for mark in self._markers],
        )
