"""A divided hedge: worth its orders, approved as one, never more than was approved."""

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.engine.parts import following
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.execution.orders import outstanding
from terminal.journal.journal import Journal
from terminal.model.account import Balance, Position
from terminal.model.hedge import Proposal
from terminal.model.instrument import Future, Instrument, Perpetual
from terminal.model.live import LiveAccount, Network
from terminal.model.market import Funding
from terminal.model.messages import (
    Approve,
    ArmLive,
    CancelHedge,
    HedgeNow,
    LiftFirstDays,
    Listing,
    Mode,
    SetAutonomy,
    Started,
    Stop,
    StopStage,
)
from terminal.model.order import Fill, OrderIntent, OrderStatus, Side
from terminal.model.risk import Autonomy, PolicySpec, RiskProfile, Style
from terminal.runtime.session import Session
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.helpers.builders import (
    FUTURE,
    NOW,
    PERP,
    SPOT,
    contract,
    depth,
    inverse_contract,
    profile,
    quote,
    spec,
)
from tests.helpers.trial import Trial, alerts, submits
from tests.unit.runtime.making import BEGIN, Logbook

OTHER = "BTC-OTHER@far"
FAR = Perpetual(contract("BTC-OTHER", venue="far"), 8 * HOUR)
COARSE = Perpetual(inverse_contract("BTC-OTHER", venue="far", multiplier=Decimal(100)), 8 * HOUR)


def rules(policy: PolicySpec | None = None, **more: Any) -> RiskProfile:
    chosen: dict[str, Any] = {"split_books": 2, "style": Style.MARKET}
    return profile(policy, **(chosen | more))


def shown(trial: Trial, size: float = 0.5, step: float = 50.0, half: float = 0.5) -> None:
    """Say both books anew: some levels of half a coin, far apart."""
    trial.tell(quote(OTHER, SPOT - half, SPOT + half, mark=SPOT))
    for key in (PERP, OTHER):
        trial.tell(depth(key, step_usd=step, size=size))


def set_up(
    given: RiskProfile | None = None, far: Instrument = FAR, size: float = 0.5, **more: Any
) -> Trial:
    """An engine with a second venue, two coins long, at its first proposal."""
    trial = Trial(given or rules(), held="2", **more)
    trial.tell(Listing("far", (far,)))
    for key in (PERP, OTHER):
        trial.tell(Funding(key, 0.0, 8 * HOUR, NOW + HOUR))
    shown(trial, size)
    trial.tick()
    return trial


def again(trial: Trial, seconds: float = 0.25, price: float = SPOT) -> Any:
    trial.now += round(seconds * 10**9)
    trial.markets(price)
    trial.tell(quote(OTHER, price - 0.5, price + 0.5, mark=price))
    return trial.tick(0.0, None)


def test_two_thin_books_share_a_hedge_that_is_taken_at_once() -> None:
    offer = set_up().offer
    assert [each.key for each in offer.parts] == [PERP, OTHER]
    assert [each.coins for each in offer.parts] == pytest.approx([1.0, 1.0])
    assert (offer.key, offer.qty) == (PERP, Decimal(1))
    assert offer.coins == pytest.approx(2.0)
    assert offer.after == pytest.approx(offer.before - 2.0)
    # both books walk two levels: 0 and 50 USD from the touch, half a coin each
    assert offer.cost.impact == pytest.approx(2 * 25.0)
    assert any(line.startswith("Split: 1.000 in BTC_USDC-PERP, 1.000 in") for line in offer.reasons)


def whole(trial: Trial) -> Proposal:
    assert not trial.offer.parts
    return trial.offer


def test_it_stays_whole_unless_the_profile_allows_it_and_it_is_worth_another_order() -> None:
    assert whole(set_up(rules(split_books=1))).qty == Decimal(2)
    assert whole(set_up(rules(style=Style.POST_ONLY))).qty == Decimal(2)
    assert whole(set_up(rules(spec(order_cost_usd=200.0)))).qty == Decimal(2)
    assert whole(set_up(size=50.0)).qty == Decimal(2)


def test_one_venue_alone_is_what_it_was() -> None:
    trial = Trial(rules(), held="2")
    trial.tell(depth(PERP, step_usd=50.0, size=0.5))
    trial.tick()
    assert whole(trial).key == PERP


def test_a_venue_that_is_not_armed_takes_no_part() -> None:
    account = LiveAccount("sim", Network.MAIN, "main")
    trial = set_up(accounts=(account,))
    trial.tell(ArmLive("LIVE"))
    trial.tell(LiftFirstDays(account.name, "tested before"))
    shown(trial)
    trial.tell(HedgeNow("BTC"))
    again(trial)
    assert whole(trial).key == PERP


