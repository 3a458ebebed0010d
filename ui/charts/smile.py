"""The smile of one expiry: bid, ask and mark volatilities by strike, and a curve through them."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from terminal.model.smile import SmilePoint, SmileView
from ui.charts.plain_plot import PlainPlot
from ui.format import number, percent
from ui.theme.tokens import Tokens, current_tokens

Floats = NDArray[np.float64]


class SmileChart(PlainPlot):
    """Volatility by strike."""

    def __init__(self) -> None:
        super().__init__("Implied volatility by strike", "vol, % a year", "strike, USD")
        self._shown: SmileView | None = None
        self.spreads = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), height=np.empty(0), beam=0.0)
        self.model = pg.PlotDataItem()
        self.bids, self.asks, self.marks = (
            pg.PlotDataItem(symbol=shape, symbolSize=size, pen=None)
            for shape, size in (("t1", 7), ("t", 7), ("o", 5))
        )
        self.forward = pg.InfiniteLine(angle=90, movable=False)
        for item in (self.spreads, self.model, self.bids, self.asks, self.marks):
            self.box.addItem(item)
        self.box.addItem(self.forward, ignoreBounds=True)
        self.retheme(current_tokens())

    def show_smile(self, view: SmileView) -> None:
        """Draw the quotes of one expiry, the curve, and a line at the forward."""
        if view is self._shown:
            return
        self._shown = view
        strike, bid, ask, mark = columns(view.points)
        for item, vol in ((self.bids, bid), (self.asks, ask), (self.marks, mark)):
            known = np.isfinite(vol)
            item.setData(strike[known], vol[known])
        both = np.isfinite(bid) & np.isfinite(ask)
        middle, height = 0.5 * (bid + ask)[both], (ask - bid)[both]
        self.spreads.setData(x=strike[both], y=middle, height=height)
        curve = np.array(view.model, dtype=np.float64).reshape(-1, 2)
        self.model.setData(curve[:, 0], 100.0 * curve[:, 1])
        self.forward.setValue(view.forward)
        self._fit(strike, np.concatenate((bid, ask, mark, 100.0 * curve[:, 1])))
        self.say(smile_words(view))

    def _fit(self, strike: Floats, vols: Floats) -> None:
        known = vols[np.isfinite(vols)]
        if not known.size:
            return
        room = max(0.08 * float(known.max() - known.min()), 0.5)
        self.box.setYRange(
            max(float(known.min()) - room, 0.0), float(known.max()) + room, padding=0
        )
        edge = max(0.04 * float(strike.max() - strike.min()), 1e-9)
        self.box.setXRange(float(strike.min()) - edge, float(strike.max()) + edge, padding=0)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.dress(tokens)
        for item, color in (
            (self.bids, tokens.up),
            (self.asks, tokens.dn),
            (self.marks, tokens.hi),
        ):
            item.setSymbolBrush(color)
            item.setSymbolPen(None)
        self.spreads.setData(pen=pg.mkPen(tokens.mut, width=1))
        self.model.setPen(pg.mkPen(tokens.acc, width=1.5))
        self.forward.setPen(pg.mkPen(tokens.line2, width=1, style=Qt.PenStyle.DashLine))


def columns(points: Sequence[SmilePoint]) -> tuple[Floats, Floats, Floats, Floats]:
    """Strikes, and bid, ask and mark volatilities in percent; NaN where unknown."""
    rows = [
        (each.strike, *(np.nan if vol is None else 100.0 * vol for vol in _vols(each)))
        for each in points
    ]
    strike, bid, ask, mark = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return strike, bid, ask, mark


def _vols(point: SmilePoint) -> tuple[float | None, float | None, float | None]:
    return point.bid, point.ask, point.mark


def smile_words(view: SmileView) -> str:
    """Write the picture: every strike with its bid, ask and mark volatility."""
    rows = [
        f"{number(each.strike, 0)}: " + " / ".join(percent(vol) for vol in _vols(each))
        for each in view.points
    ]
    return f"Strike: bid / ask / mark. {', '.join(rows)}. {view.model_note}"
