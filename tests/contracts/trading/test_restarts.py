"""What fills while nobody is there: ours is told as ours at the next start, by itself."""

import time

import pytest

from terminal.core.units import SECOND
from terminal.model.account import AccountSnapshot
from terminal.model.order import Fill
from terminal.venues.gateway import gateway
from terminal.venues.gateway.gateway import Earlier
from tests.contracts.trading.trader import trading
from tests.contracts.trading.venues import VENUES, Tradable
from tests.venue_servers.faults import Fault
from tests.venue_servers.hosting import Socket
from tests.venue_servers.server import VenueServer

BINANCE = next(each for each in VENUES if each.dialect.venue == "binanceusdm")


def _spare(socket: Socket) -> None:
    """Cancel nothing when a socket goes: the fills come first."""
    del socket


async def _left_at_rest(venue: Tradable, server: VenueServer) -> Earlier:
    """Leave an order of ours at rest, and fill it in two parts when the gateway is gone."""
    kept, server.left = server.left, _spare  # type: ignore[method-assign]
    async with trading(venue, server) as desk:
        order_id = await desk.rests()
        intent, order = desk.line.slips[order_id].intent, desk.at_server(order_id)
    server.exchange.fill(order.number, order.left / 2)
    server.exchange.fill(order.number, order.left)
    server.left = kept  # type: ignore[method-assign]
    return Earlier(intent, lived=True)


async def _told(venue: Tradable, server: VenueServer, left: Earlier, since: int) -> None:
    """Start again, and hear of both parts before the account is stated."""
    async with trading(venue, server, earlier=(left,), since=since) as again:
        await again.hears(left.intent.order_id, "filled")
        words = [each for each in again.heard if isinstance(each, Fill | AccountSnapshot)]
        assert [type(each) for each in words] == [Fill, Fill, AccountSnapshot]
        assert [each.qty for each in again.fills(left.intent.order_id)] == [left.intent.qty / 2] * 2


async def test_a_fill_of_our_own_order_is_told_by_itself(venue: Tradable) -> None:
    async with venue.serve() as server:
        since = time.time_ns()
        await _told(venue, server, await _left_at_rest(venue, server), since)


async def test_no_fill_of_ours_is_told_as_a_strangers_while_the_order_cannot_be_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Binance's trades name no client id: told too early, the order would wait for it for ever."""
    monkeypatch.setattr(gateway, "EARLIER", SECOND // 5)
    async with BINANCE.serve() as server:
        since = time.time_ns()
        left = await _left_at_rest(BINANCE, server)
        server.faults.plan(Fault.STATUS_502, BINANCE.routes.order, times=6)
        await _told(BINANCE, server, left, since)
