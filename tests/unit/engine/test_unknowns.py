"""What the engine does while something is not known: it says what, and does nothing on a guess."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE
from terminal.engine.alert_conditions import conditions
from terminal.engine.alert_facts import fact_conditions
from terminal.engine.alerts import watch
from terminal.engine.attributing import advanced
from terminal.engine.choices import choices_of
from terminal.engine.context import Missing, approval_context, gross_usd, inputs_for, through
from terminal.engine.desk import _guard, _small
from terminal.engine.orders import chase, working
from terminal.engine.parts import following, parts_approved
from terminal.engine.state import State
from terminal.engine.stops import closing
from terminal.engine.synthetics import followed, overlaid
from terminal.engine.work import _barred, _unfit, venture_of, work
from terminal.execution.at_work import Hedge
from terminal.hedging.inputs import HedgeInputs
from terminal.model.account import Balance, Position
from terminal.model.facts import ForcedRisk, ForcedRow
from terminal.model.greeks import DeltaKind
from terminal.model.hedge import Approved
from terminal.model.instrument import Perpetual
from terminal.model.market import Bar, Funding, Smile
from terminal.model.messages import CancelForeign, Listing, Started, Stop, StopStage, Withdraw
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.model.risk import PolicyKind
from terminal.model.synthetic import Synthetic, SyntheticKind
from terminal.risk.alert_rules import defaults
from terminal.risk.halts import HaltCode
from terminal.risk.part_limits import renewed
from tests.helpers.builders import (
    EXPIRY,
    FUTURE,
    OPTION,
    PERP,
    SPOT,
    contract,
    exposure,
    fill,
    instruments,
    intent,
    order,
    profile,
    quote,
    spec,
)
from tests.helpers.statements import compare, live, resting, truth
from tests.helpers.trial import Trial, alerts, ready, submits

RULES = defaults().rules


def needed(state: State) -> HedgeInputs:
    found = inputs_for(state, "BTC", state.desks["BTC"])
    assert isinstance(found, HedgeInputs)
    return found


def working_hedge(trial: Trial) -> Hedge:
    trial.approve()
    found = trial.state.desks["BTC"].hedge
    assert found is not None
    return found


# -- Decisions ----------------------------------------------------------------------------------


def test_a_delta_that_needs_a_fit_waits_for_one() -> None:
    trial = ready(profile(spec(delta=DeltaKind.MIN_VARIANCE)), positions={OPTION: "1"})
    assert "needs a fit to the options of BTC" in trial.verdict
    assert trial.state.desks["BTC"].proposal is None


def test_an_instrument_without_a_quote_is_not_traded_through() -> None:
    trial = ready()
    assert through(trial.state, needed(trial.state), "BTC-NEW@sim") is None
    assert approval_context(trial.state, "BTC", profile(), "BTC-NEW@sim") is None


@pytest.mark.parametrize("kind", [PolicyKind.WHALLEY_WILMOTT, PolicyKind.ZAKAMOULINE])
def test_near_an_expiry_a_computed_band_is_calm(kind: PolicyKind) -> None:
    trial = ready(profile(spec(kind, taper_s=1800.0)), positions={OPTION: "1"})
    far = needed(trial.state)
    assert far.expiring is None
    assert far.calm_gamma is None
    trial.now = EXPIRY - 10 * MINUTE
    trial.tick()
    near = needed(trial.state)
    assert near.expiring is not None
    assert near.expiring.left == pytest.approx(1.0 / 3.0, rel=1e-2)
    assert near.calm_gamma is not None
    assert (near.vanna is not None) is (kind is PolicyKind.ZAKAMOULINE)


def test_gross_size_is_unknown_without_prices_and_terms() -> None:
    trial = ready()
    assert gross_usd(trial.state) == pytest.approx(SPOT)
    dark = replace(trial.state, exposures={"BTC": exposure(spot=None)})
    assert gross_usd(dark) is None
    stranger = Position("XRP-PERP@sim", Decimal(1), Decimal(1))
    positions = {**trial.state.ledger.positions, stranger.key: stranger}
    ledger = replace(trial.state.ledger, positions=positions)
    assert gross_usd(replace(trial.state, ledger=ledger)) is None


def test_an_order_of_unknown_outcome_bars_approvals() -> None:
    trial = ready()
    known = approval_context(trial.state, "BTC", profile())
    assert known is not None
    assert not known.unknown
    ether = Perpetual(contract("ETH-PERP", base="ETH"), 8 * HOUR)
    trial.tell(Listing("sim", (*instruments(), ether)))
    for key, barred in ((PERP, True), ("XRP-PERP@sim", True), (ether.contract.key, False)):
        unsure = order(OrderStatus.UNKNOWN, intent=intent(key=key))
        moment = approval_context(replace(trial.state, orders={"o1": unsure}), "BTC", profile())
        assert moment is not None
        assert moment.unknown is barred


def test_nothing_is_small_or_withheld_without_its_terms() -> None:
    trial = ready()
    offer = trial.offer
    assert not _small(replace(trial.state, profile=None), offer)
    assert not _small(trial.state, replace(offer, key="BTC-NEW@sim"))
    desk = replace(trial.state.desks["BTC"], proposal=None, hedge_key="BTC-NEW@sim")
    auto = replace(desk, autonomy=type(desk.autonomy).AUTO)
    assert _guard(replace(trial.state, desks={"BTC": auto}), "BTC", offer) == ""


def test_another_instrument_too_coarse_for_the_band_is_not_switched_to() -> None:
    trial = Trial()
    other = Perpetual(contract("BTC-OTHER", lot=Decimal("0.2"), min_qty=Decimal("0.2")), 8 * HOUR)
    trial.tell(Listing("sim", (*instruments(), other)))
    trial.tell(quote(other.contract.key, mark=SPOT))
    for key, rate in ((PERP, 0.0), (other.contract.key, 1e-3)):
        trial.tell(Funding(key, rate, 8 * HOUR, trial.now + HOUR))
    trial.tick()
    assert trial.offer.key == PERP
    assert "cheapest" not in " ".join(trial.offer.reasons)
    assert len(choices_of(trial.state, "BTC")) == 3


# -- Hedges at work -----------------------------------------------------------------------------


def test_a_hedge_whose_terms_are_gone_waits_and_sends_nothing() -> None:
    trial = ready()
    hedge = working_hedge(trial)
    bare = replace(trial.state, profile=None)
    assert venture_of(bare, "BTC", hedge) is None
    assert work(bare, "BTC") == (bare, ())
    lost = replace(hedge, key="BTC-NEW@sim", offer=None)
    assert _barred(trial.state, "BTC", lost)
    sliced = replace(lost, offer=trial.state.desks["BTC"].proposal, order_id="", attempt=1)
    sliced = replace(sliced, offer=None)
    assert _unfit(trial.state, "BTC", profile(), sliced) == ""


def test_a_slice_of_an_instrument_that_is_not_known_is_unfit() -> None:
    trial = ready()
    offer = trial.offer
    hedge = replace(working_hedge(trial), key="BTC-NEW@sim", offer=offer, order_id="", attempt=1)
    assert _unfit(trial.state, "BTC", profile(), hedge) == "its instrument is not known"


def test_parts_of_what_is_not_known_are_left_out() -> None:
    trial = ready()
    offer = trial.offer
    whole = Approved(offer, offer.qty, "user", trial.now)
    assert parts_approved(replace(trial.state, profile=None), "BTC", whole) == (whole, None)
    assert following(trial.state, "BTC") == "nothing follows"
    moment = approval_context(trial.state, "BTC", profile(), PERP)
    assert moment is not None
    assert renewed(whole, offer.qty, replace(moment, net_delta=None)) == "net delta is unknown now"


def test_orders_are_chased_without_a_profile_too() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    late = replace(trial.state, profile=None, now=trial.state.now + HOUR)
    after, effects = chase(late)
    assert after.orders[sent.order_id].status is OrderStatus.UNKNOWN
    assert effects
    assert not after.halts


def test_an_order_in_what_is_listed_no_more_is_in_no_delta() -> None:
    trial = ready()
    lost = order(OrderStatus.LIVE, intent=intent(key="XRP-PERP@sim"))
    assert working(replace(trial.state, orders={"o1": lost}, afloat=None)) == {}


def test_orders_that_all_live_are_all_kept() -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    alive = {
        f"o{number}": order(OrderStatus.LIVE, intent=intent(f"o{number}", key=FUTURE))
        for number in range(300)
    }
    mine = trial.state.orders[sent.order_id]
    trial.state = replace(trial.state, orders={**alive, sent.order_id: mine})
    trial.report(sent, OrderStatus.LIVE)
    assert len(trial.state.orders) == 301


def test_a_fill_of_what_is_not_listed_halts_everything() -> None:
    trial = ready()
    assert "not listed" in alerts(trial.tell(fill(1, "1", key="XRP-PERP@sim")))
    (halt,) = trial.state.halts
    assert (halt.code, halt.underlying, halt.latched) == (HaltCode.FAULT, "", True)


# -- Stops --------------------------------------------------------------------------------------


def test_a_stop_that_cannot_see_says_what_it_waits_for() -> None:
    trial = ready(positions={PERP: "0.5"})
    desk = trial.state.desks["BTC"]
    blind = replace(trial.state, profile=None)
    found = closing(blind, "BTC", desk, StopStage.FLATTEN)
    assert "no policy" in getattr(found, "reason", "")
    quotes = {key: each for key, each in trial.state.market.quotes.items() if key != FUTURE}
    market = replace(trial.state.market, quotes=quotes)
    ledger = trial.state.ledger
    only = {FUTURE: ledger.positions[FUTURE]}
    unquoted = replace(trial.state, market=market, ledger=replace(ledger, positions=only))
    found = closing(unquoted, "BTC", desk, StopStage.FLATTEN)
    assert f"no quote of {FUTURE} to close it" in getattr(found, "reason", "")


def test_what_cannot_be_closed_is_said_though_the_next_is_closed_already() -> None:
    trial = ready(positions={PERP: "0.0001"})
    quotes = {key: each for key, each in trial.state.market.quotes.items() if key != FUTURE}
    state = replace(trial.state, market=replace(trial.state.market, quotes=quotes))
    found = closing(state, "BTC", state.desks["BTC"], StopStage.FLATTEN)
    assert "no quote of" in getattr(found, "reason", "")


def test_a_stop_waits_for_an_order_whose_outcome_is_not_known() -> None:
    trial = ready()
    unsure = order(OrderStatus.UNKNOWN, intent=intent(qty=Decimal(1)))
    trial.state = replace(trial.state, orders={"o1": unsure})
    assert not submits(trial.tell(Stop(StopStage.NEUTRALISE, "test")))
    assert not submits(trial.tick(1.5))
    assert submits(trial.tell(OrderUpdate("o1", OrderStatus.CANCELLED, "", Decimal(0))))


# -- The account --------------------------------------------------------------------------------


def test_a_coin_without_a_price_locks_only_where_it_is_hedged() -> None:
    trial = live(ready())
    first = trial.state
    stated = truth(trial)
    more = (*stated.balances, Balance("XRP", Decimal(5)))
    assert "XRP" in compare(trial, replace(stated, balances=more))
    (row,) = trial.state.accounts["sim"].rows
    assert (row.underlying, row.locks) == ("XRP", False)
    assert first.accounts


def test_of_two_strangers_orders_the_one_named_is_cancelled() -> None:
    trial = live(ready())
    first, second = resting(), replace(resting(), venue_id="v2")
    trial.tell(replace(truth(trial), orders=(first, second)))
    assert Withdraw("sim", second) in trial.tell(CancelForeign("sim", "v2"))


def test_a_restart_asks_only_the_accounts_that_were_opened() -> None:
    trial = live(ready())
    unopened = type(trial.state.accounts["sim"])()
    trial.state = replace(trial.state, accounts={**trial.state.accounts, "other": unopened})
    told = replace(trial.records[0].event, autonomy=trial.state.default_autonomy)
    assert isinstance(told, Started)
    effects = trial.tell(told)
    asked = {getattr(each, "venue", "") for each in effects if type(each).__name__ == "AskAccount"}
    assert asked == {"sim"}


# -- Markets ------------------------------------------------------------------------------------


def test_a_bar_of_a_coin_that_nobody_hedges_moves_nothing() -> None:
    trial = ready()
    before = trial.state.desks
    assert trial.tell(Bar("XRP-PERP@sim", 1.0, 1.0, 1.0, 1.0, None, MINUTE, 1.0)) == ()
    assert trial.state.desks == before


def test_a_fit_is_taken_without_a_look() -> None:
    trial = ready()
    smile = Smile("BTC", ())
    assert trial.tell(smile) == ()
    assert trial.state.market.smiles["BTC"] == smile


def test_alerts_need_neither_a_profile_nor_a_quote() -> None:
    trial = ready()
    trial.tell(ForcedRisk("sim", (ForcedRow(PERP, queue=0.1, liquidation=40_000.0),)))
    bare = replace(trial.state, profile=None, now=trial.state.now + DAY)
    assert {each.rule for each in conditions(bare, RULES)} <= RULES.keys()
    after, _ = watch(bare)
    assert after.alerts.seen_at == bare.now
    crossed = ready(positions={PERP: "1"})
    crossed.tell(ForcedRisk("sim", (ForcedRow(PERP, queue=None, liquidation=49_999.0),)))
    assert [each.rule for each in fact_conditions(crossed.state, RULES)] == ["liquidation_near"]
    crossed.tell(quote(PERP, 50_001.0, 50_000.0))
    assert list(fact_conditions(crossed.state, RULES)) == []


def test_an_attribution_begins_when_everything_has_a_value() -> None:
    trial = ready()
    fresh = replace(trial.state, attribution=None)
    assert advanced(replace(fresh, views={})).attribution is None
    assert advanced(fresh).attribution is not None


def test_a_mode_without_a_price_has_not_begun() -> None:
    fade = Synthetic(
        kind=SyntheticKind.FADE_GRID,
        gamma_1pct_usd=50_000.0,
        max_inventory=0.8,
        trend_limit=4.0,
        trend_hours=0.1,
    )
    rules = replace(profile(), synthetics={"BTC": fade})
    trial = ready(rules, held="0")
    begun = trial.state
    inputs = needed(replace(begun, profile=profile()))
    assert "has not begun yet" in str(overlaid(replace(begun, synthetics={}), inputs))
    dark = replace(begun, synthetics={}, market=replace(begun.market, index={}))
    assert followed(dark, "BTC") is dark


def test_a_band_of_no_width_strays_by_the_policys_own() -> None:
    trial = ready(profile(spec(PolicyKind.TIMER, every_s=60.0)), held="0.3")
    for _ in range(20):
        trial.tick(10.0)
    assert trial.state.drifts["BTC"].max_abs == pytest.approx(0.3)
    without = replace(trial.state, profile=None)
    found = inputs_for(without, "BTC", trial.state.desks["BTC"])
    assert found == Missing("no policy for BTC in the risk profile")
