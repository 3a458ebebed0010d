"""A sweep gives the same scores whatever works it off, goes on where it stopped, and can be cut."""

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.lab.fast import path_of, run
from terminal.lab.sweep import (
    Axis,
    Market,
    Score,
    Task,
    grid,
    hypercube,
    scores,
    sweep,
    with_values,
)
from terminal.model.risk import PolicyKind
from tests.unit.lab.test_fast import COIN, CONTRACT, profile_of, straddle, venue_of, year

AT, CLOSE = year()
PROFILE = profile_of(PolicyKind.BAND_TO_EDGE)
TASK = Task(Market(AT, CLOSE, 0.5, straddle(AT)), PROFILE, COIN, venue_of(CONTRACT), ("band",))
SETTINGS = grid([Axis("band", 0.05, 2.0, 60)])


class Mailed(Executor):
    """A cluster's executor: tasks and answers travel as bytes."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        function, given_args = pickle.loads(pickle.dumps((fn, args)))
        future: Future[Any] = Future()
        future.set_result(pickle.loads(pickle.dumps(function(*given_args, **kwargs))))
        return future


def swept(pool: Executor, **known: Any) -> tuple[Score, ...]:
    terms = {"done": {}, "keep": lambda *_: None, "tell": lambda _: None, **known}
    return sweep(TASK, SETTINGS, pool, **terms)


def test_scores_are_those_of_single_runs_on_any_workers() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = swept(pool)
    assert found == swept(Mailed())
    assert [each.values for each in found] == list(SETTINGS)
    path = path_of(*TASK.market)
    for number in (0, 31, 59):
        profile = with_values(PROFILE, COIN, ("band",), SETTINGS[number])
        alone = run(path, profile, COIN, TASK.venue, curve=False)
        assert (found[number].profit, found[number].trades) == (alone.profit, alone.bar.size)
    assert found[0].trades > found[-1].trades
    assert found[0].cost > found[-1].cost


def test_it_goes_on_where_it_stopped() -> None:
    kept: dict[int, tuple[Score, ...]] = {}
    told: list[float] = []
    whole = swept(Mailed(), keep=kept.__setitem__, tell=told.append)
    assert sorted(kept) == [0, 25, 50]
    assert told[-1] == 1.0
    assert told == sorted(told)
    again: dict[int, tuple[Score, ...]] = {}
    known = {first: kept[first] for first in (0, 50)}
    assert swept(Mailed(), done=known, keep=again.__setitem__) == whole
    assert sorted(again) == [25]


def test_an_interruption_cancels_what_has_not_begun() -> None:
    def stop(first: int, part: Sequence[Score]) -> None:
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        swept(pool, keep=stop)


def test_a_setting_that_cannot_run_says_why_and_the_others_go_on() -> None:
    bad, good = scores(TASK, [(1e-5,), (0.5,)])
    assert "60 % of one lot" in bad.left
    assert good.left == ""
    assert good.trades > 0
    with pytest.raises(ConfigError, match="'colour' cannot be swept: choose of band"):
        with_values(PROFILE, COIN, ("colour",), (1.0,))
    with pytest.raises(ConfigError, match="no policy for DOGE"):
        with_values(PROFILE, "DOGE", ("band",), (1.0,))


@given(st.integers(1, 60), st.integers(0, 99))
def test_a_hypercube_has_one_setting_in_every_part_of_every_axis(count: int, seed: int) -> None:
    axes = [Axis("risk_aversion", 1e-6, 1e-3), Axis("target", -1.0, 1.0)]
    found = np.array(hypercube(axes, count, seed))
    assert found.shape == (count, 2)
    parts = np.column_stack((np.log(found[:, 0] / 1e-6) / np.log(1e3), (found[:, 1] + 1.0) / 2.0))
    for column in parts.T:
        assert sorted(np.floor(column * count - 1e-9).clip(0)) == list(range(count))
    assert hypercube(axes, count, seed) == tuple(map(tuple, found.tolist()))
