"""Twelve ways in which a reply is wrong, for every request: none of them is taken for an answer."""

import time
from collections.abc import Awaitable, Callable

import pytest

from terminal.core.errors import VenueError
from terminal.venues.gateway.limiter import Turnstile
from terminal.venues.gateway.line import Line
from terminal.venues.gateway.reading import (
    read_account,
    read_balances,
    read_positions,
    read_trades,
    rows_of,
)
from tests.contracts.trading.replies import REPLIES, Reply
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import Tradable


@pytest.mark.parametrize("reply", REPLIES, ids=lambda each: each.name)
async def test_an_order_ends_as_designed(venue: Tradable, reply: Reply) -> None:
    async with trader(venue) as desk:
        reply.spoil(desk.server, venue.routes.create, venue.no_money, times=1)
        order_id = desk.send()
        await desk.until(lambda: set(desk.statuses(order_id)[-1:]) & reply.ends)
        assert desk.statuses(order_id)[0] in reply.begins
        assert desk.arrived(order_id) == int(reply.accepted)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda each: each.name)
async def test_a_cancel_ends_with_the_orders_own_state(venue: Tradable, reply: Reply) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        reply.spoil(desk.server, venue.routes.cancel, venue.no_money, times=1)
        desk.gateway.cancel(order_id, 0)
        if reply.accepted:
            await desk.hears(order_id, "cancelled")
        else:
            lift(desk)
            before = desk.line.slips[order_id].words
            desk.gateway.query(order_id, 0)
            await desk.until(lambda: desk.line.slips[order_id].words > before)
            assert desk.statuses(order_id) == ["live"]
        assert desk.arrived(order_id) == 1


@pytest.mark.parametrize("reply", REPLIES, ids=lambda each: each.name)
async def test_no_wrong_reply_is_an_empty_account(venue: Tradable, reply: Reply) -> None:
    reads: tuple[tuple[str, Callable[[Line], Awaitable[object]]], ...] = (
        (venue.routes.positions, read_positions),
        (venue.routes.balance, read_balances),
        (venue.routes.trades, read_trades),
        (venue.routes.positions, read_account),
        (venue.routes.open_orders, _open_orders),
    )
    async with trader(venue) as desk:
        await desk.rests()
        for route, read in reads:
            reply.spoil(desk.server, route, venue.no_money)
            lift(desk)
            with pytest.raises(VenueError):
                await read(desk.line)
            desk.server.faults.clear()


def lift(desk: Trader) -> None:
    """End a ban at once: how long it holds is tested where time can be made to pass."""
    desk.line.turnstile = Turnstile(desk.line.asks.budget, time.monotonic_ns)


async def _open_orders(line: Line) -> object:
    return await rows_of(line, line.asks.open_orders(line.known))
