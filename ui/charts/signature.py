"""Realised volatility by sampling step with its errors, and implied volatility across it."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.gamma import SignaturePoint
from ui.charts.plain_plot import PlainPlot
from ui.format import percent
from ui.theme.tokens import Tokens, current_tokens

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))


class SignatureChart(PlainPlot):
    """The signature plot."""

    def __init__(self) -> None:
        super().__init__(
            "Realised volatility by sampling step against implied",
            "vol, % a year",
            "step of the returns",
        )
        self._points: tuple[SignaturePoint, ...] = ()
        self._implied: float | None = None
        self.curve = pg.PlotDataItem(symbol="o", symbolSize=6)
        self.errors = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), height=np.empty(0), beam=0.2)
        self.line = pg.InfiniteLine(angle=0, movable=False)
        for item in (self.errors, self.curve):
            self.box.addItem(item)
        self.box.addItem(self.line, ignoreBounds=True)
        self.retheme(current_tokens())

    def show_signature(
        self, points: Sequence[SignaturePoint], implied: float | None
    ) -> None:
        """Draw the known points, one standard error either side, and a line at implied."""
        shown = tuple(points), implied
        if shown == (self._points, self._implied):
            return
        self._points, self._implied = shown
        known = [
            (place, each.vol * 100.0, each.error * 100.0)
            for place, each in enumerate(points)
            if each.vol is not None and each.error is not None
        ]
        place, vol, error = np.array(known, dtype=np.float64).reshape(-1, 3).T
        self.curve.setData(place, vol)
        self.errors.setData(x=place, y=vol, height=2.0 * error)
        self.line.setVisible(implied is not None)
        if implied is not None:
            self.line.setValue(implied * 100.0)
        names = [(float(number), step_text(each.step)) for number, each in enumerate(points)]
        self.axes["bottom"].setTicks([names])
        self._fit(vol, error)
        self.say(signature_words(points, implied))

    def _fit(self, vol: np.ndarray, error: np.ndarray) -> None:
        heights = [*(vol - error), *(vol + error)]
        if self._implied is not None:
            heights.append(self._implied * 100.0)
        low, high = (min(heights), max(heights)) if heights else (0.0, 100.0)
        room = max(0.1 * (high - low), 1.0)
        self.box.setYRange(max(low - room, 0.0), high + room, padding=0)
        self.box.setXRange(-0.5, max(len(self._points), 1) - 0.5, padding=0)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.dress(tokens)
        pen = pg.mkPen(tokens.acc, width=1.5)
        self.curve.setPen(pen)
        self.curve.setSymbolBrush(tokens.acc)
        self.curve.setSymbolPen(None)
        self.errors.setData(pen=pg.mkPen(tokens.mut, width=1))
        self.line.setPen(pg.mkPen(tokens.warn, width=1, style=Qt.PenStyle.DashLine))


def step_text(step: int) -> str:
    """Write a sampling step: ``5 s``, ``4 h``."""
    for size, name in _UNITS:
        if step >= size:
            return f"{step // size} {name}"
    return f"{step} ns"


def signature_words(points: Sequence[SignaturePoint], implied: float | None) -> str:
    """Write the picture: every known point with its error, then implied."""
    known = [
        f"{step_text(each.step)}: {percent(each.vol)} ± {percent(each.error)}"
        for each in points
        if each.vol is not None and each.error is not None
    ]
    if not known:
        return "No signature yet: " + (points[0].reason if points else "no prices yet")
    return ", ".join([*known, f"implied {percent(implied)} (dashed)"])
