"""Policies in the engine: what they remember, and the limits that hold automatic hedging."""

from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND, utc_day
from terminal.engine.state import restored, saved
from terminal.model.messages import HedgeNow, SetAutonomy
from terminal.model.order import Side
from terminal.model.risk import Autonomy, PolicyKind
from terminal.risk.activity import Activity, Pace
from tests.helpers.builders import NOW, profile, spec
from tests.helpers.trial import Trial, alerts, ready, submits


def test_hybrid_looks_at_its_clock_and_remembers_it_through_a_restart() -> None:
    policy = spec(PolicyKind.HYBRID, low=-9.0, high=9.0, cap=5.0)
    trial = ready(profile(policy), held="0.001")
    first = trial.state.desks["BTC"].memory.look
    assert first is not None
    trial.tick()
    assert trial.state.desks["BTC"].memory.look == first, "between two looks nothing is decided"
    trial.now += 300 * SECOND
    trial.markets()
    trial.tick()
    second = trial.state.desks["BTC"].memory.look
    assert second is not None
    assert second.at >= first.at + 300 * SECOND
    assert restored(saved(trial.state)).desks["BTC"].memory == trial.state.desks["BTC"].memory


BUSY: dict[str, tuple[dict[str, Any], Activity]] = {
    "REPEATED_EXECUTION": ({"hedges_per_hour": 1}, Activity(paces={"BTC": Pace((NOW,))})),
    "FLIPS": (
        {"flips_per_10min": 1},
        Activity(paces={"BTC": Pace((), ((NOW, Side.SELL), (NOW, Side.BUY)))}),
    ),
    "COST": ({"cost_day_usd": 1.0}, Activity(day=utc_day(NOW), cost_usd=1.0)),
    "TURNOVER": ({"turnover_day_usd": 10.0}, Activity(day=utc_day(NOW), turnover_usd=10.0)),
}


@pytest.mark.parametrize("code", BUSY)
def test_a_limit_on_noise_holds_before_anything_is_offered(code: str) -> None:
    rules, activity = BUSY[code]
    trial = Trial(profile(**rules), autonomy=Autonomy.AUTO)
    trial.state = replace(trial.state, activity=activity)
    trial.now += 5 * SECOND
    trial.markets()
    told = trial.tick()
    desk = trial.state.desks["BTC"]
    assert desk.proposal is None
    assert desk.verdict.startswith(f"{code}: ")
    assert not submits(trial.effects)
    assert "is not hedged" in alerts(told)
    assert "is not hedged" not in alerts(trial.tick()), "it is said once"
    trial.tell(HedgeNow("BTC"))
    trial.tick()
    assert trial.state.desks["BTC"].proposal is not None, "a person may still ask"


def test_when_the_limit_is_lifted_it_hedges_again() -> None:
    rules, activity = BUSY["REPEATED_EXECUTION"]
    trial = Trial(profile(**rules), autonomy=Autonomy.AUTO)
    trial.state = replace(trial.state, activity=activity)
    trial.now += 61 * MINUTE
    trial.markets()
    trial.tick()
    assert submits(trial.effects)


def test_by_approval_a_person_decides_about_noise() -> None:
    rules, activity = BUSY["FLIPS"]
    trial = Trial(profile(**rules))
    trial.state = replace(trial.state, activity=activity)
    trial.tell(SetAutonomy("BTC", Autonomy.APPROVE))
    trial.now += 5 * SECOND
    trial.markets()
    trial.tick()
    assert trial.state.desks["BTC"].proposal is not None
