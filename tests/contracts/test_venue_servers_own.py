"""What each local exchange does its own way, seen through ccxt: ids, refusals, modes, options."""

import asyncio
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.contracts.venue_clients import (
    BINANCE,
    BYBIT,
    CLIENTS,
    COINM,
    DERIBIT,
    HYPERLIQUID,
    OKX,
    PATIENCE_S,
    Client,
    arrived,
    connected,
    ears,
    place,
    subscribed,
)
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.faults import Fault
from tests.venue_servers.redirect import endpoints

each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda each: each.name)
by_id = pytest.mark.parametrize("client", CLIENTS[1:], ids=lambda each: each.name)


@each_client
async def test_every_address_is_rewritten_and_keeps_its_host(client: Client) -> None:
    async with client.server() as server:
        found = list(_texts(endpoints(server, client.name)["api"]))
        assert found
        assert all(each.split("://")[1].startswith("127.0.0.1:") for each in found)
        assert all("." in each.split("/")[3] for each in found)
        assert not any("{" in each for each in found)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [value]


@by_id
async def test_order_is_found_by_our_id(client: Client) -> None:
    async with connected(client) as (_, exchange):
        made = await place(exchange, client, 1, far=True)
        renamed = client in (BINANCE, COINM)
        asked = {"origClientOrderId" if renamed else client.ids: client.our_id(1)}
        number = None if client is HYPERLIQUID else made["id"]
        if client is BYBIT:  # its fetchOrder insists on an acknowledgement otherwise
            asked["acknowledged"] = "true"
        found = await exchange.fetch_order(number, client.symbol, asked)
        assert found["id"] == made["id"]
        assert found["status"] == "open"


async def test_deribit_finds_orders_by_label() -> None:
    async with connected(DERIBIT) as (_, exchange):
        made = await place(exchange, DERIBIT, 1, far=True)
        asked = {"currency": "BTC", "label": DERIBIT.our_id(1)}
        answer = await exchange.private_get_get_order_state_by_label(asked)
        assert [each["order_id"] for each in answer["result"]] == [made["id"]]


