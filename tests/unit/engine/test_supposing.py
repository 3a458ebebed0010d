"""What if: supposed positions change the numbers as real ones would, and nothing else."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.state import State, saved
from terminal.engine.supposing import AXES, MOST_LEGS, answer
from terminal.model.greeks import DeltaKind
from terminal.model.what_if import SupposedLeg, WhatIf
from terminal.runtime.session import Session
from tests.helpers.builders import profile
from tests.unit.runtime.making import BEGIN, Logbook, simulated

PERP = "BTC-PERPETUAL@sim"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    made = simulated(Logbook(), profile())
    made.advance(BEGIN + 20 * SECOND)
    yield made
    made.close()


@pytest.fixture
def state(session: Session) -> State:
    return session.state


def leg(key: str, qty: str) -> SupposedLeg:
    return SupposedLeg(key, Decimal(qty))


def option(state: State, right: str = "C") -> str:
    keys = state.market.instruments
    return next(key for key in keys if key.startswith("BTC-") and f"-{right}@" in key)


def test_nothing_supposed_changes_nothing(state: State) -> None:
    view = answer(state, WhatIf("BTC"))
    assert view.fault == ""
    assert view.before == view.after
    assert view.cost_usd == 0.0
    assert view.pnl_usd is not None
    assert view.pnl_usd.shape == (len(AXES.days), len(AXES.vols), len(AXES.spots))
    here = AXES.days.index(0.0), AXES.vols.index(0.0), AXES.spots.index(0.0)
    assert view.pnl_usd[here] == pytest.approx(0.0, abs=1e-6)
    assert PERP in view.listed
    assert all(key in state.market.instruments for key in view.listed)


def test_a_question_leaves_the_state_as_it_was(state: State) -> None:
    before = saved(state)
    answer(state, WhatIf("BTC", (leg(PERP, "10000"),)))
    assert saved(state) == before


@settings(max_examples=15, deadline=None)
@given(st.integers(-60, 60).filter(bool))
def test_a_perpetual_adds_its_delta_and_no_gamma(session: Session, lots: int) -> None:
    contract = session.state.market.instruments[PERP].contract
    legs = (SupposedLeg(PERP, contract.lot * lots * 100),)
    view = answer(session.state, WhatIf("BTC", legs))
    assert view.before is not None
    assert view.after is not None
    assert view.spot is not None
    usd = float(contract.lot * lots * 100 * contract.multiplier)
    assert view.after.delta - view.before.delta == pytest.approx(usd / view.spot, rel=1e-9)
    assert view.after.gamma == pytest.approx(view.before.gamma, rel=1e-12)
    assert view.cost_usd is not None
    assert view.cost_usd > 0.0


def test_a_leg_and_its_opposite_cancel(state: State) -> None:
    key = option(state)
    there = answer(state, WhatIf("BTC", (leg(key, "5"),)))
    back = answer(state, WhatIf("BTC", (leg(key, "5"), leg(key, "-5"))))
    none = answer(state, WhatIf("BTC"))
    assert back.after is not None
    assert none.after is not None
    assert there.after is not None
    assert back.after.delta == pytest.approx(none.after.delta, abs=1e-9)
    assert there.after.vega_usd > none.after.vega_usd + 1.0
    assert back.pnl_usd == pytest.approx(none.pnl_usd, abs=1e-6)


def test_candidates_keep_to_the_hedge_ratio(state: State) -> None:
    rules = state.profile
    assert rules is not None
    half = replace(rules.policies["BTC"], ratio_pct=50.0)
    tame = replace(state, profile=replace(rules, policies={**rules.policies, "BTC": half}))
    view = answer(tame, WhatIf("BTC"))
    assert view.after is not None
    options = state.exposures["BTC"].option_delta
    assert abs(options) > 0.1
    wanted = abs(0.5 * options - view.after.delta)
    assert view.candidates[0].coins == pytest.approx(wanted, rel=0.02)


def test_candidates_flatten_delta_cheapest_first(state: State) -> None:
    view = answer(state, WhatIf("BTC", (leg(PERP, "200000"),)))
    assert view.after is not None
    assert len(view.candidates) >= 2
    costs = [each.cost_usd for each in view.candidates if each.cost_usd is not None]
    assert costs == sorted(costs)
    for each in view.candidates:
        assert each.side.value == "sell"
        assert each.coins == pytest.approx(view.after.delta, rel=0.01)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (WhatIf("XRP"), "no index price"),
        (WhatIf("BTC", (leg("X@sim", "1"),)), "X@sim is not listed for BTC"),
        (WhatIf("ETH", (leg(PERP, "10"),)), "is not listed for ETH"),
        (WhatIf("BTC", (leg(PERP, "0"),)), "whole number of lots"),
        (WhatIf("BTC", (leg(PERP, "0.5"),)), "whole number of lots"),
        (WhatIf("BTC", (leg(PERP, "NaN"),)), "whole number of lots"),
        (WhatIf("BTC", (leg(PERP, "10"),) * (MOST_LEGS + 1)), "too many"),
    ],
)
def test_what_cannot_be_answered_says_why(state: State, question: WhatIf, words: str) -> None:
    view = answer(state, question)
    assert words in view.fault
    assert view.pnl_usd is None
    assert view.after is None


def test_maps_are_of_what_is_supposed(state: State) -> None:
    key = option(state, "P")
    plain = answer(state, WhatIf("BTC"))
    short = answer(state, WhatIf("BTC", (leg(key, "-50"),)))
    assert plain.pnl_usd is not None
    assert short.pnl_usd is not None
    fall = short.pnl_usd[0, AXES.vols.index(0.0)] - plain.pnl_usd[0, AXES.vols.index(0.0)]
    assert fall[0] < fall[len(fall) // 2] == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(short.pnl_usd).all()


def without(state: State, key: str, **changed: float | None) -> State:
    """State in which a quote has lost some of its numbers."""
    seen = state.market.quotes[key]
    other = replace(seen, quote=replace(seen.quote, **changed))
    return replace(state, market=replace(state.market, quotes={**state.market.quotes, key: other}))


def test_a_leg_without_a_price_is_no_leg(state: State) -> None:
    dark = without(state, PERP, mark=None, bid=None, ask=None)
    assert "has no price now" in answer(dark, WhatIf("BTC", (leg(PERP, "10"),))).fault


def test_a_leg_whose_book_has_one_side_costs_nobody_knows_what(state: State) -> None:
    half = without(state, PERP, bid=None)
    view = answer(half, WhatIf("BTC", (leg(PERP, "10"),)))
    assert view.fault == ""
    assert view.cost_usd is None
    assert view.after is not None


def test_a_delta_that_needs_a_fit_has_no_candidates_without_one(state: State) -> None:
    assert state.profile is not None
    fitted = replace(state.profile.policies["BTC"], delta=DeltaKind.MIN_VARIANCE)
    rules = replace(state.profile, policies={"BTC": fitted})
    bare = replace(state, profile=rules, market=replace(state.market, smiles={}, models={}))
    assert answer(bare, WhatIf("BTC", (leg(option(state), "1"),))).candidates == ()


def test_without_a_profile_candidates_bring_delta_to_nothing(state: State) -> None:
    view = answer(replace(state, profile=None), WhatIf("BTC", (leg(PERP, "200000"),)))
    assert view.after is not None
    assert view.candidates[0].coins == pytest.approx(abs(view.after.delta), rel=0.01)


def test_what_is_too_small_to_trade_is_no_candidate(state: State) -> None:
    flat = replace(state, ledger=replace(state.ledger, positions={}, cash={}, spot={}))
    assert answer(flat, WhatIf("BTC")).candidates == ()
