"""The venue's switch is wound at a third of its time, and shown for what it is."""

import asyncio

from msgspec.structs import replace

from terminal.venues.dialects.dialect import DeadMan
from tests.unit.venues.gateway.driving import Driven, tell
from tests.unit.venues.gateway.fake_venue import (
    KEY,
    FakeVenue,
    asks,
    dialect,
    intent,
    order_id,
    wind_each,
)

OTHER = "ETH-PERPETUAL@sim"


def test_a_countdown_is_wound_at_a_third_of_its_time() -> None:
    async def story(driven: Driven) -> None:
        await asyncio.sleep(60)
        assert driven.gateway.dead_man.armed
        assert driven.gateway.dead_man.seconds == 30

    driven = tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30))
    assert [each[0] for each in driven.venue.wound] == [*[30] * 7, 0]  # and off on leaving


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


async def _two_symbols(driven: Driven) -> None:
    driven.gateway.submit(intent(1), 0)
    driven.gateway.submit(replace(intent(2), key=OTHER), 0)
    await asyncio.sleep(1)


def _wound(venue: FakeVenue) -> list[str]:
    found = (each[0] for each in venue.wound)
    return [str(each["symbol"]) for each in found if isinstance(each, dict)]


def test_every_symbol_in_use_is_wound_again_and_again() -> None:
    async def story(driven: Driven) -> None:
        assert driven.gateway.dead_man.why.startswith("no order was sent yet")
        await _two_symbols(driven)
        assert driven.gateway.dead_man.armed
        driven.venue.wound.clear()
        await asyncio.sleep(25)
        names = _wound(driven.venue)
        first, second = KEY.partition("@")[0], OTHER.partition("@")[0]
        assert names.count(first) == names.count(second) == 2

    each = replace(asks(), wind=wind_each)
    tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30), asked=each)


def test_a_symbol_that_cannot_be_wound_keeps_no_other_from_it() -> None:
    async def story(driven: Driven) -> None:
        await _two_symbols(driven)
        driven.venue.wound.clear()
        driven.venue.faults["wind"] = [OSError("gone")]
        await asyncio.sleep(14)
        first, second = KEY.partition("@")[0], OTHER.partition("@")[0]
        assert _wound(driven.venue)[:1] == [second]
        assert first in _wound(driven.venue)  # at the next try

    each = replace(asks(), wind=wind_each)
    tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30), asked=each)


def test_leaving_switches_it_off_where_no_order_rests() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(1), 0)
        await asyncio.sleep(1)
        driven.gateway.cancel(order_id(1), 0)
        await asyncio.sleep(1)

    driven = tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30))
    assert driven.venue.wound[-1][0] == 0
    assert driven.gateway.dead_man.why == "switched off: no order of ours rests"


def test_leaving_lets_it_fire_where_an_order_rests() -> None:
    async def story(driven: Driven) -> None:
        driven.gateway.submit(intent(1), 0)
        await asyncio.sleep(1)

    driven = tell(story, spoken=dialect(DeadMan.COUNTDOWN, 30))
    assert 0 not in [each[0] for each in driven.venue.wound]
    assert driven.gateway.dead_man.why.startswith("left to fire: 1 order")


def test_leaving_does_not_wait_for_ever_for_a_venue_that_is_silent() -> None:
    venue = FakeVenue()

    async def story(driven: Driven) -> None:
        venue.delay_s = 3_600.0

    driven = tell(story, venue=venue, spoken=dialect(DeadMan.COUNTDOWN, 30))
    assert driven.gateway.dead_man.why.endswith("no answer in time")
