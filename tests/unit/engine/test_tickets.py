"""Tickets: one door, one at a time, an approval for each, and a reason for every refusal."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import HOUR, SECOND
from terminal.engine.context import approval_context, with_margin
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.hedge import ProposalStatus, Ticket
from terminal.model.instrument import Perpetual
from terminal.model.messages import (
    Fault,
    LinkDown,
    LinkUp,
    Listing,
    Mode,
    Reject,
    Requote,
    SendTickets,
    SetAutonomy,
    Started,
    Stop,
    StopStage,
)
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from tests.helpers.builders import (
    FUTURE,
    INVERSE,
    OPTION,
    PERP,
    SPOT,
    instruments,
    inverse_contract,
    profile,
    quote,
)
from tests.helpers.trial import Trial, alerts, ready, submits
from tests.unit.runtime.making import BEGIN, Logbook, simulated

QUIET: dict[str, Any] = {"held": "0.05"}  # delta inside the band: the policy wants nothing


def ticket(qty: str, key: str = PERP) -> Ticket:
    return Ticket(key, Decimal(qty))


def send(trial: Trial, *tickets: Ticket, coin: str = "BTC") -> str:
    return alerts(trial.tell(SendTickets(coin, tickets)))


def waiting(trial: Trial) -> int:
    line = trial.state.desks["BTC"].tickets
    return len(line.tickets) if line else 0


def test_a_ticket_is_a_proposal_that_waits_for_approval() -> None:
    trial = ready(**QUIET)
    assert "one by one" in send(trial, ticket("-0.7"))
    offer = trial.offer
    assert (offer.key, offer.side, offer.qty) == (PERP, Side.SELL, Decimal("0.7"))
    assert (offer.target.rule, offer.ticket) == ("ticket", ticket("-0.7"))
    assert offer.after == pytest.approx(offer.before - 0.7)
    assert offer.cost.total > 0.0
    assert offer.expires_at - offer.created_at == 30 * 10**9
    assert any("will want to trade back" in line for line in offer.reasons)
    assert not submits(trial.effects)
    sent = submits(trial.approve())
    assert [(each.side, each.qty) for each in sent] == [(Side.SELL, Decimal("0.7"))]
    assert waiting(trial) == 0


def test_tickets_come_one_after_the_other_and_only_when_the_hedge_before_has_ended() -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.2"), ticket("-0.2", FUTURE), ticket("-0.1"))
    seen = []
    for left in (2, 1, 0):
        assert waiting(trial) == left
        seen.append((trial.offer.key, trial.offer.side))
        effects = trial.approve()
        assert trial.state.desks["BTC"].proposal is None  # one hedge works, none is offered
        trial.obey(effects)
        trial.tick(2.0)
        trial.tick(2.0)
    assert seen == [(PERP, Side.BUY), (FUTURE, Side.SELL), (PERP, Side.SELL)]
    assert trial.state.desks["BTC"].hedge_key == PERP  # a ticket moves no hedging instrument
    assert trial.state.counts.approvals == 3


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(-40, 40).filter(bool), min_size=1, max_size=5))
def test_nothing_leaves_without_an_approval_and_approvals_send_what_was_asked(
    tenths: list[int],
) -> None:
    trial = ready(profile(gross_leverage=1e3), **QUIET)
    send(trial, *(ticket(str(Decimal(each) / 10)) for each in tenths))
    traded: list[Decimal] = []
    for _ in tenths:
        assert len(submits(trial.effects)) == len(traded)
        offer = trial.offer
        sign = 1 if offer.side is Side.BUY else -1
        traded.append(sign * offer.qty)
        trial.obey(trial.approve())
        trial.tick(2.0)
        trial.tick(2.0)
    assert traded == [Decimal(each) / 10 for each in tenths]


def test_auto_approves_no_ticket() -> None:
    trial = ready(autonomy=Autonomy.AUTO, **QUIET)
    send(trial, ticket("0.02"))
    for _ in range(4):
        trial.tick()
    assert trial.offer.ticket is not None
    assert not submits(trial.effects)


def test_manual_desks_take_tickets_too() -> None:
    trial = ready(autonomy=Autonomy.MANUAL, **QUIET)
    send(trial, ticket("0.3"))
    assert trial.offer.qty == Decimal("0.3")


def test_tickets_wait_for_what_is_on_the_table() -> None:
    trial = ready()  # one coin long: the policy wants to sell
    policy = trial.offer
    send(trial, ticket("0.2"))
    assert trial.offer is policy
    assert trial.verdict.endswith("1 tickets wait")
    trial.obey(trial.approve())
    trial.tick(2.0)
    trial.tick(2.0)
    assert trial.offer.ticket == ticket("0.2")


@pytest.mark.parametrize("how", ["reject", "lapse"])
def test_one_turned_down_takes_those_behind_it_along(how: str) -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.2"), ticket("0.3"), ticket("0.4"))
    offer = trial.offer
    if how == "reject":
        said = alerts(trial.tell(Reject(offer.proposal_id, "no")))
    else:
        said = alerts(trial.tick(30.0))
    assert "2 tickets of BTC dropped" in said
    trial.tick(60.0)
    assert trial.state.desks["BTC"].proposal is None


def test_a_ticket_is_requoted_at_the_price_of_now_and_an_old_click_sends_nothing() -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.5"))
    first = trial.offer
    trial.tick(1.0, SPOT * 1.004)
    assert trial.offer.status is ProposalStatus.REQUOTE
    assert "REQUOTE" in alerts(trial.approve())
    trial.tell(Requote(first.proposal_id))
    again = trial.offer
    assert (again.revision, again.ticket, again.qty) == (2, first.ticket, first.qty)
    assert again.mid > first.mid
    assert len(submits(trial.approve())) == 1


def test_a_ticket_passes_the_limits_of_a_hedge() -> None:
    trial = ready(profile(max_hedge_usd=10_000.0), **QUIET)
    send(trial, ticket("0.5"))
    assert "HEDGE_NOTIONAL" in alerts(trial.approve())
    wide = ready(**QUIET)
    send(wide, ticket("0.5"))
    wide.tell(quote(PERP, SPOT - 400.0, SPOT + 400.0))
    assert not submits(wide.approve())
    assert wide.state.counts.denials == 1


def test_a_ticket_in_another_perpetual_does_not_move_the_hedges_there() -> None:
    trial = ready(**QUIET)
    trial.tell(Listing("sim", (*instruments(), Perpetual(inverse_contract(), 8 * HOUR))))
    trial.tell(quote(INVERSE, SPOT - 0.5, SPOT + 0.5, mark=SPOT))
    send(trial, ticket("100", INVERSE))
    trial.obey(trial.approve())
    trial.tell(quote(INVERSE, SPOT - 0.5, SPOT + 0.5, mark=SPOT))
    trial.tick(2.0)
    assert trial.state.ledger.positions[INVERSE].qty == 100
    assert trial.state.desks["BTC"].hedge_key == PERP


def test_a_dated_future_is_held_against_its_mark_not_against_the_index() -> None:
    trial = ready(**QUIET)
    far = SPOT * 1.06  # its basis is 6 %
    trial.tell(quote(FUTURE, far - 0.5, far + 0.5, mark=far))
    send(trial, ticket("0.1", FUTURE))
    assert len(submits(trial.approve())) == 1
    for mark, why in ((far * 1.01, "from the mark"), (None, "no mark or index")):
        other = ready(**QUIET)
        other.tell(quote(FUTURE, far - 0.5, far + 0.5, mark=far))
        send(other, ticket("0.1", FUTURE))
        other.tell(quote(FUTURE, far - 0.5, far + 0.5, mark=mark))
        assert why in alerts(other.approve())


def test_the_margin_of_a_dated_future_is_looked_at() -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.1", FUTURE))
    rules = trial.state.profile
    assert rules is not None
    context = approval_context(trial.state, "BTC", rules)
    assert context is not None
    assert context.index is None
    assert with_margin(trial.state, context).margin is not None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (ticket("0.0005"), "whole number of lots"),
        (ticket("0"), "whole number of lots"),
        (ticket("NaN"), "whole number of lots"),
        (ticket("1", "DOGE-PERP@sim"), "not listed for BTC"),
        (ticket("0.0001", OPTION), "whole number of lots"),
    ],
)
def test_a_wrong_ticket_refuses_them_all_with_the_reason(wrong: Ticket, why: str) -> None:
    trial = ready(**QUIET)
    said = send(trial, ticket("0.1"), wrong)
    assert "refused" in said
    assert why in said
    assert waiting(trial) == 0
    assert trial.state.desks["BTC"].proposal is None


def test_nobody_to_take_them_none_at_all_too_many_or_more_at_once() -> None:
    trial = ready(**QUIET)
    assert "no desk for DOGE" in send(trial, ticket("1"), coin="DOGE")
    assert "0 tickets" in send(trial)
    assert "21 tickets" in send(trial, *[ticket("0.1")] * 21)
    send(trial, ticket("0.1"), ticket("0.1"))
    assert "earlier tickets still wait" in send(trial, ticket("0.1"))


def test_without_a_market_or_a_licence_to_trade_they_are_refused() -> None:
    one_sided = ready(**QUIET)
    one_sided.tell(quote(PERP, None, SPOT))
    assert "no usable two-sided quote" in send(one_sided, ticket("0.1"))
    stopped = ready(**QUIET)
    stopped.tell(Stop(StopStage.FREEZE, "enough"))
    assert "stopped" in send(stopped, ticket("0.1"))
    halted = ready(**QUIET)
    halted.tell(Fault("DISK", "full"))
    assert "full" in send(halted, ticket("0.1"))
    lost = ready(**QUIET)
    lost.tell(LinkDown("sim", "gone"))
    assert "gone" in send(lost, ticket("0.1"))


def test_a_stop_a_change_of_hands_and_a_restart_drop_what_waits() -> None:
    for event in (
        Stop(StopStage.FREEZE, "enough"),
        SetAutonomy("BTC", Autonomy.MANUAL),
        Started("again", Mode.SIM, 1, profile(), Autonomy.APPROVE),
    ):
        trial = ready(**QUIET)
        send(trial, ticket("0.1"), ticket("0.2"))
        trial.tell(event)
        assert waiting(trial) == 0


def test_they_do_not_wait_for_ever() -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.2"), ticket("0.3"))
    trial.obey(trial.approve())
    trial.tell(LinkDown("sim", "gone"))
    for _ in range(11):
        trial.tick(60.0)
    assert waiting(trial) == 1
    trial.tell(LinkUp("sim"))
    assert "1 tickets of BTC dropped: they waited too long" in alerts(trial.tick())
    assert waiting(trial) == 0


def test_tickets_survive_in_the_saved_state() -> None:
    trial = ready(**QUIET)
    send(trial, ticket("0.2"), ticket("0.3"))
    again = restored(saved(trial.state))
    assert again.desks["BTC"].tickets == trial.state.desks["BTC"].tickets
    assert again.desks["BTC"].proposal == trial.offer


def test_tickets_are_journaled_and_replay_to_the_same_state() -> None:
    book = Logbook()
    session = simulated(book, profile())
    session.advance(BEGIN + 20 * SECOND)
    session.command(SendTickets("BTC", (Ticket("BTC-PERPETUAL@sim", Decimal(500)),) * 2))
    session.advance(BEGIN + 25 * SECOND)
    assert any(b"SendTickets" in row for row in book.rows)
    state = State()
    for record in book.read():
        state, _ = step(state, record)
    assert saved(state) == saved(session.state)
    assert state.desks["BTC"].tickets is not None
