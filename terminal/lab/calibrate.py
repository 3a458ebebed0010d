"""Simulated worlds whose numbers are those of recorded bars."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import DAY
from terminal.lab.dynamics import Dynamics, Kind, usual
from terminal.market.bars import Bars
from terminal.pricing.rows import FloatArray

LEAST_DAYS: Final = 30
"""Fewer whole days say nothing about how variance moves."""

WHOLE: Final = 0.9
"""Part of a day's bars that must be there for it to count."""

JUMP: Final = 6.0
"""A bar that moves by so many of its day's standard deviations has jumped."""

LEAST_JUMPS: Final = 5
FADING: Final = 10  # days over which the memory of variance is read
PULL: Final = (2.0, 150.0)  # a year: a memory of half a year to one of two days
FORTNIGHT: Final = 14
_DAYS: Final = 365.0


class Calibration(Struct, frozen=True):
    """Worlds that resemble a history.

    Attributes
    ----------
    days, left_out : int
        Whole days that were used, and days that were not for their gaps.
    price : float
        Last close, USD per coin.
    vol : float
        Annual volatility, jumps included.
    laws : tuple of Dynamics
        One of each kind.
    assumed : tuple of str
        Worlds that keep the usual shape, because the history does not tell theirs, and why.
    """

    days: int
    left_out: int
    price: float
    vol: float
    laws: tuple[Dynamics, ...]
    assumed: tuple[str, ...]


class _Daily(NamedTuple):
    """Of each whole day: annual variance, with and without its jumps, return, and closing log."""

    total: FloatArray
    calm: FloatArray
    move: FloatArray
    log: FloatArray
    jumps: FloatArray  # logarithms of every jump, of all days


def calibrated(bars: Bars) -> Calibration:
    """One world of each kind with the variance, jumps and memory of recorded bars.

    Parameters
    ----------
    bars : Bars
        Of a span that divides a day.

    Returns
    -------
    Calibration

    Raises
    ------
    DataError
        The span does not divide a day, fewer than `LEAST_DAYS` days are whole, or prices stand
        still.

    Notes
    -----
    Jumps: bars beyond `JUMP` standard deviations by bipower variation (Barndorff-Nielsen and
    Shephard 2004). Heston and Bates: speed from the decay of the autocovariance of daily variance
    over its first `FADING` lags, whose value at lag 0 leaves the noise of measurement out; lean
    from daily returns and changes of log variance. Regime: two means of log variance, and how often
    days change sides. Reverting: regression of a day's move on the level, less its bias 4 / n of
    a random walk (Kendall 1954). Trending: what a fortnight's variance has beyond fourteen days'.
    """
    daily, left_out = _days_of(bars)
    vol = math.sqrt(float(daily.total.mean()))
    if not vol > 0.0:
        raise DataError("the prices never move: give bars of a market that trades")
    found = {
        Kind.GBM: usual(Kind.GBM, vol),
        Kind.HESTON: _damped(daily, Kind.HESTON, vol),
        Kind.BATES: _leaping(daily, vol),
        Kind.REGIME: _regime(daily, vol),
        Kind.REVERTING: _reverting(daily, vol),
        Kind.TRENDING: _trending(daily, vol),
    }
    laws = tuple(law or usual(kind, vol) for kind, law in found.items())
    assumed = tuple(f"{kind.value}: {_UNTOLD[kind]}" for kind, law in found.items() if law is None)
    return Calibration(daily.total.size, left_out, float(bars.close[-1]), vol, laws, assumed)


_UNTOLD: Final = MappingProxyType(
    {
        Kind.HESTON: "variance shows no memory, so the usual one",
        Kind.BATES: "too few jumps or no memory of variance, so the usual ones",
        Kind.REGIME: "variance keeps to one state, so the usual two",
        Kind.REVERTING: "prices do not return, so the usual return",
        Kind.TRENDING: "a fortnight moves no farther than its days, so the usual trend",
    }
)


