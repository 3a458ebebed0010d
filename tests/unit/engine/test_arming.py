"""A live run: nothing leaves before it is armed, and sizes are a quarter in the first days."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.engine.arming import live_view
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    ArmLive,
    HedgeNow,
    LiftFirstDays,
    Mode,
    Rearm,
    SetAutonomy,
    Started,
    StopStage,
)
from terminal.model.messages import Stop as StopAll
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from tests.helpers.builders import profile
from tests.helpers.trial import Trial, alerts, ready, submits

ACCOUNT = LiveAccount("sim", Network.MAIN, "main")
GATEWAY = replace(ACCOUNT, address="http://127.0.0.1:9")
WEEK = 7 * DAY / SECOND


def live(account: LiveAccount = ACCOUNT, **limits: Any) -> Trial:
    return ready(profile(**limits), autonomy=Autonomy.AUTO, accounts=(account,))


def armed(**limits: Any) -> Trial:
    trial = live(**limits)
    trial.tell(ArmLive("LIVE"))
    return trial


def proposed(trial: Trial) -> Trial:
    trial.tell(HedgeNow("BTC"))
    trial.tick()
    return trial


def test_an_unarmed_run_sends_nothing_and_says_why() -> None:
    trial = proposed(live())
    effects = trial.approve()
    assert submits(trial.effects) == []
    assert "NOT_ARMED" in alerts(effects)
    trial.tell(SetAutonomy("BTC", Autonomy.AUTO))
    for _ in range(20):
        trial.tick(1.0)
    assert submits(trial.effects) == []


@pytest.mark.parametrize("stage", [StopStage.NEUTRALISE, StopStage.FLATTEN])
def test_not_even_a_stop_sends_orders_before_arming(stage: StopStage) -> None:
    trial = live()
    trial.tell(StopAll(stage, "test"))
    for _ in range(5):
        trial.tick(1.0)
    assert submits(trial.effects) == []
    assert "not armed" in trial.verdict
    trial.tell(ArmLive("LIVE"))
    assert submits(trial.tick(2.0)), "a latched stop goes on once orders may leave"


def test_a_live_run_begins_by_hand_whatever_was_asked() -> None:
    trial = live()
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL
    trial.tell(SetAutonomy("BTC", Autonomy.AUTO))
    trial.tell(ArmLive("LIVE"))
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL


@pytest.mark.parametrize("word", ["", "live", "LIVE ", "YES"])
def test_another_word_arms_nothing(word: str) -> None:
    trial = live()
    assert "not armed" in alerts(trial.tell(ArmLive(word)))
    assert not trial.state.arming.armed


def test_a_foreign_address_must_be_typed_too() -> None:
    trial = live(GATEWAY)
    assert GATEWAY.address in alerts(trial.tell(ArmLive("LIVE")))
    assert not trial.state.arming.armed
    trial.tell(ArmLive("LIVE", (GATEWAY.address,)))
    assert trial.state.arming.armed


def test_only_a_live_run_is_armed() -> None:
    trial = ready()
    assert "only a live run" in alerts(trial.tell(ArmLive("LIVE")))
    assert live_view(trial.state) is None
    assert submits(trial.approve())


def test_a_hedge_is_cut_to_a_quarter_of_the_largest_and_goes_on_after_it() -> None:
    trial = proposed(armed(max_hedge_usd=100_000.0))
    offer = trial.offer
    assert offer.qty == Decimal("0.5")
    assert any(line.startswith("FIRST_DAYS") for line in offer.reasons)
    (sent,) = submits(trial.approve())
    assert (sent.side, sent.qty) == (Side.SELL, Decimal("0.5"))


def test_orders_are_a_quarter_of_the_largest_order() -> None:
    trial = proposed(armed(max_order_usd=100_000.0))
    (sent,) = submits(trial.approve())
    assert sent.qty == Decimal("0.5")


def test_auto_asks_above_a_quarter_of_its_size() -> None:
    trial = armed(auto_hedge_usd=100_000.0)
    trial.tell(SetAutonomy("BTC", Autonomy.AUTO))
    trial.tick()
    assert submits(trial.effects) == []
    assert trial.offer.qty == Decimal(1)


def test_the_stop_is_never_kept_small() -> None:
    trial = armed(max_hedge_usd=100_000.0, max_order_usd=100_000.0)
    trial.tell(StopAll(StopStage.NEUTRALISE, "test"))
    trial.tick(2.0)
    assert sum(each.qty for each in submits(trial.effects)) == Decimal(1)


def test_after_a_week_sizes_are_whole() -> None:
    trial = armed(max_hedge_usd=100_000.0)
    trial.tick(WEEK - 1.0)
    assert proposed(trial).offer.qty == Decimal("0.5")
    later = armed(max_hedge_usd=100_000.0)
    later.tick(WEEK)
    assert proposed(later).offer.qty == Decimal(1)


def test_lifting_needs_an_armed_account_and_a_reason() -> None:
    trial = live(max_hedge_usd=100_000.0)
    assert "never armed" in alerts(trial.tell(LiftFirstDays(ACCOUNT.name, "why not")))
    trial.tell(ArmLive("LIVE"))
    assert "a reason" in alerts(trial.tell(LiftFirstDays(ACCOUNT.name, "  ")))
    assert proposed(trial).offer.qty == Decimal("0.5")
    trial.tell(LiftFirstDays(ACCOUNT.name, "an old account"))
    assert "whole already" in alerts(trial.tell(LiftFirstDays(ACCOUNT.name, "again")))
    trial.tick(60.0)
    assert proposed(trial).offer.qty == Decimal(1)


def test_a_restart_disarms_and_keeps_the_week() -> None:
    trial = armed()
    began = trial.now
    trial.tick(DAY / SECOND)
    trial.tell(Started("test", Mode.LIVE, 1, profile(), Autonomy.AUTO, accounts=(ACCOUNT,)))
    assert not trial.state.arming.armed
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL
    view = live_view(trial.state)
    assert view is not None
    assert not view.armed
    trial.tell(ArmLive("LIVE"))
    view = live_view(trial.state)
    assert view is not None
    (row,) = view.rows
    assert (row.since, row.full_at, row.factor) == (began, began + 7 * DAY, 0.25)


def test_before_arming_the_screen_says_at_what_size_it_would_trade() -> None:
    def factor(trial: Trial) -> float:
        view = live_view(trial.state)
        assert view is not None
        return view.rows[0].factor

    trial = live()
    assert factor(trial) == 0.25
    trial.tell(ArmLive("LIVE"))
    trial.tick(WEEK)
    trial.tell(Started("test", Mode.LIVE, 1, profile(), Autonomy.AUTO, accounts=(ACCOUNT,)))
    assert not trial.state.arming.armed
    assert factor(trial) == 1.0


def test_a_journal_of_it_replays_to_the_same_state() -> None:
    trial = proposed(armed(max_hedge_usd=100_000.0))
    trial.obey(trial.approve())
    trial.tell(Rearm("nothing to lift"))
    trial.tell(LiftFirstDays(ACCOUNT.name, "an old account"))
    state = State()
    for record in trial.records:
        state, _ = step(restored(saved(state)), record)
    assert saved(state) == saved(trial.state)
