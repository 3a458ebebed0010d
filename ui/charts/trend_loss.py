"""What a straight trend makes of a perps-only mode, and what a day's back and forth adds."""

import pyqtgraph as pg
from PySide6.QtCore import Qt

from terminal.model.synthetic import SyntheticView
from ui.charts.plain_plot import PlainPlot
from ui.format import percent, usd
from ui.theme.tokens import Tokens, current_tokens


class TrendLossChart(PlainPlot):
    """P&L of a mode by how far price has gone straight from its centre."""

    def __init__(self) -> None:
        super().__init__("P&L of a straight trend by price move", "P&L, USD", "move, %")
        self._shown: SyntheticView | None = None
        self.trend = pg.PlotDataItem()
        self.day = pg.PlotDataItem()
        self.zero = pg.InfiniteLine(pos=0.0, angle=0, movable=False)
        for item in (self.trend, self.day):
            self.box.addItem(item)
        self.box.addItem(self.zero, ignoreBounds=True)
        self.retheme(current_tokens())

    def show_mode(self, view: SyntheticView) -> None:
        """Draw the curve of a trend, and dashed the same with a day's back and forth."""
        before = self._shown
        self._shown = view
        if before is not None and (before.trend_pnl_usd, before.day_pnl_usd) == (
            view.trend_pnl_usd,
            view.day_pnl_usd,
        ):
            return
        moves = [100.0 * each for each in view.moves]
        self.trend.setData(moves, list(view.trend_pnl_usd))
        self.day.setData(moves[: len(view.day_pnl_usd)], list(view.day_pnl_usd))
        heights = (0.0, *view.trend_pnl_usd, *view.day_pnl_usd)
        room = max(0.05 * (max(heights) - min(heights)), 1.0)
        self.box.setYRange(min(heights) - room, max(heights) + room, padding=0)
        if moves:
            self.box.setXRange(moves[0], moves[-1], padding=0.02)
        self.say(trend_words(view))

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.dress(tokens)
        self.trend.setPen(pg.mkPen(tokens.acc, width=1.5))
        self.day.setPen(pg.mkPen(tokens.mut, width=1, style=Qt.PenStyle.DashLine))
        self.zero.setPen(pg.mkPen(tokens.line2, width=1))


def trend_words(view: SyntheticView) -> str:
    """Write the curve: the P&L of every move, and with a day's back and forth where known."""
    if not view.moves:
        return "No curve: the mode has no size yet, or the coin no price"
    words = [
        f"{percent(move, 0, signed=True)}: {usd(pnl, 0, signed=True)}"
        for move, pnl in zip(view.moves, view.trend_pnl_usd, strict=True)
    ]
    if view.day_pnl_usd:
        days = [f" ({usd(pnl, 0, signed=True)} with a day's variance)" for pnl in view.day_pnl_usd]
        words = [word + day for word, day in zip(words, days, strict=True)]
    return ", ".join(words)
