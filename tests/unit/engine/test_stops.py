"""The staged stop, its latch, and the way back."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.engine.state import restored, saved
from terminal.engine.stops import closed_by_hand
from terminal.model.instrument import CarryKind
from terminal.model.messages import (
    AskAccount,
    CancelAll,
    CancelOrder,
    Mode,
    Rearm,
    SetAutonomy,
    Started,
    Stop,
    StopStage,
)
from terminal.model.order import OrderStatus, Side, TimeInForce
from terminal.model.risk import Autonomy
from tests.helpers.builders import FUTURE, OPTION, PERP, fill, profile, quote
from tests.helpers.statements import GRACE_S, truth
from tests.helpers.trial import Trial, alerts, cancels, ready, submits


def stopped(trial: Trial, stage: StopStage) -> None:
    """Stop, and let the venue fill everything the stop sends."""
    trial.obey(trial.tell(Stop(stage, "test")))
    for _ in range(20):
        trial.obey(trial.tick(1.1))


def finished(trial: Trial) -> bool:
    return trial.state.stop is not None and trial.state.stop.done


def held(trial: Trial, key: str) -> Decimal:
    return trial.state.ledger.positions[key].qty


def test_freeze_cancels_latches_and_drops_proposals() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    effects = trial.tell(Stop(StopStage.FREEZE, "looks wrong"))
    assert cancels(effects) == [sent.order_id]
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    for _ in range(10):
        assert not submits(trial.tick(5.0))
    assert trial.state.desks["BTC"].hedge is None
    assert trial.state.desks["BTC"].proposal is None
    assert "looks wrong" in trial.verdict
    assert finished(trial)


def test_freeze_drops_the_proposal_on_the_table() -> None:
    trial = ready()
    offer = trial.offer
    trial.tell(Stop(StopStage.FREEZE, "x"))
    assert trial.state.desks["BTC"].proposal is None
    trial.tick()
    assert offer.proposal_id not in str(trial.state.desks["BTC"].proposal)


def test_an_order_without_word_is_cancelled_again_once_it_lives() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    assert cancels(trial.tell(Stop(StopStage.FREEZE, "x"))) == [sent.order_id]
    assert cancels(trial.report(sent, OrderStatus.LIVE)) == [sent.order_id]


def test_neutralise_brings_delta_to_target() -> None:
    trial = ready()
    stopped(trial, StopStage.NEUTRALISE)
    assert held(trial, PERP) == -1
    assert held(trial, FUTURE) == 1
    assert finished(trial)
    assert all(each.tif is TimeInForce.IOC for each in submits(trial.effects))
    assert all(each.for_stop for each in submits(trial.effects))


@pytest.mark.parametrize(("cap", "trades"), [(1e6, True), (4e6, True), (5.1e6, False)])
def test_neutralise_leaves_what_is_near_enough(cap: float, *, trades: bool) -> None:
    trial = ready(profile(delta_cap_usd=cap))  # one coin of 50,000 USD away
    stopped(trial, StopStage.NEUTRALISE)
    assert (PERP in trial.state.ledger.positions) is trades
    assert finished(trial)


def test_flatten_closes_perpetuals_and_futures_and_leaves_options() -> None:
    trial = ready(positions={PERP: "-3", OPTION: "2"})
    stopped(trial, StopStage.FLATTEN)
    assert [held(trial, each) for each in (PERP, FUTURE, OPTION)] == [0, 0, 2]
    assert finished(trial)
    sides = {each.key: (each.side, each.qty, each.reduce_only) for each in submits(trial.effects)}
    assert sides == {
        PERP: (Side.BUY, Decimal(3), True),
        FUTURE: (Side.SELL, Decimal(1), True),
    }


def test_what_cannot_be_closed_does_not_keep_the_rest_open() -> None:
    trial = ready(held="0.00001", positions={PERP: "-3"})
    stopped(trial, StopStage.FLATTEN)
    assert held(trial, PERP) == 0
    assert finished(trial)


@pytest.mark.parametrize("stage", [StopStage.NEUTRALISE, StopStage.FLATTEN])
def test_a_stop_is_not_done_while_it_cannot_see(stage: StopStage) -> None:
    trial = ready()
    trial.tick(10.0, price=None)
    trial.tell(Stop(stage, "feed is gone"))
    assert not finished(trial)
    stopped(trial, stage)
    assert finished(trial)
    assert held(trial, PERP if stage is StopStage.NEUTRALISE else FUTURE) in {-1, 0}
    assert submits(trial.effects)


def test_what_a_pool_lends_is_closed_by_hand_and_the_rest_by_orders() -> None:
    trial = ready()
    trial.tell(fill(1, "0.5", order_id=""))
    market = trial.state.market
    lent = replace(market.instruments[PERP], carry=CarryKind.BORROW)
    market = replace(market, instruments={**market.instruments, PERP: lent})
    trial.state = replace(trial.state, market=market)
    assert "no order closes +0.5 BTC" in closed_by_hand(trial.state, PERP)
    assert closed_by_hand(trial.state, FUTURE) == ""
    stopped(trial, StopStage.FLATTEN)
    assert held(trial, PERP) == Decimal("0.5")
    assert held(trial, FUTURE) == 0
    assert not finished(trial)


def test_a_wide_market_makes_the_stop_wait_and_try_again() -> None:
    trial = ready()
    trial.tell(quote(PERP, 49_000.0, 51_000.0, mark=50_000.0))
    trial.tell(Stop(StopStage.NEUTRALISE, "x"))
    assert "SPREAD" in trial.verdict or "spread" in trial.verdict
    assert not submits(trial.effects)
    stopped(trial, StopStage.NEUTRALISE)
    assert held(trial, PERP) == -1


def test_a_stop_goes_to_later_stages_only() -> None:
    trial = ready()
    trial.tell(Stop(StopStage.NEUTRALISE, "first"))
    trial.tell(Stop(StopStage.FREEZE, "second"))
    assert trial.state.stop is not None
    assert trial.state.stop.reason == "first"
    trial.tell(Stop(StopStage.FLATTEN, "third"))
    assert trial.state.stop.stage is StopStage.FLATTEN


def test_the_orders_of_every_stop_have_ids_of_their_own() -> None:
    trial = ready()
    stopped(trial, StopStage.NEUTRALISE)
    trial.tell(Rearm("again"))
    trial.obey(trial.tick())
    stopped(trial, StopStage.FLATTEN)
    ids = [each.order_id for each in submits(trial.effects)]
    assert len(ids) == len(set(ids)) >= 3


def test_rearming_needs_a_reason() -> None:
    trial = ready()
    trial.tell(Stop(StopStage.FREEZE, "x"))
    assert "needs a reason" in alerts(trial.tell(Rearm("  ")))
    trial.tell(Rearm("looked at it"))
    (sent,) = submits(trial.approve())
    assert not sent.for_stop


def test_rearming_needs_an_account_compared_since_the_stop() -> None:
    trial = ready()
    trial.state = replace(trial.state, mode=Mode.PAPER)
    trial.tell(truth(trial))
    trial.tick(GRACE_S + 1.0)  # compared, but before the stop
    asked = trial.tell(Stop(StopStage.FREEZE, "x"))
    assert AskAccount("sim") in asked
    trial.tick(1.0)
    refused = trial.tell(Rearm("looked at it"))
    assert "sim has not told what it holds since the stop" in alerts(refused)
    assert AskAccount("sim") in refused
    assert trial.state.stop is not None
    trial.tell(truth(trial))
    trial.tick(GRACE_S + 1.0)
    trial.tell(Rearm("looked at it"))
    assert trial.state.stop is None


def test_a_restart_keeps_the_stop_and_takes_auto_back() -> None:
    trial = ready(profile(auto_hedge_usd=1.0), autonomy=Autonomy.AUTO)
    trial.tell(Stop(StopStage.FREEZE, "x"))
    effects = trial.tell(Started("again", Mode.SIM, 2, profile(), Autonomy.AUTO))
    assert "auto is back to approve" in alerts(effects)
    assert trial.state.stop is not None
    assert trial.state.desks["BTC"].autonomy is Autonomy.APPROVE
    trial.tick(5.0)
    assert not submits(trial.effects)
    trial.tell(Rearm("restarted"))
    trial.tick(1.0)
    assert not submits(trial.effects)
    assert trial.offer.qty == 1


def test_a_restart_leaves_manual_and_approve_as_they_were() -> None:
    trial = ready()
    trial.tell(SetAutonomy("BTC", Autonomy.MANUAL))
    trial.tell(Started("again", Mode.SIM, 2, profile(), Autonomy.AUTO))
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL


def test_a_restart_ends_a_hedge_but_keeps_its_order_in_the_delta() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    effects = trial.tell(Started("again", Mode.SIM, 2, profile(), Autonomy.APPROVE))
    assert "ends with the restart" in alerts(effects)
    assert cancels(effects) == [sent.order_id]
    assert trial.state.desks["BTC"].hedge is None
    trial.tick(1.0)
    assert trial.state.exposures["BTC"].working != 0.0


def test_cancels_by_hand() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    assert cancels(trial.tell(CancelAll("by hand"))) == [sent.order_id]
    trial.report(sent, OrderStatus.LIVE)
    assert cancels(trial.tell(CancelOrder(sent.order_id))) == [sent.order_id]
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert not cancels(trial.tell(CancelOrder(sent.order_id)))
    assert not cancels(trial.tell(CancelOrder("nobody's")))


def test_a_stop_outlives_its_process() -> None:
    trial = ready()
    trial.tell(Stop(StopStage.FREEZE, "looks wrong"))
    trial.state = restored(saved(trial.state))
    trial.tell(Started("test", Mode.SIM, 1, profile(), Autonomy.AUTO))
    assert trial.state.stop is not None
    assert trial.state.stop.reason == "looks wrong"
    for _ in range(5):
        assert not submits(trial.tick(5.0))
