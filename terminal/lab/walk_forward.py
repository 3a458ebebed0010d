"""Search on a window of history, test on the next: what a search is worth out of sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import DAY
from terminal.lab.calibrate import LEAST_DAYS, Calibration, calibrated
from terminal.lab.compare import Draws
from terminal.lab.ground import LEAST_WINDOWS, Terms, grounds_of, history
from terminal.lab.rule import Rule
from terminal.lab.search import Found, Plan, Scores, searched
from terminal.lab.shape import Family
from terminal.lab.trial import Edge, Trial, edge, joined, tried
from terminal.lab.windows import LONG_DAYS
from terminal.market.bars import Bars, between

LEAST_TRAIN: Final = LONG_DAYS + LEAST_DAYS

Keep = Callable[[int, int, Scores], None]
Progress = Callable[[float, str], None]


class Split(NamedTuple):
    """One training and the test after it, UtcNs: [first, middle) and [middle, last)."""

    first: int
    middle: int
    last: int


class Frozen(Struct, frozen=True):
    """A shape as it was when its training ended.

    Attributes
    ----------
    trained_from, trained_until : int
        UtcNs of the bars that training saw.
    usual_vol : float
        Annual, of the training's windows.
    found : Found
    """

    trained_from: int
    trained_until: int
    usual_vol: float
    found: Found


class Fold(Struct, frozen=True):
    """What one training found, and what it came to in the time after it."""

    frozen: Frozen
    tested_until: int
    windows: int
    edge: Edge


class WalkForward(Struct, frozen=True):
    """Every fold, and all their tests as one sample."""

    folds: tuple[Fold, ...]
    whole: Edge


class Course(NamedTuple):
    """How folds are trained; days of the training and of the test, and whether it grows."""

    train_days: int
    test_days: int
    growing: bool
    plan: Plan
    terms: Terms
    draws: Draws


class Shop(NamedTuple):
    """Who works, what was done before by (fold, round), and who is told."""

    pool: Executor
    done: Mapping[tuple[int, int], Scores]
    keep: Keep
    tell: Progress


def splits(bars: Bars, course: Course) -> tuple[Split, ...]:
    """Trainings and tests that follow one another, from the first midnight of the bars.

    Parameters
    ----------
    bars : Bars
    course : Course

    Returns
    -------
    tuple of Split
        Tests do not overlap; the last may be cut short, while it holds enough windows.

    Raises
    ------
    DataError
        The bars are too few for one, or the days asked are.
    """
    least = course.terms.setup.days + LEAST_WINDOWS
    if course.train_days < LEAST_TRAIN or course.test_days < least:
        raise DataError(
            f"{course.train_days} days of training and {course.test_days} of test: "
            f"give {LEAST_TRAIN} and {least} at least"
        )
    if not bars.start.size:
        raise DataError("there are no bars: name a file of them")
    begin = -(-int(bars.start[0]) // DAY) * DAY
    end = int(bars.start[-1]) + bars.span
    found = []
    middle = begin + course.train_days * DAY
    while end - middle >= least * DAY:
        first = begin if course.growing else middle - course.train_days * DAY
        last = min(middle + course.test_days * DAY, end)
        found.append(Split(first, middle, last))
        middle = last
    if not found:
        raise DataError(
            f"{(end - begin) / DAY:.0f} days of bars, {course.train_days + least} are needed for "
            "one training and one test: give more bars or shorter ones"
        )
    return tuple(found)


def trained(
    bars: Bars, plan: Plan, terms: Terms, fold: int, shop: Shop
) -> tuple[Frozen, Calibration]:
    """Search on bars, and on worlds calibrated to them.

    Parameters
    ----------
    bars : Bars
        All that training may see.
    plan : Plan
    terms : Terms
    fold : int
        Number of the training; its chance comes from it and the seed of the terms.
    shop : Shop
        Its progress is of this training.

    Returns
    -------
    tuple of Frozen and Calibration

    Raises
    ------
    DataError
        The bars are too few, or full of gaps.
    ConfigError
        The plan cannot be followed.
    """
    worlds = calibrated(bars)
    grounds = grounds_of(history(bars, terms.setup), worlds, terms)
    found = searched(
        terms.family,
        grounds,
        plan,
        shop.pool,
        draw=np.random.default_rng((terms.seed, fold)),
        done={number: scores for (of, number), scores in shop.done.items() if of == fold},
        keep=lambda number, scores: shop.keep(fold, number, scores),
        tell=lambda part: shop.tell(part, f"training {fold + 1}"),
    )
    until = int(bars.start[-1]) + bars.span
    return Frozen(int(bars.start[0]), until, grounds[0].usual_vol, found), worlds


def rule_of(frozen: Frozen, family: Family) -> Rule:
    """The frozen shape as a rule of one setting."""
    point, found = np.array([frozen.found.point]), frozen.found
    return family.make(point, np.array([found.risk_aversion]), frozen.usual_vol)


def tested(rule: Rule, bars: Bars, after: int, until: int, terms: Terms) -> Trial:
    """Try a frozen rule on the windows that open from one instant on and end by another.

    Raises
    ------
    DataError
        Too few windows have their bars.
    """
    part = between(bars, after - LONG_DAYS * DAY, until)  # the first window opens a month later
    return tried(rule, history(part, terms.setup), terms.setup, terms.lots)


def walked_forward(bars: Bars, course: Course, shop: Shop) -> WalkForward:
    """Train and test, fold after fold.

    Parameters
    ----------
    bars : Bars
    course : Course
    shop : Shop

    Returns
    -------
    WalkForward
        Equal for equal arguments, whatever the workers.

    Raises
    ------
    DataError, ConfigError
        As `splits`, `trained` and `tested`.

    Notes
    -----
    No test window opens before its training's last bar; worlds, shape, risk aversion and the usual
    volatility come from the training alone.
    """
    parts = splits(bars, course)
    folds, trials = [], []
    for number, (fold, trial) in enumerate(_folds(bars, course, shop, parts)):
        folds.append(fold)
        trials.append(trial)
        shop.tell((number + 1) / len(parts), f"fold {number + 1}")
    return WalkForward(tuple(folds), edge(joined(trials), course.draws))


def _folds(
    bars: Bars, course: Course, shop: Shop, parts: tuple[Split, ...]
) -> Iterator[tuple[Fold, Trial]]:
    for number, split in enumerate(parts):

        def tell(part: float, what: str, before: int = number) -> None:
            shop.tell((before + 0.95 * part) / len(parts), what)

        here = shop._replace(tell=tell)
        seen = between(bars, split.first, split.middle)
        frozen, _ = trained(seen, course.plan, course.terms, number, here)
        rule = rule_of(frozen, course.terms.family)
        trial = tested(rule, bars, split.middle, split.last, course.terms)
        count = int(trial.start.size)
        yield Fold(frozen, split.last, count, edge(trial, course.draws)), trial
