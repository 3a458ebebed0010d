"""Cancels: those that come too early, too late, for nothing, and for others."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from terminal.model.account import OpenOrder
from terminal.model.messages import Fault
from terminal.model.order import Side
from terminal.venues.gateway.limiter import Budget
from tests.unit.venues.gateway.driving import Driven, tell
from tests.unit.venues.gateway.fake_venue import FakeVenue, asks, intent, order_id


def test_a_cancel_that_overtakes_its_order_is_asked_for_again() -> None:
    venue = FakeVenue()

    async def slowly(honest: Callable[[], object]) -> object:
        await asyncio.sleep(1)
        return honest()

    venue.faults["create"] = [slowly]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        driven.gateway.cancel(order_id(1), 0)
        await asyncio.sleep(5)

    driven = tell(story, venue=venue)
    assert driven.statuses()[-1] == "cancelled"
    assert venue.created == [order_id(1)]


def test_a_cancel_that_failed_because_of_a_fill_ends_as_filled() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "100", told=False)
        driven.gateway.cancel(order_id(1), 0)
        await asyncio.sleep(5)

    driven = tell(story)
    assert driven.statuses()[-1] == "filled"
    assert driven.fills() == ["t0"]


def test_the_last_hop_is_asked_after_the_wait_for_the_rate_limit() -> None:
    stopped: list[str] = []

    async def story(driven: Driven) -> None:
        gateway = driven.gateway
        gateway.ask_before_orders(lambda _: "stopped by hand" if stopped else "")
        await asyncio.sleep(10)
        for number in (1, 2, 3):  # the third has to wait for its place
            gateway.submit(intent(number), 0)
        await asyncio.sleep(0.01)
        stopped.append("now")
        await asyncio.sleep(5)

    narrow = Budget(per_second=2.0, burst=3.0, for_cancels=1.0, for_orders=0.0)
    driven = tell(story, asked=asks(narrow))
    assert driven.venue.created == [order_id(1), order_id(2)]
    assert ("rejected", "not sent: stopped by hand") in driven.updates()


def test_a_cancel_is_never_asked_about() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(1), 0)
        await asyncio.sleep(0.1)
        driven.gateway.ask_before_orders(lambda _: "stopped by hand")
        driven.gateway.cancel(order_id(1), 0)
        driven.gateway.submit(intent(2), 0)
        await asyncio.sleep(1)

    driven = tell(story)
    assert driven.venue.created == [order_id(1)]
    assert "cancelled" in driven.statuses()


def test_an_order_nobody_sent_is_neither_cancelled_nor_asked_about() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.cancel("gd-unknown", 0)
        driven.gateway.query("gd-unknown", 0)
        await asyncio.sleep(1)

    driven = tell(story)
    assert driven.statuses() == []
    assert "cancel" not in driven.venue.calls


def test_a_foreign_order_that_cannot_be_cancelled_is_reported_and_halts_nothing() -> None:
    lines: list[str] = []

    async def story(driven: Driven) -> None:
        driven.gateway.report_to(lines.append)
        stranger = OpenOrder(venue_id="v9", key="unlisted@sim", side=Side.BUY, qty=Decimal(1))
        driven.gateway.withdraw(stranger, 0)
        await asyncio.sleep(1)

    driven = tell(story)
    assert lines == ["order v9 was not cancelled: unlisted@sim has no symbol at Fake"]
    assert not any(isinstance(each, Fault) for each in driven.heard)