def test_parts_are_worked_one_after_the_other_and_journaled_each_before_it_is_sent() -> None:
    trial = set_up()
    effects = trial.approve()
    assert [(each.key, each.qty) for each in submits(effects)] == [(PERP, Decimal(1))]
    assert trial.state.desks["BTC"].rest is not None
    sent = submits(trial.obey(effects))
    assert [(each.key, each.qty) for each in sent] == [(PERP, Decimal(1)), (OTHER, Decimal(1))]
    assert len({each.order_id for each in sent}) == 2
    desk = trial.state.desks["BTC"]
    assert (desk.rest, desk.hedge) == (None, None)
    assert desk.hedge_key == PERP
    assert trial.state.counts.approvals == 1
    assert len(trial.state.activity.paces["BTC"].hedges) == 1
    assert {each.key for each in trial.state.costs.open.values()} == {PERP, OTHER}
    predicted = [each.predicted_usd for each in trial.state.costs.open.values()]
    assert predicted == [pytest.approx(25.0 + 25.0 + 0.5)] * 2  # fee, impact, half spread


@settings(deadline=None, max_examples=60)
@given(
    share=st.integers(1, 10),
    steps=st.lists(
        st.tuples(st.integers(0, 10), st.sampled_from([49_985.0, SPOT, 50_010.0])),
        min_size=1, max_size=8,
    ),
    coarse=st.booleans(),
)  # fmt: skip
def test_filled_open_and_unknown_parts_are_never_more_than_what_was_approved(
    *, share: int, steps: list[tuple[int, float]], coarse: bool
) -> None:
    trial = set_up(far=COARSE if coarse else FAR)
    offer = trial.offer
    qty = (offer.qty * share / 10) // offer.lot * offer.lot
    if qty <= 0:
        return
    pending = submits(trial.approve(qty=qty))
    most = offer.coins * float(qty / offer.qty)
    for tenth, price in steps:
        pending = [each for each in pending if each.proposal_id.startswith(offer.proposal_id)]
        effects: list[Any] = []
        for sent in pending:
            done = sent.qty * tenth / 10 // Decimal("0.001") * Decimal("0.001")
            if sent.key == OTHER and coarse:
                done = Decimal(int(sent.qty * tenth / 10))
            effects += trial.report(sent, OrderStatus.LIVE)
            if done:
                effects += trial.fill(sent, done)
            if done != sent.qty:
                effects += trial.report(sent, OrderStatus.CANCELLED, filled=done)
            else:
                effects += trial.report(sent, OrderStatus.FILLED, filled=done)
        effects += again(trial, price=price)
        pending = submits(effects)
        reach = 0.0
        for order in trial.state.orders.values():
            if not order.intent.proposal_id.startswith(offer.proposal_id):
                continue
            units = float(order.filled + outstanding(order))
            inverse = order.intent.key == OTHER and coarse
            reach += 100.0 * units / SPOT if inverse else units
            assert order.intent.side is Side.SELL
        assert reach <= most * 1.001


def test_half_of_it_halves_every_part() -> None:
    trial = set_up()
    trial.obey(trial.approve(qty=Decimal("0.5")))
    held = trial.state.ledger.positions
    assert (held[PERP].qty, held[OTHER].qty) == (Decimal("-0.5"), Decimal("-0.5"))


def test_the_limits_look_at_the_whole_of_it() -> None:
    trial = set_up(rules(max_hedge_usd=90_000.0, max_order_usd=80_000.0))
    assert "HEDGE_NOTIONAL" in alerts(trial.approve())
    small = set_up(rules(turnover_day_usd=90_000.0))
    assert "TURNOVER" in alerts(small.approve())
    asks = set_up(rules(auto_hedge_usd=90_000.0), autonomy=Autonomy.AUTO)
    assert asks.offer.parts
    assert not submits(asks.effects)


def test_every_part_passes_the_controls_with_its_own_book() -> None:
    trial = set_up()
    trial.tell(quote(OTHER, SPOT - 400.0, SPOT + 400.0, mark=SPOT))
    assert "SPREAD" in alerts(trial.approve())
    assert trial.state.desks["BTC"].hedge is None
    assert not submits(trial.effects)


def begun(**more: Any) -> tuple[Trial, OrderIntent]:
    """A divided hedge whose first part is at the venue."""
    trial = set_up(**more)
    sent = submits(trial.approve())[0]
    trial.report(sent, OrderStatus.LIVE)
    return trial, sent


