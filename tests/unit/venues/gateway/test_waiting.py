"""Waiting ends by the event, by the clock, and always by a cancellation."""

import asyncio

import pytest

from terminal.venues.gateway.waiting import heard


async def test_the_event_ends_it() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(heard(event, 60.0))
    await asyncio.sleep(0)
    event.set()
    await asyncio.wait_for(waiting, 5.0)


async def test_the_clock_ends_it() -> None:
    await heard(asyncio.Event(), 0.0)


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancellation_that_comes_with_the_event_is_not_lost(turns: int) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(heard(event, 60.0))
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    taken = waiting.cancel()  # False once it has ended by itself
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled() is taken
