"""Laws that a simulated market can follow, and the numbers of each."""

from __future__ import annotations

import math
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct, structs

from terminal.core.errors import ConfigError

MOST_A_STEP: Final = 0.5
"""Rates times the step at most: beyond it a step is too long for its law."""


class Kind(StrEnum):
    """Laws of a price."""

    GBM = "gbm"
    HESTON = "heston"
    BATES = "bates"
    REGIME = "regime"
    REVERTING = "reverting"
    TRENDING = "trending"


class Dynamics(Struct, frozen=True, kw_only=True):
    """Law of a price; what its kind does not use is 0. Rates and volatilities are annual.

    Attributes
    ----------
    kind : Kind
    vol : float
        Of the diffusion: the root of its mean variance where that moves by itself, that of the calm
        state where there are two.
    drift : float
        Of the price: E[S_T] = S_0 exp(drift T), except where it reverts.
    pull, noise, lean : float
        Heston and Bates: speed at which variance reverts, volatility of variance, and the
        correlation of its moves with those of the price.
    jumps, jump_mean, jump_vol : float
        Bates: jumps a year; mean and standard deviation of their logarithm.
    wild, to_wild, to_calm : float
        Regime: volatility of the wild state; changes of state a year, into each.
    revert : float
        Reverting: speed at which the logarithm of the price returns to where it began.
    trend, forget : float
        Trending: standard deviation of the momentary drift, and the speed at which it is forgotten.
    """

    kind: Kind
    vol: float
    drift: float = 0.0
    pull: float = 0.0
    noise: float = 0.0
    lean: float = 0.0
    jumps: float = 0.0
    jump_mean: float = 0.0
    jump_vol: float = 0.0
    wild: float = 0.0
    to_wild: float = 0.0
    to_calm: float = 0.0
    revert: float = 0.0
    trend: float = 0.0
    forget: float = 0.0


_VARIANCE: Final = ("pull", "noise")
_NEEDED: Final = MappingProxyType(
    {
        Kind.GBM: (),
        Kind.HESTON: _VARIANCE,
        Kind.BATES: (*_VARIANCE, "jumps"),
        Kind.REGIME: ("wild", "to_wild", "to_calm"),
        Kind.REVERTING: ("revert",),
        Kind.TRENDING: ("trend", "forget"),
    }
)
_RATES: Final = ("pull", "noise", "jumps", "to_wild", "to_calm", "revert", "forget")


def usual(kind: Kind, vol: float = 0.6) -> Dynamics:
    """A world of a kind with the shape that is usual for crypto, at a mean volatility.

    Notes
    -----
    Ours: only a beginning, where there is nothing to calibrate to. Variance forgets half of a shock
    in 18 days and its standard deviation is half its mean; a jump of 4 % every nine days, within
    the variance; a wild state of twice the volatility one day in five; prices that return half-way
    in a week; trends of 100 % a year that fade in a fortnight.
    """
    damped = {"pull": 14.0, "noise": math.sqrt(7.0) * vol, "lean": -0.2}
    leaps = {"jumps": 40.0, "jump_mean": -0.005, "jump_vol": 0.04}
    states = {"to_wild": 30.0, "to_calm": 120.0}
    shapes: dict[Kind, dict[str, float]] = {
        Kind.GBM: {},
        Kind.HESTON: damped,
        Kind.BATES: damped | leaps,
        Kind.REGIME: {"wild": 2.0 * vol / math.sqrt(1.6)} | states,
        Kind.REVERTING: {"revert": 365.0 * math.log(2.0) / 7.0},
        Kind.TRENDING: {"trend": 1.0, "forget": 365.0 / 14.0},
    }
    calm = {
        Kind.BATES: math.sqrt(max(vol * vol - 40.0 * (0.04**2 + 0.005**2), 0.25 * vol * vol)),
        Kind.REGIME: vol / math.sqrt(1.6),
    }
    return Dynamics(kind=kind, vol=calm.get(kind, vol), **shapes[kind])


def checked(law: Dynamics, step: float) -> Dynamics:
    """The same law, once it is possible at steps of this length in years.

    Raises
    ------
    ConfigError
        A number is missing, out of range or too fast for the step; the message names it.
    """
    numbers = structs.asdict(law)
    kind = numbers.pop("kind")
    wrong = [name for name, value in numbers.items() if not math.isfinite(value)]
    wrong += [name for name in ("vol", *_NEEDED[kind]) if not numbers[name] > 0.0]
    wrong += [name for name in (*_RATES, "jump_vol", "trend", "wild") if numbers[name] < 0.0]
    if not -1.0 < law.lean < 1.0:
        wrong.append("lean")
    if wrong:
        raise ConfigError(f"{kind.value}: {', '.join(dict.fromkeys(wrong))} cannot be that number")
    fast = [name for name in _RATES if numbers[name] * step > MOST_A_STEP]
    if fast:
        raise ConfigError(f"{kind.value}: {', '.join(fast)} is too fast for the step: shorten it")
    return law


def fair_variance(law: Dynamics, opening: float, years: float) -> float:
    """Mean annual variance to expect from an opening variance over a time, jumps included.

    Parameters
    ----------
    law : Dynamics
    opening : float
        Annual variance of the diffusion as it begins.
    years : float

    Notes
    -----
    A variance that reverts at speed k to b has the mean b + (v - b) (1 - e^(-kT)) / (kT). That of a
    trend, and the pull back of a price that reverts, are moves of the price and no variance.
    """
    leaps = law.jumps * (law.jump_mean**2 + law.jump_vol**2) if law.kind is Kind.BATES else 0.0
    speed, home = law.pull, law.vol**2
    if law.kind is Kind.REGIME:
        speed = law.to_wild + law.to_calm
        home = (law.to_calm * law.vol**2 + law.to_wild * law.wild**2) / speed
    if law.kind not in (Kind.HESTON, Kind.BATES, Kind.REGIME):
        return opening
    part = -math.expm1(-speed * years) / (speed * years)
    return home + (opening - home) * part + leaps
