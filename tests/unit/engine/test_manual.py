"""A person's hand on a working hedge, in the engine: orders, detachment, refusals, replay."""

from decimal import Decimal

import pytest

from terminal.engine.order_rows import order_rows, questions
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.execution.at_work import Hedge
from terminal.model.messages import (
    CancelAll,
    CancelHedge,
    CancelOrder,
    Command,
    CrossHedge,
    ReleaseHedge,
    RepriceHedge,
    Stop,
    StopStage,
)
from terminal.model.order import OrderIntent, OrderStatus, TimeInForce
from terminal.model.order_row import WorkingHedge
from terminal.model.risk import Escalation, RiskProfile, Style
from tests.helpers.builders import PERP, profile, quote
from tests.helpers.trial import Trial, alerts, cancels, ready, submits

CALM = profile(passive_wait_s=30.0, repegs=3)


def resting(rules: RiskProfile | None = None) -> tuple[Trial, OrderIntent]:
    """A hedge whose first order rests at the venue."""
    trial = ready(rules or CALM)
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    return trial, sent


def hedge(trial: Trial) -> Hedge:
    found = trial.state.desks["BTC"].hedge
    assert found is not None
    return found


def stand(trial: Trial) -> WorkingHedge:
    found = next(row.hedge for row in order_rows(trial.state) if row.hedge)
    assert found is not None
    return found


def test_cross_cancels_then_takes_what_is_left() -> None:
    trial, sent = resting()
    trial.fill(sent, Decimal("0.4"))
    effects = trial.tell(CrossHedge(sent.proposal_id))
    assert cancels(effects) == [sent.order_id]
    assert not submits(effects)
    assert "rule is detached" in alerts(effects)
    (taking,) = submits(
        trial.report(sent, OrderStatus.CANCELLED, filled=Decimal("0.4"))
    )
    assert (taking.tif, taking.qty) == (TimeInForce.IOC, Decimal("0.6"))


def test_a_typed_limit_is_where_it_rests_next() -> None:
    trial, sent = resting()
    assert cancels(trial.tell(RepriceHedge(sent.proposal_id, Decimal("50010.5"))))
    (moved,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0)))
    assert (moved.tif, moved.limit, moved.qty) == (
        TimeInForce.POST_ONLY,
        Decimal("50010.5"),
        Decimal(1),
    )
    trial.report(moved, OrderStatus.LIVE)
    assert not cancels(trial.tick(120.0))  # the rule would have crossed long ago
    shown = stand(trial)
    assert (shown.by_hand, shown.follows) == (True, "waits for you")
    assert shown.ticks_away == pytest.approx(20.0)


def test_to_the_touch_follows_where_it_is_when_the_order_leaves() -> None:
    trial, sent = resting()
    trial.tick(0.25, 50_020.0)
    trial.tell(RepriceHedge(sent.proposal_id))
    trial.tell(quote(PERP, 50_029.5, 50_030.5, mark=50_030.0))
    (moved,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0)))
    assert moved.limit == Decimal("50030.5")


def test_given_back_the_rule_goes_on_with_a_fresh_wait() -> None:
    trial, sent = resting(profile(passive_wait_s=30.0))
    trial.tell(RepriceHedge(sent.proposal_id, Decimal("50010.5")))
    (moved,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0)))
    trial.report(moved, OrderStatus.LIVE)
    trial.tick(60.0)
    assert "given back" in alerts(trial.tell(ReleaseHedge(sent.proposal_id)))
    assert not cancels(trial.tick(29.0))
    assert not hedge(trial).by_hand
    assert cancels(trial.tick(1.1)) == [moved.order_id]


def test_given_back_the_rule_follows_the_touch_again() -> None:
    trial, sent = resting()
    trial.tell(RepriceHedge(sent.proposal_id, Decimal("50010.5")))
    (moved,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0)))
    trial.report(moved, OrderStatus.LIVE)
    assert not cancels(trial.tick(2.0))
    assert cancels(trial.tell(ReleaseHedge(sent.proposal_id))) == [moved.order_id]
    (pegged,) = submits(trial.report(moved, OrderStatus.CANCELLED, filled=Decimal(0)))
    assert pegged.limit == Decimal("50000.5")


@pytest.mark.parametrize("by_order", [False, True])
def test_cancelled_by_hand_it_ends_and_nothing_crosses(by_order: bool) -> None:
    trial, sent = resting()
    command: Command = CancelOrder(sent.order_id) if by_order else CancelHedge(sent.proposal_id)
    assert cancels(trial.tell(command)) == [sent.order_id]
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert not submits(effects)
    assert "by hand" in alerts(effects)
    assert trial.state.desks["BTC"].hedge is None


def test_cancel_all_ends_every_hedge() -> None:
    trial, sent = resting()
    trial.tell(CancelAll("lunch"))
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert not submits(effects)
    assert "cancelled: lunch" in alerts(effects)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("NaN", "not a price"),
        ("Infinity", "not a price"),
        ("-1", "not a price"),
        ("0", "not a price"),
        ("50010.3", "between ticks"),
        ("49999.5", "would cross"),
        ("40000", "would cross"),
        ("51000", "from mid, collar"),
    ],
)
def test_a_wrong_price_does_nothing(limit: str, words: str) -> None:
    trial, sent = resting()
    before = hedge(trial)
    effects = trial.tell(RepriceHedge(sent.proposal_id, Decimal(limit)))
    assert words in alerts(effects)
    assert "nothing was done" in alerts(effects)
    assert not cancels(effects)
    assert not submits(effects)
    assert hedge(trial) == before


