"""Accounts at several exchanges in one book: Binance's options, and the futures that hedge them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from terminal.core.units import SECOND
from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.market import Index
from terminal.model.messages import Disturb, Event, Tick
from terminal.model.order import OrderIntent
from terminal.model.ports import LastHop
from terminal.model.reconcile import Changes
from terminal.portfolio.accounts import venue_of
from terminal.venues.event_queue import NEVER
from terminal.venues.wallet_world import ExchangeWorld

INDEX_LASTS: Final = 5 * SECOND
"""Silence of an exchange about an index after which the next one's is taken: two that differ by a
little would have every number that hangs on the price go to and fro."""


class Apart(Protocol):
    """What cancels without the loop."""

    def prepare(self) -> str:
        """Get ready; why that failed, or empty."""
        ...

    def cancel_all(self) -> str:
        """Cancel everything that may rest; how it went."""
        ...


class AccountWorld(ExchangeWorld, Protocol):
    """The world of one account."""

    @property
    def apart(self) -> Apart:
        """Cancels without the loop."""
        ...

    @property
    def switches(self) -> tuple[DeadManView, ...]:
        """How the exchange's own switch stands."""
        ...


class JoinedWorld:
    """The worlds of several exchanges under one clock; each has the orders of its instruments.

    Parameters
    ----------
    worlds : mapping of str to AccountWorld
        By venue, all on one clock; the first gives the clock, and its indices come first.
    at_work : mapping of str to str
        Venue of each order from before a restart, by order id.
    """

    def __init__(self, worlds: Mapping[str, AccountWorld], at_work: Mapping[str, str]) -> None:
        self.title = " with ".join(each.title for each in worlds.values())
        self._worlds = dict(worlds)
        places = {key: worlds.get(venue) for key, venue in at_work.items()}
        self._sent = {key: world for key, world in places.items() if world is not None}
        self._last = 0
        self._indices: dict[str, tuple[int, int]] = {}  # underlying: place of the teller, when

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on what could not be used or done."""
        for each in self._worlds.values():
            each.report_to(report)

    # -- Orders --------------------------------------------------------------------------------

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on before an order would go on a wire."""
        for each in self._worlds.values():
            each.ask_before_orders(last_hop)

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order to the exchange of its instrument; the first one rejects a stranger's."""
        world = self._worlds.get(venue_of(intent.key), self._first)
        self._sent[intent.order_id] = world
        world.submit(intent, at)

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel where the order was sent."""
        if order_id in self._sent:
            self._sent[order_id].cancel(order_id, at)

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order where it was sent."""
        if order_id in self._sent:
            self._sent[order_id].query(order_id, at)

    def ask_account(self, venue: str, at: int) -> None:
        """Ask for the account of a venue."""
        if venue in self._worlds:
            self._worlds[venue].ask_account(venue, at)

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Cancel an order of somebody else's, where it rests."""
        if venue in self._worlds:
            self._worlds[venue].withdraw(venue, order, at)

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Let what was taken over from a venue explain its positions."""
        if venue in self._worlds:
            self._worlds[venue].adopted(venue, changes, at)

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Refuse, as each of them does; raises ConfigError."""
        self._first.disturb(disturb, at)

    @property
    def apart(self) -> Apart:
        """Cancels without the loop, at every exchange."""
        return _AllApart([each.apart for each in self._worlds.values()])

    @property
    def switches(self) -> tuple[DeadManView, ...]:
        """How the exchanges' own switches stand."""
        return tuple(view for each in self._worlds.values() for view in each.switches)

    # -- Events --------------------------------------------------------------------------------

    @property
    def _first(self) -> AccountWorld:
        return next(iter(self._worlds.values()))

    def clock(self) -> int:
        """Engine time now, UtcNs."""
        return self._first.clock()

    def doubt(self, why: str) -> None:
        """Take nothing of any exchange for known until it has been told anew."""
        for each in self._worlds.values():
            each.doubt(why)

    async def run(self) -> None:
        """Keep all of them connected until cancelled; the end of one ends all."""
        async with asyncio.TaskGroup() as group:
            for venue, each in self._worlds.items():
                group.create_task(each.run(), name=venue)

    def next_at(self) -> int | None:
        """Engine time of the next event, in the far future while nothing waits; never None."""
        return min(_next_of(each) for each in self._worlds.values())

    def pop(self) -> tuple[int, Event]:
        """Take the next event; times never go back. Raises LookupError where nothing waits."""
        place, world = min(enumerate(self._worlds.values()), key=lambda each: _next_of(each[1]))
        at, event = world.pop()
        self._last = max(self._last, at)
        if isinstance(event, Index) and not self._heeds(event, place):
            return self._last, Tick()
        return self._last, event

    def _heeds(self, index: Index, place: int) -> bool:
        """Whether an index is taken: of each coin one exchange's, while it tells it."""
        teller, told = self._indices.get(index.underlying, (place, 0))
        if teller < place and self._last - told < INDEX_LASTS:
            return False
        self._indices[index.underlying] = place, self._last
        return True

    def progress(self) -> float | None:
        """Endless."""
        return None


def _next_of(world: AccountWorld) -> int:
    at = world.next_at()
    return NEVER if at is None else at


class _AllApart:
    """Cancels without the loop at several exchanges, one after another."""

    def __init__(self, each: Sequence[Apart]) -> None:
        self._each = each

    def prepare(self) -> str:
        """Get ready everywhere; why that failed, or empty."""
        return "; ".join(trouble for each in self._each if (trouble := each.prepare()))

    def cancel_all(self) -> str:
        """Cancel everything that may rest; how it went, exchange by exchange."""
        return "; ".join(each.cancel_all() for each in self._each)
