"""The policies of `terminal.hedging.policies`, for whole arrays of books at once.

Band formulas are those of `terminal.pricing`; only where a hedge stops is said again here, and
tests/unit/lab/test_parity.py holds that every trade is the one the product would propose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from terminal.lab.rule import Answer, Rule, Sight, around
from terminal.pricing.bands import DAYS_PER_YEAR, gamma_half_width
from terminal.pricing.impulse import impulse_band
from terminal.pricing.rows import FloatArray
from terminal.pricing.zakamouline import zakamouline_band

EDGE: Final = 1.0
HALF: Final = 0.5
CENTRE: Final = 0.0
"""Part of a band that a hedge leaves."""

LEAST: Final = 3.0
"""Least half-width of a computed band, in orders of the least size."""

TIMER: Final = "time-based, to centre"
FIXED_CENTRE: Final = "fixed band, to centre"
FIXED_EDGE: Final = "fixed band, to edge"
DEFAULT: Final = "Whalley-Wilmott, half-way"
REFERENCE: Final = "Whalley-Wilmott, to edge"
ZAKAMOULINE: Final = "Zakamouline, to edge"
IMPULSE: Final = "impulse band"

AVERSIONS: Final = (
    *(4e-3, 2.2e-3, 1.3e-3, 7e-4, 4e-4, 2.5e-4, 1.6e-4, 1e-4, 6.5e-5, 4.5e-5, 3e-5, 2e-5),
    *(1.2e-5, 7.5e-6, 4.7e-6, 3e-6, 1.7e-6, 9e-7, 4.5e-7, 2e-7, 1e-7),
)
"""1/USD; those of the preset profiles are among them."""

_PARTS: Final = tuple(0.004 * 1.3**step for step in range(21))  # of the straddles held, to 0.76
_SIGMAS: Final = tuple(0.02 * 1.27**step for step in range(21))  # of a day's move, to 2.4
_PERIODS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48, 72, 96, 144, 192, 288, 432, 576, 864)

Width = Callable[[Sight, FloatArray], FloatArray]


def rules(*, order_cost: bool) -> tuple[Rule, ...]:
    """Every policy that is compared.

    Parameters
    ----------
    order_cost : bool
        Whether orders have a fixed cost; without one the impulse band is Whalley-Wilmott to the
        edge, and left out.
    """
    aversions, sigmas = np.array(AVERSIONS), np.array(_SIGMAS)
    aversion, sigma = "risk aversion, 1/USD", "day's moves"
    found = [
        Rule(TIMER, "bars", np.array(_PERIODS, dtype=np.float64), _timer),
        *_bands("fixed band", "part of the straddles", np.array(_PARTS), _fixed),
        Rule("price step, to centre", sigma, sigmas, _price_step),
        *_bands("gamma band", sigma, sigmas, _gamma)[1:],
        *_bands("Whalley-Wilmott", aversion, aversions, _whalley_wilmott),
        Rule(ZAKAMOULINE, aversion, aversions, _zakamouline),
    ]
    if order_cost:
        found.append(Rule(IMPULSE, aversion, aversions, _impulse))
    return tuple(found)


def _bands(name: str, unit: str, settings: FloatArray, width: Width) -> list[Rule]:
    """One band, with hedges back to its centre, half-way and to its edge."""
    stops = (("to centre", CENTRE), ("half-way", HALF), ("to edge", EDGE))
    return [
        Rule(f"{name}, {stop}", unit, settings, partial(_banded, width, part))
        for stop, part in stops
    ]


def _banded(width: Width, part: float, sight: Sight, setting: FloatArray) -> Answer:
    half = width(sight, setting)
    return around(half, part * half)


def _fixed(sight: Sight, setting: FloatArray) -> FloatArray:
    return setting * sight.coins


def _gamma(sight: Sight, setting: FloatArray) -> FloatArray:
    """Delta that a move of so many of a day's standard deviations makes."""
    day = sight.vol / math.sqrt(DAYS_PER_YEAR)
    return np.maximum(setting * np.abs(sight.gamma) * sight.spot * day, LEAST * sight.least)


def _whalley_wilmott(sight: Sight, setting: FloatArray) -> FloatArray:
    wide = gamma_half_width(sight.cost, sight.spot, sight.gamma, setting)
    return np.maximum(wide, LEAST * sight.least)


def _impulse(sight: Sight, setting: FloatArray) -> Answer:
    band = impulse_band(sight.cost, sight.order_cost, sight.spot, sight.gamma, setting)
    half = np.maximum(band.trigger, LEAST * sight.least)
    return around(half, np.minimum(band.stop, half))


def _zakamouline(sight: Sight, setting: FloatArray) -> Answer:
    """Band to the edge around the delta of a volatility moved to first order, by vanna."""
    market = (sight.years, sight.vol)
    found = zakamouline_band(sight.cost, sight.spot, sight.gamma, market, setting)
    half = np.maximum(found.half_width, LEAST * sight.least)
    moved = sight.vol * (np.sqrt(np.maximum(1.0 + found.shift, 0.0)) - 1.0)
    centre = -sight.vanna * moved
    return Answer(centre - half, centre + half, centre - half, centre + half)


def _timer(sight: Sight, setting: FloatArray) -> Answer:
    due = (sight.since < 0) | (sight.step - sight.since >= setting)
    return _when(due)


def _price_step(sight: Sight, setting: FloatArray) -> Answer:
    day = sight.vol / math.sqrt(DAYS_PER_YEAR)
    return _when(np.abs(sight.spot - sight.anchor) >= setting * sight.spot * day)


def _when(due: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Answer:
    """Back to the centre where it is time to, and nothing elsewhere."""
    half = np.where(due, 0.0, np.inf)
    return around(half, np.zeros_like(half))
