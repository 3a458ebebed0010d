"""The public feed of one exchange at work against its local server, and what it has said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from terminal.model.messages import LinkUp
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
from tests.venue_servers.binanceoptions import BinanceOptionsServer
from tests.venue_servers.server import VenueServer

OPTIONS = Client(
    name="binanceoptions",
    server=BinanceOptionsServer,
    symbol="",  # no perpetual is listed, and no book is followed level by level
    listed="",
    amount=0.01,
    far=5,
    ids="clientOrderId",
    order_route="POST /eapi/v1/order",
    book="",
    fills="user:ORDER_TRADE_UPDATE",
    orders="user:ORDER_TRADE_UPDATE",
    gap="healed",
    coin="USDT",
)

CLIENTS = [
    each
    for each in vars(venue_clients).values()
    if isinstance(each, Client) and each.name in DIALECTS
]


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
        return self.wrong_levels() == 0

    def wrong_levels(self) -> int | None:
        """Levels that only one of the two books has; None while we have no book."""
        assert self.loaded is not None
        book = self.loaded.exchange.orderbooks.get(self.client.symbol)
        theirs = self.server.exchange.books[self.client.listed]
        if book is None:
            return None
        return sum(
            len({level[0] for level in book[side]} ^ {float(price) for price in prices})
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
