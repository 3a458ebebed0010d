"""Alerts of margin and liquidation: told where the venue's rules are known, silent elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.alert_margins import margin_conditions, margins
from terminal.engine.state import State
from terminal.model.messages import SetAlerts
from terminal.risk.alert_rules import defaults
from terminal.runtime.session import Session
from tests.helpers.builders import profile
from tests.unit.runtime.making import BEGIN, Logbook, simulated


@pytest.fixture(scope="module")
def session() -> Session:
    made = simulated(Logbook(), profile())
    made.advance(BEGIN + 30 * SECOND)
    return made


@pytest.fixture
def state(session: Session) -> State:
    return session.state


def rules_told(used: float, missing: float, *, near: float = 0.9) -> set[str]:
    found = margin_conditions(
        {"BTC": (used, missing)}, profile(margin_use_pct=60.0), near=near, distance_pct=15.0
    )
    return {each.rule for each in found}


@given(used=st.floats(0.0, 5.0), near=st.floats(0.1, 1.0))
def test_margin_is_told_from_its_part_of_the_limit_on(used: float, near: float) -> None:
    assert ("margin_near" in rules_told(used, 0.0, near=near)) == (100.0 * used >= near * 60.0)


def test_liquidation_is_told_when_something_is_missing() -> None:
    assert rules_told(0.1, 0.0) == set()
    assert rules_told(0.1, 1.0) == {"liquidation_near"}
    (text,) = [
        each.text
        for each in margin_conditions(
            {"BTC": (0.1, 8_400.0)}, profile(), near=0.9, distance_pct=50.0
        )
    ]
    assert text == "BTC: a move of 50 % would liquidate, add 8,400 USD or reduce"


def test_a_further_move_needs_no_less_collateral(state: State) -> None:
    missing = [margins(state, distance)["BTC"][1] for distance in (5.0, 50.0, 90.0, 400.0)]
    assert missing == sorted(missing)
    assert missing[0] == 0.0
    assert missing[2] > 0.0


def test_coins_whose_margin_rules_are_unknown_are_left_out(state: State) -> None:
    assert set(margins(state, 15.0)) == {"BTC"}
    assert margins(replace(state, books=None), 15.0) == {}


def test_the_engine_looks_and_tells(session: Session) -> None:
    usual = defaults()
    near = replace(usual.rules["liquidation_near"], limit=90.0, dwell_s=0.0)
    session.command(SetAlerts(replace(usual, rules=usual.rules | {"liquidation_near": near})))
    session.advance(BEGIN + MINUTE + 30 * SECOND)
    raised = session.state.alerts.book.raised
    assert "liquidation_near" in {each.rule for each in raised.values()}
    assert session.state.alerts.margins.keys() == {"BTC"}
    assert any("would liquidate" in each.text for each in session.state.alerts.book.dispatches)
