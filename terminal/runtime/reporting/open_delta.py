"""What hedging only so often left open: delta beside its goal, times what the price did then.

Between two hedges an option's P&L drifts away from that of its perfect hedge by the integral of
the delta left open over the move of the price. That is the error that Derman and Kamal (1999)
compute the standard deviation of; profit of gamma against theta is not in it.
"""

import math

from msgspec import Struct

from terminal.engine.state import DeskState, State
from terminal.market.state import spot


class OpenSum(Struct, frozen=True):
    """P&L of the delta left open between two samples, USD, and looks at which it was unknown."""

    at: int  # UtcNs of its end
    usd: float
    known: int  # stretches between two looks that are in it
    unknown: int


class OpenDelta:
    """Adds up the P&L of one coin's open delta, look by look."""

    def __init__(self) -> None:
        self.sums: list[OpenSum] = []
        self._last: tuple[float, float] | None = None  # price, delta away from its goal
        self._usd = 0.0
        self._known = self._unknown = 0

    def look(self, price: float | None, away: float | None) -> None:
        """Take the price (USD) and the delta beside its goal (coin) of one moment."""
        if price is None or away is None:
            self._last = None
            self._unknown += 1
            return
        if self._last is not None:
            before, open_then = self._last
            self._usd += open_then * (price - before)
            self._known += 1
        self._last = price, away

    def close(self, at: int) -> None:
        """End a sample; one without any look is none."""
        if self._known or self._unknown:
            self.sums.append(OpenSum(at, self._usd, self._known, self._unknown))
        self._usd, self._known, self._unknown = 0.0, 0, 0


class Scatter(Struct, frozen=True):
    """The error of a span: what it came to, and how far its samples swung."""

    usd: float
    deviation: float  # USD: root of the sum of the squares of the samples
    samples: int
    unknown: int  # looks that are in neither


def scatter(sums: list[OpenSum]) -> Scatter:
    """Sum of the known samples and the standard deviation that they show.

    Notes
    -----
    Delta left open is decided before the price moves, so samples are uncorrelated and of mean
    zero, drift aside: their squares sum to the variance of the whole span.
    """
    known = [each.usd for each in sums if each.known]
    return Scatter(
        math.fsum(known),
        math.sqrt(math.fsum(usd * usd for usd in known)),
        len(known),
        sum(each.unknown for each in sums),
    )


def beside_goal(desk: DeskState) -> float | None:
    """Net delta less the middle of its band, coin; None while either is unknown."""
    if desk.target is None or desk.net is None:
        return None
    return desk.net - 0.5 * (desk.target.low + desk.target.high)


class OpenDeltas:
    """Follows the open delta of every desk."""

    def __init__(self) -> None:
        self.coins: dict[str, OpenDelta] = {}
        self._at = -1

    def look(self, state: State) -> None:
        """Take the state at one look; a second one at the same moment tells nothing new."""
        if state.now == self._at:
            return
        self._at = state.now
        for name, desk in state.desks.items():
            here = self.coins.setdefault(name, OpenDelta())
            here.look(spot(state.market, name), beside_goal(desk))

    def close(self, at: int) -> None:
        """End the sample of every coin."""
        for each in self.coins.values():
            each.close(at)
