"""The ladder: prices where the policy trades, found by walking the book along the price."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.hedging.decide import decide
from terminal.hedging.ladder import REACH, RUNGS, hedge_ladder
from terminal.hedging.memory import Anchor
from terminal.hedging.target import target_of
from terminal.model.greeks import Exposure
from terminal.model.hedge import Hold, Propose
from terminal.model.order import Side
from terminal.model.risk import PolicyKind, PolicySpec
from tests.helpers.builders import SPOT, exposure, inputs, spec

At = Callable[[float], Exposure | None]


def bent(net: float, gamma: float, speed: float = 0.0) -> At:
    """Make a book whose delta is a quadratic of the price, coin."""

    def at(price: float) -> Exposure:
        move = price - SPOT
        delta = net + gamma * move + 0.5 * speed * move * move
        return exposure(delta, gamma + speed * move, spot=price)

    return at


def test_long_gamma_sells_rallies_and_buys_dips_at_the_band() -> None:
    policy = spec(low=-0.1, high=0.1)
    found = hedge_ladder(inputs(0.02, policy), bent(0.02, 1e-4))
    above, below = found.above, found.below
    # Delta gains a coin per 10,000 USD: the edge is 800 USD above and 1,200 below, then 1,000 each.
    assert [rung.price for rung in above][:3] == pytest.approx(
        [SPOT + 800, SPOT + 1800, SPOT + 2800], abs=2.0
    )
    assert [rung.price for rung in below][:3] == pytest.approx(
        [SPOT - 1200, SPOT - 2200, SPOT - 3200], abs=2.0
    )
    assert {rung.side for rung in above} == {Side.SELL}
    assert {rung.side for rung in below} == {Side.BUY}
    assert all(rung.coins == pytest.approx(0.1, abs=0.0011) for rung in (*above, *below))


def test_short_gamma_buys_rallies() -> None:
    found = hedge_ladder(inputs(0.0, spec()), bent(0.0, -1e-4))
    assert {rung.side for rung in found.above} == {Side.BUY}


def test_a_hedge_that_is_due_comes_first() -> None:
    found = hedge_ladder(inputs(0.5, spec(low=-0.1, high=0.1)), bent(0.5, 1e-4))
    # It stops at 0, a tenth of a coin from the edge.
    assert found.above[0].price == pytest.approx(SPOT + 1000, abs=15.0)


@pytest.mark.parametrize(
    ("at", "policy", "words"),
    [
        (bent(0.05, 0.0), spec(), "gamma is flat"),
        (bent(0.05, 1e-7), spec(), "no price within 10%"),
        (lambda _: None, spec(), "unknown"),
        (bent(0.05, 1e-4), spec(PolicyKind.TIMER, every_s=1.0), "does not trade by price"),
    ],
)
def test_a_ladder_without_rungs_says_why(at: At, policy: PolicySpec, words: str) -> None:
    found = hedge_ladder(inputs(0.05, policy), at)
    assert found.above == found.below == ()
    assert words in found.note


def test_a_price_step_trades_where_its_step_ends() -> None:
    policy = spec(PolicyKind.PRICE_STEP, sigmas=1.0, low=-5.0, high=5.0)
    now = inputs(0.0, policy, gamma=1e-4)
    now = replace(now, memory=replace(now.memory, anchor=Anchor(0.0, SPOT, 1e-4, 0.5)))
    found = hedge_ladder(now, bent(0.0, 1e-4))
    daily = 0.5 / math.sqrt(365.0)  # a step is that part of the price where it ends
    assert found.above[0].price == pytest.approx(SPOT / (1.0 - daily), abs=5.0)
    assert found.below[0].price == pytest.approx(SPOT / (1.0 + daily), abs=5.0)
    assert (found.above[0].side, found.below[0].side) == (Side.SELL, Side.BUY)


KINDS = st.sampled_from(
    [PolicyKind.BAND_TO_TARGET, PolicyKind.BAND_TO_EDGE, PolicyKind.WHALLEY_WILMOTT]
)


@settings(max_examples=60, deadline=None)
@given(KINDS, st.floats(-0.3, 0.3), st.floats(-3e-4, 3e-4), st.floats(-3e-8, 3e-8))
def test_every_rung_is_where_the_product_decides_to_trade(
    kind: PolicyKind, net: float, gamma: float, speed: float
) -> None:
    policy, at = spec(kind, low=-0.08, high=0.12), bent(net, gamma, speed)
    now = inputs(net, policy, gamma=gamma)
    found = hedge_ladder(now, at)
    for side, rungs in ((1.0, found.above), (-1.0, found.below)):
        away = [side * (rung.price - SPOT) for rung in rungs]
        assert away == sorted(set(away))
        assert all(distance > 0.0 for distance in away)
        assert len(rungs) <= RUNGS
        for rung in rungs:
            assert abs(rung.price / SPOT - 1.0) <= REACH + 1e-12
            there = at(rung.price)
            assert there is not None
            moved = replace(now, spot=rung.price, net_delta=rung.before, exposure=there)
            decision = decide(moved, "p")
            assert isinstance(decision, Propose)
            assert decision.proposal.side is rung.side
            assert decision.proposal.coins == pytest.approx(rung.coins)
            after = replace(moved, net_delta=rung.after)
            assert target_of(after).low <= rung.after <= target_of(after).high
            assert isinstance(decide(after, "p"), Hold)
    assert [price for price, _ in found.curve] == sorted(price for price, _ in found.curve)
