"""A search finds what is better where something is, and gives the prior back where nothing is."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.lab import search
from terminal.lab.ground import Ground, Terms, ground_of
from terminal.lab.search import Found, Plan, Scores, measured, searched
from terminal.lab.shape import BANDS, NAMES, NUMBERS, PRIOR, Family, numbers_of, tuned
from terminal.lab.simulate import simulate
from terminal.lab.straddles import straddles
from terminal.lab.trial import reference
from terminal.pricing.rows import FloatArray
from tests.unit.lab.walks import LOTS, few_windows

PLAN = Plan(numbers=(0, 1, 2), samples=16, rounds=4)


def made(seed: int = 1, count: int = 24) -> Ground:
    windows, setup = few_windows(seed, count)
    terms = Terms(setup, LOTS, 2e-5, count, 1)
    return ground_of(f"walk {seed}", windows, terms, (1.0, 0.6))


def bowl(centre: FloatArray) -> Any:
    """A measure whose least is at a known shape."""

    def measure(_: Family, ground: Ground, points: FloatArray) -> FloatArray:
        away = np.square(points - centre).sum(axis=1) - 0.5
        return np.stack((away, np.full(points.shape[0], np.log(ground.aversion))), axis=1)

    return measure


def run(grounds: list[Ground], plan: Plan = PLAN, workers: int = 1, seed: int = 7) -> Found:
    with ThreadPoolExecutor(workers) as pool:
        return searched(
            BANDS,
            grounds,
            plan,
            pool,
            draw=np.random.default_rng(seed),
            done={},
            keep=lambda *_: None,
            tell=lambda _: None,
        )


def test_the_prior_is_the_reference_itself() -> None:
    windows, setup = few_windows(1)
    book = straddles(windows, setup)
    aversions = np.array([1e-4, 2e-5])
    ours = simulate(tuned(np.array([PRIOR]), aversions, 0.6), book, setup, LOTS)
    theirs = simulate(reference(aversions), book, setup, LOTS)
    for mine, its in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-12)
    assert abs(measured(BANDS, made(), np.array([PRIOR]))[0, 0]) < 0.1


@given(st.integers(0, 4), st.floats(0.2, 0.8))
@settings(max_examples=10, deadline=None)
def test_the_least_of_a_bowl_is_found(place: int, part: float) -> None:
    ground, centre = made(1, 14), np.array(PRIOR)
    each = NUMBERS[place]
    centre[place] = each.low + part * (each.high - each.low)
    plan = Plan(numbers=(place,), samples=40, rounds=14, ridge=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "measured", bowl(centre))
        found = run([ground], plan)
    np.testing.assert_allclose(found.point, centre, atol=0.04 * (each.high - each.low))
    assert found.score <= found.prior_score


def test_the_ridge_holds_a_search_back(monkeypatch: pytest.MonkeyPatch) -> None:
    centre = np.array(PRIOR)
    centre[1] = 0.4
    monkeypatch.setattr(search, "measured", bowl(centre))
    free = run([made(1, 14)], replace(PLAN, numbers=(1,), ridge=0.0, rounds=12))
    held = run([made(1, 14)], replace(PLAN, numbers=(1,), ridge=0.2, rounds=12))
    assert 0.0 < held.point[1] < free.point[1] - 0.1


def test_nothing_better_gives_the_prior_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "measured", bowl(np.array(PRIOR)))
    found = run([made(1, 14)], replace(PLAN, numbers=(0,)))
    assert found.point == PRIOR
    assert found.score == found.prior_score


def test_what_is_found_does_not_depend_on_the_workers() -> None:
    grounds = [made(1)._replace(weight=0.5), made(50)._replace(weight=0.5)]
    plan = replace(PLAN, rounds=2)
    found = run(grounds, plan, workers=1)
    assert run(grounds, plan, workers=3) == found
    assert run(grounds, plan, seed=8) != found
    assert found.score <= found.prior_score


def test_a_risk_out_of_reach_is_no_bargain() -> None:
    far = made()._replace(risk=1e9)
    assert measured(BANDS, far, np.array([PRIOR]))[0, 0] == search.OUT_OF_REACH


@dataclass
class Memory:
    """Rounds as they are kept."""

    rounds: dict[int, Scores] = field(default_factory=dict)
    stop_after: int = 99

    def keep(self, number: int, scores: Scores) -> None:
        self.rounds[number] = scores
        if len(self.rounds) == self.stop_after:
            raise KeyboardInterrupt


class Once(Executor):
    """Counts what is asked of it and does it at once."""

    def __init__(self) -> None:
        self.asked = 0

    def submit(self, call: Any, /, *given: Any, **named: Any) -> Future[Any]:
        """Do it."""
        self.asked += 1
        future: Future[Any] = Future()
        future.set_result(call(*given, **named))
        return future


def test_a_search_that_was_stopped_goes_on_to_the_same_end() -> None:
    grounds = [made()]
    plan = replace(PLAN, rounds=3, samples=8)
    told: list[float] = []

    def go(memory: Memory, done: dict[int, Scores], pool: Once) -> Found:
        draw = np.random.default_rng(7)
        return searched(
            BANDS, grounds, plan, pool, draw=draw, done=done, keep=memory.keep, tell=told.append
        )

    whole = go(Memory(), {}, Once())
    assert told == sorted(told)
    assert told[-1] == 1.0
    stopped = Memory(stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        go(stopped, {}, Once())
    pool = Once()
    assert go(Memory(), stopped.rounds, pool) == whole
    assert pool.asked == 2  # one round and the end


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"samples": 4}, "samples 4: give 8 to 512"),
        ({"rounds": 0}, "rounds 0: give 1 to 100"),
        ({"ridge": -1.0}, "ridge 0 to 1"),
        ({"elite": 0.9}, "elite must be"),
        ({"numbers": ()}, "name one at least"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        run([], replace(PLAN, **change))


def test_numbers_go_by_name() -> None:
    assert numbers_of(["time", "leave"]) == (0, 4)
    with pytest.raises(ConfigError, match=f"'colour' to be searched: choose of {NAMES[0]}"):
        numbers_of(["colour", "leave"])
    with pytest.raises(ConfigError, match="nothing to be searched"):
        numbers_of([])


def test_a_band_is_tilted_and_stays_closed_around_its_stops() -> None:
    windows, setup = few_windows(3)
    book = straddles(windows, setup)
    points = np.array([[0.5, 0.5, 1.0, 0.5, -0.5]])
    rule = tuned(points, np.array([2e-5]), 0.6)
    seen = []

    def spy(sight: Any, setting: Any) -> Any:
        answer = rule.answer(sight, setting)
        seen.append((sight, answer))
        return answer

    simulate(rule._replace(answer=spy), book, setup, LOTS)
    for sight, answer in seen:
        assert (answer.low <= answer.from_below).all()
        assert (answer.from_below <= answer.from_above).all()
        assert (answer.from_above <= answer.high).all()
        assert (-answer.low >= 3.0 * sight.least * (1 - 1e-12)).all()
    sight, answer = seen[0]
    np.testing.assert_allclose(answer.high / -answer.low, 3.0)
    np.testing.assert_allclose(answer.from_above, 0.5 * answer.high)
