"""What a person asks that cannot be done: it is said, and nothing changes."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.engine.context import inputs_for
from terminal.engine.desk import decide_on
from terminal.engine.manual import by_hand
from terminal.engine.tickets import put_up, requoted
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import ProposalStatus, Ticket
from terminal.model.instrument import Spot
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    Approve,
    ArmLive,
    CancelAll,
    CrossHedge,
    Event,
    Listing,
    Reject,
    RepriceHedge,
    Requote,
    SendTickets,
    SetAutonomy,
)
from terminal.model.order import OrderStatus
from terminal.model.risk import Autonomy, PolicyKind
from terminal.risk.limits import Ask
from tests.helpers.builders import PERP, contract, instruments, profile, quote, spec
from tests.helpers.trial import Trial, alerts, ready, submits

COIN = "BTC/USDC@sim"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Approve("gone", 1), "not on the table"),
        (Reject("gone", "no"), "not on the table"),
        (Requote("gone"), "not on the table"),
        (SetAutonomy("XRP", Autonomy.AUTO), "no desk for XRP"),
    ],
)
def test_what_is_not_there_is_said(command: Event, why: str) -> None:
    trial = ready()
    before = replace(trial.state, seq=0)
    effects = trial.tell(command)
    assert why in alerts(effects)
    assert trial.state.desks == before.desks


def test_an_offer_without_a_market_is_not_quoted_anew() -> None:
    trial = ready()
    trial.tell(quote(PERP, bid=None))
    offer = trial.offer
    assert "cannot be re-quoted: no perpetual" in alerts(trial.tell(Requote(offer.proposal_id)))
    assert trial.offer.revision == offer.revision


def test_an_offer_on_a_crossed_book_is_withdrawn_when_it_is_quoted_anew() -> None:
    trial = ready()
    offer = trial.offer
    trial.tell(quote(PERP, 50_001.0, 50_000.0))
    assert "crossed" in alerts(trial.tell(Requote(offer.proposal_id)))
    assert trial.state.desks["BTC"].proposal is None


def test_an_offer_lapses_while_there_is_no_market() -> None:
    trial = ready()
    trial.tell(quote(PERP, bid=None))
    trial.tick(1.0, None)
    assert trial.offer.status is ProposalStatus.REQUOTE
    trial.tick(31.0, None)
    assert trial.state.desks["BTC"].proposal is None


def test_a_cancel_of_everything_without_a_hedge_cancels_nothing() -> None:
    trial = ready()
    assert "cancel all: tidy" in alerts(trial.tell(CancelAll("tidy")))
    assert trial.state.desks["BTC"].hedge is None


def test_a_live_run_is_armed_once() -> None:
    trial = ready(accounts=(LiveAccount("sim", Network.MAIN, "main"),))
    trial.tell(ArmLive("LIVE"))
    assert "armed already" in alerts(trial.tell(ArmLive("LIVE")))


def test_a_policy_that_closes_on_a_signal_needs_no_wide_band() -> None:
    narrow = spec(PolicyKind.TIMER, low=-1e-9, high=1e-9)
    trial = ready(profile(narrow), autonomy=Autonomy.MANUAL)
    assert "BTC: auto" in alerts(trial.tell(SetAutonomy("BTC", Autonomy.AUTO)))
    assert "cannot be armed" in alerts(
        ready(profile(spec(low=-1e-9, high=1e-9)), autonomy=Autonomy.MANUAL).tell(
            SetAutonomy("BTC", Autonomy.AUTO)
        )
    )


def test_nothing_is_approved_without_a_profile() -> None:
    trial = ready()
    offer, bare = trial.offer, replace(trial.state, profile=None)
    after, effects = decide_on(bare, "BTC", Ask(offer, offer.qty, "user", offer.revision))
    assert "NOT_ARMED" in alerts(effects)
    assert not submits(effects)
    assert after.desks["BTC"].hedge is None


# -- A hand on a working hedge ------------------------------------------------------------------


def at_work(**limits: Any) -> Trial:
    trial = ready(profile(passive_wait_s=300.0, **limits))
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    return trial


def asked(trial: Trial, command: RepriceHedge | CrossHedge) -> str:
    return alerts(trial.tell(command))


def test_a_hand_is_held_back_by_the_rates_and_by_a_book_that_cannot_be_used() -> None:
    trial = at_work(orders_per_minute=1)
    hedge = trial.state.desks["BTC"].hedge
    assert hedge is not None
    reprice = RepriceHedge(hedge.hedge_id, Decimal(50_010))
    assert "orders a minute are reached" in asked(trial, reprice)
    trial = at_work()
    trial.tell(quote(PERP, bid=None))
    assert "book cannot be used now" in asked(trial, reprice)
    bare = replace(trial.state, profile=None)
    assert "its instrument is not known now" in alerts(by_hand(bare, reprice)[1])


def test_a_hand_does_not_cross_beyond_the_ceiling() -> None:
    trial = at_work(slippage_cap_bps=15.0, collar_bps=20.0)
    hedge = trial.state.desks["BTC"].hedge
    assert hedge is not None
    trial.tell(quote(PERP, 48_999.5, 49_000.5))
    assert "beyond 20 bp from the decision" in asked(trial, CrossHedge(hedge.hedge_id))


# -- Tickets ------------------------------------------------------------------------------------


def sent_tickets(trial: Trial, qty: str, key: str = PERP) -> str:
    return alerts(trial.tell(SendTickets("BTC", (Ticket(key, Decimal(qty)),))))


def test_tickets_of_what_cannot_be_traded_are_refused() -> None:
    trial = ready(held="0.05", positions={PERP: "0.01"})
    trial.tell(Listing("sim", (*instruments(), Spot(contract("BTC/USDC")))))
    assert "is a coin" in sent_tickets(trial, "1", COIN)
    trial.tell(Listing("sim", instruments()[1:]))
    assert "not listed any more" in sent_tickets(trial, "1")
    rough = contract(lot=Decimal("0.001"), min_qty=Decimal("0.1"))
    trial = ready(held="0.05")
    listed = (replace(instruments()[0], contract=rough), *instruments()[1:])
    trial.tell(Listing("sim", listed))
    assert "below the venue's least" in sent_tickets(trial, "0.01")
    unarmed = ready(held="0.05", accounts=(LiveAccount("sim", Network.MAIN, "main"),))
    assert "not armed" in sent_tickets(unarmed, "1")


def test_a_ticket_keeps_its_numbers_while_it_cannot_be_quoted_anew() -> None:
    trial = ready(held="0.05")
    sent_tickets(trial, "1")
    trial.tick()
    offer = trial.offer
    assert offer.ticket is not None
    trial.tell(quote(PERP, 50_001.0, 50_000.0))
    assert "no usable two-sided quote" in alerts(trial.tell(Requote(offer.proposal_id)))
    assert trial.offer.revision == offer.revision
    trial.tell(quote(PERP, bid=None))
    assert "no perpetual" in str(requoted(trial.state, "BTC", offer))


def test_what_is_no_ticket_is_not_put_up_as_one() -> None:
    trial = ready()
    offer = trial.offer
    assert requoted(trial.state, "BTC", offer) == "it is no ticket"
    inputs = inputs_for(trial.state, "BTC", trial.state.desks["BTC"])
    assert isinstance(inputs, HedgeInputs)
    assert put_up(trial.state, "BTC", inputs) == "no ticket waits"


def test_a_ticket_too_small_to_be_an_order_is_dropped_with_the_reason() -> None:
    trial = ready(held="0.05")
    small = replace(instruments()[0], contract=contract(min_notional=Decimal(1_000)))
    trial.tell(Listing("sim", (small, *instruments()[1:])))
    trial.tell(SendTickets("BTC", (Ticket(PERP, Decimal("0.001")),)))
    assert "least notional" in alerts(trial.effects)
    assert trial.state.desks["BTC"].tickets is None
