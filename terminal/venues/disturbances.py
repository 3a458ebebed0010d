"""Which disturbances of a simulation hold when."""

from msgspec import Struct

from terminal.core.units import from_seconds
from terminal.model.messages import Disturb, DisturbanceKind


class Window(Struct, frozen=True):
    """A disturbance that holds from ``start`` up to, not including, ``end``."""

    disturb: Disturb
    start: int
    end: int


class Disturbances:
    """The windows known so far."""

    def __init__(self) -> None:
        self._windows: list[Window] = []
        self.any = False  # whether a window was ever opened

    def add(self, disturb: Disturb, at: int) -> Window:
        """Open a window at ``at``; windows that ended before it are dropped."""
        window = Window(disturb, at, at + from_seconds(disturb.seconds))
        self._windows = [each for each in self._windows if each.end > at]
        self._windows.append(window)
        self.any = True
        return window

    def value(self, kind: DisturbanceKind, underlying: str, at: int) -> float | None:
        """Largest value of the open windows of a kind for a coin; None when none is open."""
        values = [
            each.disturb.value
            for each in self._windows
            if each.disturb.kind is kind
            and each.start <= at < each.end
            and each.disturb.underlying in ("", underlying)
        ]
        return max(values, default=None)

    def active(self, kind: DisturbanceKind, underlying: str, at: int) -> bool:
        """Whether a window of a kind is open for a coin."""
        return self.value(kind, underlying, at) is not None

    def open(self, kind: DisturbanceKind, at: int) -> bool:
        """Whether a window of a kind is open for any coin."""
        return any(
            each.disturb.kind is kind and each.start <= at < each.end for each in self._windows
        )
