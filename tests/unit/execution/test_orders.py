"""The life of one order under every order of events that a venue may send."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.execution.orders import (
    apply_fill,
    apply_update,
    asked_to_cancel,
    done,
    lives,
    new_order,
    outstanding,
    overfilled,
)
from terminal.model.order import FINAL, Fill, Order, OrderStatus, OrderUpdate
from tests.helpers.builders import NOW, fill, intent, order

ACK = OrderUpdate("o1", OrderStatus.LIVE)
UNSURE = OrderUpdate("o1", OrderStatus.UNKNOWN)
REJECT = OrderUpdate("o1", OrderStatus.REJECTED, "duplicate client order id")
FIRST, SECOND, LATE = fill(1, "3"), fill(2, "4"), fill(3, "3")
CANCELLED = OrderUpdate("o1", OrderStatus.CANCELLED, "on request", Decimal(7))
FILLED = OrderUpdate("o1", OrderStatus.FILLED, "", Decimal(10))
STATED = OrderUpdate("o1", OrderStatus.LIVE, "", Decimal(3))

Word = OrderUpdate | Fill


def hear(before: Order, word: Word) -> Order:
    if isinstance(word, Fill):
        return apply_fill(before, word, NOW + 1)
    return apply_update(before, word, NOW + 1)


def check(before: Order, after: Order) -> None:
    """Hold the laws of a single step, whatever came."""
    if before.status in FINAL:
        assert after.status is before.status
    assert after.filled >= before.filled
    assert after.stated >= before.stated
    assert outstanding(after) >= 0
    if after.status not in FINAL:
        assert outstanding(after) == max(after.intent.qty - after.filled, 0)
        assert not done(after)
    if lives(before) and after.status is OrderStatus.REJECTED:
        pytest.fail("a reject ended an order that lives")


@pytest.mark.parametrize(
    "story",
    [
        (ACK, FIRST, SECOND, CANCELLED, ACK),
        (ACK, FIRST, SECOND, CANCELLED, UNSURE, REJECT),
        (ACK, FIRST, SECOND, LATE, FILLED, STATED),
        (ACK, STATED, FIRST, REJECT, CANCELLED, SECOND),
    ],
    ids=["cancel", "cancel-noise", "fill", "reject"],
)
def test_every_order_of_events_keeps_the_laws(story: tuple[Word, ...]) -> None:
    filled = sum((each.qty for each in story if isinstance(each, Fill)), Decimal(0))
    ends = [each for each in story if isinstance(each, OrderUpdate) and each.status in FINAL]
    for shuffled in permutations(story):
        now = new_order(intent(), NOW)
        for word in shuffled:
            after = hear(now, word)
            check(now, after)
            now = after
        assert now.filled == filled
        assert not overfilled(now)
        rejected_first = now.status is OrderStatus.REJECTED
        if any(each.status is not OrderStatus.REJECTED for each in ends):
            assert rejected_first or now.status in {OrderStatus.CANCELLED, OrderStatus.FILLED}
            assert rejected_first or done(now)


def test_a_reject_ends_an_order_only_before_proof_of_life() -> None:
    for proof in (ACK, FIRST, STATED, replace(UNSURE, filled=Decimal(1))):
        alive = hear(new_order(intent(), NOW), proof)
        after = hear(alive, REJECT)
        assert after.status is alive.status
        assert outstanding(after) == outstanding(alive) > 0
    for status in (OrderStatus.SENT, OrderStatus.UNKNOWN):
        after = hear(order(status), REJECT)
        assert after.status is OrderStatus.REJECTED
        assert outstanding(after) == 0


def test_a_kept_order_is_ended_by_the_venues_later_word() -> None:
    alive = hear(hear(order(), ACK), REJECT)
    after = hear(alive, OrderUpdate("o1", OrderStatus.CANCELLED, "", Decimal(0)))
    assert after.status is OrderStatus.CANCELLED
    assert done(after)


def test_a_cancel_that_overtakes_the_last_fill_keeps_its_reserve() -> None:
    now = hear(hear(hear(order(), ACK), FIRST), CANCELLED)
    assert now.status is OrderStatus.CANCELLED
    assert outstanding(now) == 4
    assert not done(now)
    now = hear(now, SECOND)
    assert outstanding(now) == 0
    assert done(now)


def test_filled_without_its_fills_keeps_everything_that_is_missing() -> None:
    now = hear(hear(order(), FIRST), OrderUpdate("o1", OrderStatus.FILLED))
    assert outstanding(now) == 7
    assert not done(now)


def test_unknown_keeps_the_full_reserve_and_is_left_by_any_proof() -> None:
    unsure = hear(order(), UNSURE)
    assert unsure.status is OrderStatus.UNKNOWN
    assert outstanding(unsure) == 10
    assert hear(unsure, ACK).status is OrderStatus.LIVE
    assert hear(unsure, FIRST).status is OrderStatus.LIVE
    assert hear(unsure, FILLED).status is OrderStatus.FILLED


def test_doubt_comes_too_late_once_the_order_is_known_to_live() -> None:
    assert hear(hear(order(), ACK), UNSURE).status is OrderStatus.LIVE


def test_the_same_word_twice_changes_nothing() -> None:
    for word in (ACK, UNSURE, CANCELLED, FILLED, REJECT):
        once = hear(order(), word)
        assert apply_update(once, word, NOW + 99) == once


def test_asking_for_a_cancel_proves_nothing() -> None:
    assert asked_to_cancel(order(OrderStatus.LIVE), NOW).status is OrderStatus.CANCEL_PENDING
    for status in OrderStatus:
        if status is not OrderStatus.LIVE:
            assert asked_to_cancel(order(status), NOW) == order(status)
    sent = asked_to_cancel(order(), NOW)
    assert hear(sent, REJECT).status is OrderStatus.REJECTED


def test_more_than_was_sent_is_seen() -> None:
    now = order()
    for number in range(1, 5):
        now = hear(now, fill(number, "3"))
    assert overfilled(now)
    assert outstanding(now) == 0
    assert not overfilled(hear(order(), fill(1, "10")))


@given(st.lists(st.sampled_from([ACK, UNSURE, REJECT, FIRST, SECOND, CANCELLED, FILLED, "ask"])))
def test_any_word_any_number_of_times(words: list[Word | str]) -> None:
    now = order()
    for word in words:
        after = asked_to_cancel(now, NOW) if isinstance(word, str) else hear(now, word)
        check(now, after)
        now = after
