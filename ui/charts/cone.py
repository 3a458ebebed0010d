"""The cone: realised volatility by horizon through its history, now, and implied beside it."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from terminal.core.units import DAY, HOUR
from terminal.model.smile import CONE_LEVELS, ConeBand
from ui.charts.by_time import TimePlot, days_of
from ui.format import percent
from ui.theme.tokens import Tokens, current_tokens

MEDIAN = CONE_LEVELS.index(0.5)
PAIRS = ((0.05, 0.95), (0.25, 0.75))
"""Shaded between these, the wider first."""

SHADES = (40, 70)


class ConeChart(TimePlot):
    """Realised volatility by horizon."""

    def __init__(self) -> None:
        super().__init__("Realised-volatility cone by horizon", "horizon")
        self._shown: Sequence[ConeBand] | None = None
        self.levels = [pg.PlotDataItem() for _ in CONE_LEVELS]
        at = CONE_LEVELS.index
        self.shades = [
            pg.FillBetweenItem(self.levels[at(low)], self.levels[at(high)]) for low, high in PAIRS
        ]
        self.now = pg.PlotDataItem(symbol="o", symbolSize=6)
        self.implied = pg.PlotDataItem(symbol="d", symbolSize=8)
        for item in (*self.shades, *self.levels, self.implied, self.now):
            self.box.addItem(item)
        self.retheme(current_tokens())

    def show_cone(self, bands: Sequence[ConeBand]) -> None:
        """Draw the levels of every horizon that has a history, what is now, and implied."""
        if bands is self._shown:
            return
        self._shown = bands
        known = [each for each in bands if each.quantiles]
        across = [math.log10(days_of(each.horizon)) for each in known]
        table = 100.0 * np.array([each.quantiles for each in known]).reshape(-1, len(CONE_LEVELS))
        for item, level in zip(self.levels, table.T, strict=True):
            item.setData(across, level)
        heights = table.ravel().tolist()
        for item, name in ((self.now, "latest"), (self.implied, "implied")):
            found = [(each.horizon, getattr(each, name)) for each in bands]
            points = [(span, 100.0 * vol) for span, vol in found if vol is not None]
            item.setData(
                [math.log10(days_of(span)) for span, _ in points], [vol for _, vol in points]
            )
            heights += [vol for _, vol in points]
        self.fit([days_of(each.horizon) for each in known], heights)
        self.say(cone_words(bands))

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.dress(tokens)
        for item in self.levels:
            item.setPen(pg.mkPen(tokens.line2, width=1))
        self.levels[MEDIAN].setPen(pg.mkPen(tokens.mut, width=1.5))
        for item, alpha in zip(self.shades, SHADES, strict=True):
            shade = QColor(tokens.mut)
            shade.setAlpha(alpha)
            item.setBrush(shade)
        for item, color in ((self.now, tokens.acc), (self.implied, tokens.warn)):
            item.setSymbolBrush(color)
            item.setSymbolPen(None)
        self.now.setPen(pg.mkPen(tokens.acc, width=1.5))
        self.implied.setPen(pg.mkPen(tokens.warn, width=1, style=Qt.PenStyle.DashLine))


def horizon_text(span: int) -> str:
    """Write a horizon: ``4 h``, ``30 d``."""
    return f"{span // DAY} d" if span >= DAY else f"{span // HOUR} h"


def cone_words(bands: Sequence[ConeBand]) -> str:
    """Write the picture: of every horizon what is now, its middle half, implied, and how sure."""
    rows = []
    low, middle, high = (CONE_LEVELS.index(level) for level in (0.25, 0.5, 0.75))
    for each in bands:
        if not each.quantiles:
            continue
        level = each.quantiles
        rows.append(
            f"{horizon_text(each.horizon)}: now {percent(each.latest)}, half of the time"
            f" {percent(level[low])} to {percent(level[high])}, middle {percent(level[middle])},"
            f" implied {percent(each.implied)}, {each.independent:.0f} windows apart"
        )
    return "; ".join(rows) or empty_cone(bands)


def empty_cone(bands: Sequence[ConeBand]) -> str:
    """Say why there is no cone."""
    return f"No cone: {bands[0].reason}" if bands else "No cone: no prices yet"
