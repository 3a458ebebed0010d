"""Urgency against its published values, and the laws that hold for any market."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import BPS
from terminal.hedging.urgency import (
    USUAL_FILL_RATE,
    expected_cost,
    fill_chance,
    most_resting,
    resting_saves,
    urgency,
    waiting_cost,
)

# The reference hedge: sell 1.253 BTC at 60,000 and 60 % volatility, risk aversion 2e-5; half
# spread 0.8 bp, taker 5 bp, maker 1 bp.
COINS, SPOT, VOL, AVERSION = 1.253, 60_000.0, 0.6, 2e-5
SAVES = resting_saves(0.8 * BPS, 5.0 * BPS, 1.0 * BPS)

SIZES = st.floats(1e-4, 1e4)
RATES = st.floats(1e-4, 10.0)
SAVINGS = st.floats(1e-6, 1e-2)
DRIFTS = st.floats(0.0, 1e-4)


def test_resting_saves_half_the_spread_and_the_difference_of_fees() -> None:
    assert pytest.approx(4.8 * BPS) == SAVES


def test_waiting_twenty_seconds_costs_what_is_published() -> None:
    waited = 20.0 * waiting_cost(AVERSION, COINS, SPOT, VOL)
    assert waited / BPS == pytest.approx(0.002, abs=5e-4)


def test_urgency_of_the_reference_hedge_is_what_is_published() -> None:
    risk = waiting_cost(AVERSION, COINS, SPOT, VOL)
    assert urgency(risk, SAVES, USUAL_FILL_RATE) == pytest.approx(4e-4, abs=5e-5)


def test_costs_of_the_reference_hedge_are_what_is_published() -> None:
    taking = 5.8 * BPS
    assert expected_cost(0.9, 1.0 * BPS, taking) / BPS == pytest.approx(1.48)
    usd = COINS * SPOT
    assert usd * taking == pytest.approx(43.6, abs=0.05)
    assert usd * expected_cost(0.9, 1.0 * BPS, taking) == pytest.approx(11.1, abs=0.05)


def test_a_likely_jump_is_what_makes_a_routine_hedge_urgent() -> None:
    risk = waiting_cost(AVERSION, COINS, SPOT, VOL)
    hour = VOL / math.sqrt(365 * 24)
    feared = 0.2 * 1.5 * hour / 3600.0
    assert urgency(risk, SAVES, USUAL_FILL_RATE, feared) > 0.02
    assert urgency(risk, SAVES, USUAL_FILL_RATE, 50 * feared) > 1.0


@given(SIZES, RATES, SAVINGS, DRIFTS)
def test_the_most_that_rests_is_where_urgency_is_one(
    coins: float, rate: float, saving: float, drift: float
) -> None:
    one = waiting_cost(AVERSION, 1.0, SPOT, VOL)
    most = most_resting(saving, rate, one, drift)
    if most > 0.0:
        at_most = waiting_cost(AVERSION, most, SPOT, VOL)
        assert urgency(at_most, saving, rate, drift) == pytest.approx(1.0)
    value = urgency(waiting_cost(AVERSION, coins, SPOT, VOL), saving, rate, drift)
    assert (value > 1.0) == (coins > most) or coins == pytest.approx(most)


@given(SIZES, RATES, SAVINGS)
def test_urgency_grows_with_size_and_falls_with_what_resting_offers(
    coins: float, rate: float, saving: float
) -> None:
    risk = waiting_cost(AVERSION, coins, SPOT, VOL)
    base = urgency(risk, saving, rate)
    assert urgency(2 * risk, saving, rate) == pytest.approx(2 * base)
    assert urgency(risk, 2 * saving, rate) == pytest.approx(base / 2)
    assert urgency(risk, saving, 2 * rate) == pytest.approx(base / 2)


@pytest.mark.parametrize("saving", [0.0, -1e-4])
def test_what_saves_nothing_is_never_worth_waiting_for(saving: float) -> None:
    assert urgency(1e-9, saving, 0.05) == math.inf
    assert most_resting(saving, 0.05, 1e-9) == 0.0


def test_what_is_no_risk_may_always_wait() -> None:
    assert most_resting(1e-4, 0.05, 0.0) == math.inf


@given(RATES, st.floats(0.0, 300.0))
def test_chances_are_chances_and_grow_with_the_wait(rate: float, wait: float) -> None:
    chance = fill_chance(rate, wait)
    assert 0.0 <= chance <= 1.0
    assert fill_chance(rate, wait + 1.0) >= chance
    assert expected_cost(chance, 1.0, 5.0) == pytest.approx(5.0 - 4.0 * chance)
