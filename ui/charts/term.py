"""The term structure: at-the-money and forward volatility by expiry, and the 30-day index."""

import math
from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import Qt

from terminal.core.units import DAY
from terminal.model.frame import VolView
from ui.charts.by_time import TimePlot, days_of
from ui.format import percent
from ui.theme.tokens import Tokens, current_tokens


class TermChart(TimePlot):
    """Volatility by days to expiry."""

    def __init__(self) -> None:
        super().__init__("At-the-money volatility by expiry", "days to expiry")
        self._shown: VolView | None = None
        self.spot = pg.PlotDataItem(symbol="o", symbolSize=6)
        self.forward = pg.PlotDataItem(stepMode=None)
        self.index = pg.PlotDataItem(symbol="d", symbolSize=9, pen=None)
        for item in (self.forward, self.spot, self.index):
            self.box.addItem(item)
        self.retheme(current_tokens())

    def show_term(self, view: VolView, now: int) -> None:
        """Draw every expiry that has a volatility, and dashed the volatility between them."""
        if view is self._shown:
            return
        self._shown = view
        known = [
            (days_of(each.expiry - now), 100.0 * each.vol, each.forward_vol)
            for each in view.expiries
            if each.vol is not None
        ]
        days, vols = [each[0] for each in known], [each[1] for each in known]
        self.spot.setData([math.log10(each) for each in days], vols)
        steps = forward_steps(known)
        self.forward.setData(
            [math.log10(each) for each, _ in steps], [vol for _, vol in steps], connect="finite"
        )
        index = [] if view.index is None or not known else [(30.0, 100.0 * view.index)]
        self.index.setData([math.log10(each) for each, _ in index], [vol for _, vol in index])
        drawn = [*vols, *(vol for _, vol in index), *(v for _, v in steps if math.isfinite(v))]
        self.fit([*days, *(each for each, _ in index)], drawn)
        self.say(term_words(view, now))

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.dress(tokens)
        self.spot.setPen(pg.mkPen(tokens.acc, width=1.5))
        self.spot.setSymbolBrush(tokens.acc)
        self.spot.setSymbolPen(None)
        self.forward.setPen(pg.mkPen(tokens.mut, width=1, style=Qt.PenStyle.DashLine))
        self.index.setSymbolBrush(tokens.warn)
        self.index.setSymbolPen(None)


def forward_steps(
    known: list[tuple[float, float, float | None]],
) -> list[tuple[float, float]]:
    """Corners of the forward volatility: flat from each expiry to the next, NaN where it is none.

    Parameters
    ----------
    known : list
        Days, volatility in percent and forward volatility as a fraction, of each expiry.
    """
    corners = []
    for (before, _, _), (after, _, between) in pairwise(known):
        level = math.nan if between is None else 100.0 * between
        corners += [(before, level), (after, level)]
    return corners


def term_words(view: VolView, now: int) -> str:
    """Write the picture: every expiry with its volatility, then the index."""
    rows = [
        f"{(each.expiry - now) / DAY:.1f} d: {percent(each.vol)}"
        for each in view.expiries
        if each.vol is not None
    ]
    if not rows:
        return "No term structure: no expiry is quoted on both sides at the money"
    return ", ".join([*rows, f"30-day index {percent(view.index)}"])
