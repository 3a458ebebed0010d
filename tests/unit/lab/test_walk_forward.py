"""A walk forward never sees what it is tested on, and its tests follow one another."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from terminal.core.errors import DataError
from terminal.core.units import DAY, HOUR
from terminal.lab import walk_forward
from terminal.lab.compare import Draws
from terminal.lab.ground import Terms, history
from terminal.lab.network import FAMILY, WEIGHTS
from terminal.lab.search import Plan
from terminal.lab.trial import reference
from terminal.lab.walk_forward import Course, Shop, WalkForward, splits, walked_forward
from terminal.lab.windows import Setup
from terminal.market.bars import Bars
from tests.unit.lab.walks import LOTS, START, bars_from, walk

SETUP = Setup(days=1, tenor_days=2)
COURSE = Course(
    train_days=60,
    test_days=20,
    growing=False,
    plan=Plan(numbers=(0, 1), samples=8, rounds=1),
    terms=Terms(SETUP, LOTS, 2e-5, 40, 1),
    draws=Draws(100, 2, 1),
)


def walked(bars: Bars, course: Course = COURSE, workers: int = 1) -> WalkForward:
    told: list[float] = []
    with ThreadPoolExecutor(workers) as pool:
        shop = Shop(pool, {}, lambda *_: None, lambda part, _: told.append(part))
        found = walked_forward(bars, course, shop)
    assert told == sorted(told)
    assert told[-1] == 1.0
    return found


def test_tests_follow_one_another_and_their_trainings() -> None:
    bars = bars_from(walk(1, 118))
    parts = splits(bars, COURSE)
    assert [(part.first, part.middle, part.last) for part in parts] == [
        (START, START + 60 * DAY, START + 80 * DAY),
        (START + 20 * DAY, START + 80 * DAY, START + 100 * DAY),
        (START + 40 * DAY, START + 100 * DAY, START + 118 * DAY),
    ]
    growing = splits(bars, COURSE._replace(growing=True))
    assert {part.first for part in growing} == {START}


def test_what_comes_after_a_training_does_not_change_what_it_finds() -> None:
    closes = walk(2, 80)
    whole = walked(bars_from(closes))
    assert walked(bars_from(closes), workers=3) == whole
    fold = whole.folds[0]
    assert fold.frozen.trained_until == START + 60 * DAY
    assert fold.windows == 20
    assert whole.whole == fold.edge
    assert fold.edge.low <= fold.edge.ratio <= fold.edge.high
    other = closes.copy()
    other[60 * 288 :] *= np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, 20 * 288)))
    changed = walked(bars_from(other)).folds[0]
    assert changed.frozen == fold.frozen
    assert changed.edge != fold.edge


def test_a_network_is_walked_forward_as_a_band_is() -> None:
    plan = Plan(numbers=tuple(range(WEIGHTS)), samples=8, rounds=1)
    course = COURSE._replace(plan=plan, terms=COURSE.terms._replace(family=FAMILY))
    fold = walked(bars_from(walk(2, 80)), course).folds[0]
    assert len(fold.frozen.found.point) == WEIGHTS
    assert fold.edge.low <= fold.edge.ratio <= fold.edge.high


@pytest.mark.parametrize(
    ("days", "course", "said"),
    [
        (70, COURSE, "70 days of bars, 75 are needed for one training and one test"),
        (90, COURSE._replace(train_days=59), "give 60 and 15 at least"),
        (90, COURSE._replace(test_days=14), "give 60 and 15 at least"),
    ],
)
def test_too_little_history_is_refused(days: int, course: Course, said: str) -> None:
    with pytest.raises(DataError, match=said):
        splits(bars_from(walk(4, days)), course)


def test_a_history_too_short_for_windows_says_how_many_are_missing() -> None:
    with pytest.raises(DataError, match=r"10 windows have their 1 days .* 14 are needed"):
        history(bars_from(walk(5, 40)), SETUP)


def test_only_windows_after_the_training_are_tried_and_none_is_a_clear_message() -> None:
    bars, rule = bars_from(walk(6, 80)), reference(np.array([2e-5]))
    after = START + 60 * DAY + 7 * HOUR  # a training may end at any hour
    trial = walk_forward.tested(rule, bars, after, START + 80 * DAY, COURSE.terms)
    assert int(trial.start[0]) == START + 61 * DAY
    with pytest.raises(DataError, match="no bars in the days that are asked for"):
        walk_forward.tested(rule, bars, START + 200 * DAY, START + 300 * DAY, COURSE.terms)
