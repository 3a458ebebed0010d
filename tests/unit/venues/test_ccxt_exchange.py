"""The guards around ccxt: each test is a way in which the unguarded one loses money."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import ccxt
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.venues.ccxt_exchange import LISTED, Connection, Taps, guarded
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.endpoints import checked_endpoint, original, redirected
from terminal.venues.sequences import NUMBERINGS, Sequences, Step
from tests.unit.venues.dialect_makers import a_dialect
from tests.unit.venues.small_server import BOOK, PERPETUAL, SmallServer, until

SYMBOL = "BTC/USD:BTC"

HARMLESS = ("[]", "words")
"""Frames that are about nothing: a heartbeat in plain text, for one."""


class Heard:
    """What the taps were told."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self.tops: list[tuple[float, float]] = []
        self.gaps: list[str] = []
        self.links: list[str] = []
        self.faults: list[str] = []
        self.taps = Taps(
            frame=self.frames.append,
            book=lambda book: self.tops.append((book["bids"][0][0], book["asks"][0][0])),
            gap=lambda market, why: self.gaps.append(f"{market} {why}"),
            up=lambda url: self.links.append("up"),
            down=lambda url, why: self.links.append("down"),
            fault=self.faults.append,
        )


@asynccontextmanager
async def connected(server: SmallServer, heard: Heard, **options: Any) -> AsyncIterator[Any]:
    """Run a guarded exchange with its markets loaded."""
    connection = Connection(endpoint=server.url, options=options)
    exchange = guarded(a_dialect(), heard.taps, connection)
    exchange.timeout_on_exit = 10
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


def prices(side: Any) -> list[float]:
    return [level[0] for level in side]


def a_server() -> SmallServer:
    server = SmallServer()
    server.bids, server.asks = {99.5: 10.0, 99.0: 20.0}, {100.0: 10.0, 100.5: 20.0}
    return server


async def test_a_request_whose_socket_dies_is_never_sent_again() -> None:
    async with a_server() as server, connected(server, Heard()) as exchange:
        server.answers["get_time"] = lambda query: None  # taken, then no answer
        with pytest.raises(ccxt.NetworkError):
            await exchange.fetch_time()
        assert server.asked.count("get_time") == 1


@pytest.mark.parametrize("body", ["", "null", '{"result": [', "<html>", '{"result": NaN}', "17"])
async def test_an_unreadable_body_is_an_error_and_not_nothing(body: str) -> None:
    async with a_server() as server, connected(server, Heard()) as exchange:
        server.answers["get_time"] = lambda query: web.Response(
            text=body, content_type="application/json"
        )
        with pytest.raises(ccxt.BadResponse):
            await exchange.fetch_time()


async def test_a_page_of_a_gateway_keeps_the_class_of_its_status() -> None:
    async with a_server() as server, connected(server, Heard()) as exchange:
        server.answers["get_time"] = lambda query: web.Response(status=502, text="<html>")
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await exchange.fetch_time()
        server.answers["get_time"] = lambda query: web.Response(status=429, text="<html>")
        with pytest.raises(ccxt.RateLimitExceeded):
            await exchange.fetch_time()


async def test_retries_stay_off_whatever_the_options_say() -> None:
    async with a_server() as server, connected(server, Heard(), maxRetriesOnFailure=3) as exchange:
        server.answers["get_time"] = lambda query: web.Response(status=502, text="<html>")
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await exchange.fetch_time()
        assert server.asked.count("get_time") == 1


@pytest.mark.parametrize(
    "bad",
    [
        '{"jsonrpc": "2.0", "error": {"code": 1}}',
        '{"jsonrpc": "2.0", "method": "subscription", "params": {"channel": "unheard.of"}}',
        '{"params": {"channel": "book.X.100ms", "data": 3}}',
        '{"cut": ',
        "[]",
        "words",
        '{"price": NaN}',
    ],
)
async def test_a_bad_frame_does_not_deafen_the_socket(bad: str) -> None:
    heard = Heard()
    async with a_server() as server, connected(server, heard) as exchange:
        await exchange.watch_order_book(SYMBOL)
        await server.send(BOOK, bad)
        await server.move({99.5: 11.0})
        await until(lambda: len(heard.tops) == 2)
        book = await asyncio.wait_for(_after(server, exchange), 5.0)
    assert book["bids"][0][1] == 12.0
    assert len(heard.faults) == (bad not in HARMLESS)
    assert heard.links == ["up"]


