"""What one underlying's charts draw: a series for each track of its frames."""

from msgspec import Struct

from terminal.model.frame import Tracks
from ui.charts.feed import Feed, Outside
from ui.charts.series import Series


class Reading(Struct, frozen=True):
    """Values at one time; None where unknown."""

    price: float | None
    delta: float | None
    gamma: float | None
    vega: float | None
    funding: float | None


class Curves:
    """Series of price, net delta, its band, gamma, vega and funding, fed from tracks."""

    def __init__(self) -> None:
        self.price, self.delta, self.gamma, self.vega, self.funding = (Series() for _ in range(5))
        self.low, self.high, self.outside = Series(), Series(), Series()
        self._price = Feed(self.price)
        self._delta = Feed(self.delta)
        self._low = Feed(self.low)
        self._high = Feed(self.high)
        self._gamma = Feed(self.gamma)
        self._vega = Feed(self.vega)
        self._funding = Feed(self.funding, jumps=False)
        self._outside = Outside(self.outside)

    def take(self, tracks: Tracks) -> None:
        """Append what is new in a frame."""
        for feed, track in (
            (self._price, tracks.price),
            (self._low, tracks.low),
            (self._high, tracks.high),
            (self._gamma, tracks.gamma),
            (self._vega, tracks.vega),
            (self._funding, tracks.funding),
        ):
            feed.take(track)
        times, values = self._delta.take(tracks.delta)
        if self._delta.restarted:
            self._outside.forget()
        self._outside.take(times, values, tracks.low, tracks.high)

    def forget(self) -> None:
        """Empty everything, for another underlying."""
        for feed in (
            self._price,
            self._delta,
            self._low,
            self._high,
            self._gamma,
            self._vega,
            self._funding,
        ):
            feed.forget()
        self._outside.forget()

    def at(self, time: float) -> Reading:
        """Values at a time, seconds UTC; unknown after the newest price."""
        if not self.price.count or time > self.price.times[-1] + 1.0:
            return Reading(None, None, None, None, None)
        series = (self.price, self.delta, self.gamma, self.vega, self.funding)
        return Reading(*(each.at(time) for each in series))
