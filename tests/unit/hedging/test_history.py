"""A profile on a past: the hedges are those of the policy, and a wider band makes fewer."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.hedging.history import Moment, applied
from terminal.hedging.inputs import HedgeInputs
from terminal.model.risk import PolicyKind
from tests.helpers.builders import NOW, SPOT, inputs, profile, spec

GAMMA = 1e-3


def wave(count: int = 600, swing: float = 0.02, gamma: float = GAMMA) -> list[Moment]:
    """A price that swings, and a delta that follows it by its gamma."""
    path = []
    for number in range(count):
        price = SPOT * (1.0 + swing * math.sin(number / 40.0))
        path.append(Moment(NOW + number * MINUTE, price, gamma * (price - SPOT), gamma))
    return path


def tried(high: float, kind: PolicyKind = PolicyKind.BAND_TO_TARGET, **more: float) -> HedgeInputs:
    policy = spec(kind, low=-high, high=high, cap=high, **more)
    return replace(inputs(0.0, policy, gamma=GAMMA), profile=profile(policy))


def test_hedges_are_counted_with_their_cost_and_distance() -> None:
    found = applied(tried(0.2), wave())
    assert found is not None
    assert found.span == 599 * MINUTE
    assert found.hedges > 10
    assert found.cost_usd == pytest.approx(found.turnover_usd * 5.1e-4)
    assert 0.0 < found.mean_off < found.max_off
    assert found.max_off < 0.2 + GAMMA * SPOT * 0.02 / 40.0 * 1.1  # a minute's move beyond
    assert 0.0 < found.outside < 0.5


@settings(max_examples=25)
@given(narrow=st.floats(0.05, 0.3), factor=st.floats(1.5, 5.0))
def test_a_wider_band_never_hedges_more_often(narrow: float, factor: float) -> None:
    path, kind = wave(300), PolicyKind.BAND_TO_TARGET
    first, second = applied(tried(narrow, kind), path), applied(tried(narrow * factor, kind), path)
    assert first is not None
    assert second is not None
    assert second.hedges <= first.hedges
    assert second.max_off >= first.max_off - 1e-9


def test_a_book_inside_its_band_is_left_alone() -> None:
    found = applied(tried(100.0), wave())
    assert found is not None
    assert (found.hedges, found.cost_usd, found.outside) == (0, 0.0, 0.0)


def test_limits_of_the_profile_hold_here_too() -> None:
    book = tried(0.05)
    slow = replace(book, profile=replace(book.profile, min_gap_s=3600.0))
    often, seldom = applied(book, wave()), applied(slow, wave())
    assert often is not None
    assert seldom is not None
    assert seldom.hedges <= 10 < often.hedges
    small = replace(book, profile=replace(book.profile, max_hedge_usd=500.0))
    cut = applied(small, wave())
    assert cut is not None
    assert cut.turnover_usd <= cut.hedges * 500.0 + 1e-6


@pytest.mark.parametrize("kind", list(PolicyKind))
def test_every_policy_lives_through_a_day(kind: PolicyKind) -> None:
    found = applied(tried(0.5, kind, every_s=300.0), wave(1440))
    assert found is not None
    assert math.isfinite(found.cost_usd)
    assert found.hedges < 1440


def test_a_path_without_two_moments_says_nothing_and_gaps_are_lived_through() -> None:
    assert applied(tried(0.2), []) is None
    assert applied(tried(0.2), wave(1)) is None
    broken = [*wave(100), *(replace(each, at=each.at + DAY) for each in wave(100))]
    found = applied(tried(0.2), broken)
    assert found is not None
    assert found.span > 20 * HOUR
