"""The learned cost: bounded, monotone, slow to believe, and silent when switched off."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.execution.learned_cost import (
    HALF_LIFE,
    LEAST,
    MOST,
    PRIOR,
    Learned,
    learn,
    used_cost,
)

RATIOS = st.lists(st.floats(-1e6, 1e6), max_size=300)


def taught(ratios: list[float]) -> Learned:
    learned = Learned()
    for ratio in ratios:
        learned = learn(learned, ratio)
    return learned


@given(ratios=RATIOS, quoted=st.floats(1e-6, 1e-2), percent=st.floats(0.0, 100.0))
def test_whatever_fills_say_the_cost_is_bounded(
    ratios: list[float], quoted: float, percent: float
) -> None:
    used = used_cost(quoted, taught(ratios), percent)
    assert LEAST * quoted * (1 - 1e-12) <= used <= MOST * quoted * (1 + 1e-12)
    assert used_cost(quoted, taught(ratios), 0.0) == quoted


@given(ratios=RATIOS.filter(bool), place=st.integers(0), more=st.floats(0.0, 1e3))
def test_a_dearer_hedge_never_lowers_the_cost(
    ratios: list[float], place: int, more: float
) -> None:
    dearer = list(ratios)
    dearer[place % len(ratios)] += more
    assert taught(dearer).factor >= taught(ratios).factor - 1e-12


def test_the_bounds_are_reached_and_not_passed() -> None:
    assert taught([1e6] * 300).factor == MOST
    assert taught([-1e6] * 300).factor == LEAST


def test_nothing_learned_is_the_quoted_cost() -> None:
    assert Learned().factor == 1.0
    assert used_cost(5e-4, None, 100.0) == used_cost(5e-4, Learned(), 100.0) == 5e-4
    assert used_cost(5e-4, taught([1.0] * 500), 100.0) == pytest.approx(5e-4)


def test_belief_grows_with_the_sample() -> None:
    one, many = taught([0.5]).factor, taught([0.5] * 30).factor
    assert one == pytest.approx((PRIOR + 0.5) / (PRIOR + 1.0))
    assert 1.0 > one > many > 0.5
    always = taught([0.6] * 3000).factor
    weight = 1.0 / (1.0 - 0.5 ** (1.0 / HALF_LIFE))
    assert always == pytest.approx((PRIOR + 0.6 * weight) / (PRIOR + weight))


def test_old_lessons_fade_by_half_in_their_half_life() -> None:
    learned = learn(Learned(), 2.0)
    for _ in range(round(HALF_LIFE)):
        learned = learn(learned, 0.0)
    assert learned.total == pytest.approx(1.0)
    assert learned.hedges == 1 + round(HALF_LIFE)


@pytest.mark.parametrize("wild", [1e9, math.inf])
def test_one_wild_fill_is_not_believed(wild: float) -> None:
    assert learn(Learned(), wild).factor == pytest.approx((PRIOR + 4.0) / (PRIOR + 1.0))
    assert learn(Learned(), -wild).factor == pytest.approx((PRIOR - 2.0) / (PRIOR + 1.0))
