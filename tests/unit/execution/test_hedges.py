"""One approved hedge at work, against venues that fill, refuse and cancel as they please."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.execution.at_work import Finished, Wait
from terminal.execution.hedges import MAX_ORDERS
from terminal.execution.orders import done
from terminal.execution.prices import reaches
from terminal.model.messages import Cancel, Submit
from terminal.model.order import FINAL, OrderStatus, Side, TimeInForce
from tests.helpers.builders import (
    contract,
    inverse_contract,
    profile,
    quote,
    seen,
)
from tests.helpers.play import Play

Happening = tuple[str, int]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["ack", "part", "rest", "reject", "cancel", "wait", "unknown", "late"]),
        st.integers(1, 999),
    ),
    max_size=60,
)


def happen(play: Play, happening: Happening) -> None:
    """Let the venue do one thing to the newest order, if it still can."""
    what, size = happening
    current = play.orders[-1]
    left = current.intent.qty - current.filled
    open_ = current.status not in FINAL
    lot = play.contract.lot
    part = min(left, max(lot, Decimal(size) / 1000 * left // lot * lot))
    if what == "ack" and open_:
        play.hear(OrderStatus.LIVE, current.filled)
    elif what == "unknown" and open_:
        play.hear(OrderStatus.UNKNOWN)
    elif what == "part" and open_ and part > 0:
        play.fill(part)
    elif what == "rest" and open_:
        play.hear(OrderStatus.FILLED, current.intent.qty)
        play.fill(left)
    elif what == "reject" and open_ and not current.filled:
        play.hear(OrderStatus.REJECTED, Decimal(0))
    elif what == "cancel" and open_:
        play.hear(OrderStatus.CANCELLED, current.filled)
    elif what == "late" and open_ and part > 0:  # the cancel overtakes the fill
        play.hear(OrderStatus.CANCELLED, current.filled + part)
        play.step()
        play.fill(part)


@given(HAPPENINGS, st.booleans(), st.sampled_from([10.0, 20_000.0, 1e6]))
def test_orders_can_never_fill_more_than_was_approved(
    happenings: Sequence[Happening], urgent: bool, largest: float
) -> None:
    play = Play(urgent=urgent, rules=profile(max_order_usd=largest))
    action = play.step()
    assert isinstance(action, Submit)
    for happening in happenings:
        happen(play, happening)
        play.step(6.0 if happening[0] == "wait" else 0.0)
        action = play.step()
        assert play.possible <= play.hedge.qty
        assert sum(1 for each in play.orders if not done(each)) <= 1
        assert len(play.orders) <= MAX_ORDERS
        if isinstance(action, Finished):
            assert action.left == play.hedge.qty - sum(each.filled for each in play.orders)
            break
    ids = [each.intent.order_id for each in play.orders]
    assert len(set(ids)) == len(ids)
    assert [each.intent.attempt for each in play.orders] == list(range(1, len(ids) + 1))


def test_ids_depend_on_the_cause_alone() -> None:
    first, second = Play(), Play()
    second.now += 5 * SECOND
    assert first.step() == second.step()


def test_calm_hedge_rests_then_crosses_what_is_left() -> None:
    play = Play(rules=profile(passive_wait_s=10.0))
    sent = play.step()
    assert isinstance(sent, Submit)
    assert sent.intent.tif is TimeInForce.POST_ONLY
    assert sent.intent.limit == Decimal("50000.5")
    play.hear(OrderStatus.LIVE)
    play.fill(Decimal("0.3"))
    assert isinstance(play.step(9.9), Wait)
    cancel = play.step(0.1)
    assert cancel == Cancel(sent.intent.order_id)
    assert isinstance(play.step(0.1), Wait)
    play.hear(OrderStatus.CANCELLED, Decimal("0.3"))
    crossing = play.step()
    assert isinstance(crossing, Submit)
    assert crossing.intent.tif is TimeInForce.IOC
    assert crossing.intent.qty == Decimal("0.7")
    assert crossing.intent.limit == Decimal("49925.0")


def test_a_rejected_post_only_order_is_followed_by_one_that_crosses() -> None:
    play = Play()
    play.step()
    play.hear(OrderStatus.REJECTED)
    action = play.step()
    assert isinstance(action, Submit)
    assert action.intent.tif is TimeInForce.IOC


def test_a_rejected_crossing_order_ends_the_hedge_with_the_venues_reason() -> None:
    play = Play(urgent=True)
    play.step()
    play.hear(OrderStatus.REJECTED)
    assert play.step() == Finished(Decimal(1), "rejected: said so")


def test_a_venue_that_never_fills_gets_so_many_orders_and_no_more() -> None:
    play = Play(urgent=True)
    for _ in range(MAX_ORDERS):
        assert isinstance(play.step(), Submit)
        play.hear(OrderStatus.CANCELLED, Decimal(0))
    action = play.step()
    assert isinstance(action, Finished)
    assert action.left == 1


def test_a_stopped_hedge_cancels_and_sends_nothing_more() -> None:
    play = Play()
    sent = play.step()
    assert isinstance(sent, Submit)
    play.stopped = True
    assert isinstance(play.step(), Wait)  # no word yet, nothing to cancel that is known
    play.hear(OrderStatus.LIVE)
    assert play.step() == Cancel(sent.intent.order_id)
    play.hear(OrderStatus.CANCELLED, Decimal("0.4"))
    assert isinstance(play.step(), Wait)  # a fill of 0.4 is still to come
    play.fill(Decimal("0.4"))
    assert play.step() == Finished(Decimal("0.6"), "stopped")


def test_an_order_that_was_lost_sight_of_is_never_sent_again() -> None:
    play = Play()
    play.step()
    play.orders.clear()
    assert isinstance(play.step(), Finished)


@pytest.mark.parametrize("notional", ["5", "1000"])
def test_a_rest_below_the_venues_least_is_not_sent(notional: str) -> None:
    play = Play(urgent=True, contract=contract(min_notional=Decimal(notional)))
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal("0.99"))
    play.fill(Decimal("0.99"))
    action = play.step()
    assert isinstance(action, Finished if notional == "1000" else Submit)


def test_every_order_is_one_the_venue_takes() -> None:
    terms = inverse_contract(min_qty=Decimal(5))
    play = Play(urgent=True, qty="100", contract=terms, rules=profile(max_order_usd=10.0))
    action = play.step()
    assert isinstance(action, Submit)
    assert action.intent.qty == 5


def test_largest_order_cuts_a_hedge_into_parts() -> None:
    play = Play(urgent=True, rules=profile(max_order_usd=20_000.0))
    sizes = []
    while isinstance(action := play.step(), Submit):
        sizes.append(action.intent.qty)
        play.hear(OrderStatus.FILLED, action.intent.qty)
        play.fill(action.intent.qty)
    assert sizes == [Decimal("0.4"), Decimal("0.4"), Decimal("0.2")]
    assert action == Finished(Decimal(0), "complete")


def test_no_order_follows_when_too_many_were_sent() -> None:
    play = Play()
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal(0))
    play.crowded = "15 orders a minute are reached"
    action = play.step()
    assert isinstance(action, Finished)
    assert "15 orders a minute" in action.reason


def test_without_a_book_the_next_order_waits_for_a_while_only() -> None:
    play = Play(urgent=True, rules=profile(passive_wait_s=10.0, approval_ttl_s=30.0))
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal(0))
    assert isinstance(play.step(6.0), Wait)  # stale by now
    action = play.step(40.1)  # longer than it waits between two orders
    assert isinstance(action, Finished)
    assert action.left == 1


def test_a_crossed_book_sends_nothing() -> None:
    play = Play(urgent=True)
    play.book = seen(quote(bid=50_001.0, ask=50_000.0))
    assert isinstance(play.step(), Wait)


def test_buys_cross_above_the_middle() -> None:
    play = Play(urgent=True, side=Side.BUY)
    action = play.step()
    assert isinstance(action, Submit)
    assert action.intent.side is Side.BUY
    assert action.intent.limit == Decimal("50075.0")


def test_what_is_left_is_not_called_too_small_while_there_is_no_price() -> None:
    play = Play(urgent=True, contract=contract(min_notional=Decimal(1_000_000)))
    play.book = seen(quote(ask=None))
    assert isinstance(play.step(), Wait)


def test_a_book_without_the_other_side_is_reached_by_no_limit() -> None:
    assert not reaches(Side.BUY, Decimal(60_000), quote(ask=None))
    assert not reaches(Side.SELL, Decimal(40_000), quote(bid=None))
    assert reaches(Side.BUY, Decimal(60_000), quote())


def test_a_persons_hedge_says_what_became_of_the_last_wish() -> None:
    play = Play()
    play.hedge = replace(play.hedge, by_hand=True, said="its order was cancelled")
    assert isinstance(play.step(), Wait)
    play.hedge = replace(play.hedge, said="")
    assert isinstance(play.step(), Wait)