async def _after(server: SmallServer, exchange: Any) -> Any:
    watched = asyncio.gather(exchange.watch_order_book(SYMBOL), server.move({99.5: 12.0}))
    return (await watched)[0]


async def test_a_refused_stream_is_told_to_the_one_who_asked_for_it_alone() -> None:
    heard = Heard()
    async with a_server() as server:
        server.listed.append(
            server.listed[0] | {"instrument_name": "REFUSED", "base_currency": "X"}
        )
        async with connected(server, heard) as exchange:
            await exchange.watch_order_book(SYMBOL)
            with pytest.raises(ccxt.ExchangeError):
                await asyncio.wait_for(exchange.watch_ticker("X/USD:BTC"), 5.0)
            book = await asyncio.wait_for(_after(server, exchange), 5.0)
    assert book["bids"][0][:2] == [99.5, 12.0]


async def test_every_frame_of_a_burst_is_tapped() -> None:
    heard = Heard()
    async with a_server() as server, connected(server, heard) as exchange:
        await exchange.watch_order_book(SYMBOL)
        for number in range(50):
            await server.move({99.5: 20.0 + number})
        await until(lambda: len(heard.tops) == 51)
    changes = [each["params"]["data"]["change_id"] for each in heard.frames if "params" in each]
    assert changes == list(range(100, 151))


async def test_a_missed_change_drops_the_book_and_asks_for_a_snapshot() -> None:
    heard = Heard()
    async with a_server() as server, connected(server, heard) as exchange:
        await exchange.watch_order_book(SYMBOL)
        await server.move({99.5: 0.0, 98.0: 5.0}, lose=True)
        await server.move({97.0: 5.0})
        await server.move({96.0: 5.0})  # void too: the book is not whole yet
        await until(lambda: server.snapshots == 2 and len(heard.tops) == 2)
        book = exchange.orderbooks[SYMBOL]
        assert prices(book["bids"]) == sorted(server.bids, reverse=True)
        assert len(heard.gaps) == 1
        assert PERPETUAL in heard.gaps[0]


async def test_no_level_of_the_old_book_survives_a_reconnect() -> None:
    heard = Heard()
    async with a_server() as server, connected(server, heard) as exchange:
        await exchange.watch_order_book(SYMBOL)
        server.drop()
        await until(lambda: heard.links == ["up", "down"])
        server.bids, server.asks = {50.0: 1.0}, {51.0: 1.0}
        book = await asyncio.wait_for(exchange.watch_order_book(SYMBOL), 5.0)
        assert prices(book["bids"]) == [50.0]
        assert prices(book["asks"]) == [51.0]
    assert heard.links[:3] == ["up", "down", "up"]


async def test_a_listener_that_fails_loses_nothing_of_the_stream() -> None:
    faults: list[str] = []

    def fail(message: object) -> None:
        raise KeyError("broken listener")

    heard = Heard()
    heard.taps = Taps(frame=fail, book=fail, fault=faults.append)
    async with a_server() as server, connected(server, heard) as exchange:
        await exchange.watch_order_book(SYMBOL)
        book = await asyncio.wait_for(_after(server, exchange), 5.0)
    assert book["bids"][0][:2] == [99.5, 12.0]
    assert faults


def test_a_test_network_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match="no test network"):
        guarded(a_dialect(sandbox=""), Taps(), Connection(test_network=True))
    exchange = guarded(a_dialect(), Taps(), Connection(test_network=True))
    assert exchange.urls["api"]["rest"] == "https://test.deribit.com"


# -- Addresses --------------------------------------------------------------------------------


