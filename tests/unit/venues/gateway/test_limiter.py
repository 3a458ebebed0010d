"""Cancels before orders before reads, never more than the venue allows."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.venues.gateway.limiter import (
    NO_WAIT,
    Budget,
    Priority,
    Turnstile,
    full,
    shut,
    taken,
    wait,
)

BUDGETS = st.builds(
    Budget,
    per_second=st.floats(0.5, 50.0),
    burst=st.floats(4.0, 60.0),
    for_cancels=st.floats(0.0, 1.5),
    for_orders=st.floats(0.0, 1.5),
)
GAPS = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.sampled_from(list(Priority))), max_size=80)


@given(budget=BUDGETS, gaps=GAPS)
def test_no_window_holds_more_than_burst_and_refill(
    budget: Budget, gaps: list[tuple[int, Priority]]
) -> None:
    bucket, now, left = full(budget, 0), 0, []
    for gap, priority in gaps:
        now += gap
        if wait(bucket, priority, now) == 0:
            bucket = taken(bucket, now)
            left.append(now)
    for first in range(len(left)):
        for last in range(first, len(left)):
            allowed = budget.burst + (left[last] - left[first]) / SECOND * budget.per_second
            assert last - first + 1 <= allowed + 1e-6


@given(budget=BUDGETS, gaps=GAPS)
def test_a_wait_is_as_long_as_said_and_no_longer(
    budget: Budget, gaps: list[tuple[int, Priority]]
) -> None:
    bucket, now = full(budget, 0), 0
    for gap, priority in gaps:
        now += gap
        due = wait(bucket, priority, now)
        assert wait(bucket, priority, now + due) == 0
        if due > 1000:
            assert wait(bucket, priority, now + due - 1000) > 0
        else:
            bucket = taken(bucket, now + due)


@given(budget=BUDGETS, spent=st.integers(0, 100))
def test_the_urgent_never_wait_longer(budget: Budget, spent: int) -> None:
    bucket = full(budget, 0)
    for _ in range(spent):
        if wait(bucket, Priority.READ, 0) == 0:
            bucket = taken(bucket, 0)
    waits = [wait(bucket, each, 0) for each in Priority]
    assert waits == sorted(waits)


def test_reads_and_orders_leave_room_for_cancels() -> None:
    budget = Budget(per_second=1.0, burst=10.0, for_cancels=3.0, for_orders=4.0)
    bucket, out = full(budget, 0), []
    for priority in (Priority.READ, Priority.ORDER, Priority.CANCEL):
        count = 0
        while wait(bucket, priority, 0) == 0:
            bucket = taken(bucket, 0)
            count += 1
        out.append(count)
    assert out == [3, 4, 3]


def test_a_ban_holds_for_everybody_and_a_shorter_one_does_not_end_it() -> None:
    bucket = shut(shut(full(Budget(1.0, 5.0, 1.0, 1.0), 0), 60 * SECOND), SECOND)
    assert [wait(bucket, each, 0) for each in Priority] == [60 * SECOND] * 3
    assert wait(bucket, Priority.READ, 60 * SECOND) == 0


def test_time_that_runs_backwards_gives_nothing() -> None:
    bucket = taken(full(Budget(1.0, 1.0, 0.0, 0.0), 10 * SECOND), 10 * SECOND)
    assert wait(bucket, Priority.CANCEL, 5 * SECOND) > 0


async def test_a_late_cancel_overtakes_those_who_wait() -> None:
    budget = Budget(per_second=200.0, burst=1.0, for_cancels=0.0, for_orders=0.0)
    gate, order = Turnstile(budget, time.monotonic_ns), []

    async def go(name: str, priority: Priority) -> None:
        await gate.enter(priority)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, priority in (
            ("first", Priority.READ),
            ("read", Priority.READ),
            ("order", Priority.ORDER),
            ("later order", Priority.ORDER),
            ("cancel", Priority.CANCEL),
        ):
            group.create_task(go(name, priority))
    assert order == ["first", "cancel", "order", "later order", "read"]


async def test_patience_that_runs_out_gives_up_the_place() -> None:
    gate = Turnstile(Budget(0.5, 1.0, 0.0, 0.0), time.monotonic_ns)
    assert await gate.enter(Priority.ORDER)
    assert not await gate.enter(Priority.ORDER, 0.01)
    gate.shut(SECOND)
    assert 0 < gate.shut_for() <= SECOND
    assert not await gate.enter(Priority.CANCEL, 0.01)


@given(weights=st.lists(st.floats(0.1, 200.0), min_size=1, max_size=30))
def test_no_second_lets_more_weight_out_than_there_is(weights: list[float]) -> None:
    """What has left by a time is at most the burst and what was refilled."""
    budget = Budget(10.0, 100.0, 5.0, 5.0)
    now, bucket, spent = 0, full(budget, 0), 0.0
    for weight in weights:
        now += wait(bucket, Priority.READ, now, weight)
        assert wait(bucket, Priority.READ, now, weight) == NO_WAIT
        bucket = taken(bucket, now, weight)
        spent += weight
        overdraft = max(weight - (budget.burst - 10.0), 0.0)  # heavier than there ever is
        assert spent <= budget.burst + budget.per_second * now / SECOND + overdraft + 1e-6
