"""The public feed against Deribit on this machine: what a trader is told through every loss."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from terminal.core.errors import VenueError
from terminal.core.units import SECOND
from terminal.model.instrument import Option
from terminal.model.market import Depth, Funding, Gap, Index, Quote
from terminal.model.messages import LinkDown, LinkUp, Listing
from terminal.venues import live_feed
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.event_queue import NEVER, FeedEvent
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import Loaded, equip, fetch_markets
from terminal.venues.watchlist import Chain
from tests.unit.venues.small_server import until
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.faults import Fault

PERP = "BTC-PERPETUAL"
KEY = f"{PERP}@deribit"


class Desk:
    """A feed, and everything it has said so far."""

    def __init__(self, url: str, **terms: Any) -> None:
        self.connection = Connection(endpoint=url)
        self.told: list[str] = []
        self.loads = 0
        self.loaded: Loaded | None = None
        self.events: list[tuple[int, FeedEvent]] = []
        self.intake = FeedIntake(DERIBIT, time.time_ns)
        self.intake.report = self.told.append
        chosen = FeedTerms(held=lambda: (), chain=Chain(expiries=1), **terms)
        self.feed = LiveFeed(DERIBIT, chosen, self.load, self.intake)

    async def load(self, taps: Taps, renew: bool) -> Loaded:
        self.loads += 1
        at = time.time_ns()
        fetched = await asyncio.to_thread(fetch_markets, DERIBIT, self.connection, ("BTC",), at)
        found = equip(DERIBIT, taps, self.connection, fetched)
        found.exchange.timeout_on_exit = 10
        self.loaded = self.loaded if renew else found
        return found

    def take(self) -> None:
        while self.intake.queue.next_at(time.time_ns()) != NEVER:
            self.events.append(self.intake.queue.pop())

    def of(self, *kinds: type) -> list[Any]:
        self.take()
        return [event for _, event in self.events if isinstance(event, kinds)]

    def book(self) -> Any:
        assert self.loaded is not None
        return self.loaded.exchange.orderbooks.get(self.loaded.symbols[KEY])


@asynccontextmanager
async def following(server: DeribitServer, **terms: Any) -> AsyncIterator[Desk]:
    """Run a feed until the test is over."""
    desk = Desk(server.url, **terms)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(desk.feed.run())
        try:
            await until(lambda: bool(desk.of(LinkUp)), 20.0)
            yield desk
        finally:
            task.cancel()


def same_as(server: DeribitServer, desk: Desk) -> Callable[[], bool]:
    """Whether our book is, level for level, the exchange's."""

    def compare() -> bool:
        book, theirs = desk.book(), server.exchange.books[PERP]
        if book is None:
            return False
        ours = [{level[0]: level[1] for level in book[side]} for side in ("bids", "asks")]
        return ours == [
            {float(price): float(size) for price, size in side.items()}
            for side in (theirs.bids, theirs.asks)
        ]

    return compare


def listing_of(server: DeribitServer) -> list[str]:
    """Names of what the exchange lists on bitcoin."""
    return [name for name, each in server.exchange.listed.items() if each.base == "BTC"]


async def test_a_feed_begins_with_the_list_and_then_the_whole_market() -> None:
    async with DeribitServer() as server, following(server) as desk:
        server.drip(100, *[name for name in server.exchange.books if name.startswith("BTC")])

        def options() -> set[str]:
            return {q.key for q in desk.of(Quote) if q.iv is not None}

        await until(lambda: len(options()) > 5 and bool(desk.of(Depth, Index, Funding)))
        down, listing = desk.of(LinkDown, Listing)[:2]
        assert down == LinkDown("deribit", "connecting")
        assert isinstance(listing, Listing)
        chain = [each for each in listing.instruments if isinstance(each, Option)]
        assert {each.contract.base for each in listing.instruments} == {"BTC"}
        assert len(options()) < len(chain)
        perpetual = [q for q in desk.of(Quote) if q.key == KEY][-1]
        assert None not in (perpetual.bid, perpetual.ask, perpetual.mark)
        times = [at for at, _ in desk.events]
        assert times == sorted(times)
        kinds = {each.kind for each in desk.intake.channels()}
        assert {"book", "quote", "index", "funding"} <= kinds
        assert all(each.age < 20 * SECOND for each in desk.intake.channels())


async def test_a_missed_change_is_a_gap_of_one_book_and_mended() -> None:
    async with DeribitServer() as server, following(server) as desk:
        server.drip(200, PERP)
        await until(lambda: len(desk.of(Quote)) > 2)
        server.faults.plan(Fault.SEQUENCE_GAP, f"book.{PERP}*", times=1)
        await until(lambda: bool(desk.of(Gap)))
        await server.still()
        await until(same_as(server, desk))
        (gap,) = desk.of(Gap)
        assert gap.key == KEY
        assert gap.start < gap.end
        assert len(desk.of(LinkDown)) == 1  # the one of the beginning: the link never fell
        assert any("asked for anew" in line for line in desk.told)


async def test_a_lost_connection_is_told_at_once_and_leaves_no_ghosts() -> None:
    async with DeribitServer() as server, following(server) as desk:
        server.drip(200, PERP)
        await until(lambda: len(desk.of(Quote)) > 2)
        server.drop_sockets()
        await until(lambda: len(desk.of(LinkUp)) == 2, 20.0)
        await server.still()
        await until(same_as(server, desk))
        first, lost = desk.of(LinkDown)
        assert first.reason == "connecting"
        assert lost.reason != ""
        (gap,) = desk.of(Gap)
        assert gap.key == ""
        assert desk.loads == 1


