"""Many settings of a policy on one market, in parts that any pool of workers can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.units import DAY
from terminal.lab.fast import Held, Path, Run, Venue, path_of, run, why_not
from terminal.market.arrays import InstantArray
from terminal.model.risk import RiskProfile
from terminal.pricing.rows import FloatArray

PART: Final = 25
"""Settings of a part: few enough to be cancelled soon, enough to be worth sending."""

OF_PROFILE: Final = ("risk_aversion", "min_gap_s", "hedges_per_hour", "flips_per_10min")
OF_POLICY: Final = ("target", "low", "high", "cap", "leave", "every_s")
BAND: Final = "band"  # low and high at once
PARAMETERS: Final = (BAND, *OF_POLICY, *OF_PROFILE)
WHOLE: Final = frozenset({"hedges_per_hour", "flips_per_10min"})

Values = tuple[float, ...]
Progress = Callable[[float], None]
Keep = Callable[[int, "tuple[Score, ...]"], None]


class Axis(Struct, frozen=True):
    """One parameter and the numbers it takes, evenly apart: by ratio where both ends are > 0."""

    name: str
    low: float
    high: float
    count: int = 2


class Market(NamedTuple):
    """What every setting runs on; small enough to be sent with each part."""

    at: InstantArray
    close: FloatArray
    half_spread_bps: float
    options: tuple[Held, ...]


class Task(NamedTuple):
    """What all settings of a sweep have in common."""

    market: Market
    profile: RiskProfile
    underlying: str
    venue: Venue
    names: tuple[str, ...]


class Score(Struct, frozen=True):
    """What one setting came to, USD; ``risk`` is the standard deviation of a day's P&L."""

    values: Values
    profit: float
    cost: float
    risk: float
    trades: int
    turnover: float
    left: str  # why the path was left before its end; empty where it was run whole


def grid(axes: Sequence[Axis]) -> tuple[Values, ...]:
    """Every combination of the axes' numbers."""
    return tuple(product(*(_along(axis, np.linspace(0.0, 1.0, axis.count)) for axis in axes)))


def hypercube(axes: Sequence[Axis], count: int, seed: int) -> tuple[Values, ...]:
    """Settings of which each axis, cut in ``count`` equal parts, has one in every part.

    Notes
    -----
    Latin hypercube sampling (McKay, Beckman and Conover 1979). Equal for equal arguments.
    """
    draw = np.random.default_rng(seed)
    columns = [
        _along(axis, (draw.permutation(count) + draw.random(count)) / count) for axis in axes
    ]
    return tuple(zip(*columns, strict=True))


def _along(axis: Axis, part: FloatArray) -> list[float]:
    """Numbers at these parts of an axis, 0 its low end and 1 its high one."""
    if axis.low > 0.0 and axis.high > 0.0:
        found: list[float] = (axis.low * (axis.high / axis.low) ** part).tolist()
        return found
    even: list[float] = (axis.low + (axis.high - axis.low) * part).tolist()
    return even


def with_values(
    profile: RiskProfile, underlying: str, names: Sequence[str], values: Values
) -> RiskProfile:
    """Profile with some of its numbers, or its policy's, set.

    Raises
    ------
    ConfigError
        The profile has no policy for the coin, or no such parameter can be swept.
    """
    spec = profile.policies.get(underlying)
    if spec is None:
        raise ConfigError(f"the profile has no policy for {underlying}: add one")
    own: dict[str, float] = {}
    policy: dict[str, float] = {}
    for name, value in zip(names, values, strict=True):
        if name == BAND:
            policy |= {"low": -value, "high": value}
        elif name in OF_POLICY:
            policy[name] = value
        elif name in OF_PROFILE:
            own[name] = round(value) if name in WHOLE else value
        else:
            raise ConfigError(f"{name!r} cannot be swept: choose of {', '.join(PARAMETERS)}")
    policies = {**profile.policies, underlying: replace(spec, **policy)}
    return replace(profile, policies=policies, **own)


def scores(task: Task, settings: Sequence[Values]) -> tuple[Score, ...]:
    """Run some settings, one after another: what a worker is asked to do.

    Notes
    -----
    The path is priced anew in every part: that is quicker than sending it. A setting that the fast
    path cannot run is scored with the reason, and the others go on.
    """
    path = path_of(*task.market)
    return tuple(_score(task, path, values) for values in settings)


def _score(task: Task, path: Path, values: Values) -> Score:
    profile = with_values(task.profile, task.underlying, task.names, values)
    fault = why_not(profile, task.underlying, task.venue.contract)
    if fault:
        return Score(values, 0.0, 0.0, 0.0, 0, 0.0, fault)
    found = run(path, profile, task.underlying, task.venue, curve=True)
    risk = _daily_risk(path, found)
    return Score(values, found.profit, found.cost, risk, found.bar.size, found.turnover, found.left)


def _daily_risk(path: Path, found: Run) -> float:
    """Standard deviation of the P&L of whole days; 0 with fewer than two of them."""
    last = found.left_at if found.left else path.at.size
    ends = np.flatnonzero(np.diff(path.at[:last] // DAY))
    return float(np.diff(found.pnl[ends]).std()) if ends.size > 2 else 0.0


def sweep(
    task: Task,
    settings: Sequence[Values],
    pool: Executor,
    *,
    done: Mapping[int, tuple[Score, ...]],
    keep: Keep,
    tell: Progress,
) -> tuple[Score, ...]:
    """Score every setting on whatever workers a pool has.

    Parameters
    ----------
    task : Task
    settings : sequence of tuple of float
        In the order of the task's names.
    pool : Executor
        Threads, processes, or a cluster's: only ``submit`` is asked of it.
    done : mapping
        Parts that were scored before, by the number of their first setting.
    keep : callable
        Given each part as it comes, with the number of its first setting.
    tell : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    tuple of Score
        In the order of the settings, whatever the workers.

    Notes
    -----
    An interruption cancels what has not begun and is passed on; what was kept can be given back as
    ``done``.
    """
    found = {first: part for first, part in done.items() if first < len(settings)}
    waiting: dict[Future[tuple[Score, ...]], int] = {}
    try:
        for first in range(0, len(settings), PART):
            if first not in found:
                part = settings[first : first + PART]
                waiting[pool.submit(scores, task, part)] = first
        while waiting:
            tell(len(found) * PART / len(settings))
            ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for each in ready:
                first = waiting.pop(each)
                found[first] = each.result()
                keep(first, found[first])
    finally:
        for each in waiting:
            each.cancel()
    tell(1.0)
    return tuple(score for first in sorted(found) for score in found[first])
