"""A learned rebalancing policy: a small network that shapes the Whalley-Wilmott band."""

from __future__ import annotations

import math
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from terminal.lab.rule import Answer, Rule, Sight
from terminal.lab.rules import LEAST
from terminal.lab.shape import AT_THE_MONEY, WEEK, WIDEST, Family
from terminal.pricing.bands import DAYS_PER_YEAR, gamma_half_width
from terminal.pricing.rows import FloatArray

LEARNED: Final = "learned network"

SIGHTS: Final = ("moneyness", "time", "vol", "since", "moved")
"""What it sees: logs of gamma over that at the money, of weeks left and of volatility over usual;
log of days since the last hedge, and the move since in days' standard deviations."""

HIDDEN: Final = 4
ANSWERS: Final = 3  # width, leave, tilt
MOST_TILT: Final = 0.5

SHAPES: Final = (
    ("inner", (len(SIGHTS), HIDDEN)),
    ("inner_bias", (HIDDEN,)),
    ("outer", (HIDDEN, ANSWERS)),
    ("outer_bias", (ANSWERS,)),
)
"""Arrays of the network in the order of a point's numbers."""

WEIGHTS: Final = sum(math.prod(shape) for _, shape in SHAPES)


class Network(NamedTuple):
    """Weights of p networks, one array of `SHAPES` each with p before its shape."""

    inner: FloatArray
    inner_bias: FloatArray
    outer: FloatArray
    outer_bias: FloatArray


def network_of(points: FloatArray) -> Network:
    """Weights of networks whose numbers are the rows of (p, `WEIGHTS`)."""
    found, first = [], 0
    for _, shape in SHAPES:
        count = math.prod(shape)
        found.append(points[:, first : first + count].reshape(-1, *shape))
        first += count
    return Network(*found)


def learned(points: FloatArray, aversions: FloatArray, usual_vol: float) -> Rule:
    """Rule of many networks at once, each at every risk aversion.

    Parameters
    ----------
    points : ndarray (p, `WEIGHTS`)
    aversions : ndarray (a,)
        1/USD, from the tightest band to the widest.
    usual_vol : float
        Annual.

    Returns
    -------
    Rule
        Of p * a settings. Weights of zero make Whalley-Wilmott to the edge.

    Notes
    -----
    One hidden layer of tanh. The answers, tanh each: log of the band's width over that of
    Whalley-Wilmott in units of ln `WIDEST`; part of the band that a hedge leaves, less 1; tilt in
    units of `MOST_TILT`.
    """
    weights = network_of(np.repeat(points, aversions.size, axis=0))
    settings = np.tile(aversions, points.shape[0])
    return Rule(LEARNED, "risk aversion, 1/USD", settings, partial(_answer, weights, usual_vol))


FAMILY: Final = Family(
    names=tuple(f"w{place}" for place in range(WEIGHTS)),
    prior=(0.0,) * WEIGHTS,
    spread=(0.5,) * WEIGHTS,
    low=(-4.0,) * WEIGHTS,
    high=(4.0,) * WEIGHTS,
    stiffness=0.1,
    make=learned,
)


def _answer(weights: Network, usual_vol: float, sight: Sight, setting: FloatArray) -> Answer:
    least = LEAST * sight.least
    half = np.maximum(gamma_half_width(sight.cost, sight.spot, sight.gamma, setting), least)
    width, leave, tilt = _forward(weights, _seen(sight, usual_vol))
    half = half * np.exp(math.log(WIDEST) * width)
    stop = np.clip(1.0 + leave, 0.0, 1.0)
    low = np.maximum(half * (1.0 - MOST_TILT * tilt), least)
    high = np.maximum(half * (1.0 + MOST_TILT * tilt), least)
    return Answer(-low, high, -stop * low, stop * high)


def _seen(sight: Sight, usual_vol: float) -> tuple[FloatArray, ...]:
    """Inputs of about one, (w,) or (k, w), in the order of `SIGHTS`."""
    near = np.abs(sight.gamma) * sight.spot * sight.vol * math.sqrt(sight.years) / sight.coins
    day = sight.vol / math.sqrt(DAYS_PER_YEAR)
    moved = (sight.spot / sight.anchor - 1.0) / day
    # Decisions are ten or five minutes apart; which, the network need not know to the minute.
    since = np.where(sight.since < 0, 0, sight.step - sight.since)
    return (
        np.log(np.clip(near / AT_THE_MONEY, 0.05, 1.0)),
        np.asarray(math.log(max(sight.years / WEEK, 0.01))),
        np.log(sight.vol / usual_vol),
        np.log1p(since) / 4.0,
        np.clip(moved, -3.0, 3.0),
    )


def _forward(weights: Network, seen: tuple[FloatArray, ...]) -> list[FloatArray]:
    """Answers of every setting's network, (k, w) each."""
    hidden = []
    for unit in range(HIDDEN):
        total = weights.inner_bias[:, unit, None]
        for place, value in enumerate(seen):
            total = total + weights.inner[:, place, unit, None] * value
        hidden.append(np.tanh(total))
    found = []
    for answer in range(ANSWERS):
        total = weights.outer_bias[:, answer, None]
        for unit, value in enumerate(hidden):
            total = total + weights.outer[:, unit, answer, None] * value
        found.append(np.tanh(total))
    return found
