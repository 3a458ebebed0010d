"""The venues' own switches: wound while the gateway lives, fired when it is gone, off when it left.

All venues at once, for the switches take their time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from terminal.venues.dialects.dialect import DeadMan
from terminal.venues.gateway.wire import Unplugged
from tests.contracts.trading.trader import Trader, trader, trading
from tests.contracts.trading.venues import VENUES, Tradable
from tests.venue_servers.account import Ask, Order

SECONDS = 1
SOON = tuple(
    replace(each, dialect=replace(each.dialect, dead_man_seconds=SECONDS))
    for each in VENUES
    if each.dialect.dead_man is not DeadMan.NONE
)


async def at_all(story: Callable[[Tradable], Awaitable[str]]) -> dict[str, str]:
    """Play a story at every venue at once; what came of it, by venue."""
    ends = await asyncio.gather(*(story(each) for each in SOON))
    return {each.dialect.venue: end for each, end in zip(SOON, ends, strict=True)}


def everywhere(end: str) -> dict[str, str]:
    """Return the same end for every venue."""
    return {each.dialect.venue: end for each in SOON}


@contextmanager
def killed(desk: Trader) -> Iterator[None]:
    """Let nothing more of the gateway reach the server, and its sockets die, as at a kill -9."""
    wire, desk.line.wire = desk.line.wire, Unplugged()
    desk.server.drop_sockets()
    yield
    desk.line.wire = wire  # so that the test can close what the process would have taken along


async def test_orders_rest_while_the_gateway_lives_and_go_when_it_is_killed() -> None:
    async def story(venue: Tradable) -> str:
        async with trader(venue) as desk:
            order = desk.at_server(await desk.rests())
            await desk.until(lambda: desk.gateway.dead_man.armed)
            await asyncio.sleep(1.4 * SECONDS)
            alive = order.status
            with killed(desk):
                await desk.until(lambda: order.status != "open")
            return f"{alive}, then {order.status}"

    assert await at_all(story) == everywhere("open, then cancelled")


async def test_a_gateway_that_leaves_with_an_order_at_rest_leaves_the_switch_to_fire() -> None:
    async def story(venue: Tradable) -> str:
        async with venue.serve() as server:
            async with trading(venue, server) as desk:
                order = desk.at_server(await desk.rests())
                await desk.until(lambda: desk.gateway.dead_man.armed)
            await desk.until(lambda: order.status != "open")
            return order.status

    assert await at_all(story) == everywhere("cancelled")


async def test_a_gateway_that_leaves_nothing_behind_cancels_nobody_elses_order() -> None:
    async def story(venue: Tradable) -> str:
        async with venue.serve() as server:
            async with trading(venue, server) as desk:
                order_id = await desk.rests()
                await desk.until(lambda: desk.gateway.dead_man.armed)
                stranger = _stranger(desk, desk.at_server(order_id))
                desk.gateway.cancel(order_id, 0)
                await desk.hears(order_id, "cancelled")
            await asyncio.sleep(1.2 * SECONDS)
            return stranger.status

    ends = await at_all(story)
    countdowns = {each.dialect.venue for each in SOON if each.dialect.dead_man is DeadMan.COUNTDOWN}
    spared = {venue for venue, end in ends.items() if end == "open"}
    assert spared == countdowns | {"deribit"}  # Bybit's has no way off


def _stranger(desk: Trader, like: Order) -> Order:
    """Place an order of somebody else's in the account."""
    return desk.server.exchange.place(
        Ask(
            name=like.ask.name,
            side=like.ask.side,
            quantity=like.ask.quantity,
            price=like.ask.price,
        )
    )
