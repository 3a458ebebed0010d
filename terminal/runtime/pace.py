"""How market time runs: at a speed and with pauses, or with the time of day."""

import time
from collections.abc import Callable

from terminal.core.units import SECOND
from terminal.runtime.settings import MAX_SPEED

JUMP = SECOND
"""The time of day further ahead than this: the machine slept, or its clock was put right."""


class Clock:
    """Engine time that follows the machine's monotonic clock at a speed."""

    def __init__(self, start: int, speed: float) -> None:
        self.speed = speed
        self.paused = False
        self._base = start
        self._since = time.monotonic_ns()

    def now(self) -> int:
        """Engine time, UtcNs; the far future when the speed is max."""
        if self.paused:
            return self._base
        if self.speed == MAX_SPEED:
            return self._base + 10 * SECOND
        return self._base + round((time.monotonic_ns() - self._since) * self.speed)

    def rebase(self, at: int) -> None:
        """Go on from ``at``: nothing is made up for."""
        self._base = at
        self._since = time.monotonic_ns()

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self.rebase(self._reached())
        self.speed = speed

    def pause(self, *, paused: bool) -> None:
        """Hold market time, or let it go on."""
        self.rebase(self._reached())
        self.paused = paused

    def _reached(self) -> int:
        """Engine time now; at full speed the last one taken, for ``now`` is a goal far ahead."""
        return self._base if self.speed == MAX_SPEED else self.now()


class LiveClock:
    """The time of day at the start, carried on by the monotonic clock.

    A time of day that leaps ahead is followed; one that goes back is not, for records are in the
    order of time.

    Parameters
    ----------
    after : int
        UtcNs of the last record; time begins later than this.
    """

    def __init__(self, after: int = 0) -> None:
        self._since = time.monotonic_ns()
        self._base = max(time.time_ns(), after + 1)

    def __call__(self) -> int:
        """Engine time, UtcNs."""
        now = self._base + time.monotonic_ns() - self._since
        ahead = time.time_ns() - now
        if ahead > JUMP:
            self._base += ahead
            now += ahead
        return now


class LivePace(Clock):
    """A clock for the loop that can be neither paused nor hurried: markets go on."""

    def __init__(self, live: Callable[[], int]) -> None:
        super().__init__(live(), 1.0)
        self._live = live

    def now(self) -> int:
        """Engine time, UtcNs."""
        return self._live()

    def rebase(self, at: int) -> None:
        """Stay with the time of day."""

    def set_speed(self, speed: float) -> None:
        """Stay with the time of day."""

    def pause(self, *, paused: bool) -> None:
        """Stay with the time of day."""
