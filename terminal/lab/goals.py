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
    """One saving that is asked for, and what was measured."""

    name: str  # of the coin, or simulated
    measure: str
    policy: str
    against: str
    least: float
    saving: float
    band: tuple[float, float]
    met: bool


def goals_of(
    compared: Sequence[Comparison], setup: Setup, *, simulated: bool
) -> tuple[Goal, ...]:
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
    met = cell.saving >= least
    return Goal(
        compared.name, measure, DEFAULT, rival, least, cell.saving, cell.saving_band, met
    )


def _impulse(compared: Comparison, measure: str) -> Goal:
    cell = compared.cell(IMPULSE, measure, TARGET)
    saving, (low, high) = 1.0 - cell.ratio, cell.ratio_band
    met = saving >= LEAST_IMPULSE
    return Goal(
        compared.name, measure, IMPULSE, REFERENCE, LEAST_IMPULSE, saving,
        (1.0 - high, 1.0 - low), met,
    )  # fmt: skip
