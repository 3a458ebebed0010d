"""Cross-entropy search for the shape of a band that costs least at equal risk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.lab.frontier import CENT, cost_at, frontier, position, reaches
from terminal.lab.ground import Ground
from terminal.lab.shape import Family
from terminal.lab.simulate import simulate
from terminal.lab.trial import worst
from terminal.pricing.rows import FloatArray

STEPS: Final = (8.0, 3.0, 1.1, 0.4, 0.15)
"""Risk aversions that each shape is run at, over the target's: the band from half to twice."""

TOGETHER: Final = 8
"""Shapes that are run at once: their arrays fit the processor's cache."""

OUT_OF_REACH: Final = 1.0
"""Logarithm of the cost ratio of a shape that carries the asked risk at no aversion tried."""

KEPT: Final = 0.7
"""Part of the elite's mean that a round takes over; the rest is what was before."""

NARROWED: Final = 0.5
"""The same of its spread, slower: few shapes narrow too soon."""

Scores = tuple[tuple[float, float], ...]
Keep = Callable[[int, Scores], None]
Progress = Callable[[float], None]


class Plan(Struct, frozen=True, kw_only=True):
    """How a search goes.

    Attributes
    ----------
    numbers : tuple of int
        Places in the family's numbers that are searched; the others stay at their prior.
    samples, rounds : int
        Shapes a round, and rounds.
    elite : float
        Part of the shapes that the next round is drawn around.
    ridge : float
        Weight of the squared distance from the prior, in first spreads, against the log of the cost
        ratio: what keeps a search from fitting chance.
    """

    numbers: tuple[int, ...]
    samples: int = 32
    rounds: int = 10
    elite: float = 0.2
    ridge: float = 0.002


class Found(Struct, frozen=True):
    """Shape that a search ends at.

    Attributes
    ----------
    point : tuple of float
        In the order of the family's numbers.
    risk_aversion : float
        1/USD, at which it carries the reference's risk.
    score, prior_score : float
        Mean log of the cost ratio at equal risk, ridge included, and that of where it began.
    ratios : tuple of (str, float)
        Cost ratio at equal risk by ground, in sample.
    """

    point: tuple[float, ...]
    risk_aversion: float
    score: float
    prior_score: float
    ratios: tuple[tuple[str, float], ...]


def checked(plan: Plan, family: Family) -> Plan:
    """The same plan, once it can be followed.

    Raises
    ------
    ConfigError
        A number is out of range; the message names it.
    """
    whole = {"samples": (8, 512), "rounds": (1, 100)}
    for name, (low, high) in whole.items():
        if not low <= getattr(plan, name) <= high:
            raise ConfigError(f"{name} {getattr(plan, name)}: give {low} to {high}")
    if not 0.0 < plan.elite <= 0.5 or not 0.0 <= plan.ridge <= 1.0:
        raise ConfigError("elite must be above 0 and 0.5 at most, ridge 0 to 1")
    if not plan.numbers or not set(plan.numbers) <= set(range(len(family.names))):
        raise ConfigError("no number is searched: name one at least")
    return plan


class _Work(NamedTuple):
    """What the workers do and tell."""

    family: Family
    grounds: Sequence[Ground]
    pool: Executor
    told: Callable[[], None]


def searched(
    family: Family,
    grounds: Sequence[Ground],
    plan: Plan,
    pool: Executor,
    *,
    draw: np.random.Generator,
    done: Mapping[int, Scores],
    keep: Keep,
    tell: Progress,
) -> Found:
    """Search a shape that costs little at the reference's risk on all grounds.

    Parameters
    ----------
    family : Family
    grounds : sequence of Ground
        At least one; weights sum to 1.
    plan : Plan
    pool : Executor
        Threads or any workers: what is found does not depend on how many.
    draw : numpy.random.Generator
        Seeded; the only chance there is.
    done : mapping
        Scores of rounds that were kept before, by number.
    keep : callable
        Given the scores of each round as it ends, by number.
    tell : callable
        Told the part that is done, 0 to 1.

    Returns
    -------
    Found
        The prior itself, where nothing better was found.

    Raises
    ------
    ConfigError
        The plan cannot be followed.

    Notes
    -----
    Cross-entropy method (Rubinstein 1999): each round draws shapes from a normal law, and the law
    moves to the mean and spread of the best. All shapes see the same paths. An interruption cancels
    what has not begun and is passed on; rounds given back as ``done`` are drawn again, not run.
    """
    plan = checked(plan, family)
    chosen, prior = list(plan.numbers), np.array(family.prior)
    mean, deviation = prior[chosen], np.array(family.spread)[chosen]
    best = max(2, round(plan.elite * plan.samples))
    steps = (plan.rounds + 1) * len(grounds)
    finished = 0

    def told() -> None:
        nonlocal finished
        finished += 1
        tell(min(finished / (steps * _parts(plan.samples)), 1.0))

    work = _Work(family, grounds, pool, told)
    for number in range(plan.rounds):
        points = _sampled(family, plan, draw, (mean, deviation))
        scores = done.get(number)
        if scores is None:
            scores = scored(work, points)
            keep(number, scores)
        else:
            finished += len(grounds) * _parts(plan.samples)
        total = np.array([score for score, _ in scores]) + _ridge(family, points, plan)
        elite = points[np.argsort(total, kind="stable")[:best]][:, chosen]
        mean = KEPT * elite.mean(axis=0) + (1.0 - KEPT) * mean
        deviation = NARROWED * elite.std(axis=0) + (1.0 - NARROWED) * deviation
    point = prior.copy()
    point[chosen] = mean
    return _ended(work, np.stack((prior, point)), plan)


