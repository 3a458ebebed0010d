"""One exchange served: its market and account, what it publishes, and what arrived."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from msgspec import Struct

from tests.venue_servers.account import Fill, Order
from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Exchange
from tests.venue_servers.faults import Fault
from tests.venue_servers.hosting import Host, Json, compact
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print

_TICK_S = 0.005  # streams that run faster than this send several messages at once


class Signed(Struct, frozen=True):
    """A signed request that arrived, and whether its signature was right."""

    route: str
    parameters: Json
    right: bool


class VenueServer(Host):
    """One exchange on 127.0.0.1: ``async with`` it, then give ``url`` to a client.

    Attributes
    ----------
    exchange, faults
        What the exchange is, and what it does wrong.
    credentials
        The one good key, by ccxt's names.
    signed
        Every signed request that arrived, in order.
    requests
        Route name of every HTTP request that arrived, in order.
    connections
        How many WebSockets were opened so far.
    """

    def __init__(self, listed: Iterable[Terms], balances: dict[str, Decimal]) -> None:
        super().__init__()
        self.exchange = Exchange(listed, balances, self.faults, self)
        self.credentials: dict[str, str] = {}
        self.signed: list[Signed] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[int] = set()
        self._timers: dict[tuple[str, ...], asyncio.TimerHandle] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for each in tuple(self._timers):
            self.wind(0, *each)
        await self.still()
        await self.stop()

    def is_new(self, order: Order) -> bool:
        """Whether an order is asked about for the first time."""
        new = order.number not in self._seen
        self._seen.add(order.number)
        return new

    def wind(self, seconds: float, *names: str) -> None:
        """Wind the dead-man's timer: cancel at the end of it, of some instruments or all.

        Zero seconds stop it.
        """
        running = self._timers.pop(names, None)
        if running is not None:
            running.cancel()
        if seconds > 0:
            loop = asyncio.get_running_loop()
            self._timers[names] = loop.call_later(seconds, self._run_out, names)

    def _run_out(self, names: tuple[str, ...]) -> None:
        for each in self.exchange.account.open_orders():
            if not names or each.ask.name in names:
                self.exchange.cancel(each.number)

    def book_changed(self, change: BookChange) -> None:
        """Tell subscribers."""
        raise NotImplementedError

    def traded(self, printed: Print) -> None:
        """Tell subscribers."""
        raise NotImplementedError

    def order_changed(self, order: Order) -> None:
        """Tell the account."""
        raise NotImplementedError

    def filled(self, order: Order, fill: Fill) -> None:
        """Tell the account."""
        raise NotImplementedError

    def account_changed(self, terms: Terms) -> None:
        """Tell the account."""
        raise NotImplementedError

    def spoilt(self, channel: str, *, book: bool = False) -> int:
        """How many times an event of a channel is to be sent, used up from the planned faults."""
        if self.faults.take(channel, Fault.ZOMBIE_SOCKET, Fault.MISSING_EVENT):
            return 0
        if book and self.faults.take(channel, Fault.SEQUENCE_GAP):
            return 0
        return 2 if self.faults.take(channel, Fault.DUPLICATE_EVENT) else 1

    def publish(self, channel: str, message: object, *, book: bool = False) -> None:
        """Send an event to the subscribers of a channel, unless a fault says otherwise."""
        listeners = [each for each in self.sockets if channel in each.channels]
        if not listeners:
            return
        text = message if isinstance(message, str) else compact(message)
        for _ in range(self.spoilt(channel, book=book)):
            for socket in listeners:
                socket.send(text)

    def drop_sockets(self) -> None:
        """Let every WebSocket die without a goodbye."""
        for socket in tuple(self.sockets):
            socket.drop()

    def drip(self, rate: float, *names: str) -> None:
        """Let the named books (all without names) change ``rate`` times a second, in turn."""
        task = asyncio.get_running_loop().create_task(self._drip(rate, names))
        self._tasks.add(task)

    async def still(self) -> None:
        """Stop what drips."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for each in ended:
            if isinstance(each, Exception):
                raise each

    async def _drip(self, rate: float, names: tuple[str, ...]) -> None:
        chosen = names or tuple(self.exchange.books)
        clock = asyncio.get_running_loop().time
        start, done = clock(), 0
        while True:
            await asyncio.sleep(max(1 / rate, _TICK_S))
            due = int((clock() - start) * rate)
            for turn in range(done, due):
                self.exchange.step(chosen[turn % len(chosen)])
            done = due
