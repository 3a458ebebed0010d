"""From a track of a frame to the curve on the screen: only what is new, in order, with its gaps."""

import math

import numpy as np

from terminal.model.frame import Track
from ui.charts.pyramid import Column
from ui.charts.series import Series

JUMP = 5.0
"""A step of time this many times the usual one is a gap, and so is not joined by a line."""

JUMP_S = 5.0
"""A shorter step is never a gap."""

USUAL = 3
"""Steps before one that tell what is usual."""


class Feed:
    """Appends to a series what a growing track has gained since the last time.

    Parameters
    ----------
    series : Series
    jumps : bool
        Whether a long step of time interrupts the curve.
    """

    def __init__(self, series: Series, *, jumps: bool = True) -> None:
        self._series = series
        self._jumps = jumps
        self._seen = 0
        self._restarted = False
        self._steps = np.full(USUAL, math.inf)

    @property
    def restarted(self) -> bool:
        """Whether the last track was not a longer one of the same run."""
        return self._restarted

    def forget(self) -> None:
        """Empty the series and begin anew with the next track."""
        self._series.clear()
        self._seen = 0
        self._steps = np.full(USUAL, math.inf)

    def take(self, track: Track) -> tuple[Column, Column]:
        """Append what is new.

        Returns
        -------
        times, values : ndarray
            What was appended.
        """
        total = track.start + len(track.times)
        self._restarted = total < self._seen
        if self._restarted:
            self.forget()   # a curve only grows: a shorter one is another run's
        fresh = slice(max(self._seen - track.start, 0), None)
        self._seen = total
        times, values = self._in_order(track.times[fresh], track.values[fresh])
        if self._jumps and len(times):
            times, values = self._interrupted(times, values)
        self._series.extend(times, values)
        return times, values

    def _in_order(self, times: Column, values: Column) -> tuple[Column, Column]:
        """Leave out values that come late; a late interruption counts from the newest point."""
        newest = self._series.times[-1] if self._series.count else -math.inf
        latest = np.maximum.accumulate(np.concatenate(([newest], times)))[1:]
        keep = (times >= latest) | np.isnan(values)
        return latest[keep], values[keep]

    def _interrupted(self, times: Column, values: Column) -> tuple[Column, Column]:
        """Put NaN where time jumps."""
        known = self._series.times[-1:]
        before = np.concatenate((known if len(known) else times[:1], times[:-1]))
        steps = times - before
        moved = np.flatnonzero(steps > 0)
        if not len(moved):
            return times, values
        history = np.concatenate((self._steps, steps[moved]))
        self._steps = history[-USUAL:]
        usual = np.lib.stride_tricks.sliding_window_view(history[:-1], USUAL).max(axis=1)
        jumps = moved[(steps[moved] >= JUMP_S) & (steps[moved] > JUMP * usual)]
        return np.insert(times, jumps, before[jumps]), np.insert(values, jumps, np.nan)


class Outside:
    """Keeps, as a series of its own, the parts of a curve that lie outside its band.

    The band is that of each point's time. The point after such a part is kept too, so that the
    curve is drawn back to the band.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._was = False

    def forget(self) -> None:
        """Begin anew."""
        self._series.clear()
        self._was = False

    def take(self, times: Column, values: Column, low: Track, high: Track) -> None:
        """Append points of the curve, with all of the band so far."""
        if not len(times):
            return
        out = (values < _held(low, times)) | (values > _held(high, times))
        before = np.concatenate(([self._was], out[:-1]))
        self._was = bool(out[-1])
        self._series.extend(times, np.where(out | before, values, np.nan))


def _held(track: Track, times: Column) -> Column:
    """Value of a track at each time: that of its newest point by then, NaN before the first."""
    if not len(track.times):
        return np.full(len(times), np.nan)
    places = np.searchsorted(track.times, times, side="right") - 1
    return np.where(places < 0, np.nan, track.values[np.maximum(places, 0)])
