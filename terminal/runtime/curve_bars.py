"""Bars of a price curve: what estimators of volatility need, from what the recorder kept."""

import numpy as np

from terminal.core.units import SECOND
from terminal.model.frame import Track
from terminal.pricing.rows import FloatArray


def curve_bars(price: Track, span: int, window: int) -> tuple[FloatArray, FloatArray]:
    """Bars of one length from the end of a price curve.

    Parameters
    ----------
    price : Track
        Seconds UTC and prices, NaN where unknown, a point a second at most.
    span, window : int
        Length of a bar and of the past that is wanted, ns.

    Returns
    -------
    starts : ndarray (n,)
        Seconds UTC.
    prices : ndarray (4, n)
        Open, high, low and close; the last bar may still be under way.
    """
    if not len(price.times):
        return np.empty(0), np.empty((4, 0))
    seconds = span // SECOND
    since = np.searchsorted(price.times, price.times[-1] - window / SECOND - seconds)
    times, values = price.times[since:], price.values[since:]
    known = np.isfinite(values)
    times, values = times[known], values[known]
    if not len(times):
        return np.empty(0), np.empty((4, 0))
    place = np.floor(times / seconds)
    first = np.flatnonzero(np.diff(place, prepend=-1.0))
    ends = np.append(first[1:], len(times)) - 1
    high, low = np.maximum.reduceat(values, first), np.minimum.reduceat(values, first)
    return place[first] * seconds, np.array((values[first], high, low, values[ends]))
