"""After a sleep nothing of before it is believed, and nothing sent before the account is known."""

import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND, seconds
from terminal.engine.resuming import LONG
from terminal.engine.state import restored, saved
from terminal.model.messages import AskAccount, Effect, LinkUp, Mode, Slept
from terminal.model.order import OrderStatus
from terminal.model.risk import Autonomy
from terminal.risk.halts import HaltCode
from tests.helpers.statements import locked, truth
from tests.helpers.trial import Trial, alerts, cancels, ready, submits


def on_paper(autonomy: Autonomy = Autonomy.APPROVE) -> Trial:
    """Make a trial whose venue is one that is asked, with its feed up."""
    trial = ready(autonomy=autonomy)
    trial.state = replace(trial.state, mode=Mode.PAPER)
    trial.tell(LinkUp("sim"))
    return trial


def sleep(trial: Trial, span: int = 20 * SECOND) -> tuple[Effect, ...]:
    """Wake up a while later with nothing heard meanwhile."""
    trial.now += span
    return trial.tell(Slept(seconds(span), "this process stood still"))


def test_a_sleep_drops_the_proposal_and_locks_until_account_and_books_are_known() -> None:
    trial = on_paper()
    trial.tick()
    offer = trial.offer
    effects = sleep(trial)
    assert any(isinstance(each, AskAccount) for each in effects)
    assert trial.state.desks["BTC"].proposal is None
    assert {HaltCode.FEED_LOST, HaltCode.RECONCILING} <= set(locked(trial))
    trial.tick()  # fresh prices alone prove nothing
    assert trial.state.desks["BTC"].proposal is None
    trial.tell(LinkUp("sim"))
    trial.tick()
    assert HaltCode.FEED_LOST not in locked(trial)
    assert HaltCode.RECONCILING in locked(trial)
    trial.tell(replace(truth(trial), asked_at=trial.now))
    for _ in range(60):
        trial.tick()
    assert locked(trial) == []
    assert trial.offer.proposal_id != offer.proposal_id


def test_a_book_of_before_a_sleep_locks_until_a_new_one_comes() -> None:
    trial = on_paper()
    trial.tick()
    sleep(trial, 4 * SECOND)
    trial.tell(LinkUp("sim"))
    trial.tick(0.25, None)
    assert HaltCode.BAD_DATA in locked(trial)


def test_a_hedge_at_work_ends_and_its_order_is_cancelled() -> None:
    trial = on_paper()
    trial.tick()
    (order,) = submits(trial.approve())
    trial.report(order, OrderStatus.LIVE)
    effects = sleep(trial)
    assert cancels(effects) == [order.order_id]
    assert submits(effects) == []
    assert trial.state.desks["BTC"].hedge is None
    # Its reserve stays until the venue says how it ended.
    assert trial.state.orders[order.order_id].status is OrderStatus.CANCEL_PENDING


@pytest.mark.parametrize(
    ("span", "after"), [(LONG - SECOND, Autonomy.AUTO), (LONG, Autonomy.APPROVE)]
)
def test_after_a_long_sleep_nothing_stays_on_automatic(span: int, after: Autonomy) -> None:
    trial = on_paper(Autonomy.AUTO)
    trial.tick()
    sleep(trial, span)
    assert trial.state.desks["BTC"].autonomy is after


def test_on_automatic_nothing_is_sent_on_what_was_known_before() -> None:
    trial = on_paper(Autonomy.AUTO)
    trial.tick()
    sent = len(submits(tuple(trial.effects)))
    sleep(trial)
    for _ in range(40):
        trial.tick()
    assert len(submits(tuple(trial.effects))) == sent


def test_a_simulated_market_stood_still_too() -> None:
    trial = ready()
    trial.tick()
    offer = trial.offer
    assert "stood still" in alerts(sleep(trial))
    assert trial.offer == offer
    assert locked(trial) == []


def test_a_sleep_survives_a_restart_with_its_locks() -> None:
    trial = on_paper()
    trial.tick()
    sleep(trial, 6 * MINUTE)
    again = restored(saved(trial.state))
    assert saved(again) == saved(trial.state)
    assert again.links == trial.state.links
