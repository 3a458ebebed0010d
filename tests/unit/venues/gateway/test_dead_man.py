"""The venue's switch is wound at a third of its time, and shown for what it is."""

import asyncio

from terminal.venues.dialects.dialect import DeadMan
from tests.unit.venues.gateway.driving import Driven, tell
from tests.unit.venues.gateway.fake_venue import FakeVenue, dialect


def test_a_countdown_is_wound_at_a_third_of_its_time() -> None:
    async def story(driven: Driven) -> None:
        await asyncio.sleep(60)
        assert driven.gateway.dead_man.armed
        assert driven.gateway.dead_man.seconds == 30

    driven = tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30))
    assert driven.venue.calls.count("wind") == 7


def test_a_countdown_that_cannot_be_wound_is_not_shown_as_armed() -> None:
    venue = FakeVenue()

    async def story(driven: Driven) -> None:
        venue.faults["wind"] = [OSError("503")] * 100
        await asyncio.sleep(30)
        assert not driven.gateway.dead_man.armed
        assert driven.gateway.dead_man.why == "OSError: 503"
        venue.faults["wind"].clear()
        await asyncio.sleep(5)
        assert driven.gateway.dead_man.armed

    tell(story, venue=venue, spoken=dialect(DeadMan.COUNTDOWN, 30))


def test_the_switch_of_a_connection_is_armed_on_every_connection() -> None:
    async def story(driven: Driven) -> None:
        await asyncio.sleep(3)
        seen = [driven.gateway.dead_man.armed]
        driven.venue.drop()
        await asyncio.sleep(0.3)
        seen.append(driven.gateway.dead_man.armed)
        await asyncio.sleep(5)
        seen.append(driven.gateway.dead_man.armed)
        assert seen == [True, False, True]

    assert tell(story, spoken=dialect(DeadMan.ON_DISCONNECT)).venue.guarded == 2


def test_a_venue_without_one_says_so() -> None:
    async def story(driven: Driven) -> None:
        assert driven.gateway.dead_man.why == "the venue has none"

    tell(story)
