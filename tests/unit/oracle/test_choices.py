"""Candidates, flips and confidence, against the worked example of a decision record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.target import target_of
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Plan
from terminal.model.instrument import CarryKind, Perpetual
from terminal.model.market import Depth, Funding
from terminal.model.oracle import Candidate
from terminal.model.risk import Escalation, PolicyKind, Style
from terminal.oracle.candidates import candidates, carry_day, risk_day
from terminal.oracle.confidence import confidence, factors
from terminal.oracle.flips import flips, triggers
from tests.helpers.builders import (
    contract,
    exposure,
    inputs,
    profile,
    proposal,
    quote,
    seen,
    spec,
)

GAMMA = 0.0011297


def example(net: float = 2.0) -> HedgeInputs:
    """The reference book: BTC at 60,000, 10 straddles' gamma, 2 BTC long, 5.8 bp to cross."""
    policy = spec(PolicyKind.WHALLEY_WILMOTT, cap=10.0, leave=0.5)
    terms = contract(maker_bps=1.48, taker_bps=5.0)
    half = 60_000.0 * 0.8e-4
    rules = profile(policy, after_wait=Escalation.LET_SIT, max_hedge_usd=1e9)
    total = Sensitivity(delta=net, gamma=GAMMA)
    return replace(
        inputs(
            net,
            policy,
            contract=terms,
            book=seen(quote(terms.key, 60_000.0 - half, 60_000.0 + half)),
        ),
        profile=rules,
        exposure=exposure(net, GAMMA, total=total, spot=60_000.0),
        spot=60_000.0,
        one_way_cost=5.8e-4,
        annual_vol=0.6,
    )


def by_action(found: tuple[Candidate, ...]) -> dict[str, Candidate]:
    return {each.action: each for each in found}


def test_scores_are_those_of_the_worked_example() -> None:
    book = example()
    found = by_action(candidates(book, target_of(book), None))
    rows = {
        "hold": (0.0, 142.0, -142.0),
        "rest to the policy's stop": (11.1, 19.8, -30.9),
        "rest to the edge": (4.5, 79.2, -83.7),
        "take to the policy's stop": (43.6, 19.8, -63.4),
    }
    for action, (cost, risk, score) in rows.items():
        each = found[action]
        assert each.cost == pytest.approx(cost, abs=0.1), action
        assert each.risk_day == pytest.approx(risk, abs=0.1), action
        assert each.score == pytest.approx(score, abs=0.1), action
    assert found["rest to the policy's stop"].step == pytest.approx(-1.253, abs=1e-3)


def test_flips_are_those_of_the_worked_example() -> None:
    book = example()
    other = profile(spec(PolicyKind.WHALLEY_WILMOTT, cap=10.0), risk_aversion=3e-6, name="Degen")
    plan = Plan(urgency=0.0004)
    found = {each.what: each for each in flips(book, target_of(book), plan, {"Degen": other})}
    price, cost = found["price"].value, found["cost"].value
    assert price == pytest.approx(59_552, abs=1.0)
    assert cost == pytest.approx(13.9, abs=0.05)
    assert "below 59,55" in found["price"].text
    assert found["urgency"].text == "above an urgency of 1 it takes at once: under 0.001 now"
    assert found["Degen"].text == "Degen: band −2.811 to +2.811 BTC, hold"


def test_triggers_after_the_hedge_are_those_of_the_worked_example() -> None:
    book = example()
    target = target_of(book)
    up, down = triggers(book, target, target.delta)
    assert up == pytest.approx(60_661, abs=1.0)
    assert down == pytest.approx(58_017, abs=1.0)


def test_a_short_gamma_book_leaves_its_band_the_other_way() -> None:
    book = example(0.5)
    short = replace(book, exposure=exposure(0.5, -GAMMA, spot=60_000.0))
    target = target_of(short)
    up, down = triggers(short, target, 0.5)
    assert up is not None
    assert down is not None
    assert 60_000.0 - down < up - 60_000.0  # long delta grows as the price falls


def test_without_gamma_no_price_changes_anything() -> None:
    policy = spec(PolicyKind.BAND_TO_TARGET)
    flat = inputs(1.0, policy)
    assert flips(flat, target_of(flat), None, {}) == ()
    assert triggers(flat, target_of(flat), 0.0) == (None, None)


