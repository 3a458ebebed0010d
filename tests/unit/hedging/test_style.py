"""The style of a hedge: the profile's own, or what its urgency asks for."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.hedging.decide import decide
from terminal.hedging.legs import cost, size
from terminal.hedging.style import TAKING, plan_for, taken_now, weighed
from terminal.model.hedge import Plan, Proposal, Propose
from terminal.model.order import Side
from terminal.model.risk import Escalation, Style
from tests.helpers.builders import SPOT, contract, depth, inputs, profile

EXPLICIT = [Style.POST_ONLY, Style.MARKETABLE, Style.MARKET, Style.ICEBERG, Style.TWAP]


def plan(coins: float = 1.0, *, far_out: bool = False, rules: Any = None, **more: Any) -> Plan:
    given_ = inputs(coins, profile=profile(**(rules or {})), **more)
    chosen = size(given_.hedge.contract, coins, SPOT)
    return plan_for(given_, chosen, cost(given_.hedge, Side.SELL, chosen), far_out=far_out)


def offered(**rules: Any) -> Proposal:
    decision = decide(inputs(1.0, profile=profile(**rules)), "p")
    assert isinstance(decision, Propose)
    return decision.proposal


def test_a_routine_hedge_rests_and_says_what_that_saves() -> None:
    found = plan()
    assert found.style is Style.POST_ONLY
    assert found.urgency is not None
    assert found.urgency < 0.01
    assert "resting saves 5.1 bp" in found.why
    assert found.cost_usd is not None
    assert found.other is Style.MARKET
    assert found.other_cost_usd is not None
    assert found.cost_usd < found.other_cost_usd == pytest.approx(25.5)


def test_far_out_takes_at_once() -> None:
    found = plan(far_out=True)
    assert found.style is Style.MARKET
    assert (found.other, found.why) == (Style.POST_ONLY, "delta is far out")


def test_without_a_volatility_nothing_is_weighed() -> None:
    found = plan(annual_vol=None)
    assert (found.style, found.urgency) == (Style.POST_ONLY, None)
    assert "volatility is not known" in found.why


def test_what_is_too_large_to_rest_is_taken_and_the_others_rest() -> None:
    """X* by hand: 2 A b YEAR / (gamma S sigma^2) = 12.87 BTC at these numbers."""
    rules = {"risk_aversion": 0.01, "max_order_usd": 1e9, "max_hedge_usd": 1e9}
    assert plan(10.0, rules=rules).style is Style.POST_ONLY
    found = plan(30.0, rules=rules, fill_rate=0.05)
    most = 2 * 0.05 * 5.1e-4 * 365 * 86_400 / (0.01 * SPOT * 0.5**2)
    assert found.style is Style.MIX
    assert float(found.cross_qty) == pytest.approx(30.0 - most, abs=2e-3)
    assert found.cost_usd is not None
    assert found.other_cost_usd is not None
    assert found.cost_usd < found.other_cost_usd


def test_what_saves_nothing_is_taken() -> None:
    found = plan(contract=contract(maker_bps=6.0), one_way_cost=5.1e-4)
    assert (found.style, found.urgency) == (Style.MARKET, None)
    assert "without end" in found.why


@pytest.mark.parametrize("style", EXPLICIT)
@pytest.mark.parametrize("far_out", [False, True])
def test_a_style_that_a_person_chose_stands(style: Style, far_out: bool) -> None:
    found = plan(far_out=far_out, rules={"style": style})
    assert found.style is style
    assert found.other is (Style.POST_ONLY if style in TAKING else Style.MARKET)


def test_slices_share_the_impact() -> None:
    rules = {"style": Style.TWAP, "twap_slices": 4, "twap_s": 60.0}
    found = plan(5.0, rules=rules, depth=depth(size=1.0))
    whole = plan(5.0, rules={"style": Style.MARKET}, depth=depth(size=1.0))
    assert (found.slices, found.span) == (4, 60 * SECOND)
    assert found.cost_usd is not None
    assert whole.cost_usd is not None
    assert found.cost_usd < whole.cost_usd


def test_resting_that_never_takes_costs_the_maker_fee() -> None:
    rules = {"style": Style.POST_ONLY, "after_wait": Escalation.LET_SIT}
    assert plan(rules=rules, contract=contract(maker_bps=1.0)).cost_usd == pytest.approx(5.0)


@given(st.floats(0.01, 100.0), st.floats(1e-9, 1e-1), st.floats(0.05, 3.0), st.floats(1e-3, 1.0))
def test_a_mix_is_on_the_grid_and_inside_the_hedge(
    coins: float, aversion: float, vol: float, rate: float
) -> None:
    given_ = inputs(
        coins,
        profile=profile(style=Style.MIX, risk_aversion=aversion),
        annual_vol=vol,
        fill_rate=rate,
    )
    terms = given_.hedge.contract
    chosen = size(terms, coins, SPOT)
    price = cost(given_.hedge, Side.SELL, chosen)
    found = plan_for(given_, chosen, price, far_out=False)
    assert found.style in {Style.MIX, Style.POST_ONLY, Style.MARKET}
    if found.style is Style.MIX:
        assert terms.min_qty <= found.cross_qty <= chosen.qty - terms.min_qty
        assert found.cross_qty % terms.lot == 0
    measured = weighed(given_, chosen, price)
    assert found.cost_usd is not None
    low, high = sorted((measured.resting, measured.taking))
    assert low - 1e-9 <= found.cost_usd <= high + 1e-9


def test_the_proposal_says_how_and_shows_both_costs() -> None:
    offer = offered()
    assert offer.plan.style is Style.POST_ONLY
    assert any("Rests at the touch for 10 s, then takes" in each for each in offer.reasons)
    assert offer.limit == Decimal("50000.5")
    taken = offered(style=Style.MARKET)
    assert taken.limit == Decimal("49925.0")
    assert any("no market order is ever sent" in each for each in taken.reasons)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"style": Style.MARKETABLE, "pay_up_ticks": 3}, "3 ticks beyond"),
        ({"style": Style.ICEBERG, "show_usd": 5000.0}, "5,000 USD at a time"),
        ({"style": Style.TWAP, "twap_slices": 5}, "5 equal slices over 60 s"),
        ({"style": Style.POST_ONLY, "after_wait": Escalation.ASK}, "then asks"),
        ({"style": Style.POST_ONLY, "after_wait": Escalation.LET_SIT}, "never takes"),
    ],
)
def test_each_style_says_what_it_does(rules: dict[str, Any], words: str) -> None:
    assert words in " ".join(offered(**rules).reasons)


def test_what_a_stop_takes_is_taken() -> None:
    assert taken_now("x") == replace(Plan(), style=Style.MARKET, why="x")
