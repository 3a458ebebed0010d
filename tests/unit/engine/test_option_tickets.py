"""Tickets in options: limits of their own, a limit on the tick, and never a market order."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.engine.orders import working
from terminal.engine.state import State, saved
from terminal.engine.step import step
from terminal.model.hedge import Ticket
from terminal.model.instrument import Option, Right, TickStep
from terminal.model.messages import (
    Approve,
    CrossHedge,
    Listing,
    RepriceHedge,
    SendTickets,
)
from terminal.model.order import OrderIntent, OrderStatus, Side, TimeInForce
from terminal.model.risk import Autonomy, Escalation, Style
from terminal.risk.option_limits import for_options
from tests.helpers.builders import NOW, OPTION, SPOT, contract, instruments, profile, quote
from tests.helpers.trial import Trial, alerts, cancels, ready, submits
from tests.unit.runtime.making import BEGIN, Logbook, simulated

COIN = "BTC-50000-P@sim"
EXPIRY = NOW + 30 * DAY
TICKS = (TickStep(Decimal(0), Decimal("0.0001")), TickStep(Decimal("0.005"), Decimal("0.0005")))
IN_COIN = Option(
    contract(
        "BTC-50000-P", quote="USD", settle="BTC", ticks=TICKS, lot=Decimal("0.1"),
        min_qty=Decimal("0.1"), min_notional=Decimal(0), taker_bps=3.0,
    ),
    EXPIRY,
    Decimal(50_000),
    Right.PUT,
)  # fmt: skip
QUIET: dict[str, Any] = {"held": "0.05"}


def quoted(
    trial: Trial, bid: float | None = 0.055, ask: float | None = 0.0565, **more: Any
) -> None:
    """Quote the put that is priced in coin."""
    given: dict[str, Any] = {"mark": 0.0557, "iv": 0.5, "forward": SPOT}
    trial.tell(quote(COIN, bid, ask, **(given | more)))


def prepared(**limits: Any) -> Trial:
    trial = ready(profile(**limits), **QUIET)
    trial.tell(Listing("sim", (*instruments(), IN_COIN)))
    quoted(trial)
    return trial


def send(trial: Trial, qty: str, key: str = COIN) -> str:
    return alerts(trial.tell(SendTickets("BTC", (Ticket(key, Decimal(qty)),))))


def approved(trial: Trial) -> OrderIntent:
    """Approve the ticket on the table and let the venue take its first order."""
    sent = submits(trial.approve())
    assert len(sent) == 1, trial.verdict
    trial.report(sent[0], OrderStatus.LIVE)
    return sent[0]


def test_an_option_is_a_proposal_with_its_own_price_and_the_coins_notional() -> None:
    trial = prepared()
    send(trial, "-2")
    offer = trial.offer
    assert (offer.key, offer.side, offer.qty, offer.plan.style) == (
        COIN, Side.SELL, Decimal(2), Style.POST_ONLY,
    )  # fmt: skip
    assert (offer.coins, offer.usd, offer.spot) == (2.0, 2.0 * SPOT, SPOT)
    assert offer.mid == pytest.approx(0.05575)
    assert offer.limit == Decimal("0.0565")  # joins the asks
    # An at-the-money put of 30 days at 50 %: delta near -0.47, and two are sold.
    assert offer.after - offer.before == pytest.approx(2 * 0.4714, abs=2e-3)
    assert offer.cost.spread == pytest.approx(2 * 0.5 * 0.0015 * SPOT)
    assert offer.cost.fee == pytest.approx(2 * 3e-4 * SPOT)
    assert any("no market order" in line for line in offer.reasons)
    assert not submits(trial.effects)


def test_a_small_premium_caps_the_fee() -> None:
    trial = prepared()
    quoted(trial, 0.0002, 0.0003, mark=0.00025)
    send(trial, "1")
    assert trial.offer.cost.fee == pytest.approx(0.125 * 0.00025 * SPOT)


def test_it_rests_at_its_touch_then_takes_up_to_its_limit_and_fills() -> None:
    trial = prepared()
    send(trial, "-2")
    first = approved(trial)
    assert (first.tif, first.limit) == (TimeInForce.POST_ONLY, Decimal("0.0565"))
    trial.tick(5.0)
    quoted(trial)
    effects = trial.tick(6.0)  # the wait is over
    assert cancels(effects) == [first.order_id]
    effects = trial.report(first, OrderStatus.CANCELLED, filled=Decimal(0))
    second = submits(effects)[0]
    assert second.tif is TimeInForce.IOC
    # 5 % below the mid, rounded inside to the tick that holds there
    assert second.limit == Decimal("0.0530")
    trial.obey(effects)
    assert trial.state.ledger.positions[COIN].qty == -2
    assert trial.state.desks["BTC"].hedge is None
    assert trial.state.desks["BTC"].hedge_key != COIN
    assert not trial.state.costs.open
    assert trial.state.fill_rates == {}
    assert trial.state.activity.turnover_usd == pytest.approx(2 * SPOT)
    # The venue's fee, and two coins times what the fill is below the mid, in USD.
    slipped = 2 * (0.05575 - 0.0530) * SPOT
    assert trial.state.counts.hedge_cost_usd == pytest.approx(0.5 + slipped)
    assert trial.state.desks["BTC"].memory.hedged == 0.0


def test_an_order_at_work_counts_by_its_delta() -> None:
    trial = prepared()
    send(trial, "-2")
    approved(trial)
    assert working(trial.state)["BTC"] == pytest.approx(2 * 0.4714, abs=2e-3)
    quoted(trial, iv=None)
    assert working(trial.state)["BTC"] == pytest.approx(2.0)  # a put of unknown delta: in full


@settings(deadline=None, max_examples=40)
@given(
    bid=st.integers(1, 3000),
    wide=st.integers(1, 400),
    lots=st.integers(-50, 50).filter(bool),
    style=st.sampled_from(Style),
    after=st.sampled_from(Escalation),
    moved=st.integers(-200, 200),
)
def test_every_order_is_a_limit_on_the_tick_inside_the_cap_whatever_the_profile_says(
    *, bid: int, wide: int, lots: int, style: Style, after: Escalation, moved: int
) -> None:
    tick = 0.0005
    rules: dict[str, Any] = {
        "style": style, "after_wait": after, "over_cap": after, "gross_leverage": 1e3,
    }  # fmt: skip
    trial = prepared(**rules)

    def say(ticks: int) -> None:
        low = round(max(ticks, 1) * tick, 4)
        high = round(low + wide * tick, 4)
        quoted(trial, low, high, mark=0.5 * (low + high))

    say(bid)
    send(trial, str(Decimal(lots) / 10))
    if trial.state.desks["BTC"].proposal is None:
        return
    middle = trial.offer.mid
    effects = trial.approve()
    for place in range(6):
        for order in submits(effects):
            trial.report(order, OrderStatus.LIVE)
            if order.tif is TimeInForce.IOC:
                trial.report(order, OrderStatus.CANCELLED, filled=Decimal(0))
        say(bid + moved * place // 5)
        effects = trial.tick(4.0)
        for name in cancels(effects):
            sent = trial.state.orders[name].intent
            effects += trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    for order in submits(trial.effects):
        step_there = Decimal("0.0005") if order.limit >= Decimal("0.005") else Decimal("0.0001")
        assert order.limit > 0
        assert order.limit % step_there == 0
        worse = float(order.limit) / middle - 1.0
        assert (worse if order.side is Side.BUY else -worse) <= 0.05 + 1e-9


def test_a_person_may_reprice_and_cross_on_the_options_own_scale() -> None:
    trial = prepared()
    send(trial, "2")
    first = approved(trial)
    name = trial.state.desks["BTC"].hedge
    assert name is not None
    assert "between ticks" in alerts(trial.tell(RepriceHedge(name.hedge_id, Decimal("0.0553"))))
    assert "re-priced" in alerts(trial.tell(RepriceHedge(name.hedge_id, Decimal("0.0540"))))
    effects = trial.report(first, OrderStatus.CANCELLED, filled=Decimal(0))
    effects += trial.tick(1.0)
    assert [each.limit for each in submits(effects)] == [Decimal("0.0540")]
    moved = submits(effects)[0]
    trial.report(moved, OrderStatus.LIVE)
    trial.tell(CrossHedge(name.hedge_id))
    quoted(trial)
    trial.tick(1.0)
    effects = trial.report(moved, OrderStatus.CANCELLED, filled=Decimal(0))
    crossing = submits(effects)[0]
    assert crossing.tif is TimeInForce.IOC
    assert Decimal("0.0565") <= crossing.limit <= Decimal("0.0585")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"bid": 0.04, "ask": 0.06, "mark": 0.05}, "SPREAD"),
        ({"mark": 0.09}, "COLLAR"),
        ({"mark": None}, "COLLAR"),
        ({"bid": 0.06, "ask": 0.0615, "mark": 0.0607}, "REQUOTE"),
        ({"ask": None}, "DATA_STALE"),
    ],
)
def test_the_controls_hold_on_the_options_own_scale(given: dict[str, Any], why: str) -> None:
    trial = prepared()
    send(trial, "1")
    offer = trial.offer
    quoted(trial, **given)
    said = alerts(trial.tell(Approve(offer.proposal_id, offer.revision)))
    assert why in said
    assert not submits(trial.effects)


def test_its_book_may_be_as_old_as_greeks_may_and_no_older() -> None:
    trial = prepared(approval_ttl_s=60.0, greeks_age_s=30.0, snapshot_age_s=120.0)
    send(trial, "1")
    trial.tick(20.0)
    assert len(submits(trial.approve())) == 1
    old = prepared(approval_ttl_s=60.0, greeks_age_s=30.0)
    send(old, "1")
    offer = old.offer
    old.tick(31.0)
    assert "REQUOTE" in alerts(old.tell(Approve(offer.proposal_id, offer.revision)))


def test_the_largest_hedge_is_of_the_coins_behind_the_option() -> None:
    trial = prepared(max_hedge_usd=60_000.0, max_order_usd=50_000.0)
    send(trial, "2")
    assert "HEDGE_NOTIONAL" in alerts(trial.approve())
    small = prepared(max_order_usd=20_000.0)
    send(small, "2")
    assert approved(small).qty == Decimal("0.4")  # one order shows 20,000 USD of coins


@pytest.mark.parametrize(
    ("change", "qty", "why"),
    [
        ({}, "0.05", "whole number of lots"),
        ({"bid": None}, "1", "two-sided"),
        ({"iv": None}, "1", "no volatility"),
        ({"iv": 6.0}, "1", "outside 5 to 500 %"),
    ],
)
def test_what_cannot_be_traded_is_refused_or_dropped_with_the_reason(
    change: dict[str, Any], qty: str, why: str
) -> None:
    trial = prepared()
    quoted(trial, **change)
    said = send(trial, qty)
    assert why in said
    assert trial.state.desks["BTC"].tickets is None
    assert trial.state.desks["BTC"].proposal is None


def test_an_option_that_is_about_to_expire_is_not_traded() -> None:
    trial = ready(profile(), **QUIET)
    soon = replace(IN_COIN, expiry=trial.now + 30 * SECOND)
    trial.tell(Listing("sim", (*instruments(), soon)))
    quoted(trial)
    assert "expires within a minute" in send(trial, "1")


def test_auto_approves_no_option() -> None:
    trial = ready(profile(), autonomy=Autonomy.AUTO, **QUIET)
    trial.tell(Listing("sim", (*instruments(), IN_COIN)))
    quoted(trial)
    send(trial, "0.1")
    trial.tick()
    assert trial.offer.key == COIN
    assert not submits(trial.effects)


def test_limits_of_options_are_the_same_when_asked_for_twice() -> None:
    once = for_options(profile())
    assert for_options(once) == once
    assert (once.slippage_cap_bps, once.spread_cap_bps, once.book_age_s) == (500.0, 1500.0, 30.0)


def test_an_option_in_usd_is_sized_and_costed_in_usd() -> None:
    trial = ready(profile(), **QUIET)
    trial.tell(quote(OPTION, 20_000.0, 20_100.0, mark=20_050.0, iv=0.5, forward=SPOT))
    send(trial, "0.5", OPTION)
    offer = trial.offer
    assert offer.usd == pytest.approx(0.5 * SPOT)
    assert offer.cost.spread == pytest.approx(0.5 * 50.0)


def test_on_the_simulated_venue_it_is_sent_filled_booked_and_replayed() -> None:
    book = Logbook()
    session = simulated(book, profile(), autonomy=Autonomy.MANUAL)
    session.advance(BEGIN + 20 * SECOND)
    state = session.state
    held = dict(state.ledger.positions)
    key = next(
        key
        for key, each in state.market.instruments.items()
        if isinstance(each, Option)
        and each.contract.base == "BTC"
        and each.expiry > state.now + 10 * DAY
        and (state.market.quotes[key].quote.bid or 0.0) > 0.03
        and key not in held
    )
    session.command(SendTickets("BTC", (Ticket(key, Decimal("0.3")),)))
    session.advance(session.state.now + SECOND)
    offer = session.state.desks["BTC"].proposal
    assert offer is not None
    session.command(Approve(offer.proposal_id, offer.revision))
    session.advance(session.state.now + 30 * SECOND)
    assert session.state.ledger.positions[key].qty == Decimal("0.3")
    assert session.state.desks["BTC"].hedge is None
    orders = [each for each in session.state.orders.values() if each.intent.key == key]
    assert orders[0].intent.tif is TimeInForce.POST_ONLY
    assert sum((each.filled for each in orders), Decimal(0)) == Decimal("0.3")
    again = State()
    for record in book.read():
        again, _ = step(again, record)
    assert saved(again) == saved(session.state)
