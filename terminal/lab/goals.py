"""What the comparison is held against: how much less one policy must cost than another."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from terminal.lab.compare import MEASURES, Comparison
from terminal.lab.rules import DEFAULT, FIXED_CENTRE, FIXED_EDGE, IMPULSE, REFERENCE, TIMER
from terminal.lab.windows import Setup

LEAST: Final = ((TIMER, 0.50), (FIXED_CENTRE, 0.25), (FIXED_EDGE, 0.10))
"""Saving of the default policy against each of these, on every coin."""

LEAST_IMPULSE: Final = 0.35
"""Saving of the impulse band against Whalley-Wilmott to the edge at 5 USD an order."""

TARGET: Final = "middle"
"""The risk of the default profile."""


class Goal(Struct, frozen=True):
    """One saving that is asked for, and what was measured.

    ``certain`` tells that the whole band lies on one side of what is asked. One that is not met
    but lies within chance of it is open: these windows cannot tell.
    """

    name: str  # of the coin, or simulated
    measure: str
    policy: str
    against: str
    least: float
    saving: float
    error: float  # standard error of the saving
    band: tuple[float, float]
    met: bool
    certain: bool

    @property
    def verdict(self) -> str:
        """``met``, ``open`` or ``missed``."""
        if self.met:
            return "met"
        return "missed" if self.certain else "open"


def goals_of(compared: Sequence[Comparison], setup: Setup, *, simulated: bool) -> tuple[Goal, ...]:
    """Every goal that these comparisons can decide, by either measure of risk."""
    if not simulated:
        return tuple(
            _default(each, measure, rival, least)
            for measure in MEASURES
            for each in compared
            for rival, least in LEAST
        )
    if setup.order_cost <= 0.0:
        return ()
    return tuple(_impulse(each, measure) for measure in MEASURES for each in compared)


def _default(compared: Comparison, measure: str, rival: str, least: float) -> Goal:
    cell = compared.cell(rival, measure, TARGET)
    found = (compared.name, measure, DEFAULT, rival, least)
    return _judged(found, cell.saving, cell.saving_error, cell.saving_band)


def _impulse(compared: Comparison, measure: str) -> Goal:
    cell = compared.cell(IMPULSE, measure, TARGET)
    low, high = cell.ratio_band
    found = (compared.name, measure, IMPULSE, REFERENCE, LEAST_IMPULSE)
    return _judged(found, 1.0 - cell.ratio, cell.ratio_error, (1.0 - high, 1.0 - low))


def _judged(
    asked: tuple[str, str, str, str, float],
    saving: float,
    error: float,
    band: tuple[float, float],
) -> Goal:
    least = asked[-1]
    certain = not band[0] < least <= band[1]
    return Goal(*asked, saving, error, band, met=saving >= least, certain=certain)
