"""Unmodified ccxt against a local exchange: which market, which amounts, which errors."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
from msgspec import Struct

from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.bybit import BybitServer
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.okx import OkxServer
from tests.venue_servers.redirect import endpoints
from tests.venue_servers.server import VenueServer


class Client(Struct, frozen=True, kw_only=True):
    """One exchange as ccxt knows it, and the market that the tests trade.

    ``far`` is a price that rests far below the market; ``ids`` is the parameter that carries our
    id, ``our_id`` makes one of the exchange's form. ``options`` are ccxt's.
    """

    name: str
    server: Callable[[], VenueServer]
    symbol: str
    amount: float
    far: float
    ids: str
    order_route: str
    book: str  # pattern of the book's stream
    fills: str  # pattern of the stream of executions
    orders: str  # pattern of the stream of orders
    notices_gaps: bool  # whether ccxt notices a hole in the book's sequence
    coin: str  # the balance that the market settles in
    options: Mapping[str, Any] = {}

    def our_id(self, number: int) -> str:
        """Return a client id in the form of this exchange."""
        return f"gd{number:06d}"


DERIBIT = Client(
    name="deribit",
    server=DeribitServer,
    symbol="BTC/USD:BTC",
    amount=100,
    far=80_000,
    ids="label",
    order_route="private/buy",
    book="book.BTC-PERPETUAL.*",
    fills="user.trades.*",
    orders="user.orders.*",
    notices_gaps=False,
    coin="BTC",
)

BINANCE = Client(
    name="binanceusdm",
    server=BinanceUsdmServer,
    symbol="BTC/USDT:USDT",
    amount=0.01,
    far=80_000,
    ids="newClientOrderId",
    order_route="POST /fapi/v1/order",
    book="btcusdt@depth*",
    fills="user:ORDER_TRADE_UPDATE",
    orders="user:ORDER_TRADE_UPDATE",
    notices_gaps=True,
    coin="USDT",
    options={"fetchCurrencies": False, "fetchMargins": False},
)

BYBIT = Client(
    name="bybit",
    server=BybitServer,
    symbol="BTC/USDT:USDT",
    amount=0.01,
    far=80_000,
    ids="orderLinkId",
    order_route="POST /v5/order/create",
    book="orderbook.*",
    fills="execution",
    orders="order",
    notices_gaps=False,
    coin="USDT",
)

OKX = Client(
    name="okx",
    server=OkxServer,
    symbol="BTC/USDT:USDT",
    amount=1,
    far=80_000,
    ids="clOrdId",
    order_route="POST /api/v5/trade/batch-orders",
    book="books*",
    fills="orders:SWAP",
    orders="orders:SWAP:*",
    notices_gaps=True,
    coin="USDT",
)

CLIENTS = (DERIBIT, BINANCE, BYBIT, OKX)


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
