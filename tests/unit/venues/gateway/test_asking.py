"""The account is stated when asked for, and a statement never stands in for a fill."""

import asyncio
from decimal import Decimal

from terminal.model.account import AccountSnapshot
from tests.unit.venues.gateway.driving import Driven, tell
from tests.unit.venues.gateway.fake_venue import FakeVenue, intent
from tests.unit.venues.gateway.test_gateway import never_came


def snapshots(driven: Driven) -> list[AccountSnapshot]:
    driven.take()
    return [each for each in driven.heard if isinstance(each, AccountSnapshot)]


def test_a_statement_carries_when_it_was_asked_for() -> None:
    async def story(driven: Driven) -> None:
        driven.venue.position = Decimal(7)
        driven.gateway.ask_account(123)
        await asyncio.sleep(1)

    first, second = snapshots(tell(story))
    assert (first.asked_at, first.positions) == (0, ())
    assert second.asked_at == 123
    assert [each.qty for each in second.positions] == [7]


def test_an_account_that_cannot_be_read_is_not_stated() -> None:
    async def story(driven: Driven) -> None:
        driven.venue.faults["positions"] = [OSError("down")]
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)

    assert len(snapshots(tell(story))) == 1


def test_a_later_statement_proves_no_order_absent() -> None:
    venue = FakeVenue()
    venue.faults["create"] = [never_came]

    async def story(driven: Driven) -> None:
        driven.venue.position = Decimal(100)  # an order filled, and no list tells of it yet
        driven.gateway.ask_account(1)
        await asyncio.sleep(1)
        driven.gateway.submit(intent(), 0)
        await asyncio.sleep(60)

    assert tell(story, venue=venue).statuses() == ["unknown"]
