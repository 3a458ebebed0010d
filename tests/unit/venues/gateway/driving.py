"""A gateway over the fake venue, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from terminal.core.secret import Secret
from terminal.model.messages import Event
from terminal.model.order import Fill, OrderUpdate
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.gateway.asks import Asks
from terminal.venues.gateway.fill_log import Booked
from terminal.venues.gateway.gateway import Earlier, Gateway
from terminal.venues.gateway.line import Terms
from terminal.venues.redaction import Redactor
from tests.helpers.virtual_time import VirtualLoop, run_virtually
from tests.unit.venues.gateway.fake_venue import FakeVenue, asks, dialect

START = 1_764_000_000_000_000_000
CANARY = "canary-secret-0001"

Story = Callable[["Driven"], Awaitable[None]]


class Driven:
    """A gateway that runs, its venue, and what it has said so far."""

    def __init__(
        self,
        venue: FakeVenue,
        spoken: Dialect,
        asked: Asks,
        earlier: Sequence[Earlier] = (),
        booked: Booked | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self.venue = venue
        redactor = Redactor()
        redactor.learn([Secret(CANARY)])
        terms = Terms(
            dialect=spoken,
            asks=asked,
            dial=venue.dial,
            redactor=redactor,
            now=lambda: START + loop.clock_ns(),
            clock=loop.clock_ns,
            since=START,
            paid_since=START,
            booked=booked,
        )
        self.gateway = Gateway(terms, earlier)
        self.heard: list[Event] = []

    def take(self) -> list[Event]:
        """Return what was said since the last look."""
        new = []
        while self.gateway.next_at() is not None:
            new.append(self.gateway.pop()[1])
        self.heard += new
        return new

    def updates(self) -> list[tuple[str, str]]:
        """Status and reason of every update heard."""
        self.take()
        found = (each for each in self.heard if isinstance(each, OrderUpdate))
        return [(each.status.value, each.reason) for each in found]

    def statuses(self) -> list[str]:
        """Every status heard."""
        return [status for status, _ in self.updates()]

    def fills(self) -> list[str]:
        """Ids of every fill heard."""
        self.take()
        return [each.fill_id for each in self.heard if isinstance(each, Fill)]


def tell(
    story: Story,
    *,
    venue: FakeVenue | None = None,
    spoken: Dialect | None = None,
    asked: Asks | None = None,
    earlier: Sequence[Earlier] = (),
    booked: Booked | None = None,
    connected: bool = True,
) -> Driven:
    """Run a story against a gateway, by default from when its account has been read."""

    async def main() -> Driven:
        driven = Driven(venue or FakeVenue(), spoken or dialect(), asked or asks(), earlier, booked)
        running = asyncio.get_running_loop().create_task(driven.gateway.run())
        if connected:
            await asyncio.sleep(0.5)
        try:
            await story(driven)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        driven.take()
        return driven

    return run_virtually(main())
