"""Bars from zero, in one colour above and another below."""

import numpy as np
import pyqtgraph as pg

from ui.charts.pyramid import Column
from ui.charts.series import Series
from ui.charts.time_box import TimeBox


class SignedBars:
    """Each value of a series as a bar from zero that lasts until the next.

    Parameters
    ----------
    box : TimeBox
    series : Series
    """

    fits = True

    def __init__(self, box: TimeBox, series: Series) -> None:
        self.series = series
        self.until = 0.0
        """Where the newest bar ends, seconds UTC."""
        nothing = np.empty(0)
        self.above, self.below = (
            pg.BarGraphItem(x0=nothing, x1=nothing, y0=0.0, y1=nothing, pen=None) for _ in range(2)
        )
        for bars in (self.above, self.below):
            box.addItem(bars, ignoreBounds=True)

    @property
    def stamp(self) -> object:
        """Changes whenever the bars have to be drawn anew."""
        return self.series.revision, self.until

    def draw(self, start: float, end: float, pixels: int) -> Column:
        """Draw the bars between two times; the values drawn."""
        times, values = self.series.view(start, end, pixels)
        if len(times):
            ends = np.append(times[1:], max(self.until, float(times[-1])))
            for bars, chosen in ((self.above, values > 0), (self.below, values < 0)):
                bars.setOpts(x0=times[chosen], x1=ends[chosen], y0=0.0, y1=values[chosen])
        else:
            for bars in (self.above, self.below):
                bars.setOpts(x0=times, x1=times, y0=0.0, y1=values)
        return values

    def retheme(self, above: str, below: str) -> None:
        """Take other colours."""
        self.above.setOpts(brush=pg.mkBrush(above))
        self.below.setOpts(brush=pg.mkBrush(below))
