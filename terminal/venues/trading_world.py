"""A real exchange: its public data and an account on it, under one clock, in one order."""

import asyncio
from collections.abc import Callable
from typing import Final

from terminal.core.errors import ConfigError
from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.messages import Disturb, Event, LinkDown, LinkUp, Listing
from terminal.model.order import OrderIntent
from terminal.model.ports import LastHop
from terminal.model.reconcile import Changes
from terminal.venues.dialects.dialect import Directory
from terminal.venues.event_queue import NEVER
from terminal.venues.gateway.apart import ApartCancels
from terminal.venues.gateway.gateway import Gateway
from terminal.venues.live_feed import LiveFeed

_NEITHER: Final = "connecting"


class Links:
    """One link made of two: market data and the account. It is up when both are.

    The reason of whichever is down is the reason that is told; a reason that changes is told too.
    """

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._down = {"feed": _NEITHER, "account": _NEITHER}
        self._told: str | None = None

    def hear(self, part: str, event: LinkUp | LinkDown) -> LinkUp | LinkDown | None:
        """Link of the venue after word of one part; None when nothing is new."""
        self._down[part] = "" if isinstance(event, LinkUp) else event.reason or "lost"
        why = self._down["feed"] or self._down["account"]
        if why == self._told:
            return None
        self._told = why
        return LinkDown(self._venue, why) if why else LinkUp(self._venue)


class TradingWorld:
    """Live market data and the orders of one account.

    What the account says waits until the instruments are listed: a fill of an unlisted one could
    not be booked.

    Parameters
    ----------
    feed : LiveFeed
    gateway : Gateway
    clock : callable
        Engine time, UtcNs, that never goes back; the feed's and the gateway's too.
    title : str
    """

    def __init__(
        self, feed: LiveFeed, gateway: Gateway, clock: Callable[[], int], *, title: str
    ) -> None:
        self.title = title
        self.feed = feed
        self.gateway = gateway
        self._clock = clock
        self._links = Links(feed.dialect.venue)
        self._listed = False
        self._head: tuple[int, Event] | None = None
        self._last = 0

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on what could not be used or done."""
        self.feed.intake.report = report
        self.gateway.report_to(report)

    # -- Orders --------------------------------------------------------------------------------

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on, right before an order would go on the wire."""
        self.gateway.ask_before_orders(last_hop)

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order."""
        self.gateway.submit(intent, at)

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel."""
        self.gateway.cancel(order_id, at)

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order."""
        self.gateway.query(order_id, at)

    def ask_account(self, venue: str, at: int) -> None:
        """Ask for the account where it is of this venue."""
        if venue == self.feed.dialect.venue:
            self.gateway.ask_account(at)

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Cancel an order of somebody else's, where it rests at this venue."""
        if venue == self.feed.dialect.venue:
            self.gateway.withdraw(order, at)

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Let what was taken over from this venue explain its positions."""
        if venue == self.feed.dialect.venue:
            self.gateway.adopted(changes, at)

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Refuse: real markets and real exchanges take no orders of this kind.

        Raises
        ------
        ConfigError
            Always.
        """
        del at
        kind = disturb.kind.value
        raise ConfigError(f"a real market takes no disturbance ({kind}): use the simulated one")

    @property
    def apart(self) -> ApartCancels:
        """Cancels without the loop."""
        return self.gateway.apart

    @property
    def switches(self) -> tuple[DeadManView, ...]:
        """How the venue's own switch stands."""
        return (self.gateway.dead_man,)

    # -- Events --------------------------------------------------------------------------------

    def clock(self) -> int:
        """Engine time now, UtcNs."""
        return self._clock()

    def doubt(self, why: str) -> None:
        """Connect anew for data, and read the account before it counts as known again."""
        self.feed.doubt(why)
        self.gateway.doubt(why)

    async def run(self) -> None:
        """Keep feed and account connected until cancelled; the end of one ends both."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.feed.run(), name="feed")
            group.create_task(self.gateway.run(), name="gateway")

    def next_at(self) -> int | None:
        """Engine time of the next event, in the far future while nothing waits; never None."""
        if self._head is None:
            self._head = self._next()
        return NEVER if self._head is None else self._head[0]

    def pop(self) -> tuple[int, Event]:
        """Take the next event; times never go back.

        Raises
        ------
        LookupError
            Nothing waits.
        """
        if self.next_at() == NEVER or self._head is None:
            raise LookupError("there is no event to take")
        taken, self._head = self._head, None
        return taken

    def progress(self) -> float | None:
        """Endless."""
        return None

    def _next(self) -> tuple[int, Event] | None:
        """Take the earlier of both sides' events, until one is worth telling."""
        while True:
            queue, account = self.feed.intake.queue, self.gateway.next_at()
            of_feed = queue.next_at(self._clock())
            of_account = account if account is not None and self._listed else NEVER
            if min(of_feed, of_account) >= NEVER:
                return None
            by_feed = of_feed <= of_account
            at, event = queue.pop() if by_feed else self.gateway.pop()
            told = self._told("feed" if by_feed else "account", event)
            if told is not None:
                self._last = max(self._last, at)
                return self._last, told

    def _told(self, part: str, event: Event) -> Event | None:
        """Event as the engine is told of it; None where it is nothing new."""
        if isinstance(event, LinkUp | LinkDown):
            return self._links.hear(part, event)
        if isinstance(event, Listing):
            self._listed = True
            listed = event.instruments
            self.gateway.know(
                Directory(
                    {each.contract.key: each for each in listed},
                    {each.contract.symbol: each for each in listed},
                )
            )
        return event
