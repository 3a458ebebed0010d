"""Orders leave once, and every outcome is said: proven, or unknown until it is."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.model.account import AccountSnapshot
from terminal.model.messages import Fault, LinkDown, LinkUp
from terminal.model.order import TimeInForce
from terminal.venues.gateway.gateway import Earlier
from terminal.venues.gateway.limiter import Budget
from tests.unit.venues.gateway.driving import CANARY, Driven, tell
from tests.unit.venues.gateway.fake_venue import (
    FakeVenue,
    asks,
    intent,
    not_found,
    order_id,
    refused,
)


async def took_it(honest: Callable[[], object]) -> object:
    """Accept the order, and lose the answer."""
    honest()
    raise TimeoutError(f"no answer, {CANARY}")


async def never_came(_: Callable[[], object]) -> object:
    """Lose the order."""
    raise ConnectionResetError("reset")


async def hangs(honest: Callable[[], object]) -> object:
    """Answer after a minute."""
    await asyncio.sleep(60)
    return honest()


def test_the_account_is_told_before_the_link_is_up() -> None:
    async def story(driven: Driven) -> None:
        pass

    heard = tell(story).heard
    kinds = [type(each) for each in heard]
    assert kinds == [LinkDown, AccountSnapshot, LinkUp]


def test_nothing_leaves_before_the_account_is_read() -> None:
    venue = FakeVenue()
    venue.faults["positions"] = [OSError("down")] * 3

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.5)
        driven.gateway.submit(intent(2), 0)
        await asyncio.sleep(20)
        driven.gateway.submit(intent(3), 0)
        await asyncio.sleep(1)

    driven = tell(story, venue=venue, connected=False)
    assert venue.created == [order_id(3)]
    assert [status for status, _ in driven.updates()] == ["rejected", "rejected", "live"]
    assert driven.updates()[0][1] == "not sent: the account is not connected"


def test_placed_filled_in_parts_and_cancelled() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "30")
        driven.gateway.cancel(order_id(1), 0)
        await asyncio.sleep(0.1)

    driven = tell(story)
    assert driven.statuses() == ["live", "live", "cancelled"]
    assert driven.fills() == ["t0"]
    assert driven.venue.created == [order_id(1)]


def test_a_refusal_is_said_in_the_venues_words() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [refused(f"not enough margin for {CANARY}")]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(1)

    driven = tell(story, venue=venue)
    assert driven.updates() == [("rejected", "InvalidOrder: not enough margin for •••")]


@pytest.mark.parametrize("fault", [took_it, hangs])
def test_an_order_that_was_taken_is_found_and_never_sent_again(
    fault: Callable[[Callable[[], object]], object],
) -> None:
    venue = FakeVenue()
    venue.faults["create"] = [fault]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(3)
        driven.gateway.query(order_id(1), 0)
        await asyncio.sleep(120)

    driven = tell(story, venue=venue)
    assert venue.created == [order_id(1)]
    assert driven.statuses()[-1] == "live"
    assert "rejected" not in driven.statuses()


def test_an_order_that_never_came_is_proven_absent() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(4.5)
        assert driven.statuses() == ["unknown"]
        await asyncio.sleep(30)

    driven = tell(story, venue=venue)
    assert driven.statuses() == ["unknown", "rejected"]
    assert "never arrived" in driven.updates()[-1][1]
    assert venue.created == []


def test_absence_is_not_proven_while_the_request_is_under_way() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [hangs]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        driven.gateway.query(order_id(1), 0)
        await asyncio.sleep(55)
        assert driven.statuses() == []
        await asyncio.sleep(30)

    assert tell(story, venue=venue).statuses()[-1] == "live"


def test_absence_is_not_proven_by_questions_that_fail() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]
    venue.faults["order"] = [OSError("502")] * 50

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(60)

    assert tell(story, venue=venue).statuses() == ["unknown"]


def test_a_certain_no_of_the_venue_counts_as_not_found() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]
    venue.faults["order"] = [not_found() for _ in range(50)]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(30)

    assert tell(story, venue=venue).statuses() == ["unknown", "rejected"]


def test_absence_is_not_proven_without_a_private_stream() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        for _ in range(20):
            driven.venue.drop()
            await asyncio.sleep(1.9)

    assert tell(story, venue=venue).statuses() == ["unknown"]


def test_absence_is_not_proven_while_the_position_is_unexplained() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.venue.position = Decimal(100)  # it filled, and no list tells of it yet
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(60)

    assert tell(story, venue=venue).statuses() == ["unknown"]


def test_an_order_found_filled_tells_its_fills_once() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [took_it]
    venue.listening = False

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "60")
        driven.venue.fill(order_id(1), "40")
        await asyncio.sleep(60)

    driven = tell(story, venue=venue)
    assert driven.statuses() == ["unknown", "filled"]
    assert driven.fills() == ["t0", "t1"]


def test_fills_lost_with_the_socket_are_read_after_the_reconnect() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.drop()
        driven.venue.fill(order_id(1), "10", told=False)
        await asyncio.sleep(3)

    driven = tell(story)
    assert driven.fills() == ["t0"]
    kinds = [type(each) for each in driven.heard if isinstance(each, LinkUp | LinkDown)]
    assert kinds == [LinkDown, LinkUp, LinkDown, LinkUp]


def test_after_a_doubt_nothing_leaves_before_the_trades_have_been_read() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "10", told=False)
        driven.gateway.doubt("stood still")
        driven.gateway.submit(intent(2), 0)
        await asyncio.sleep(3)
        driven.gateway.submit(intent(3), 0)
        await asyncio.sleep(0.1)

    driven = tell(story)
    assert driven.fills() == ["t0"]
    assert driven.updates()[1] == ("rejected", "not sent: the account is not connected")
    assert set(driven.venue.orders) == {order_id(1), order_id(3)}
    kinds = [type(each) for each in driven.heard if isinstance(each, LinkUp | LinkDown)]
    assert kinds == [LinkDown, LinkUp, LinkDown, LinkUp]


def test_fills_the_stream_never_told_are_read_at_intervals() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "10", told=False)
        await asyncio.sleep(20)

    assert tell(story).fills() == ["t0"]


def test_ten_fills_of_one_burst_are_ten_fills() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        for _ in range(10):
            driven.venue.fill(order_id(1), "10")
        for trade in driven.venue.trades:
            driven.venue.say({"fill": trade})
        await asyncio.sleep(20)

    assert tell(story).fills() == [f"t{number}" for number in range(10)]


def test_trades_of_before_the_start_are_not_told() -> None:
    venue = FakeVenue()
    venue.trades.append(
        {
            "id": "old",
            "cid": "",
            "venue_id": "v",
            "side": "buy",
            "qty": "1",
            "ms": 1_763_000_000_000,
        }
    )

    async def story(driven: Driven) -> None:
        await asyncio.sleep(40)

    assert tell(story, venue=venue).fills() == []


def test_an_order_of_before_a_restart_is_asked_about_before_the_account_is_told() -> None:
    venue = FakeVenue()
    venue.orders[order_id(7)] = {
        "cid": order_id(7),
        "venue_id": "v7",
        "status": "live",
        "filled": "0",
        "qty": "100",
        "side": "buy",
    }
    venue.ms = 1_763_999_999_000
    venue.fill(order_id(7), "100", told=False)

    async def story(driven: Driven) -> None:
        await asyncio.sleep(30)

    driven = tell(story, venue=venue, earlier=(Earlier(intent(7), lived=True),))
    assert driven.fills() == ["t0"]
    assert driven.statuses() == ["filled"]
    kinds = [type(each).__name__ for each in driven.heard]
    assert kinds.index("Fill") < kinds.index("AccountSnapshot")


def test_a_second_submit_of_one_order_is_a_fault_and_sends_nothing() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(1)

    driven = tell(story)
    assert driven.venue.created == [order_id(1)]
    assert any(isinstance(each, Fault) for each in driven.heard)


def test_an_order_that_the_rate_limit_holds_up_is_not_sent_late() -> None:
    asked = asks(Budget(per_second=0.05, burst=9.0, for_cancels=1.0, for_orders=0.0))

    async def story(driven: Driven) -> None:
        for number in range(1, 9):
            driven.gateway.submit(intent(number), 0)
        await asyncio.sleep(5)
        driven.gateway.cancel(driven.venue.created[0], 0)
        await asyncio.sleep(1)

    driven = tell(story, asked=asked)
    late = [why for status, why in driven.updates() if status == "rejected"]
    assert len(driven.venue.created) + len(late) == 8
    assert late
    assert all("rate limit" in why for why in late)
    assert driven.venue.orders[driven.venue.created[0]]["status"] == "cancelled"


def test_a_ban_keeps_everything_in_until_it_is_over() -> None:
    venue = FakeVenue()

    async def story(driven: Driven) -> None:
        driven.venue.shut = 30.0
        driven.venue.faults["create"] = [refused("too many requests")]
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.shut = 0.0
        before = len(driven.venue.calls)
        driven.gateway.submit(intent(2), 0)
        await asyncio.sleep(25)
        assert len(driven.venue.calls) == before
        await asyncio.sleep(10)
        assert len(driven.venue.calls) > before

    assert tell(story, venue=venue).statuses() == ["rejected", "rejected"]


def test_no_secret_and_no_address_is_in_any_event() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [took_it]
    venue.faults["positions"] = [OSError(f"GET https://x/?sig={CANARY} {CANARY}")]

    async def story(driven: Driven) -> None:
        await asyncio.sleep(10)
        driven.gateway.submit(intent(), 0)
        driven.venue.drop()
        await asyncio.sleep(30)
        assert CANARY not in "".join(driven.gateway.notes)

    said = repr(tell(story, venue=venue).heard)
    assert CANARY not in said
    assert "listenKey" not in said


def test_an_ioc_whose_end_was_not_told_is_looked_for() -> None:
    venue = FakeVenue()
    venue.listening = False

    async def story(driven: Driven) -> None:
        driven.gateway.submit(replace(intent(), tif=TimeInForce.IOC), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "100")
        await asyncio.sleep(2)

    assert tell(story, venue=venue).statuses() == ["live", "filled"]
