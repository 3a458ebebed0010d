"""Time that this process did not live through: a machine that slept, a process that was stopped.

Two clocks are compared with what they said when the loop was last alive. A stopped process misses
time by both. A machine that slept misses it by the time of day alone where, as on Linux, the
monotonic clock stands still meanwhile. And a time of day that is set leaps against the other one.
"""

import time
from collections.abc import Callable
from typing import Final

from terminal.core.units import SECOND, seconds
from terminal.model.messages import Slept
from terminal.model.order import OrderIntent

LONGEST: Final = 3 * SECOND
"""A longer hole in the loop can only be a sleeping machine or a stopped process."""

LEAP: Final = SECOND
"""The most by which both clocks may differ over one turn of the loop."""


class Awake:
    """Watches over one loop.

    Parameters
    ----------
    monotonic, wall : callable
        ns; the time of day in UtcNs.
    longest : int
        ns between two turns of the loop that still count as awake.
    """

    def __init__(
        self,
        monotonic: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], int] = time.time_ns,
        *,
        longest: int = LONGEST,
    ) -> None:
        self._monotonic, self._wall = monotonic, wall
        self._longest = longest
        self._seen: tuple[int, int] | None = None

    def look(self) -> Slept | None:
        """What has been missed since the last look, if anything; the loop is alive from here."""
        missed = self.missed()
        self._seen = self._monotonic(), self._wall()
        return missed

    def missed(self) -> Slept | None:
        """What has been missed since the last look; None before the first one."""
        if self._seen is None:
            return None
        lived = self._monotonic() - self._seen[0]
        passed = self._wall() - self._seen[1]
        if max(lived, passed) <= self._longest and abs(passed - lived) <= LEAP:
            return None
        span, leap = max(lived, passed), passed - lived
        if span > self._longest:
            return Slept(seconds(span), f"this process stood still for {seconds(span):,.0f} s")
        return Slept(max(seconds(span), 0.0), f"the time of day leapt by {seconds(leap):+,.0f} s")

    def bars(self, intent: OrderIntent) -> str:
        """Why an order must not leave: it was decided before the time that was missed."""
        del intent
        missed = self.missed()
        return f"{missed.reason} since it was decided" if missed is not None else ""
