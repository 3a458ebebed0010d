"""Band policies with a shape: numbers beside risk aversion that a search may choose."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.lab.rule import Answer, Rule, Sight
from terminal.lab.rules import LEAST
from terminal.pricing.bands import gamma_half_width
from terminal.pricing.rows import FloatArray

TUNED: Final = "tuned Whalley-Wilmott"
WIDEST: Final = 2.0
"""Each exponent narrows or widens the band by this factor at most, as the profile's does."""

WEEK: Final = 7.0 / 365.0
AT_THE_MONEY: Final = 2.0 / math.sqrt(2.0 * math.pi)
"""Gamma of a straddle at the money, times price, volatility and the root of its time."""


class Family(NamedTuple):
    """Policies that differ by numbers alone, which a search may choose.

    Attributes
    ----------
    names : tuple of str
    prior, spread, low, high : tuple of float
        Of each number: where a search begins, standard deviation of its first samples, range.
    stiffness : float
        Times the ridge of a search.
    make : callable
        Rule of the rows of (p, n) numbers at risk aversions (a,), with the usual volatility.
    """

    names: tuple[str, ...]
    prior: tuple[float, ...]
    spread: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    stiffness: float
    make: Callable[[FloatArray, FloatArray, float], Rule]


class Number(Struct, frozen=True):
    """One number of a shape, its range, and how far a search looks at first.

    Attributes
    ----------
    name : str
    low, high : float
    prior, spread : float
        Of Whalley-Wilmott to the edge; standard deviation of the first samples.
    field : str
        Of the policy in a profile; empty where the lab alone can run it.
    scale : float
        What makes it the field's number.
    about : str
    """

    name: str
    low: float
    high: float
    prior: float
    spread: float
    field: str
    scale: float
    about: str


NUMBERS: Final = (
    Number("leave", 0.0, 1.0, 1.0, 0.35, "leave", 1.0, "part of the band that a hedge leaves"),
    Number("tilt", -0.9, 0.9, 0.0, 0.25, "tilt_pct", 100.0, "wider above, narrower below"),
    Number("regime", 0.0, 2.0, 0.0, 0.6, "regime", 1.0, "exponent of usual over present vol"),
    Number("moneyness", -1.0, 1.0, 0.0, 0.3, "", 1.0, "exponent of gamma over that at the money"),
    Number("time", -1.0, 1.0, 0.0, 0.3, "", 1.0, "exponent of weeks to expiry"),
)
NAMES: Final = tuple(each.name for each in NUMBERS)
IN_PROFILE: Final = tuple(each.name for each in NUMBERS if each.field)
PRIOR: Final = tuple(each.prior for each in NUMBERS)


def numbers_of(names: Sequence[str]) -> tuple[int, ...]:
    """Places of the named numbers, in the order of `NUMBERS`.

    Raises
    ------
    ConfigError
        None is named, or one that does not exist.
    """
    wrong = [name for name in names if name not in NAMES]
    if wrong or not names:
        said = ", ".join(repr(name) for name in wrong) or "nothing"
        raise ConfigError(f"{said} to be searched: choose of {', '.join(NAMES)}")
    return tuple(place for place, name in enumerate(NAMES) if name in names)


class _Columns(NamedTuple):
    """A number of each setting, (k, 1) all."""

    leave: FloatArray
    tilt: FloatArray
    regime: FloatArray
    moneyness: FloatArray
    time: FloatArray


def tuned(points: FloatArray, aversions: FloatArray, usual_vol: float) -> Rule:
    """Rule of many shapes at once, each at every risk aversion.

    Parameters
    ----------
    points : ndarray (p, 5)
        Shapes; columns are `NUMBERS`.
    aversions : ndarray (a,)
        1/USD, from the tightest band to the widest.
    usual_vol : float
        Annual volatility that bands are neither widened nor narrowed at.

    Returns
    -------
    Rule
        Of p * a settings, those of one shape after another.
    """
    rows = np.repeat(points, aversions.size, axis=0)
    columns = _Columns(*(rows[:, place : place + 1] for place in range(len(NUMBERS))))
    settings = np.tile(aversions, points.shape[0])
    return Rule(TUNED, "risk aversion, 1/USD", settings, partial(_answer, columns, usual_vol))


BANDS: Final = Family(
    names=NAMES,
    prior=PRIOR,
    spread=tuple(each.spread for each in NUMBERS),
    low=tuple(each.low for each in NUMBERS),
    high=tuple(each.high for each in NUMBERS),
    stiffness=1.0,
    make=tuned,
)


def _answer(shape: _Columns, usual_vol: float, sight: Sight, setting: FloatArray) -> Answer:
    """Whalley-Wilmott, scaled; then each side apart, none under the least that trades."""
    least = LEAST * sight.least
    half = np.maximum(gamma_half_width(sight.cost, sight.spot, sight.gamma, setting), least)
    for exponent, ratio in _ratios(shape, usual_vol, sight):
        if exponent.any():
            half = half * np.clip(ratio**exponent, 1.0 / WIDEST, WIDEST)
    low = np.maximum(half * (1.0 - shape.tilt), least)
    high = np.maximum(half * (1.0 + shape.tilt), least)
    return Answer(-low, high, -shape.leave * low, shape.leave * high)


def _ratios(
    shape: _Columns, usual_vol: float, sight: Sight
) -> tuple[tuple[FloatArray, FloatArray], ...]:
    near = np.abs(sight.gamma) * sight.spot * sight.vol * math.sqrt(sight.years) / sight.coins
    return (
        (shape.regime, usual_vol / sight.vol),
        (shape.moneyness, np.maximum(near / AT_THE_MONEY, 1e-6)),
        (shape.time, np.asarray(sight.years / WEEK)),
    )