def test_addresses_keep_their_host_in_the_path() -> None:
    urls = {"a": {"b": "https://api.{hostname}/v5"}, "ws": "wss://stream.x.com/ws", "n": None}
    moved = redirected(urls, "http://127.0.0.1:9", "bybit.com")
    assert moved == {
        "a": {"b": "http://127.0.0.1:9/api.bybit.com/v5"},
        "ws": "ws://127.0.0.1:9/stream.x.com/ws",
        "n": None,
    }
    secure = redirected({"ws": "wss://x.com"}, "https://gate.example/desk", "")
    assert secure == {"ws": "wss://gate.example/desk/x.com"}


@pytest.mark.parametrize(
    "bad", ["", "127.0.0.1:80", "ftp://x", "http://", "http://me:secret@x", "http://x?key=1"]
)
def test_what_is_no_address_is_refused_without_repeating_a_password(bad: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_endpoint(bad)
    assert "secret" not in str(caught.value)


# -- Sequences --------------------------------------------------------------------------------


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 39))
def test_a_hole_is_found_once_and_lasts_until_the_snapshot(lost: list[bool], again: int) -> None:
    sequences = Sequences()
    assert sequences.take(Step("c", "m", None, 0)) == ""
    told, whole = 0, True
    for number, missing in enumerate(lost, 1):
        if number == again:
            assert sequences.take(Step("c", "m", None, number)) == ""
            whole = True
            continue
        if missing:
            whole = False
            continue
        if sequences.waits("c"):
            assert not whole
            continue
        wrong = sequences.take(Step("c", "m", number - 1, number))
        assert bool(wrong) is not whole
        told += bool(wrong)
    assert told <= 2


def test_a_change_before_any_snapshot_is_a_hole() -> None:
    assert Sequences().take(Step("c", "m", 4, 5)) != ""


def test_bybit_numbers_its_books_by_one() -> None:
    numbering = NUMBERINGS["bybit"]
    change: dict[str, object] = {"topic": "orderbook.50.BTCUSDT", "type": "delta"}
    assert numbering.step(change | {"data": {"s": "BTCUSDT", "u": 15}}) == Step(
        "orderbook.50.BTCUSDT", "BTCUSDT", 14, 15
    )
    restart = numbering.step(change | {"data": {"s": "BTCUSDT", "u": 1}})
    assert restart is not None
    assert restart.before is None
    assert numbering.step({"topic": "tickers.BTCUSDT", "data": {"u": 1}}) is None


def test_an_address_that_was_moved_is_known_again() -> None:
    moved = redirected({"rest": "https://fapi.binance.com/fapi/v1"}, "http://127.0.0.1:9", "")
    address = f"{moved['rest']}/order?symbol=X"
    assert (
        original(address, "http://127.0.0.1:9") == "https://fapi.binance.com/fapi/v1/order?symbol=X"
    )
    assert original("https://elsewhere.example/x", "http://127.0.0.1:9").startswith("https://else")


async def test_what_ccxt_keeps_of_trades_and_orders_does_not_grow() -> None:
    exchange = guarded(BINANCEUSDM, Taps(), Connection())
    market = {"id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "type": "swap", "spot": False}
    exchange.set_markets([market | {"base": "BTC", "quote": "USDT", "swap": True}])
    told: list[Any] = []
    socket = SimpleNamespace(
        url="wss://fstream.binance.com/ws",
        subscriptions={},
        resolve=lambda kept, name: told.append((name, kept)),
    )
    order = {"s": "BTCUSDT", "i": 7, "x": "TRADE", "X": "PARTIALLY_FILLED", "l": "1", "L": "2"}
    deal = {"e": "trade", "s": "BTCUSDT", "p": "1", "q": "1", "T": 1, "m": False}
    for number in range(5 * LISTED):
        mine = {"e": "ORDER_TRADE_UPDATE", "o": order | {"t": number, "n": "0.1", "N": "USDT"}}
        for message in (mine, deal | {"t": number}):
            exchange.handle_message(socket, message)
    orders = [kept for name, kept in told if name == "orders"]
    assert len(orders) == 5 * LISTED
    assert max(len(each["trades"] or ()) for kept in orders for each in kept) <= 1
    assert {len(kept) for _, kept in told} <= set(range(LISTED + 1))
    assert (exchange.orders, exchange.myTrades) == (None, None)
    await exchange.close()
