"""Axes of the charts: time in UTC, and values whose numbers another item writes."""

import math

import pyqtgraph as pg

TICK_PX = 26
"""Least distance between two numbers of a value axis."""


class ValueAxis(pg.AxisItem):
    """Grid lines at round values; their numbers are written by ``ValueColumn``."""

    def __init__(self) -> None:
        super().__init__("right", showValues=False)

    def tickSpacing(
        self, minVal: float, maxVal: float, size: float   # noqa: N803 - pyqtgraph's names
    ) -> list[tuple[float, float]]:
        """One level of ticks, 1, 2 or 5 times a power of ten apart."""
        return [(round_step(maxVal - minVal, size), 0.0)]


class UtcAxis(pg.DateAxisItem):
    """Time axis in UTC."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom", utcOffset=0)


def round_step(span: float, size: float) -> float:
    """Round distance between ticks: the least that leaves ``TICK_PX`` between them.

    Parameters
    ----------
    span : float
        Of values, > 0.
    size : float
        Pixels for them.
    """
    least = max(span, 1e-12) * TICK_PX / max(size, TICK_PX)
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0, 20.0) if step * power >= least)


def decimals_of(step: float) -> int:
    """Digits after the point that tell ticks of this distance apart."""
    return max(0, min(8, -math.floor(math.log10(step) + 1e-9)))
