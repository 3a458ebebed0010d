"""How coins moved together in this run, for the screen: hourly closes read off the price curves."""

from collections.abc import Mapping, Sequence

import numpy as np

from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.engine.state import State
from terminal.hedging.proxy import PROXY, Moves, proxy_view
from terminal.market.state import spot
from terminal.model.frame import Track, Tracks
from terminal.model.hedge_with import ProxyView

EVERY = MINUTE
"""Engine time between two looks at the whole book."""

KEEP = 1440
"""Hourly closes kept of each coin: six half-lives of the weights."""

STEP = float(HOUR // SECOND)


class Closes:
    """Last price of every hour of one coin, read on from where the last look ended."""

    def __init__(self) -> None:
        self.by_hour: dict[int, float] = {}
        self._read = 0  # points seen since the beginning of the curve

    def take(self, track: Track) -> None:
        """Read what the curve has gained."""
        fresh = max(self._read - track.start, 0)
        times, values = track.times[fresh:], track.values[fresh:]
        self._read = track.start + len(track.times)
        known = np.isfinite(values) & (values > 0.0)
        hours, prices = np.floor(times[known] / STEP), values[known]
        if not hours.size:
            return
        last = np.append(np.flatnonzero(np.diff(hours)), hours.size - 1)
        for hour, price in zip(hours[last].tolist(), prices[last].tolist(), strict=True):
            self.by_hour[int(hour)] = price
        for hour in sorted(self.by_hour)[:-KEEP]:
            del self.by_hour[hour]


class Comoves:
    """Keeps the closes of every coin and the latest view of the whole book."""

    def __init__(self) -> None:
        self._closes: dict[str, Closes] = {}
        self._view: ProxyView | None = None
        self._made_at = -EVERY

    def of(self, state: State, tracks: Mapping[str, Tracks]) -> ProxyView | None:
        """The book hedged in one coin; the same value while no look is due."""
        if state.now - self._made_at >= EVERY and state.desks:
            self._made_at = state.now
            for name, each in tracks.items():
                self._closes.setdefault(name, Closes()).take(each.price)
            self._view = self._look(state)
        return self._view

    def _look(self, state: State) -> ProxyView:
        prices = {name: spot(state.market, name) for name in state.desks}
        deltas: dict[str, float | None] = {}
        for name, desk in state.desks.items():
            price = prices[name]
            deltas[name] = None if desk.net is None or price is None else desk.net * price
        names = tuple(dict.fromkeys((PROXY, *(name for name, held in deltas.items() if held))))
        seen = tuple(name for name in names if name in self._closes)
        found = moves_of(seen, [self._closes[name].by_hour for name in seen], state.now)
        return proxy_view(deltas, prices.get(PROXY), found)


def moves_of(names: tuple[str, ...], closes: Sequence[Mapping[int, float]], now: int) -> Moves:
    """Returns over the hours that all coins closed one after the other; the running one is not."""
    running = now // HOUR
    hours = [
        hour
        for hour in sorted(closes[0] if closes else ())
        if hour < running and all(hour in each and hour - 1 in each for each in closes)
    ]
    returns = np.array(
        [[np.log(each[hour] / each[hour - 1]) for each in closes] for hour in hours],
        dtype=np.float64,
    )
    return Moves(names, returns.reshape(len(hours), len(names)))
