"""Policies in the engine: what they remember, and the limits that hold automatic hedging."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND, utc_day
from terminal.engine.state import restored, saved
from terminal.model.messages import HedgeNow, SetAutonomy
from terminal.model.order import Fill, Side
from terminal.model.risk import Autonomy, PolicyKind
from terminal.risk.activity import Activity, Pace
from tests.helpers.builders import FUTURE, NOW, OPTION, profile, spec
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


def hybrid_desk() -> Trial:
    """A desk on its clock, that has just hedged and looked."""
    policy = spec(PolicyKind.HYBRID, low=-9.0, high=9.0, cap=5.0)
    return ready(profile(policy), held="2", positions={OPTION: "1"})


def foreign(key: str, name: str = "theirs") -> Fill:
    return Fill(
        name, "", key, Side.BUY, Decimal("0.1"), Decimal(50_000), Decimal(0), "USDC", maker=False
    )


def test_hybrid_does_not_look_at_once_because_of_its_own_hedge() -> None:
    trial = hybrid_desk()
    trial.obey(trial.approve())
    memory = trial.state.desks["BTC"].memory
    assert memory.hedged != 0.0
    assert memory.news_at == 0
    trial.tick(2.0)
    target = trial.state.desks["BTC"].target
    assert target is not None
    assert target.hold.startswith("next look in")


@pytest.mark.parametrize("key", [OPTION, FUTURE])
def test_hybrid_looks_at_once_when_an_option_or_something_else_was_traded(key: str) -> None:
    trial = hybrid_desk()
    trial.obey(trial.approve())
    trial.tick(2.0)
    before = trial.state.desks["BTC"].memory.look
    trial.now += SECOND
    trial.tell(foreign(key))
    after = trial.state.desks["BTC"].memory
    assert after.news_at == trial.now
    target = trial.state.desks["BTC"].target
    assert target is not None
    assert after.look != before
    assert target.reason.startswith("an option or something else was traded")


def test_an_option_order_of_our_own_is_news_too() -> None:
    trial = hybrid_desk()
    sent = submits(trial.approve())[0]
    order = trial.state.orders[sent.order_id]
    of_option = replace(order, intent=replace(sent, key=OPTION))
    trial.state = replace(trial.state, orders={sent.order_id: of_option})
    trial.tell(replace(foreign(OPTION), order_id=sent.order_id))
    assert trial.state.desks["BTC"].memory.news_at == trial.now


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
