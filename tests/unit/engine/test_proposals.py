"""Proposals from the first heartbeat to the order: who may approve what, and when."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.model.hedge import ProposalStatus
from terminal.model.messages import (
    Approve,
    HedgeNow,
    LinkDown,
    LinkUp,
    Reject,
    Requote,
    SetAutonomy,
    SetProfile,
    Stop,
    StopStage,
    Tick,
)
from terminal.model.order import OrderStatus, Side, TimeInForce
from terminal.model.risk import Autonomy
from tests.helpers.builders import FUTURE, PERP, fill, profile, quote, spec
from tests.helpers.trial import Trial, alerts, ready, submits


def status(trial: Trial) -> ProposalStatus:
    return trial.offer.status


def test_a_delta_outside_its_band_is_proposed_once() -> None:
    trial = ready()
    assert (trial.offer.side, trial.offer.qty, trial.offer.before) == (Side.SELL, Decimal(1), 1.0)
    first = trial.offer
    trial.tick()
    assert trial.offer is first
    assert trial.state.counts.proposals == 1
    assert not submits(trial.effects)


def test_an_approval_sends_one_order_and_the_second_click_none() -> None:
    trial = ready()
    offer = trial.offer
    effects = trial.approve()
    assert "withdrawn" not in alerts(effects)
    sent = submits(effects)
    assert [(each.side, each.qty, each.tif) for each in sent] == [
        (Side.SELL, Decimal(1), TimeInForce.POST_ONLY)
    ]
    again = trial.tell(Approve(offer.proposal_id, offer.revision))
    assert not submits(again)
    assert "nothing was sent" in alerts(again)
    assert trial.state.counts.orders == 1


def test_half_sends_half() -> None:
    sent = submits(ready().approve(qty=Decimal("0.5")))
    assert [each.qty for each in sent] == [Decimal("0.5")]


@pytest.mark.parametrize("qty", ["-1", "0", "1.001", "0.0005", "NaN"])
def test_a_wrong_size_sends_nothing(qty: str) -> None:
    trial = ready()
    effects = trial.approve(qty=Decimal(qty))
    assert not submits(effects)
    assert "DENIED" in alerts(effects)
    assert trial.state.counts.denials == 1


def test_an_unknown_or_lapsed_proposal_sends_nothing() -> None:
    trial = ready()
    assert not submits(trial.tell(Approve("BTC-9-none", 1)))
    offer = trial.offer
    trial.now += 30 * SECOND
    trial.markets()
    late = trial.tell(Approve(offer.proposal_id, 1))
    assert not submits(late)
    assert "EXPIRED" in alerts(late)


def test_an_unanswered_proposal_lapses_and_a_new_one_follows() -> None:
    trial = ready()
    first = trial.offer.proposal_id
    effects = trial.tick(30.0)
    assert "lapsed" in alerts(effects)
    assert trial.offer.proposal_id != first


def test_a_click_on_an_old_revision_never_sends_new_numbers() -> None:
    trial = ready()
    trial.tell(Requote(trial.offer.proposal_id))
    assert trial.offer.revision == 2
    effects = trial.tell(Approve(trial.offer.proposal_id, 1))
    assert not submits(effects)
    assert "REQUOTE" in alerts(effects)


def test_a_price_that_ran_away_asks_for_a_requote() -> None:
    trial = ready()
    trial.tell(quote(PERP, 50_150.0, 50_151.0, mark=50_150.5))
    effects = trial.approve()
    assert not submits(effects)
    assert status(trial) is ProposalStatus.REQUOTE
    assert not submits(trial.approve())
    trial.tick(0.25, 50_150.0)
    trial.tell(Requote(trial.offer.proposal_id))
    assert status(trial) is ProposalStatus.OPEN
    assert trial.offer.revision == 2
    assert trial.offer.mid == pytest.approx(50_150.0)
    assert len(submits(trial.approve())) == 1


def test_data_that_grew_old_send_nothing() -> None:
    trial = ready()
    trial.now += 6 * SECOND
    effects = trial.approve()
    assert not submits(effects)
    assert "DATA_STALE" in alerts(effects)
    trial.tell(Tick())
    assert status(trial) is ProposalStatus.REQUOTE


def test_delta_that_came_back_withdraws_the_proposal() -> None:
    trial = ready(positions={PERP: "0"})
    trial.tick(price=None)
    changed = replace(trial.state.ledger.positions[FUTURE], qty=Decimal("0.05"))
    positions = {**trial.state.ledger.positions, FUTURE: changed}
    trial.state = replace(trial.state, ledger=replace(trial.state.ledger, positions=positions))
    effects = trial.tick()
    assert "back inside" in alerts(effects)
    assert trial.state.desks["BTC"].proposal is None


def test_a_profile_change_asks_for_a_requote() -> None:
    trial = ready()
    trial.tell(SetProfile(profile(min_gap_s=2.0)))
    assert status(trial) is ProposalStatus.REQUOTE
    assert not submits(trial.approve())
    broken = trial.tell(SetProfile(profile(max_order_usd=1e9)))
    assert "refused" in alerts(broken)
    assert trial.state.profile == profile(min_gap_s=2.0)


def test_a_profile_without_the_coin_leaves_nothing_to_decide() -> None:
    trial = ready()
    trial.tell(SetProfile(profile(policies={})))
    trial.tick()
    assert "no policy" in trial.verdict
    assert not submits(trial.approve())


def test_auto_approves_within_its_limit_and_asks_above() -> None:
    small = ready(profile(auto_hedge_usd=50_001.0), autonomy=Autonomy.AUTO)
    assert len(submits(small.effects)) == 1
    large = ready(profile(auto_hedge_usd=49_999.0), autonomy=Autonomy.AUTO)
    assert not submits(large.effects)
    assert len(submits(large.approve())) == 1


def test_manual_shows_nothing_until_it_is_asked() -> None:
    trial = ready(autonomy=Autonomy.MANUAL)
    assert trial.state.desks["BTC"].proposal is None
    assert "manual" in trial.verdict
    trial.tell(HedgeNow("BTC"))
    assert trial.offer.qty == 1
    assert len(submits(trial.approve())) == 1


def test_hedge_now_goes_to_target_from_inside_the_band() -> None:
    trial = ready(held="0.05")
    assert trial.state.desks["BTC"].proposal is None
    trial.tell(HedgeNow("BTC"))
    assert trial.offer.qty == Decimal("0.05")
    trial.tick()
    assert trial.offer.qty == Decimal("0.05")
    assert "already" in alerts(trial.tell(HedgeNow("BTC")))
    assert "no desk" in alerts(trial.tell(HedgeNow("DOGE")))


@pytest.mark.parametrize("why", ["stop", "feed"])
def test_a_wish_is_not_kept_for_later(why: str) -> None:
    trial = ready(held="0.05", autonomy=Autonomy.AUTO)
    trial.tell(Stop(StopStage.FREEZE, "x") if why == "stop" else LinkDown("sim", "gone"))
    assert "cannot be hedged now" in alerts(trial.tell(HedgeNow("BTC")))
    assert not trial.state.desks["BTC"].asked
    trial.state = replace(trial.state, stop=None)
    trial.tell(LinkUp("sim"))
    trial.tick()
    assert not submits(trial.effects)


def test_a_rejection_needs_a_reason_and_keeps_quiet() -> None:
    trial = ready()
    assert "needs a reason" in alerts(trial.tell(Reject(trial.offer.proposal_id, " ")))
    trial.tell(Reject(trial.offer.proposal_id, "wait for the print"))
    for _ in range(3):
        trial.tick(9.0)
        assert trial.state.desks["BTC"].proposal is None
    trial.tick(4.0)
    assert trial.offer.qty == 1


def test_a_band_that_cannot_be_traded_cannot_be_armed() -> None:
    trial = ready(profile(spec(low=-0.0003, high=0.0003)), autonomy=Autonomy.MANUAL)
    for level in (Autonomy.APPROVE, Autonomy.AUTO):
        effects = trial.tell(SetAutonomy("BTC", level))
        assert "cannot be armed" in alerts(effects)
        assert "60 %" in alerts(effects)
        assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL
    assert not submits(trial.effects)


def test_arming_and_disarming() -> None:
    trial = ready()
    effects = trial.tell(SetAutonomy("BTC", Autonomy.AUTO))
    assert len(submits(effects)) == 1
    trial.tell(SetAutonomy("BTC", Autonomy.MANUAL))
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL


def test_after_the_hedge_the_desk_holds() -> None:
    trial = ready()
    trial.obey(trial.approve())
    assert trial.state.desks["BTC"].hedge is None
    trial.tick(5.0)
    assert trial.state.desks["BTC"].net == pytest.approx(0.0)
    assert "inside" in trial.verdict
    assert trial.state.counts.fills == 1


def test_hedges_keep_their_distance() -> None:
    trial = ready(profile(min_gap_s=60.0))
    trial.obey(trial.approve(qty=Decimal("0.5")))
    trial.tick(30.0)
    assert "kept apart" in trial.verdict
    trial.tick(31.0)
    assert trial.offer.qty == Decimal("0.5")


def test_a_partial_fill_is_never_hedged_twice() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent, Decimal("0.4"))
    trial.tick(10.0)
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal("0.4"))
    assert [each.qty for each in submits(effects)] == [Decimal("0.6")]
    assert not submits(trial.tick())
    assert trial.state.exposures["BTC"].working == pytest.approx(-0.6)
    assert trial.state.desks["BTC"].net == pytest.approx(0.0)


def test_a_hedge_stops_sending_when_orders_a_minute_are_used_up() -> None:
    trial = ready(profile(orders_per_minute=1))
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.tick(10.0)
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert not submits(effects)
    assert "a minute" in alerts(effects)


def test_day_counters_start_anew_with_the_day() -> None:
    trial = ready(profile(orders_per_day=1, min_gap_s=1.0))
    trial.obey(trial.approve(qty=Decimal("0.5")))
    trial.tick(120.0)
    effects = trial.approve()
    assert not submits(effects)
    assert "orders a day" in alerts(effects)
    trial.now += 12 * HOUR
    trial.tick()
    trial.tick(31.0)
    assert len(submits(trial.approve())) == 1


def test_a_delta_at_the_edge_of_its_band_keeps_the_offer_that_is_up() -> None:
    trial = ready(profile(spec(low=-0.5, high=0.5)), held="0.6")
    first = trial.offer
    trial.tell(fill(1, "0.15", key=FUTURE, side=Side.SELL, order_id="by hand"))
    trial.tick()
    assert trial.offer is first  # inside by less than a tenth of the band: no reason to flicker
    trial.tell(fill(2, "0.15", key=FUTURE, side=Side.SELL, order_id="by hand"))
    assert "back inside the band" in alerts(trial.effects)
    assert trial.state.desks["BTC"].proposal is None