async def test_a_connection_that_only_answers_pings_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_feed, "SILENT_S", 0.5)
    async with DeribitServer() as server, following(server) as desk:
        server.faults.plan(Fault.ZOMBIE_SOCKET)
        await until(lambda: any("no market data" in each.reason for each in desk.of(LinkDown)))
        server.faults.clear()
        server.drip(100, PERP)
        await until(lambda: len(desk.of(LinkUp)) >= 2, 20.0)


async def test_without_a_network_it_says_so_and_goes_on_trying(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_feed, "FIRST_PAUSE_S", 0.01)
    desk = Desk("http://127.0.0.1:9")  # nobody listens there
    async with asyncio.TaskGroup() as group:
        task = group.create_task(desk.feed.run())
        await until(lambda: desk.loads >= 3, 20.0)
        task.cancel()
    reasons = [each.reason for each in desk.of(LinkDown)]
    assert len(reasons) == 2  # said once, not at every attempt
    assert reasons[1].startswith("Deribit cannot be reached (")
    assert reasons[1].endswith("trying again")
    assert desk.of(LinkUp) == []


async def test_the_list_is_renewed_and_told_only_when_it_changed() -> None:
    async with DeribitServer() as server, following(server, renew_s=0.05) as desk:
        await until(lambda: desk.loads >= 3, 20.0)
        assert len(desk.of(Listing)) == 1
        server.faults.plan(Fault.STATUS_502, "public/get_instruments", times=1)
        await until(lambda: any("could not be renewed" in line for line in desk.told), 20.0)
        assert len(desk.of(LinkDown)) == 1


async def test_a_perpetual_listed_later_is_followed_without_another_connection() -> None:
    async with DeribitServer() as server:
        new, listed = "BTC_USDC-PERPETUAL", server.exchange.listed
        terms = listed.pop(new)
        async with following(server, renew_s=0.05) as desk:
            server.drip(200, PERP)
            await until(lambda: len(desk.of(Quote)) > 2)
            assert len(desk.of(Listing)[-1].instruments) == len(listing_of(server))
            listed[new] = terms
            server.drip(200, new)
            key = f"{new}@deribit"
            await until(lambda: any(each.key == key for each in desk.of(Depth)), 20.0)
            quoted = {each.key for each in desk.of(Quote) if each.mark is not None}
            await until(lambda: any(q.key == key and q.bid is not None for q in desk.of(Quote)))
            assert KEY in quoted
            assert len(desk.of(LinkDown)) == len(desk.of(LinkUp)) == 1
            assert desk.told == []


async def test_a_perpetual_no_longer_listed_is_not_asked_for_again() -> None:
    async with DeribitServer() as server, following(server, renew_s=0.05) as desk:
        gone = "BTC_USDC-PERPETUAL"
        await until(lambda: len(desk.of(Listing)) == 1)
        del server.exchange.listed[gone]
        await until(lambda: len(desk.of(Listing)) == 2, 20.0)
        assert desk.loaded is not None
        desk.loaded.exchange.orderbooks.pop("BTC/USDC:USDC")
        await asyncio.sleep(10 * live_feed.BOOKS_EVERY_S)
        assert not any("was dropped" in line for line in desk.told)


class Refusing:
    """A book that is asked for in vain."""

    orderbooks: Mapping[str, object] = {}

    async def watch_order_book(self, _: str) -> None:
        raise VenueError("no such book")


class Dropping:
    """A book that comes back, is dropped at once a second time, and then stays."""

    def __init__(self) -> None:
        self.orderbooks: dict[str, object] = {}
        self.watched = 0

    async def watch_order_book(self, symbol: str) -> None:
        self.watched += 1
        self.orderbooks[symbol] = object()
        if self.watched == 1:
            asyncio.get_running_loop().call_soon(self.orderbooks.clear)
            raise VenueError("an error that was kept for the next caller")


async def test_a_book_that_is_lost_again_while_it_is_mended_is_another_gap() -> None:
    desk, exchange = Desk("http://127.0.0.1:9"), Dropping()
    await desk.feed._mended(exchange, "BTC/USD:BTC", PERP)
    assert exchange.watched == 2
    assert desk.intake.faults == 2


async def test_a_book_that_never_comes_back_costs_the_connection() -> None:
    desk = Desk("http://127.0.0.1:9")
    with pytest.raises(VenueError, match="no such book"):
        await desk.feed._mended(Refusing(), "BTC/USD:BTC", PERP)
    assert desk.intake.faults == live_feed.KEPT_ERRORS + 1


async def test_frames_that_contradict_their_format_are_counted_and_told_once() -> None:
    desk = Desk("http://127.0.0.1:9")
    bad = {"channel": "ticker.X", "data": {"instrument_name": 5}}
    for _ in range(10):
        desk.intake.on_frame({"method": "subscription", "params": bad})
    desk.intake.on_frame("plain text")
    desk.intake.on_frame(None)
    assert desk.intake.faults == 10
    assert len(desk.told) == 1
    assert desk.of(Quote) == []