def test_at_the_wrong_time_it_says_why_and_does_nothing() -> None:
    trial, sent = resting()
    name = sent.proposal_id
    assert "rule controls it already" in alerts(trial.tell(ReleaseHedge(name)))
    assert "not working any more" in alerts(trial.tell(CrossHedge("BTC-9-none")))
    trial.tell(CrossHedge(name))
    again = trial.tell(CrossHedge(name))
    assert "still being carried out" in alerts(again)
    assert not cancels(again)
    trial.tell(CancelHedge(name))
    assert "ending already" in alerts(trial.tell(CrossHedge(name)))
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert "not working any more" in alerts(trial.tell(CancelHedge(name)))


def test_an_unknown_outcome_and_a_stop_leave_only_the_cancel() -> None:
    trial = ready(CALM)
    (sent,) = submits(trial.approve())
    trial.tick(3.0)
    assert trial.state.orders[sent.order_id].status is OrderStatus.UNKNOWN
    effects = trial.tell(CrossHedge(sent.proposal_id))
    assert "no proven outcome" in alerts(effects)
    trial.tell(Stop(StopStage.FREEZE, "test"))
    assert "can only be cancelled" in alerts(trial.tell(RepriceHedge(sent.proposal_id)))
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)


def test_nobody_takes_over_what_a_stop_works() -> None:
    trial = ready()
    trial.tell(Stop(StopStage.NEUTRALISE, "test"))
    trial.tick()
    name = hedge(trial).hedge_id
    for command in (CrossHedge(name), RepriceHedge(name), CancelHedge(name)):
        assert "the stop works this hedge" in alerts(trial.tell(command))
    assert stand(trial).by_stop


def test_a_question_is_put_once_and_crossing_answers_it() -> None:
    rules = profile(passive_wait_s=5.0, over_cap=Escalation.ASK, sit_s=60.0)
    trial, sent = resting(rules)
    asked = alerts(trial.tick(5.0, 49_880.0))
    assert "ASK" in asked
    assert "24.0 bp" in asked
    assert "ASK" not in alerts(trial.tick(1.0, 49_881.0))
    assert [notice.next_step for notice in questions(trial.state)] == [
        "Answer it under Orders"
    ]
    assert cancels(trial.tell(CrossHedge(sent.proposal_id))) == [sent.order_id]
    assert not questions(trial.state)
    (taking,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0)))
    assert taking.limit >= Decimal(50_000) * (1 - Decimal("0.0050"))
    assert taking.limit < Decimal(49_925)


def test_an_unanswered_question_ends_the_hedge() -> None:
    trial, sent = resting(profile(passive_wait_s=5.0, over_cap=Escalation.ASK, sit_s=10.0))
    trial.tick(5.0, 49_880.0)
    assert cancels(trial.tick(10.0, 49_880.0)) == [sent.order_id]
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert "nobody answered" in alerts(effects)
    assert not submits(effects)


def test_a_twap_sends_its_slices_on_time_and_sums_to_the_hedge() -> None:
    rules = profile(style=Style.TWAP, twap_slices=4, twap_s=40.0)
    trial = ready(rules)
    effects = trial.approve()
    sizes = []
    for _ in range(6):
        for sent in submits(effects):
            sizes.append(sent.qty)
            trial.report(sent, OrderStatus.LIVE)
            trial.fill(sent)
            trial.report(sent, OrderStatus.FILLED, filled=sent.qty)
        effects = trial.tick(10.0)
    assert sizes == [Decimal("0.25")] * 4
    assert trial.state.desks["BTC"].hedge is None


def test_a_slice_waits_for_a_market_that_may_be_traded() -> None:
    rules = profile(style=Style.TWAP, twap_slices=2, twap_s=20.0, spread_cap_bps=1.0)
    trial = ready(rules)
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.FILLED, filled=sent.qty)
    trial.fill(sent)
    trial.now += 10_000_000_000
    trial.markets()
    wide = quote(PERP, 49_990.0, 50_010.0, mark=50_000.0)
    trial.tell(wide)
    assert not submits(trial.tick(0.0, None))
    assert len(submits(trial.tick(1.0))) == 1


def test_a_restart_in_the_middle_equals_a_replay() -> None:
    trial, sent = resting()
    trial.fill(sent, Decimal("0.3"))
    trial.tell(RepriceHedge(sent.proposal_id, Decimal("50010.5")))
    cut = len(trial.records)
    halfway = restored(saved(trial.state))
    (moved,) = submits(trial.report(sent, OrderStatus.CANCELLED, filled=Decimal("0.3")))
    trial.report(moved, OrderStatus.LIVE)
    trial.tell(ReleaseHedge(sent.proposal_id))
    trial.tick(31.0)
    replayed = State()
    for record in trial.records:
        replayed, _ = step(replayed, record)
    for record in trial.records[cut:]:
        halfway, _ = step(halfway, record)
    assert saved(replayed) == saved(halfway) == saved(trial.state)


def test_resting_orders_teach_how_fast_they_fill() -> None:
    trial, sent = resting()
    trial.tick(10.0)
    trial.fill(sent)
    trial.report(sent, OrderStatus.FILLED, filled=sent.qty)
    rate = trial.state.fill_rates["sim"]
    assert rate.filled == 1.0
    assert rate.rested_s == pytest.approx(10.0)
