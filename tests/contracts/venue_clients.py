"""Unmodified ccxt against a local exchange: which market, which amounts, which errors."""

import asyncio
import fnmatch
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest
from msgspec import Struct

from tests.venue_servers.binancecoinm import BinanceCoinmServer
from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.bybit import BybitServer
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.hyperliquid import HyperliquidServer
from tests.venue_servers.okx import OkxServer
from tests.venue_servers.redirect import endpoints
from tests.venue_servers.server import VenueServer

PATIENCE_S = 5.0


class Client(Struct, frozen=True, kw_only=True):
    """One exchange as ccxt knows it, and the market that the tests trade.

    ``far`` is a price that rests far below the market; ``ids`` is the parameter that carries our
    id, ``our_id`` makes one of the exchange's form. ``options`` are ccxt's.
    """

    name: str
    server: Callable[[], VenueServer]
    symbol: str
    listed: str  # the market's name at the exchange
    amount: float
    far: float
    ids: str
    order_route: str
    book: str  # pattern of the book's stream
    fills: str  # pattern of the stream of executions
    orders: str  # pattern of the stream of orders
    gap: str  # what ccxt makes of a hole in the book's sequence: unnoticed, noticed or healed
    coin: str  # the balance that the market settles in
    options: Mapping[str, Any] = {}
    id_form: str = "gd{:06d}"
    worst: float | None = None  # price of an order at market, where there must be one
    wrong: tuple[str, str] = ("secret", "wrong")  # which part of the key to spoil
    refusal: type[Exception] = ccxt.AuthenticationError  # of a wrong signature
    skew_ms: int = 10 * 60_000  # too much for signed requests

    def our_id(self, number: int) -> str:
        """Return a client id in the form of this exchange."""
        return self.id_form.format(number)


DERIBIT = Client(
    name="deribit",
    server=DeribitServer,
    symbol="BTC/USD:BTC",
    listed="BTC-PERPETUAL",
    amount=100,
    far=80_000,
    ids="label",
    order_route="private/buy",
    book="book.BTC-PERPETUAL.*",
    fills="user.trades.*",
    orders="user.orders.*",
    gap="unnoticed",
    coin="BTC",
)

BINANCE = Client(
    name="binanceusdm",
    server=BinanceUsdmServer,
    symbol="BTC/USDT:USDT",
    listed="BTCUSDT",
    amount=0.01,
    far=80_000,
    ids="newClientOrderId",
    order_route="POST /fapi/v1/order",
    book="btcusdt@depth*",
    fills="user:ORDER_TRADE_UPDATE",
    orders="user:ORDER_TRADE_UPDATE",
    gap="noticed",
    coin="USDT",
    options={"fetchCurrencies": False, "fetchMargins": False},
)

COINM = Client(
    name="binancecoinm",
    server=BinanceCoinmServer,
    symbol="BTC/USD:BTC",
    listed="BTCUSD_PERP",
    amount=10,
    far=80_000,
    ids="newClientOrderId",
    order_route="POST /dapi/v1/order",
    book="btcusd_perp@depth*",
    fills="user:ORDER_TRADE_UPDATE",
    orders="user:ORDER_TRADE_UPDATE",
    gap="noticed",
    coin="BTC",
    options={"fetchCurrencies": False, "fetchMargins": False},
)

BYBIT = Client(
    name="bybit",
    server=BybitServer,
    symbol="BTC/USDT:USDT",
    listed="BTCUSDT",
    amount=0.01,
    far=80_000,
    ids="orderLinkId",
    order_route="POST /v5/order/create",
    book="orderbook.*",
    fills="execution",
    orders="order",
    gap="unnoticed",
    coin="USDT",
)

OKX = Client(
    name="okx",
    server=OkxServer,
    symbol="BTC/USDT:USDT",
    listed="BTC-USDT-SWAP",
    amount=1,
    far=80_000,
    ids="clOrdId",
    order_route="POST /api/v5/trade/batch-orders",
    book="books*",
    fills="orders:SWAP",
    orders="orders:SWAP:*",
    gap="noticed",
    coin="USDT",
)

HYPERLIQUID = Client(
    name="hyperliquid",
    server=HyperliquidServer,
    symbol="BTC/USDC:USDC",
    listed="BTC",
    amount=0.01,
    far=80_000,
    ids="clientOrderId",
    order_route="exchange order",
    book="l2Book:BTC",
    fills="userFills",
    orders="orderUpdates",
    gap="healed",
    coin="USDC",
    options={"builderFee": False, "approvedBuilderFee": True, "refSet": True},
    id_form="0x{:032x}",
    worst=90_000,
    wrong=("privateKey", "0x" + "77" * 32),
    refusal=ccxt.InvalidOrder,
    skew_ms=3 * 86_400_000,
)

CLIENTS = (DERIBIT, BINANCE, COINM, BYBIT, OKX, HYPERLIQUID)


@asynccontextmanager
async def connected(client: Client, **changed: Any) -> AsyncIterator[tuple[VenueServer, Any]]:
    """Give a running server and a ccxt exchange that talks to it, markets loaded."""
    async with client.server() as server:
        exchange = getattr(ccxt.pro, client.name)(
            {
                **server.credentials,
                "urls": endpoints(server, client.name),
                "enableRateLimit": False,
                "options": dict(client.options),
                **changed,
            }
        )
        try:
            await exchange.load_markets()
            yield server, exchange
        finally:
            await exchange.close()


async def place(exchange: Any, client: Client, number: int, *, far: bool = False) -> Any:
    """Send one order under one of our ids: at market, or resting far away."""
    price = client.far if far else client.worst
    kind = "limit" if far else "market"
    ours = {client.ids: client.our_id(number)}
    return await exchange.create_order(client.symbol, kind, "buy", client.amount, price, ours)


def arrived(server: VenueServer, client: Client, number: int) -> int:
    """How often an order really arrived."""
    return server.exchange.arrivals[client.our_id(number)]


async def subscribed(server: VenueServer, *patterns: str) -> None:
    """Wait until the server has subscribers to streams of these names."""
    for _ in range(200):
        streams = [name for each in server.sockets for name in each.channels]
        if all(fnmatch.filter(streams, each) for each in patterns):
            await asyncio.sleep(0.05)
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"nobody subscribed to {patterns}")


def ears(exchange: Any) -> list[str]:
    """Collect what every socket of an exchange receives."""
    heard: list[str] = []
    told = exchange.handle_message

    def listen(stream: Any, message: Any) -> None:
        heard.append(exchange.json(message))
        told(stream, message)

    exchange.handle_message = listen
    return heard
