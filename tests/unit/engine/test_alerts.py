"""Alerts in the engine: what raises them, what a person may do, and that a replay is equal."""

from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE
from terminal.engine.alert_conditions import conditions
from terminal.engine.alerts import settings_of
from terminal.engine.frames import Surroundings, select
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.alert import Channel, Tier
from terminal.model.frame import JournalHealth, Machine
from terminal.model.market import Funding
from terminal.model.messages import (
    AckAlert,
    Dispatched,
    Effect,
    Fault,
    LinkDown,
    Mode,
    Notify,
    SetAlerts,
    SnoozeAlert,
    Stop,
    StopStage,
    TryAlerts,
)
from terminal.model.order import OrderStatus
from terminal.risk.alert_rules import defaults
from tests.helpers.builders import EXPIRY, NOW, PERP, profile
from tests.helpers.trial import Trial, alerts, ready, submits


def told(effects: tuple[Effect, ...] | list[Effect]) -> list[str]:
    return [each.dispatch.text for each in effects if isinstance(each, Notify)]


def rules_that_hold(trial: Trial) -> set[str]:
    return {each.rule for each in conditions(trial.state, settings_of(trial.state).rules)}


def wait(trial: Trial, seconds: int, price: float | None = 50_000.0) -> list[str]:
    said: list[str] = []
    for _ in range(seconds):
        said += told(trial.tick(1.0, price))
    return said


def test_a_breach_of_the_band_is_told_after_its_dwell() -> None:
    trial = ready(profile(approval_ttl_s=60.0))
    assert wait(trial, 14) == []
    (text,) = wait(trial, 5)
    assert text.startswith("BTC: delta +1.000 is outside −0.1000 to +0.1000")
    assert "warn ALERT watch #1" in alerts(trial.effects)


def test_a_lost_feed_a_stop_and_a_cap() -> None:
    trial = ready(profile(delta_cap_usd=10_000.0))
    trial.tell(LinkDown("sim", "gone"))
    trial.tell(Stop(StopStage.FREEZE, "lunch"))
    assert rules_that_hold(trial) >= {"feed_lost", "stopped", "hard_cap"}
    said = wait(trial, 6)
    assert "stopped (freeze): lunch" in said
    assert any("feed of sim is lost" in each for each in said)


def test_an_old_book_and_a_late_engine() -> None:
    trial = ready()
    trial.tick(12.0, None)
    assert "feed_stale" in rules_that_hold(trial)
    trial.state = replace(trial.state, lag_ms=5_000.0)
    assert "engine_late" in rules_that_hold(trial)


def test_a_rejected_order_and_one_whose_outcome_is_unknown() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.REJECTED, reason="no margin")
    (text,) = wait(trial, 2)
    assert "no margin" in text
    other = ready()
    submits(other.approve())
    wait(other, 6, None)
    assert "order_unknown" in rules_that_hold(other)


def test_a_proposal_that_waits_and_lapses() -> None:
    trial = ready(profile(approval_ttl_s=10.0))
    said = wait(trial, 9)
    assert said == ["BTC: a proposal waits for an answer"]
    assert any("lapsed unanswered" in each for each in wait(trial, 4))


def test_losses_costs_and_expiry() -> None:
    trial = ready(profile(day_loss_halt_usd=30_000.0, day_loss_reduce_usd=1_000.0))
    trial.tick(1.0, 30_000.0)
    assert rules_that_hold(trial) >= {"day_loss_half"}
    trial.tick(1.0, 25_000.0)
    assert rules_that_hold(trial) >= {"day_loss_near"}
    spent = replace(trial.state.activity, cost_usd=0.9e6)
    trial.state = replace(trial.state, activity=spent, now=EXPIRY - 20 * MINUTE)
    assert rules_that_hold(trial) >= {"cost_near", "settlement"}
    spent = replace(spent, orders_day=8_000)
    trial.state = replace(trial.state, activity=spent)
    assert rules_that_hold(trial) >= {"cost_hit"}