def finish(trial: Trial, sent: OrderIntent) -> str:
    effects = trial.fill(sent) + trial.report(sent, OrderStatus.FILLED, filled=sent.qty)
    assert not submits(effects)
    assert trial.state.desks["BTC"].rest is None
    return alerts(effects)


def test_a_part_whose_book_moved_away_or_died_is_dropped_with_the_reason() -> None:
    trial, sent = begun()
    trial.tell(quote(OTHER, SPOT + 149.0, SPOT + 151.0, mark=SPOT))
    assert "price moved" in finish(trial, sent)
    one_sided, sent = begun()
    one_sided.tell(quote(OTHER, None, SPOT + 1.0, mark=SPOT))
    assert "one side" in finish(one_sided, sent)


def test_delta_that_came_back_by_itself_leaves_nothing_to_follow() -> None:
    trial, sent = begun()
    one, at, none = Decimal(1), Decimal(50_000), Decimal(0)
    trial.tell(Fill("theirs", "", FUTURE, Side.SELL, one, at, none, "USDC", maker=False))
    assert "of where it was to go" in finish(trial, sent)


def test_a_stop_a_cancel_and_a_restart_drop_what_follows() -> None:
    stopped, _ = begun()
    stopped.tell(Stop(StopStage.FREEZE, "enough"))
    assert stopped.state.desks["BTC"].rest is None
    cancelled, sent = begun()
    cancelled.tell(CancelHedge(sent.proposal_id))
    cancelled.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert cancelled.state.desks["BTC"].rest is None
    assert len(submits(cancelled.effects)) == 1
    anew, _ = begun()
    anew.tell(Started("again", Mode.SIM, 1, rules(), Autonomy.APPROVE))
    assert anew.state.desks["BTC"].rest is None
    by_hand, _ = begun()
    by_hand.tell(SetAutonomy("BTC", Autonomy.MANUAL))  # what was approved goes on
    assert by_hand.state.desks["BTC"].rest is not None


def test_an_unknown_part_holds_the_next_back() -> None:
    trial, _ = begun()
    for _ in range(20):
        again(trial)
    assert len(submits(trial.effects)) == 1
    assert trial.state.desks["BTC"].rest is not None


def test_what_follows_survives_in_the_saved_state() -> None:
    trial, _ = begun()
    assert restored(saved(trial.state)).desks["BTC"].rest == trial.state.desks["BTC"].rest


def test_a_part_too_small_for_its_venue_is_left_out() -> None:
    least = Perpetual(contract("BTC-OTHER", venue="far", min_qty=Decimal("0.9")), 8 * HOUR)
    trial = set_up(far=least)
    assert [each.key for each in trial.offer.parts] == [PERP, OTHER]
    sent = submits(trial.obey(trial.approve(qty=trial.offer.qty / 2)))
    assert {each.key for each in sent} == {PERP}


def test_the_next_part_waits_until_delta_is_known() -> None:
    trial = set_up()
    trial.approve()
    dark = replace(trial.state, market=replace(trial.state.market, index={}))
    assert following(dark, "BTC") == "net delta is unknown now"


def test_on_the_simulated_venue_both_parts_are_sent_filled_and_replayed() -> None:
    chosen = rules(spec(order_cost_usd=0.0), max_hedge_usd=1e7, max_order_usd=1e7)
    listed = listing(BEGIN, DEFAULT_SPOTS).instruments
    held = next(each.contract.key for each in listed if isinstance(each, Future))
    world = SimWorld(
        seed=7,
        start_at=BEGIN,
        positions=(Position(held, Decimal(150_000), Decimal(90_000)),),
        balances=(Balance("BTC", Decimal(50)), Balance("USDC", Decimal(2_000_000))),
    )
    book = Logbook()
    session = Session(world, cast("Journal", book), State(), chosen)
    session.process(BEGIN - HOUR, "runtime", Started("t", Mode.SIM, 7, chosen, Autonomy.APPROVE))
    session.advance(BEGIN + 20 * SECOND)
    offer = session.state.desks["BTC"].proposal
    assert offer is not None
    assert len(offer.parts) == 2
    session.command(Approve(offer.proposal_id, offer.revision))
    session.advance(session.state.now + 3 * SECOND)
    for part in offer.parts:
        assert session.state.ledger.positions[part.key].qty == -part.qty
    assert session.state.desks["BTC"].net == pytest.approx(0.0, abs=0.1)
    again = State()
    for record in book.read():
        again, _ = step(again, record)
    assert saved(again) == saved(session.state)
