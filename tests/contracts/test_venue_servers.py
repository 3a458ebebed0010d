"""The local exchanges speak the real wire format: ccxt alone trades on them, and sees each fault.

Nothing of the terminal takes part. What ccxt makes of a fault here is what the adapter is built
to survive, so some of these tests pin down a fault of ccxt, not a virtue.
"""

import asyncio
from itertools import pairwise
from typing import Any

import ccxt
import pytest

from tests.contracts.venue_clients import (
    CLIENTS,
    DERIBIT,
    PATIENCE_S,
    Client,
    arrived,
    connected,
    ears,
    place,
    subscribed,
)
from tests.venue_servers.faults import Fault

pytestmark = pytest.mark.parametrize("client", CLIENTS, ids=lambda each: each.name)


async def test_markets_are_loaded(client: Client) -> None:
    async with connected(client) as (_, exchange):
        bases = {each["base"] for each in exchange.markets.values() if each["swap"]}
        assert bases >= {"BTC", "ETH", "SOL"}
        assert exchange.market(client.symbol)["swap"]


async def test_book_streams(client: Client) -> None:
    async with connected(client) as (server, exchange):
        first = await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        before = first["bids"][0][0]
        name = client.listed
        held = server.exchange.books[name]
        assert before == float(held.best("bid"))
        waiting = asyncio.ensure_future(exchange.watch_order_book(client.symbol))
        await asyncio.sleep(0)
        server.exchange.move(name, held.mid * 2)
        book = await asyncio.wait_for(waiting, PATIENCE_S)
        assert [each[:2] for each in book["asks"]] == [
            [float(price), float(quantity)] for price, quantity in held.levels("ask")
        ]


async def test_stream_drips_at_the_rate_asked_for(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        name = client.listed
        before = server.exchange.books[name].sequence
        server.drip(1_000, name)
        for _ in range(20):
            await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        assert server.exchange.books[name].sequence - before >= 20


async def test_order_rests_and_is_cancelled(client: Client) -> None:
    async with connected(client) as (server, exchange):
        made = await place(exchange, client, 1, far=True)
        opened = await exchange.fetch_open_orders(client.symbol)
        assert [each["id"] for each in opened] == [made["id"]]
        await exchange.cancel_order(made["id"], client.symbol)
        assert await exchange.fetch_open_orders(client.symbol) == []
        with pytest.raises(ccxt.ExchangeError):
            await exchange.cancel_order(made["id"], client.symbol)
        assert arrived(server, client, 1) == 1
        assert all(each.right for each in server.signed)


async def test_order_fills_and_shows_in_account(client: Client) -> None:
    async with connected(client) as (server, exchange):
        before = (await exchange.fetch_balance())[client.coin]["total"]
        await place(exchange, client, 1)
        trades = await exchange.fetch_my_trades(client.symbol)
        assert sum(each["amount"] for each in trades) == pytest.approx(client.amount)
        (position,) = await exchange.fetch_positions([client.symbol])
        assert position["side"] == "long"
        assert abs(position["contracts"]) == pytest.approx(client.amount)
        after = (await exchange.fetch_balance())[client.coin]["total"]
        assert after < before
        held = server.exchange.account.held(client.listed)
        assert float(held.quantity) == pytest.approx(client.amount)


async def test_wrong_signature_is_refused(client: Client) -> None:
    async with connected(client) as (server, exchange):
        setattr(exchange, *client.wrong)
        with pytest.raises(client.refusal):
            await place(exchange, client, 1)
        assert arrived(server, client, 1) == 0
        assert not server.signed[-1].right


async def test_private_streams_deliver(client: Client) -> None:
    async with connected(client) as (server, exchange):
        orders = asyncio.ensure_future(exchange.watch_orders(client.symbol))
        trades = asyncio.ensure_future(exchange.watch_my_trades(client.symbol))
        await subscribed(server, client.orders, client.fills)
        await place(exchange, client, 1)
        (order,) = await asyncio.wait_for(orders, PATIENCE_S)
        (trade, *_) = await asyncio.wait_for(trades, PATIENCE_S)
        assert order["symbol"] == trade["symbol"] == client.symbol


BAD_BODIES = (Fault.BODY_TRUNCATED, Fault.BODY_EMPTY, Fault.BODY_HTML, Fault.BODY_NULL)


@pytest.mark.parametrize("fault", BAD_BODIES)
async def test_unreadable_body_hides_an_order_that_is_there(client: Client, fault: Fault) -> None:
    async with connected(client) as (server, exchange):
        server.faults.plan(fault, client.order_route, times=1)
        try:
            made = await place(exchange, client, 1, far=True)
        except (ccxt.BaseError, TypeError, AttributeError, KeyError):
            pass
        else:
            assert made is None or made["id"] is None
        assert arrived(server, client, 1) == 1
        assert len(server.exchange.account.open_orders()) == 1


async def test_silence_times_out_with_the_order_there(client: Client) -> None:
    async with connected(client, timeout=300) as (server, exchange):
        server.faults.plan(Fault.HANG, client.order_route)
        with pytest.raises(ccxt.RequestTimeout):
            await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 1


async def test_bad_gateway_with_the_order_there_or_not(client: Client) -> None:
    async with connected(client) as (server, exchange):
        server.faults.plan(Fault.STATUS_502, client.order_route, times=1)
        server.faults.plan(Fault.STATUS_502, client.order_route, times=1, accepted=False)
        for number, there in ((1, 1), (2, 0)):
            with pytest.raises(ccxt.ExchangeNotAvailable):
                await place(exchange, client, number, far=True)
            assert arrived(server, client, number) == there


async def test_dropped_answer(client: Client) -> None:
    """The order is there. By GET, the HTTP layer sends it again and nobody hears of it."""
    async with connected(client) as (server, exchange):
        server.faults.plan(Fault.DROP_AFTER_ACCEPT, client.order_route, times=1)
        if client is DERIBIT:
            await place(exchange, client, 1, far=True)
            assert arrived(server, client, 1) == 2
            return
        with pytest.raises(ccxt.NetworkError):
            await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 1


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT_429, Fault.BAN_418, Fault.MAINTENANCE])
async def test_refused_before_it_arrives(client: Client, fault: Fault) -> None:
    async with connected(client) as (server, exchange):
        server.faults.plan(fault, client.order_route, times=1)
        with pytest.raises(ccxt.BaseError):
            await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 0
        await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 1