@by_id
async def test_id_of_an_open_order_is_refused(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await place(exchange, client, 1, far=True)
        with pytest.raises(ccxt.ExchangeError):
            await place(exchange, client, 1, far=True)
        assert arrived(server, client, 1) == 2
        assert len(server.exchange.account.open_orders()) == 1


async def test_deribit_takes_the_same_label_twice() -> None:
    async with connected(DERIBIT) as (server, exchange):
        await place(exchange, DERIBIT, 1, far=True)
        await place(exchange, DERIBIT, 1, far=True)
        assert len(server.exchange.account.open_orders()) == 2


def _poor(client: Client) -> type[Exception]:
    """Return ccxt's class for a lack of funds; it knows Binance's codes by the real host only."""
    known: type[Exception] = ccxt.InsufficientFunds
    return ccxt.ExchangeError if client in (BINANCE, COINM) else known


REFUSED = {
    "deribit": 10009,
    "binanceusdm": -2019,
    "binancecoinm": -2019,
    "bybit": 110007,
    "okx": 51008,
}


@pytest.mark.parametrize("client", CLIENTS[:5], ids=lambda each: each.name)
async def test_planned_refusal_is_the_exchange_s_own(client: Client) -> None:
    async with connected(client) as (server, exchange):
        code = REFUSED[client.name]
        server.faults.plan(Fault.RPC_ERROR, client.order_route, times=1, code=code)
        with pytest.raises(_poor(client)):
            await place(exchange, client, 1)
        assert arrived(server, client, 1) == 0


@each_client
async def test_more_than_the_account_can_pay_for_is_refused(client: Client) -> None:
    async with connected(client) as (server, exchange):
        account = server.exchange.account
        account.balances = dict.fromkeys(account.balances, Decimal(0))
        with pytest.raises(_poor(client)):
            await place(exchange, client, 1)
        assert arrived(server, client, 1) == 1
        assert account.fills == []


@each_client
async def test_post_only_never_takes(client: Client) -> None:
    """Some refuse what would take, others accept it and cancel it at once."""
    async with connected(client) as (server, exchange):
        above = server.exchange.books[client.listed].best("ask") * 2
        params = {client.ids: client.our_id(1), "postOnly": True}
        order = (client.symbol, "limit", "buy", client.amount, float(above), params)
        if client in (BYBIT, OKX):
            await exchange.create_order(*order)
            (made,) = server.exchange.account.orders.values()
            assert made.status == "cancelled"
        else:
            with pytest.raises(ccxt.ExchangeError):
                await exchange.create_order(*order)
        assert server.exchange.account.fills == []


@each_client
async def test_short_position_is_told_as_such(client: Client) -> None:
    async with connected(client) as (server, exchange):
        price = client.worst
        await exchange.create_order(client.symbol, "market", "sell", client.amount, price)
        (position,) = await exchange.fetch_positions([client.symbol])
        assert position["side"] == "short"
        assert server.exchange.account.held(client.listed).quantity < 0


@by_id
async def test_funding_is_in_the_books(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await place(exchange, client, 1)
        paid = server.exchange.pay_funding(client.listed, Decimal("0.0001"))
        assert paid.amount < 0
        (entry,) = await exchange.fetch_funding_history(client.symbol)
        assert abs(entry["amount"]) == pytest.approx(float(-paid.amount))


OPTIONS = {"deribit": "BTC/USD:BTC-", "bybit": "BTC/USDT:USDT-", "okx": "BTC/USD:BTC-"}


@pytest.mark.parametrize("client", [DERIBIT, BYBIT, OKX], ids=lambda each: each.name)
async def test_option_has_greeks_and_trades(client: Client) -> None:
    async with connected(client) as (server, exchange):
        markets = [each for each in exchange.markets.values() if each["option"]]
        calls = [each for each in markets if each["symbol"].startswith(OPTIONS[client.name])]
        market = next(each for each in calls if each["optionType"] == "call")
        greeks = await exchange.fetch_greeks(market["symbol"])
        assert 0 < greeks["delta"] < 1
        assert greeks["vega"] > 0
        assert greeks["theta"] < 0
        amount = market["limits"]["amount"]["min"]
        await exchange.create_order(market["symbol"], "market", "buy", amount)
        held = server.exchange.account.held(market["id"])
        assert float(held.quantity) == pytest.approx(amount)


async def test_deribit_lists_sol_options_of_ten_coins() -> None:
    async with connected(DERIBIT) as (_, exchange):
        options = [e for e in exchange.markets.values() if e["option"] and e["base"] == "SOL"]
        assert {each["settle"] for each in options} == {"USDC"}
        assert {each["contractSize"] for each in options} == {10.0}


async def test_deribit_cancels_on_disconnect_only_what_came_by_the_socket() -> None:
    async with connected(DERIBIT) as (server, exchange):
        assert isinstance(server, DeribitServer)
        kept = await place(exchange, DERIBIT, 1, far=True)
        heard = ears(exchange)
        watching = asyncio.ensure_future(exchange.watch_orders(DERIBIT.symbol))
        await subscribed(server, DERIBIT.orders)
        (stream,) = exchange.clients.values()
        instrument = {"instrument_name": DERIBIT.listed, "amount": 100, "price": 80_000}
        for method, params in (
            ("private/enable_cancel_on_disconnect", {"scope": "connection"}),
            ("private/buy", {**instrument, "type": "limit", "label": "socket"}),
        ):
            await stream.send({"jsonrpc": "2.0", "id": 99, "method": method, "params": params})
        await asyncio.wait_for(watching, PATIENCE_S)
        assert len(server.exchange.account.open_orders()) == 2
        server.drop_sockets()
        await _until(lambda: len(server.exchange.account.open_orders()) == 1)
        assert heard
        (left,) = await exchange.fetch_open_orders(DERIBIT.symbol)
        assert left["id"] == kept["id"]


async def _until(done: Any) -> None:
    for _ in range(300):
        if done():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come to pass")


async def _dead_man(exchange: Any, client: Client, ms: int) -> None:
    asked = {"symbol": client.listed, "countdownTime": ms}
    if client is BINANCE:
        await exchange.fapiprivate_post_countdowncancelall(asked)
    elif client is COINM:
        await exchange.dapiprivate_post_countdowncancelall(asked)
    else:
        await exchange.cancel_all_orders_after(ms)


@pytest.mark.parametrize("client", [BINANCE, COINM, OKX, HYPERLIQUID], ids=lambda each: each.name)
async def test_dead_man_s_timer_cancels_unless_it_is_wound_again(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await place(exchange, client, 1, far=True)
        await _dead_man(exchange, client, 60_000)
        assert len(server.exchange.account.open_orders()) == 1
        await _dead_man(exchange, client, 1_000)
        await _until(lambda: server.exchange.account.open_orders() == [])


async def test_bybit_cancels_when_the_private_stream_has_gone() -> None:
    async with connected(BYBIT) as (server, exchange):
        await place(exchange, BYBIT, 1, far=True)
        await exchange.private_post_v5_order_disconnected_cancel_all({"timeWindow": 1})
        watching = asyncio.ensure_future(exchange.watch_orders(BYBIT.symbol))
        await subscribed(server, BYBIT.orders)
        assert len(server.exchange.account.open_orders()) == 1
        server.drop_sockets()
        await asyncio.gather(watching, return_exceptions=True)
        await _until(lambda: server.exchange.account.open_orders() == [])


async def test_hyperliquid_signs_two_actions_at_load_unless_told_not_to() -> None:
    async with connected(HYPERLIQUID, options={}) as (server, _):
        kinds = sorted(each.route for each in server.signed)
        assert kinds == ["exchange approveBuilderFee", "exchange setReferrer"]
        assert all(each.right for each in server.signed)
    async with connected(HYPERLIQUID) as (server, _):
        assert server.signed == []


async def test_deribit_fills_of_a_burst_all_leave_the_server() -> None:
    """Ten messages arrive; how many of them ccxt hands on is another matter."""
    async with connected(DERIBIT) as (server, exchange):
        heard = ears(exchange)
        watching = asyncio.ensure_future(exchange.watch_my_trades(DERIBIT.symbol))
        await subscribed(server, DERIBIT.fills)
        server.faults.split_fills(10, times=1)
        await place(exchange, DERIBIT, 1)
        await asyncio.wait_for(watching, PATIENCE_S)
        told = '"channel":"user.trades'
        await _until(lambda: sum(told in each for each in heard) >= 10)
        assert sum(told in each for each in heard) == 10


async def test_deribit_book_keeps_ghosts_after_a_reconnect() -> None:
    async with connected(DERIBIT) as (server, exchange):
        await asyncio.wait_for(exchange.watch_order_book(DERIBIT.symbol), PATIENCE_S)
        waiting = asyncio.ensure_future(exchange.watch_order_book(DERIBIT.symbol))
        await asyncio.sleep(0)
        server.drop_sockets()
        with pytest.raises(ccxt.NetworkError):
            await waiting
        server.exchange.move(DERIBIT.listed, 80_000)
        book = await asyncio.wait_for(exchange.watch_order_book(DERIBIT.symbol), PATIENCE_S)
        assert book["bids"][0][0] > float(server.exchange.books[DERIBIT.listed].best("ask"))


@each_client
async def test_resting_order_fills_when_the_market_comes(client: Client) -> None:
    async with connected(client) as (server, exchange):
        await place(exchange, client, 1, far=True)
        server.exchange.move(client.listed, 70_000)
        (trade,) = await exchange.fetch_my_trades(client.symbol)
        assert trade["price"] == client.far
        assert trade["takerOrMaker"] == "maker"
        assert trade["amount"] == pytest.approx(client.amount)


@each_client
async def test_requests_that_were_not_signed_are_not_carried_out(client: Client) -> None:
    async with connected(client) as (server, exchange):
        setattr(exchange, *client.wrong)
        for asked in (exchange.fetch_balance, exchange.fetch_positions):
            if client is HYPERLIQUID:  # anybody may look at any account
                await asked()
            else:
                with pytest.raises(ccxt.AuthenticationError):
                    await asked()
        assert not any(each.right for each in server.signed if "order" in each.route)