def _parts(samples: int) -> int:
    return -(-samples // TOGETHER)


def _sampled(
    family: Family,
    plan: Plan,
    draw: np.random.Generator,
    law: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Shapes of a round, within their ranges; the first is the mean itself."""
    mean, deviation = law
    chosen = list(plan.numbers)
    points = np.tile(family.prior, (plan.samples, 1))
    points[:, chosen] = mean + deviation * draw.standard_normal((plan.samples, len(chosen)))
    points[0, chosen] = mean
    return np.asarray(np.clip(points, family.low, family.high))


def _ridge(family: Family, points: FloatArray, plan: Plan) -> FloatArray:
    away = (points - np.array(family.prior)) / np.array(family.spread)
    return np.asarray(plan.ridge * family.stiffness * np.square(away).sum(axis=1))


def _ended(work: _Work, points: FloatArray, plan: Plan) -> Found:
    """The better of the prior and the point that was found."""
    table = _table(work, points)
    scores = _weighed(work.grounds, table)
    total = np.array([score for score, _ in scores]) + _ridge(work.family, points, plan)
    at = int(np.argmin(total))
    return Found(
        point=tuple(points[at].tolist()),
        risk_aversion=scores[at][1],
        score=float(total[at]),
        prior_score=float(total[0]),
        ratios=tuple(
            (ground.name, float(np.exp(row[at, 0])))
            for ground, row in zip(work.grounds, table, strict=True)
        ),
    )


def scored(work: _Work, points: FloatArray) -> Scores:
    """Mean log cost ratio of each shape over the grounds, and the aversion it is met at."""
    return _weighed(work.grounds, _table(work, points))


def _weighed(grounds: Sequence[Ground], table: Sequence[FloatArray]) -> Scores:
    total = sum(ground.weight * row for ground, row in zip(grounds, table, strict=True))
    pairs = np.asarray(total).tolist()
    return tuple((score, float(np.exp(aversion))) for score, aversion in pairs)


def _table(work: _Work, points: FloatArray) -> list[FloatArray]:
    """Of each ground: log cost ratio and log risk aversion of every shape, (p, 2)."""
    found = [np.empty((points.shape[0], 2)) for _ in work.grounds]
    waiting: dict[Future[FloatArray], tuple[int, int]] = {}
    try:
        for number, ground in enumerate(work.grounds):
            for first in range(0, points.shape[0], TOGETHER):
                part = points[first : first + TOGETHER]
                waiting[work.pool.submit(measured, work.family, ground, part)] = (number, first)
        while waiting:
            ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for each in ready:
                number, first = waiting.pop(each)
                rows = each.result()
                found[number][first : first + rows.shape[0]] = rows
                work.told()
    finally:
        for each in waiting:
            each.cancel()
    return found


def measured(family: Family, ground: Ground, points: FloatArray) -> FloatArray:
    """Log cost ratio at the reference's risk, and log risk aversion there, of each shape: (p, 2).

    Notes
    -----
    Risk is the CVaR at 95 % of the hedging P&L, about its mean: what the hedges and their cost add
    to a costless hedge at every decision. What no policy decides is not in it.
    """
    aversions = ground.aversion * np.array(STEPS)
    rule = family.make(points, aversions, ground.usual_vol)
    outcome = simulate(rule, ground.book, ground.setup, ground.lots)
    shape = (points.shape[0], aversions.size)
    risk = worst(outcome.error - outcome.cost).reshape(shape)
    curve = frontier(risk, outcome.cost.mean(axis=1).reshape(shape))
    asked = np.full(points.shape[0], ground.risk)
    ratio = np.log(cost_at(curve, asked) / max(ground.cost, CENT))
    ratio = np.where(reaches(curve, asked) == 1.0, ratio, OUT_OF_REACH)
    place = position(curve, asked)
    at = np.interp(place, np.arange(aversions.size), np.log(aversions))
    return np.stack((ratio, at), axis=1)