def test_without_a_volatility_nothing_is_scored() -> None:
    blind = replace(example(), annual_vol=None)
    found = candidates(blind, target_of(blind), None)
    assert all(each.score is None and each.risk_day is None for each in found)
    assert risk_day(blind, 1.0) is None


@given(net=st.floats(-20.0, 20.0), taken=st.booleans())
def test_exactly_one_candidate_is_chosen_and_hold_is_always_among_them(
    net: float, taken: bool
) -> None:
    book = example(net)
    target = target_of(book)
    offer = proposal(plan=Plan(style=Style.MARKET if taken else Style.POST_ONLY))
    for given_offer in (None, offer):
        found = candidates(book, target, given_offer)
        assert sum(each.chosen for each in found) == 1
        assert [each.style for each in found].count(None) == 1
        scores = [each.score for each in found if each.score is not None]
        assert scores == sorted(scores, reverse=True)


def test_what_is_proposed_is_marked_in_size_and_style() -> None:
    book = example()
    offer = proposal(coins=1.253, plan=Plan(style=Style.POST_ONLY))
    marked = [each for each in candidates(book, target_of(book), offer) if each.chosen]
    assert [each.action for each in marked] == ["rest to the policy's stop"]
    taken = replace(offer, plan=Plan(style=Style.MARKET))
    marked = [each for each in candidates(book, target_of(book), taken) if each.chosen]
    assert [each.action for each in marked] == ["take to the policy's stop"]


def test_carry_is_paid_by_whom_funding_asks_and_by_both_sides_of_a_loan() -> None:
    book = example()
    told = Funding(book.hedge.contract.key, 1e-4, 8 * HOUR, 0)
    listed = Perpetual(book.hedge.contract, 8 * HOUR)
    funded = replace(book, hedge=replace(book.hedge, funding=told, listed=listed))
    assert carry_day(funded, 1.0) == pytest.approx(3e-4 * 60_000.0)
    assert carry_day(funded, -1.0) == pytest.approx(-3e-4 * 60_000.0)
    lent = replace(listed, carry=CarryKind.BORROW)
    borrowed = replace(book, hedge=replace(book.hedge, funding=told, listed=lent))
    assert carry_day(borrowed, -1.0) == pytest.approx(3e-4 * 60_000.0)
    assert carry_day(book, 1.0) is None


def test_confidence_falls_with_age_and_near_the_edge() -> None:
    book = example()
    levels = Depth(book.hedge.contract.key, ((59_990.0, 50.0),), ((60_010.0, 50.0),))
    book = replace(book, hedge=replace(book.hedge, depth=levels))
    target = target_of(book)
    sure = confidence(factors(book, target))
    old = replace(book, data_age=4 * SECOND)
    assert confidence(factors(old, target)) == pytest.approx(sure * 0.4)
    near = replace(book, net_delta=target.high + 1e-9)
    assert confidence(factors(near, target)) < sure
    dead = replace(book, data_age=10 * SECOND)
    assert confidence(factors(dead, target)) == 0.0


@given(
    net=st.floats(-50.0, 50.0),
    age=st.integers(0, 20 * SECOND),
    vol=st.one_of(st.none(), st.floats(0.01, 5.0)),
)
def test_confidence_is_a_share(net: float, age: int, vol: float | None) -> None:
    book = replace(example(net), data_age=age, annual_vol=vol)
    found = factors(book, target_of(book))
    assert 0.0 <= confidence(found) <= 1.0
    assert all(each.text for each in found)


@given(net=st.floats(-20.0, 20.0), factor=st.floats(0.05, 20.0))
def test_a_cost_flip_really_flips(net: float, factor: float) -> None:
    book = replace(example(net), one_way_cost=5.8e-4 * factor)
    target = target_of(book)
    outside = not target.low <= net <= target.high
    for each in flips(book, target, None, {}):
        if each.what == "cost":
            assert each.value is not None
            nudge = 1.001 if outside else 0.999
            other = replace(book, one_way_cost=each.value * nudge / 1e4)
            band = target_of(other)
            assert (band.low <= net <= band.high) is outside