def _days_of(bars: Bars) -> tuple[_Daily, int]:
    """Statistics of the whole days, and how many days are not whole."""
    if not bars.start.size or DAY % bars.span:
        raise DataError(f"{bars.start.size} bars of {bars.span} ns: give bars that divide a day")
    per_day = DAY // bars.span
    first = int(bars.start[0]) // DAY
    days = int(bars.start[-1]) // DAY - first + 1
    moves = np.full(days * per_day, np.nan)
    place = (bars.start - first * DAY) // bars.span
    moves[place] = np.log(bars.close / bars.previous)
    closes = np.full(days * per_day, np.nan)
    closes[place] = np.log(bars.close)
    table, ends = moves.reshape(days, per_day), closes.reshape(days, per_day)[:, -1]
    there = np.isfinite(table).sum(axis=1)
    whole = (there >= WHOLE * per_day) & np.isfinite(ends)
    if whole.sum() < LEAST_DAYS:
        raise DataError(
            f"{int(whole.sum())} of {days} days have their bars, {LEAST_DAYS} are needed: "
            "give a longer history, or one with fewer gaps"
        )
    kept = table[whole]
    yearly = _DAYS * per_day / there[whole]
    beside = np.abs(kept[:, 1:] * kept[:, :-1])
    bipower = 0.5 * math.pi * np.nanmean(beside, axis=1)  # a bar's
    jumped = np.abs(kept) > JUMP * np.sqrt(bipower)[:, None]  # never where the move is unknown
    jumped &= bipower[:, None] > 0.0  # a day that hardly trades has no scale to jump by
    squares = np.square(kept)
    total = np.nansum(squares, axis=1) * yearly
    calm = np.nansum(np.where(jumped, 0.0, squares), axis=1) * yearly
    daily = _Daily(total, calm, np.nansum(kept, axis=1), ends[whole], kept[jumped])
    return daily, int(days - whole.sum())


def _damped(daily: _Daily, kind: Kind, vol: float) -> Dynamics | None:
    """Variance that reverts, or None where days do not resemble those before them."""
    mean = float(daily.calm.mean())
    apart = daily.calm - mean
    lags = np.arange(1, FADING + 1)
    shared = np.array([float(np.mean(apart[lag:] * apart[:-lag])) for lag in lags])
    last = int(np.argmax(shared <= 0.0)) if (shared <= 0.0).any() else lags.size
    if last < 2 or not mean > 0.0:
        return None
    slope, height = np.polyfit(lags[:last], np.log(shared[:last]), 1)
    pull = min(max(-float(slope) * _DAYS, PULL[0]), PULL[1])
    spread = min(math.exp(float(height)), mean * mean)  # of variance; its sd at most its mean
    noise = math.sqrt(2.0 * pull * spread / mean)
    turns = np.diff(np.log(np.maximum(daily.calm, 1e-6)))
    lean = float(np.corrcoef(daily.move[1:], turns)[0, 1])
    lean = min(max(lean, -0.9), 0.9) if math.isfinite(lean) else 0.0
    shape = replace(usual(kind, vol), pull=pull, noise=noise, lean=lean)
    return shape if kind is Kind.BATES else replace(shape, vol=vol)


def _leaping(daily: _Daily, vol: float) -> Dynamics | None:
    """Variance that reverts, and jumps beside it."""
    law = _damped(daily, Kind.BATES, vol)
    if law is None or daily.jumps.size < LEAST_JUMPS:
        return None
    return replace(
        law,
        vol=math.sqrt(float(daily.calm.mean())),
        jumps=daily.jumps.size * _DAYS / daily.total.size,
        jump_mean=float(daily.jumps.mean()),
        jump_vol=float(daily.jumps.std()),
    )


def _regime(daily: _Daily, vol: float) -> Dynamics | None:
    """A calm and a wild state: two means of log variance."""
    logs = np.log(np.maximum(daily.total, 1e-6))
    low, high = float(logs.min()), float(logs.max())
    for _ in range(50):
        wild = logs > 0.5 * (low + high)
        if not 0 < wild.sum() < logs.size:
            return None
        low, high = float(logs[~wild].mean()), float(logs[wild].mean())
    into = int((wild[1:] & ~wild[:-1]).sum())
    out = int((~wild[1:] & wild[:-1]).sum())
    if not (into and out):
        return None
    return replace(
        usual(Kind.REGIME, vol),
        vol=math.sqrt(float(daily.total[~wild].mean())),
        wild=math.sqrt(float(daily.total[wild].mean())),
        to_wild=into * _DAYS / int((~wild).sum()),
        to_calm=out * _DAYS / int(wild.sum()),
    )


def _reverting(daily: _Daily, vol: float) -> Dynamics | None:
    """A price that returns, as fast as its moves answer its level."""
    level = daily.log[:-1] - daily.log[:-1].mean()
    answer = -float(level @ np.diff(daily.log)) / float(level @ level) - 4.0 / level.size
    if not 0.0 < answer < 1.0:
        return None
    return replace(usual(Kind.REVERTING, vol), revert=-math.log1p(-answer) * _DAYS)


def _trending(daily: _Daily, vol: float) -> Dynamics | None:
    """A drift that fades in a fortnight, as strong as the fortnights' moves say."""
    count = daily.move.size - FORTNIGHT + 1
    totals = np.cumsum(np.concatenate(([0.0], daily.move - daily.move.mean())))
    wide = float(np.mean(np.square(totals[FORTNIGHT:] - totals[:count])))
    beyond = wide - FORTNIGHT * float(daily.move.var())
    if not beyond > 0.0:
        return None
    forget = _DAYS / FORTNIGHT
    return replace(
        usual(Kind.TRENDING, vol), forget=forget, trend=forget * math.sqrt(0.5 * math.e * beyond)
    )
