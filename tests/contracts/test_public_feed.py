"""Every exchange that is served on this machine gives a whole market through the public feed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from terminal.model.instrument import Option, Perpetual
from terminal.model.market import Depth, Funding, Gap, Index, Quote, Trade
from terminal.model.messages import LinkDown, LinkUp
from tests.contracts.followed import CLIENTS, following
from tests.contracts.venue_clients import Client
from tests.unit.venues.small_server import until
from tests.venue_servers.faults import Fault

every = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


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
