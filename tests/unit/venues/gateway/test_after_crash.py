"""After a crash: what never left is proven absent by the books, and no fill is told twice."""

import asyncio
from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.venues.gateway.fill_log import Booked
from terminal.venues.gateway.gateway import Earlier
from tests.helpers.builders import fill
from tests.unit.venues.gateway.driving import Driven, tell
from tests.unit.venues.gateway.fake_venue import KEY, FakeVenue, intent, order_id


def test_an_order_that_a_crash_kept_from_leaving_is_proven_absent_after_the_restart() -> None:
    venue = FakeVenue()
    venue.position = Decimal(30)
    booked = Booked(positions={KEY: Decimal(30)}, fills=())

    async def story(driven: Driven) -> None:
        await asyncio.sleep(40)

    driven = tell(story, venue=venue, earlier=(Earlier(intent(7), lived=False),), booked=booked)
    assert driven.updates() == [("rejected", "it never arrived: looked for everywhere, twice")]


@pytest.mark.parametrize("booked", [None, Booked(positions={KEY: Decimal(20)}, fills=())])
def test_absence_is_not_proven_after_a_restart_by_a_position_the_books_do_not_hold(
    booked: Booked | None,
) -> None:
    venue = FakeVenue()
    venue.position = Decimal(30)

    async def story(driven: Driven) -> None:
        await asyncio.sleep(40)

    driven = tell(story, venue=venue, earlier=(Earlier(intent(7), lived=False),), booked=booked)
    assert driven.updates() == []


def test_fills_that_are_booked_already_are_not_told_after_the_restart() -> None:
    venue = FakeVenue()
    venue.orders[order_id(7)] = {
        "cid": order_id(7),
        "venue_id": "v7",
        "status": "live",
        "filled": "0",
        "qty": "100",
        "side": "buy",
    }
    venue.fill(order_id(7), "40", told=False)
    known = replace(fill(0, "40"), fill_id="t0", order_id=order_id(7), key=KEY)
    booked = Booked(positions={KEY: Decimal(40)}, fills=(known,))

    async def story(driven: Driven) -> None:
        driven.venue.fill(order_id(7), "60", told=False)
        driven.gateway.query(order_id(7), 0)
        await asyncio.sleep(40)

    driven = tell(story, venue=venue, earlier=(Earlier(intent(7), lived=True),), booked=booked)
    assert driven.fills() == ["t1"]
    assert driven.statuses()[-1] == "filled"
