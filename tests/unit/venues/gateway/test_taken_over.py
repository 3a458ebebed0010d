"""What a person took over from a venue explains its position, and proves no more than that."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.venues.gateway.fill_log import Booked
from terminal.venues.gateway.gateway import Earlier
from terminal.venues.gateway.inquiry import FAR_APART
from tests.unit.venues.gateway.driving import START, Driven, tell
from tests.unit.venues.gateway.fake_venue import KEY, FakeVenue, dialect, intent, order_id
from tests.unit.venues.gateway.test_gateway import never_came, took_it

LONG_S = 120.0
FLAT = Booked(positions={}, fills=())
LEFT = (Earlier(intent(7), lived=False),)


def by_hand(venue: FakeVenue, qty: str) -> None:
    """Trade at the exchange while this program is not running."""
    venue.position += Decimal(qty)
    trade = {"id": "hand", "cid": "", "venue_id": "h", "side": "buy", "qty": qty}
    venue.trades.append({**trade, "ms": START // 1_000_000 - 60_000})


def test_an_order_that_died_before_it_was_sent_is_settled_after_the_adoption() -> None:
    """A crash between journal and wire, and a trade by hand before the restart."""
    venue = FakeVenue()
    by_hand(venue, "30")

    async def story(driven: Driven) -> None:
        await asyncio.sleep(LONG_S)
        assert driven.updates() == []  # the position may be its doing
        driven.gateway.adopted(((KEY, Decimal(30)),), 0)
        await asyncio.sleep(LONG_S)

    driven = tell(story, venue=venue, earlier=LEFT, booked=FLAT)
    assert driven.updates() == [("rejected", "it never arrived: looked for everywhere, twice")]
    assert venue.created == []


def test_an_order_lost_on_the_way_is_settled_after_the_adoption() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.position = Decimal(-5)
        await asyncio.sleep(LONG_S)
        assert driven.statuses() == ["unknown"]
        driven.gateway.adopted(((KEY, Decimal(-5)),), 0)
        await asyncio.sleep(LONG_S)

    assert tell(story, venue=venue).statuses() == ["unknown", "rejected"]
    assert venue.created == []


def test_it_takes_longer_than_without_an_adoption() -> None:
    venue = FakeVenue()
    by_hand(venue, "30")

    async def story(driven: Driven) -> None:
        driven.gateway.adopted(((KEY, Decimal(30)),), 0)
        await asyncio.sleep(FAR_APART / 1e9)
        assert driven.updates() == []
        await asyncio.sleep(LONG_S)
        assert driven.statuses() == ["rejected"]

    tell(story, venue=venue, earlier=LEFT, booked=FLAT)


@pytest.mark.parametrize(
    "changes", [(), ((KEY, Decimal(29)),), (("ETH-PERPETUAL@sim", Decimal(30)),)]
)
def test_what_was_not_taken_over_explains_nothing(changes: tuple[tuple[str, Decimal], ...]) -> None:
    venue = FakeVenue()
    by_hand(venue, "30")

    async def story(driven: Driven) -> None:
        driven.gateway.adopted(changes, 0)
        await asyncio.sleep(2 * LONG_S)

    assert tell(story, venue=venue, earlier=LEFT, booked=FLAT).updates() == []


def test_an_order_that_did_arrive_is_found_though_a_person_took_over_what_it_did() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [took_it]
    venue.listening = False

    async def hidden(_: Callable[[], object]) -> object:
        return {"rows": []}

    venue.faults["order"] = venue.faults["open"] = [hidden] * 40
    venue.faults["trades"] = [hidden] * 400

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.fill(order_id(1), "100", told=False)
        await asyncio.sleep(60)
        assert driven.statuses() == ["unknown"]
        driven.gateway.adopted(((KEY, Decimal(100)),), 0)
        driven.venue.faults.clear()
        await asyncio.sleep(LONG_S)

    driven = tell(story, venue=venue)
    assert driven.statuses()[-1] == "filled"
    assert "rejected" not in driven.statuses()
    assert venue.created == [order_id(1)]


def test_a_venue_that_cannot_be_asked_by_id_proves_nothing_by_what_was_taken_over() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(0.1)
        driven.venue.position = Decimal(100)  # which is what it would have made
        driven.gateway.adopted(((KEY, Decimal(100)),), 0)
        await asyncio.sleep(2 * LONG_S)

    spoken = replace(dialect(), lookup=("open", "trades"))
    assert tell(story, venue=venue, spoken=spoken).statuses() == ["unknown"]


def test_questions_that_fail_prove_nothing_after_an_adoption() -> None:
    venue = FakeVenue()
    venue.faults["order"] = [OSError("down")] * 400

    async def story(driven: Driven) -> None:
        driven.venue.position = Decimal(30)
        driven.gateway.adopted(((KEY, Decimal(30)),), 0)
        await asyncio.sleep(2 * LONG_S)

    assert tell(story, venue=venue, earlier=LEFT, booked=FLAT).updates() == []
