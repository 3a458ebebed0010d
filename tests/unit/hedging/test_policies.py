"""Where each policy wants delta to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.hedging.policies.bands import least_half_width
from terminal.hedging.policies.catalogue import POLICIES
from terminal.hedging.target import target_of
from terminal.model.policy_words import ABOUT
from terminal.model.risk import PolicyKind
from tests.helpers.builders import NOW, contract, inputs, inverse_contract, profile, spec


def test_every_kind_has_a_policy_and_an_explanation() -> None:
    assert set(POLICIES) == set(ABOUT) == set(PolicyKind)


def test_band_to_target_stops_at_target() -> None:
    policy = spec(target=1.0, low=-0.2, high=0.5)
    goal = target_of(inputs(9.0, policy))
    assert (goal.low, goal.delta, goal.high) == pytest.approx((0.8, 1.0, 1.5))


@pytest.mark.parametrize(("net", "edge"), [(9.0, 1.5), (-9.0, 0.8), (1.2, 1.5)])
def test_band_to_edge_stops_at_the_edge_crossed(net: float, edge: float) -> None:
    policy = spec(PolicyKind.BAND_TO_EDGE, target=1.0, low=-0.2, high=0.5)
    assert target_of(inputs(net, policy)).delta == pytest.approx(edge)


def test_timer_closes_the_band_when_due() -> None:
    policy = spec(PolicyKind.TIMER, every_s=60.0)
    early = target_of(inputs(0.05, policy, last_hedge_at=NOW - 60 * SECOND + 1))
    due = target_of(inputs(0.05, policy, last_hedge_at=NOW - 60 * SECOND))
    assert (early.low, early.high) == (-0.1, 0.1)
    assert (due.low, due.delta, due.high) == (0.0, 0.0, 0.0)


def test_whalley_wilmott_by_hand() -> None:
    policy = spec(PolicyKind.WHALLEY_WILMOTT, cap=5.0)
    given_ = inputs(3.0, policy, gamma=1e-4, one_way_cost=6e-4, profile=profile(policy))
    half = (1.5 * 6e-4 * 50_000.0 * 1e-8 / 2e-5) ** (1.0 / 3.0)
    goal = target_of(given_)
    assert (goal.low, goal.high) == pytest.approx((-half, half))
    assert goal.delta == pytest.approx(0.5 * half)
    below = target_of(inputs(-3.0, policy, gamma=1e-4, one_way_cost=6e-4))
    assert below.delta == pytest.approx(-0.5 * half)


@given(st.floats(-1.0, 1.0), st.floats(0.0, 0.01), st.floats(0.01, 5.0))
def test_whalley_wilmott_is_capped_and_floored(gamma: float, cost: float, cap: float) -> None:
    policy = spec(PolicyKind.WHALLEY_WILMOTT, cap=cap)
    given_ = inputs(3.0, policy, gamma=gamma, one_way_cost=cost)
    half = 0.5 * (target_of(given_).high - target_of(given_).low)
    assert min(least_half_width(given_), cap) - 1e-9 <= half <= cap + 1e-9


def test_least_half_width_is_three_lots_or_the_least_notional() -> None:
    assert least_half_width(inputs(contract=contract())) == pytest.approx(0.003)
    assert least_half_width(inputs(contract=inverse_contract())) == pytest.approx(30 / 50_000)
    rich = contract(min_notional=contract().min_notional * 1000)
    assert least_half_width(inputs(contract=rich)) == pytest.approx(0.3)