async def test_clock_skew_refuses_signed_requests(client: Client) -> None:
    async with connected(client) as (server, exchange):
        server.faults.plan(Fault.CLOCK_SKEW, count=client.skew_ms)
        with pytest.raises(ccxt.BaseError):
            await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 0
        assert await exchange.fetch_time() - exchange.milliseconds() > client.skew_ms - 60_000


async def test_burst_of_fills_is_sent_whole(client: Client) -> None:
    """Ten executions leave the server back to back; their sum is the order."""
    async with connected(client) as (server, exchange):
        server.faults.split_fills(10, times=1)
        await place(exchange, client, 1)
        assert len(server.exchange.account.fills) == 10
        trades = await exchange.fetch_my_trades(client.symbol)
        assert sum(each["amount"] for each in trades) == pytest.approx(client.amount)


async def test_event_is_missing_or_doubled(client: Client) -> None:
    async with connected(client) as (server, exchange):
        heard = ears(exchange)
        watching = asyncio.ensure_future(exchange.watch_my_trades(client.symbol))
        await subscribed(server, client.fills)
        server.faults.plan(Fault.MISSING_EVENT, client.fills)
        await place(exchange, client, 1)
        await asyncio.sleep(0.05)
        assert not watching.done()
        server.faults.clear()
        server.faults.plan(Fault.DUPLICATE_EVENT, client.fills)
        await place(exchange, client, 2)
        await asyncio.wait_for(watching, PATIENCE_S)
        await asyncio.sleep(0.05)
        assert _doubled(heard) >= 1


def _doubled(heard: list[str]) -> int:
    return sum(one == other for one, other in pairwise(heard))


async def test_gap_in_the_book(client: Client) -> None:
    """One change is not sent: some exchanges' books are noticed to be wrong, others' are not."""
    async with connected(client) as (server, exchange):
        book = await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        name = client.listed
        server.faults.plan(Fault.SEQUENCE_GAP, client.book, times=1)
        waiting = asyncio.ensure_future(exchange.watch_order_book(client.symbol))
        await asyncio.sleep(0)
        truth = server.exchange.books[name]
        server.exchange.move(name, truth.mid * 2)
        await asyncio.sleep(0.05)
        assert not waiting.done()
        server.exchange.move(name, truth.mid * 2)
        if client.gap == "noticed":
            with pytest.raises(ccxt.BaseError):
                await asyncio.wait_for(waiting, PATIENCE_S)
            return
        await asyncio.wait_for(waiting, PATIENCE_S)
        right = [each[0] for each in book["bids"]] == [
            float(price) for price, _ in truth.levels("bid")
        ]
        assert right == (client.gap == "healed")


async def test_zombie_answers_and_says_nothing(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        server.faults.plan(Fault.ZOMBIE_SOCKET)
        waiting = asyncio.ensure_future(exchange.watch_order_book(client.symbol))
        await asyncio.sleep(0)
        stream = next(each for each in exchange.clients.values() if each.connection)
        server.exchange.step(client.listed)
        pong = stream.lastPong
        await stream.connection.ping()
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert stream.lastPong is not None
        assert stream.lastPong != pong
        await unwatched(waiting)


async def unwatched(waiting: "asyncio.Future[Any]") -> None:
    """Stop waiting for a stream."""
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_dead_sockets_are_dialled_again(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        waiting = asyncio.ensure_future(exchange.watch_order_book(client.symbol))
        await asyncio.sleep(0)
        server.drop_sockets()
        with pytest.raises(ccxt.NetworkError):
            await asyncio.wait_for(waiting, PATIENCE_S)
        await asyncio.wait_for(exchange.watch_order_book(client.symbol), PATIENCE_S)
        assert server.connections == 2
