"""Every exchange that is served on this machine gives a whole market through the public feed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from terminal.model.instrument import Option, Perpetual
from terminal.model.market import Depth, Funding, Gap, Index, Quote, Trade
from terminal.model.messages import LinkDown, LinkUp
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.event_queue import NEVER, FeedEvent
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import Loaded, equip, fetch_markets
from terminal.venues.watchlist import Chain
from tests.contracts import venue_clients
from tests.contracts.venue_clients import Client
from tests.unit.venues.small_server import until
from tests.venue_servers.faults import Fault
from tests.venue_servers.server import VenueServer

CLIENTS = [
    each
    for each in vars(venue_clients).values()
    if isinstance(each, Client) and each.name in DIALECTS
]
every = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


class Followed:
    """A feed of one exchange, what it said, and the book that ccxt keeps."""

    def __init__(self, client: Client, server: VenueServer) -> None:
        self.client, self.server = client, server
        self.dialect = DIALECTS[client.name]
        self.connection = Connection(endpoint=server.url, options=client.options)
        self.intake = FeedIntake(self.dialect, time.time_ns)
        self.told: list[str] = []
        self.intake.report = self.told.append
        self.loaded: Loaded | None = None
        self.events: list[FeedEvent] = []
        terms = FeedTerms(held=lambda: (), chain=Chain(expiries=1, width=0.2))
        self.feed = LiveFeed(self.dialect, terms, self.load, self.intake)

    async def load(self, taps: Taps, renew: bool) -> Loaded:
        del renew
        at = time.time_ns()
        fetched = await asyncio.to_thread(
            fetch_markets, self.dialect, self.connection, ("BTC",), at
        )
        self.loaded = equip(self.dialect, taps, self.connection, fetched)
        self.loaded.exchange.timeout_on_exit = 10
        return self.loaded

    def of(self, *kinds: type) -> list[Any]:
        while self.intake.queue.next_at(time.time_ns()) != NEVER:
            self.events.append(self.intake.queue.pop()[1])
        return [each for each in self.events if isinstance(each, kinds)]

    def same_book(self) -> bool:
        """Whether our book is the exchange's, price for price on both sides."""
        assert self.loaded is not None
        book = self.loaded.exchange.orderbooks.get(self.client.symbol)
        theirs = self.server.exchange.books[self.client.listed]
        return book is not None and all(
            {level[0] for level in book[side]} == {float(price) for price in prices}
            for side, prices in (("bids", theirs.bids), ("asks", theirs.asks))
        )


@asynccontextmanager
async def following(client: Client) -> AsyncIterator[Followed]:
    """Follow an exchange that moves."""
    async with client.server() as server:
        followed = Followed(client, server)
        server.drip(200)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(followed.feed.run())
            try:
                await until(lambda: bool(followed.of(LinkUp)), 30.0)
                yield followed
            finally:
                task.cancel()


def soon(condition: Callable[[], bool]) -> Any:
    return until(condition, 30.0)


@every
async def test_a_market_is_followed_whole(client: Client) -> None:
    async with following(client) as followed:
        assert followed.loaded is not None
        known = followed.loaded.directory.by_key
        hedges = [key for key, each in known.items() if isinstance(each, Perpetual)]
        chain = [key for key, each in known.items() if isinstance(each, Option)]

        def whole() -> bool:
            quotes = {each.key: each for each in followed.of(Quote)}
            marked = [key for key in hedges if key in quotes and quotes[key].mark is not None]
            options = [key for key in chain if key in quotes and quotes[key].iv is not None]
            said = all(followed.of(kind) for kind in (Index, Funding, Depth, Trade))
            return len(marked) == len(hedges) and (bool(options) or not chain) and said

        await soon(whole)
        for quote in followed.of(Quote):
            if quote.key in hedges and quote.bid is not None:
                assert quote.bid < quote.ask
                assert quote.bid_qty > 0.0
        assert followed.told == []


@every
async def test_a_missing_change_is_mended(client: Client) -> None:
    async with following(client) as followed:
        await soon(lambda: bool(followed.of(Depth)))
        followed.server.faults.plan(Fault.SEQUENCE_GAP, client.book, times=1)
        if client.gap != "healed":  # elsewhere whole books come, and the next one is right
            await soon(lambda: bool(followed.of(Gap)))
            keys = {each.key for each in followed.of(Gap)}
            assert keys
            assert "" not in keys  # the connection itself was never given up
        await asyncio.sleep(0.2)
        await followed.server.still()
        await soon(followed.same_book)


@every
async def test_no_level_survives_a_lost_connection(client: Client) -> None:
    async with following(client) as followed:
        await soon(lambda: bool(followed.of(Depth)))
        followed.server.drop_sockets()
        await soon(lambda: len(followed.of(LinkUp)) >= 2)
        await asyncio.sleep(0.2)
        await followed.server.still()
        await soon(followed.same_book)
        assert len(followed.of(LinkDown)) >= 2
