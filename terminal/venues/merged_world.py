"""A market source and a simulated venue under one clock."""

import heapq
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from terminal.model.account import OpenOrder
from terminal.model.instrument import Instrument
from terminal.model.market import Index
from terminal.model.messages import (
    ClockOffset,
    Disturb,
    DisturbanceKind,
    Event,
    LinkDown,
    LinkUp,
    Listing,
    MarketEvent,
    Tick,
)
from terminal.model.order import OrderIntent
from terminal.model.ports import LastHop
from terminal.model.reconcile import Changes
from terminal.venues.disturbances import Disturbances
from terminal.venues.simulated import SimulatedVenue


class MarketSource(Protocol):
    """Market events in time order; those of a live feed's links among them."""

    def next_at(self) -> int | None:
        """Engine time of the next event; None at the end."""
        ...

    def pop(self) -> tuple[int, MarketEvent | LinkUp | LinkDown | ClockOffset]:
        """Take the next event with its engine time."""
        ...


class MergedWorld:
    """Market events and outcomes of the venue, one by one in time order.

    What the venue can settle before the next market event is settled as soon as a call returns,
    never when a caller looks, so looking changes nothing. Events of a feed that is dropped reach
    the venue but not the caller, who gets a Tick in place of each: time still passes.

    Parameters
    ----------
    title : str
        Name shown for the market.
    source : MarketSource
    venue : SimulatedVenue
    venue_name : str
        Feed that goes down when it is dropped.
    opening : sequence of (int, Event)
        Comes first, in the order given; the venue is shown its listings only.
    """

    def __init__(
        self,
        title: str,
        source: MarketSource,
        venue: SimulatedVenue,
        *,
        venue_name: str,
        opening: Sequence[tuple[int, Event]] = (),
    ) -> None:
        self.title = title
        self._source = source
        self._venue = venue
        self._venue_name = venue_name
        self._opening = deque(opening)
        self._bases: dict[str, str] = {}
        self._dropped = Disturbances()
        self._notices: list[tuple[int, int, Event]] = []
        self._noticed = 0
        self._head: int | None = None
        for at, event in opening:
            if isinstance(event, Listing):
                self._venue.on_market(at, event)
                self._list(event.instruments)
        self._settle()

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on before an order leaves for the simulated venue."""
        self._venue.last_hop = last_hop

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order at engine time ``at``."""
        self._venue.submit(intent, at)
        self._settle()

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel."""
        self._venue.cancel(order_id, at)
        self._settle()

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order; the answer is all its Fills and an OrderUpdate."""
        self._venue.query(order_id, at)
        self._settle()

    def ask_account(self, venue: str, at: int) -> None:
        """Ask the simulated venue for the account; others have none here and say nothing."""
        if venue == self._venue_name:
            self._venue.ask_account(at)
            self._settle()

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Do nothing: nobody else trades in a simulated account."""

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Do nothing: a simulated venue looks for no order by its position."""

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told from ``at`` on."""
        if disturb.kind is not DisturbanceKind.DROP_FEED:
            self._venue.disturb(disturb, at)
            return
        window = self._dropped.add(disturb, at)
        what = disturb.underlying or "all"
        self.notice(at, LinkDown(self._venue_name, f"market data of {what} withheld (disturbance)"))
        self.notice(window.end, LinkUp(self._venue_name))

    def notice(self, at: int, event: Event) -> None:
        """Say something of the world's own at ``at``."""
        self._noticed += 1
        heapq.heappush(self._notices, (at, self._noticed, event))
        self._settle()

    def next_at(self) -> int | None:
        """Engine time of the next event; None at the end of a tape."""
        return self._opening[0][0] if self._opening else self._head

    def pop(self) -> tuple[int, Event]:
        """Take the next event with its engine time; outcomes before market events."""
        if self._opening:
            return self._opening.popleft()
        taken: tuple[int, Event]
        if self._notices and self._notices[0][0] == self._head:
            taken = self._from_notices()
        elif self._venue.next_at() == self._head:
            taken = self._venue.pop()
        else:
            taken = self._from_market()
        self._settle()
        return taken

    def progress(self) -> float | None:
        """Endless by default."""
        return None

    def _settle(self) -> None:
        """Let the venue do what is due, then see what comes first."""
        head = self._source.next_at()
        self._venue.advance(head)
        reply = self._venue.next_at()
        if reply is not None and (head is None or reply < head):
            head = reply
        if self._notices and (head is None or self._notices[0][0] < head):
            head = self._notices[0][0]
        self._head = head

    def _from_notices(self) -> tuple[int, Event]:
        at, _, event = heapq.heappop(self._notices)
        if isinstance(event, LinkUp) and self._dropped.open(DisturbanceKind.DROP_FEED, at):
            return at, Tick()  # another drop goes on; the feed is up when the last one ends
        return at, event

    def _from_market(self) -> tuple[int, Event]:
        at, event = self._source.pop()
        if isinstance(event, LinkUp | LinkDown | ClockOffset):
            return at, event
        self._venue.on_market(at, event)
        if isinstance(event, Listing):
            self._list(event.instruments)
        elif self._dropped.any and self._dropped.active(
            DisturbanceKind.DROP_FEED, self._base(event), at
        ):
            return at, Tick()
        return at, event

    def _list(self, instruments: Sequence[Instrument]) -> None:
        self._bases.update((each.contract.key, each.contract.base) for each in instruments)

    def _base(self, event: MarketEvent) -> str:
        if isinstance(event, Index):
            return event.underlying
        return "" if isinstance(event, Listing) else self._bases.get(event.key, "")
