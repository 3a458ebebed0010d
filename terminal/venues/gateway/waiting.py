"""Waiting for an event, for a while."""

import asyncio
from contextlib import suppress


async def heard(event: asyncio.Event, within_s: float) -> None:
    """Return when the event is set, or when the time is up.

    Notes
    -----
    ``asyncio.wait_for`` of CPython 3.11 swallows a cancellation that comes together with the event
    (cpython issue 86296): the task that waits would then go on for ever, and the program with it.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await event.wait()
