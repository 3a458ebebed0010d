"""A plot of volatility against time ahead or behind, on a logarithmic scale of days."""

import math
from collections.abc import Iterable

from terminal.core.units import DAY
from ui.charts.plain_plot import PlainPlot

_TICKS = (
    *((hours / 24.0, f"{hours} h") for hours in (1, 4, 12)),
    *((float(days), f"{days} d") for days in (1, 3, 7, 14, 30, 90, 180)),
    *((365.0 * years, f"{years} y") for years in (1, 2)),
)


class TimePlot(PlainPlot):
    """Volatility by days, shared by what looks ahead and what looks back."""

    def __init__(self, name: str, bottom: str) -> None:
        super().__init__(name, "vol, % a year", bottom)
        ticks = [(math.log10(days), name) for days, name in _TICKS]
        self.axes["bottom"].setTicks([ticks])

    def fit(self, days: Iterable[float], vols: Iterable[float]) -> None:
        """Show all of these points; without any, leave the plot as it is."""
        across, up = [math.log10(each) for each in days], list(vols)
        if not across or not up:
            return
        room = max(0.08 * (max(up) - min(up)), 0.5)
        self.box.setYRange(max(min(up) - room, 0.0), max(up) + room, padding=0)
        self.box.setXRange(min(across) - 0.1, max(across) + 0.1, padding=0)


def days_of(span: int) -> float:
    """Days of a span in ns, a minute at least, so that it has a place on the scale."""
    return max(span / DAY, 1.0 / 1440.0)
