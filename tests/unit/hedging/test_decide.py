"""The decision: a fixed point that moves toward target and explains every hold."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.hedging.decide import at_rest, decide, is_urgent
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import filled
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.hedge import Hold, Proposal, Propose, Target
from terminal.model.instrument import Contract, coins
from terminal.model.order import Side, TimeInForce
from terminal.model.risk import PolicyKind
from tests.helpers.builders import (
    NOW,
    SPOT,
    contract,
    depth,
    exposure,
    inputs,
    inverse_contract,
    profile,
    quote,
    seen,
    spec,
)

TERMS = st.sampled_from(
    [
        contract(),
        contract(lot=Decimal("0.1"), min_qty=Decimal("0.3"), min_notional=Decimal(20_000)),
        contract(multiplier=Decimal("0.01"), lot=Decimal(1), min_qty=Decimal(1)),
        inverse_contract(),
        inverse_contract(multiplier=Decimal(100), lot=Decimal(5), min_qty=Decimal(10)),
    ]
)
POLICIES = st.builds(
    spec,
    st.sampled_from(list(PolicyKind)),
    target=st.floats(-3.0, 3.0),
    low=st.floats(-2.0, 0.0),
    high=st.floats(0.0, 2.0),
    cap=st.floats(0.001, 3.0),
    every_s=st.sampled_from([10.0, 86_400.0]),
)
NETS = st.floats(-50.0, 50.0)
GAMMAS = st.floats(-1e-2, 1e-2)


def one_lot(terms: Contract) -> float:
    return abs(coins(terms, float(terms.lot), SPOT))


def offered(given_: HedgeInputs, target: Target | None = None) -> Proposal:
    decision = decide(given_, "p", target)
    assert isinstance(decision, Propose), decision
    return decision.proposal


def held(given_: HedgeInputs, target: Target | None = None) -> str:
    decision = decide(given_, "p", target)
    assert isinstance(decision, Hold)
    return decision.reason


def after(given_: HedgeInputs, proposal: Proposal) -> HedgeInputs:
    """Inputs once the proposed hedge is done."""
    gamma = given_.exposure.total.gamma
    coins_ = proposal.after - proposal.before
    done = replace(
        given_,
        net_delta=proposal.after,
        exposure=exposure(proposal.after, gamma),
        last_hedge_at=given_.now,
        memory=filled(given_.memory, given_.now, coins_, news=False),
    )
    return replace(done, memory=observed(done))


@given(NETS, POLICIES, TERMS, GAMMAS)
def test_after_the_hedge_it_holds(net: float, policy: Any, terms: Contract, gamma: float) -> None:
    before = inputs(net, policy, contract=terms, gamma=gamma)
    decision = decide(before, "p")
    if isinstance(decision, Propose):
        assert isinstance(decide(after(before, decision.proposal), "q"), Hold)
    elif not decision.reason:
        wanted = target_of(before)
        assert wanted.low <= net <= wanted.high


@given(NETS, POLICIES, TERMS, GAMMAS)
def test_a_hedge_moves_toward_target_and_never_past_it(
    net: float, policy: Any, terms: Contract, gamma: float
) -> None:
    given_ = inputs(net, policy, contract=terms, gamma=gamma)
    decision = decide(given_, "p")
    if isinstance(decision, Hold):
        return
    offer, goal, lot = decision.proposal, decision.proposal.target.delta, one_lot(terms)
    assert offer.side is (Side.BUY if goal > net else Side.SELL)
    assert abs(offer.after - goal) < abs(net - goal)
    assert abs(offer.after - goal) <= lot * 1.001  # at most the lot that rounding leaves
    assert (offer.after - goal) * (net - goal) >= -1e-6 * lot  # not through the target
    assert offer.qty % terms.lot == 0
    assert offer.qty >= terms.min_qty
    assert offer.usd >= float(terms.min_notional)
    assert offer.coins == pytest.approx(abs(coins(terms, float(offer.qty), SPOT)))
    assert offer.after == pytest.approx(net + math.copysign(offer.coins, goal - net))


def test_inside_the_band_it_says_so() -> None:
    assert held(inputs(0.1)) == held(inputs(-0.1)) == ""
    calm = at_rest(-0.05, target_of(inputs(0.1)), "BTC")
    assert calm == "−0.05000 BTC is inside −0.1000 to +0.1000 BTC"
    assert offered(inputs(0.102)).side is Side.SELL
    assert offered(inputs(-0.102)).side is Side.BUY


@pytest.mark.parametrize("half", [0.0005, 0.00059])
def test_a_band_narrower_than_its_lot_cannot_be_armed(half: float) -> None:
    reason = held(inputs(1.0, spec(low=-half, high=half)))
    assert "60 % of one lot" in reason
    assert "BTC_USDC-PERP" in reason
    assert isinstance(decide(inputs(1.0, spec(low=-0.0006, high=0.0006)), "p"), Propose)
    assert "60 %" in held(inputs(1.0, spec(low=-half, high=0.1)))
    assert "60 %" in held(inputs(1.0, spec(PolicyKind.WHALLEY_WILMOTT, cap=half)))


def test_a_residual_below_what_the_venue_takes_is_held_with_its_reason() -> None:
    wide = spec(low=-0.0007, high=0.0007)
    assert "below one lot" in held(inputs(0.0009, wide))
    least = contract(min_qty=Decimal("0.5"))
    assert "least size" in held(inputs(0.4, contract=least))
    notional = contract(min_notional=Decimal(25_000))
    assert "least notional" in held(inputs(0.4, contract=notional))
    assert offered(inputs(0.5, contract=notional)).qty == Decimal("0.5")


@pytest.mark.parametrize(
    ("book", "word"),
    [
        (quote(bid=math.nan), "not a positive number"),
        (quote(bid=-1.0), "not a positive number"),
        (quote(ask=0.0), "not a positive number"),
        (quote(bid=50_001.0), "crossed"),
        (quote(bid=None), "one-sided"),
        (quote(ask=None), "one-sided"),
    ],
)
def test_an_unusable_book_holds(book: Any, word: str) -> None:
    assert word in held(inputs(book=seen(book)))
    goal = Target(0.0, 0.0, 0.0, "asked by hand", "back to target")
    assert word in held(inputs(book=seen(book)), goal)


def test_old_data_hold() -> None:
    assert "old" in held(inputs(data_age=5 * SECOND + 1))
    assert isinstance(decide(inputs(data_age=5 * SECOND), "p"), Propose)


def test_a_person_may_ask_for_a_hedge_inside_the_band() -> None:
    goal = Target(0.0, 0.0, 0.0, "asked by hand", "back to target")
    offer = offered(inputs(0.05), goal)
    assert offer.after == pytest.approx(0.0)
    assert "asked back" in offer.reasons[0]


def test_risk_removed_is_the_fall_of_a_days_deviation() -> None:
    offer = offered(inputs(1.0, annual_vol=0.5))
    assert offer.risk_removed_usd == pytest.approx(50_000.0 * 0.5 / math.sqrt(365.0))
    assert offered(inputs(1.0, annual_vol=None)).risk_removed_usd is None
    off_centre = offered(inputs(1.0, spec(target=0.5), annual_vol=0.5))
    assert off_centre.risk_removed_usd == pytest.approx(50_000.0 * 0.25 / math.sqrt(365.0))


def test_urgent_hedges_cross_and_calm_ones_rest() -> None:
    rules = profile(urgent_bands=3.0)
    calm, urgent = inputs(0.3, profile=rules), inputs(0.301, profile=rules)
    assert not is_urgent(calm, target_of(calm))
    assert is_urgent(urgent, target_of(urgent))
    assert offered(calm).limit == Decimal("50000.5")
    assert offered(urgent).limit == Decimal("49925.0")
    rich = inputs(0.3, profile=profile(delta_cap_usd=14_999.0))
    assert is_urgent(rich, target_of(rich))


def test_numbers_on_a_proposal_are_those_of_the_moment() -> None:
    offer = offered(inputs(1.0, data_age=SECOND, depth=depth()))
    assert (offer.before, offer.data_age, offer.created_at) == (1.0, SECOND, NOW)
    assert offer.expires_at == NOW + 30 * SECOND
    assert offer.mid == SPOT
    assert offer.cost.fee == pytest.approx(25.0)
    assert offer.cost.spread == pytest.approx(0.5)
    assert not offer.reduce_only
    assert offered(inputs(1.0, position=Decimal(2))).reduce_only
    assert any("No book depth" in each for each in offered(inputs(1.0)).reasons)
    assert any("Fits in the best level" in each for each in offer.reasons)


def test_time_in_force_is_chosen_by_the_plan_not_here() -> None:
    assert not any(isinstance(getattr(offered(inputs()), name), TimeInForce)
                   for name in Proposal.__struct_fields__)