def test_funding_that_costs_and_flips() -> None:
    trial = ready(positions={PERP: "2"})
    trial.tell(Funding(PERP, 1e-3, 8 * HOUR, NOW + HOUR))
    assert "funding_cost" in rules_that_hold(trial)
    said = alerts(trial.tell(Funding(PERP, -1e-3, 8 * HOUR, NOW + HOUR)))
    assert "FLIP BTC_USDC-PERP: funding flips, shorts pay" in said
    assert "funding_cost" not in rules_that_hold(trial)
    trial.tick(1.0)
    assert "funding_flip:BTC_USDC-PERP" in trial.state.alerts.book.raised


def test_volatility_that_jumps() -> None:
    trial = ready()
    trial.tick(16.0)
    moved = {"iv BTC": 0.62, "rv BTC": 0.9}
    before = {"iv BTC": (trial.now, 0.5), "rv BTC": (trial.now, 0.5)}
    watch = replace(trial.state.alerts, vols=moved, before=before, vols_at=trial.now)
    trial.state = replace(trial.state, alerts=watch)
    trial.tick(1.0)
    assert {"iv_jump:BTC", "rv_regime:BTC"} <= set(trial.state.alerts.book.raised)


def test_acknowledge_snooze_test_and_outcomes_are_logged() -> None:
    trial = ready()
    effects = trial.tell(TryAlerts())
    assert told(effects) == ["Test: alerts reach you by this channel."]
    said = alerts(trial.tell(Dispatched(1, Channel.SOUND, True, "rung")))
    assert "info ALERT #1 told by sound: rung" in said
    said = alerts(trial.tell(Dispatched(1, Channel.DESKTOP, False, "no tray")))
    assert "warn ALERT #1 NOT told by desktop: no tray" in said
    assert trial.tell(Dispatched(1, Channel.SOUND, True, "rung")) == ()
    trial.tell(Stop(StopStage.FREEZE, "x"))
    trial.tick(1.0)
    assert "silent until" in alerts(trial.tell(SnoozeAlert("stopped:", 60.0)))
    assert trial.state.alerts.book.raised["stopped:"].snoozed_until > trial.now
    assert "every alert" in alerts(trial.tell(AckAlert("")))
    assert trial.state.alerts.book.raised["stopped:"].acked_at


def test_rules_can_be_changed_and_survive_a_restart() -> None:
    trial = ready()
    rules = defaults().rules
    off = {name: replace(rule, on=False) for name, rule in rules.items()}
    assert "0 rules are on" in alerts(trial.tell(SetAlerts(replace(defaults(), rules=off))))
    trial.tell(Stop(StopStage.FREEZE, "x"))
    assert wait(trial, 30) == []
    again = restored(saved(trial.state))
    assert again.alerts == trial.state.alerts


def test_a_backtest_alerts_nobody() -> None:
    trial = ready()
    trial.state = replace(trial.state, mode=Mode.BACKTEST)
    trial.tell(LinkDown("sim", "gone"))
    assert wait(trial, 30) == []
    assert trial.state.alerts.heard == ()


def test_a_replay_is_equal_to_what_was_lived() -> None:
    trial = ready(profile(approval_ttl_s=5.0))
    wait(trial, 20)
    trial.tell(AckAlert(""))
    wait(trial, 5)
    state = State()
    for record in trial.records:
        state, _ = step(state, record)
    assert saved(state) == saved(trial.state)
    assert state.alerts.book.number > 0


def test_a_screen_shows_what_stands_the_worst_first() -> None:
    trial = ready(profile(approval_ttl_s=60.0))
    trial.tell(Stop(StopStage.FREEZE, "x"))
    trial.tell(LinkDown("sim", "gone"))
    trial.tell(Fault("TEST", "broken"))
    wait(trial, 20)
    around = Surroundings(
        title="t",
        rows={},
        tracks={},
        log=(),
        journal=JournalHealth(
            path="", bytes=0, limit=0, last_seq=0, durable_seq=0, sync_ms=0.0, read_only=False,
            note="",
        ),
        machine=Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None),
    )  # fmt: skip
    shown = select(trial.state, profile(), around).alerts
    assert [each.tier for each in shown.raised][:2] == [Tier.CRITICAL, Tier.HIGH]
    assert shown.dispatches == trial.state.alerts.book.dispatches
    assert not shown.quiet
