"""Ladders of the desk: those of perps-only modes are where the engine then really trades."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.hedging.synthetic.path import advanced, aim, foreseen
from terminal.model.hedge import HedgeLadder
from terminal.model.order import Side
from terminal.model.synthetic import Synthetic, SyntheticKind
from terminal.runtime.ladders import Ladders, ladder_of
from tests.helpers.builders import SPOT
from tests.helpers.trial import Trial, ready
from tests.unit.engine.test_synthetics import FADE, rules, warm

STRADDLE = replace(FADE, kind=SyntheticKind.STRADDLE, days=7.0, vol=0.5, trend_limit=1e-9)
CALM = replace(FADE, trend_limit=1e-9)
"""A grid whose trend filter objects to the least drift."""


def ladder(trial: Trial) -> HedgeLadder:
    return ladder_of(trial.state, "BTC")


def hedged(terms: Synthetic) -> Trial:
    """A mode whose first hedge, due at once, has been filled: bought straddles have a delta."""
    trial = warm(terms)
    if trial.state.desks["BTC"].proposal is not None:
        trial.obey(trial.approve())
        trial.tick(5.0)
    return trial


@pytest.mark.parametrize(
    ("terms", "above", "below", "name"),
    [(FADE, Side.SELL, Side.BUY, "fade grid"), (STRADDLE, Side.BUY, Side.SELL, "straddle")],
)
def test_a_grid_sells_rallies_and_a_replication_buys_them(
    terms: Synthetic, above: Side, below: Side, name: str
) -> None:
    found = ladder(warm(terms))
    assert found.above
    assert found.below
    assert {rung.side for rung in found.above} == {above}
    assert {rung.side for rung in found.below} == {below}
    assert name in found.mode


def test_rungs_of_a_grid_are_a_band_apart_and_end_at_its_inventory() -> None:
    found = ladder(warm())
    # A coin per 1 % is 500 USD a coin: a band of 0.1 is crossed each 50 USD, centre to edge.
    prices = [rung.price for rung in found.above]
    assert prices == pytest.approx([SPOT + 50 * step for step in range(1, 6)], abs=12.0)
    assert all(rung.coins == pytest.approx(0.1, abs=0.02) for rung in found.above)
    small = ladder(warm(replace(FADE, max_inventory=0.25)))
    assert sum(rung.coins for rung in small.above) <= 0.25
    assert len(small.above) == 2


@settings(deadline=None, max_examples=10)
@given(up=st.booleans(), kind=st.sampled_from([FADE, STRADDLE]))
def test_the_engine_trades_the_first_rung_at_its_price_and_not_before(
    *, up: bool, kind: Synthetic
) -> None:
    found = ladder(hedged(kind))
    rung = (found.above if up else found.below)[0]
    before = SPOT + 0.9 * (rung.price - SPOT)
    beyond = SPOT + 1.02 * (rung.price - SPOT)
    waits = hedged(kind)
    waits.tick(0.25, before)
    assert waits.state.desks["BTC"].proposal is None
    trades = hedged(kind)
    trades.tick(0.25, beyond)
    offer = trades.offer
    assert offer.side is rung.side
    assert offer.coins == pytest.approx(rung.coins, rel=0.1)


def test_while_the_trend_filter_objects_nothing_is_added_and_the_ladder_says_so() -> None:
    found = ladder(warm(CALM))
    assert (found.above, found.below) == ((), ())
    assert "inventory may only shrink" in found.note


def test_a_carry_and_a_plain_desk_have_the_ladder_of_their_policy() -> None:
    carry = ready(rules(replace(FADE, kind=SyntheticKind.CARRY)), held="0")
    assert (ladder(carry).mode, ladder(carry).note) == (
        "", "gamma is flat: no price moves this delta out of its band",
    )  # fmt: skip
    assert ladder(ready()).mode == ""


def test_one_that_may_not_run_says_why() -> None:
    assert "no maximum inventory" in ladder(ready(rules(replace(FADE, max_inventory=0.0)))).note


@given(st.floats(0.9, 1.1), st.sampled_from([FADE, STRADDLE, CALM]))
def test_what_is_foreseen_at_the_price_of_now_is_what_is(part: float, terms: Synthetic) -> None:
    trial = warm(terms)
    state = trial.state.synthetics["BTC"]
    now = trial.state.now
    assert foreseen(state, state.price, now)[0] == pytest.approx(state.target)
    there = advanced(state, terms, SPOT * part, now).target
    assert foreseen(state, SPOT * part, now)[0] == pytest.approx(there, abs=1e-12)
    assert abs(there) <= terms.max_inventory
    assert abs(there) <= abs(aim(state, SPOT * part, now)[0]) + 1e-12


def test_the_screen_keeps_one_a_coin_until_it_is_due() -> None:
    trial, ladders = warm(), Ladders()
    first = ladders.of(trial.state)
    assert ladders.of(trial.state) is first
    assert first["BTC"].mode
