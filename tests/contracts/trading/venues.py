"""The venues that the contract is held against: each with a local server that speaks as it does."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.dialects.bybit import BYBIT
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from terminal.venues.dialects.okx import OKX
from terminal.venues.gateway.catalogue import wire_of
from terminal.venues.gateway.wire import Dialled
from terminal.venues.markets import equip, fetch_markets
from tests.venue_servers.binancecoinm import BinanceCoinmServer
from tests.venue_servers.binanceoptions import LISTED_MS, BinanceOptionsServer, listing
from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.bybit import BybitServer
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.hyperliquid import HyperliquidServer
from tests.venue_servers.okx import OkxServer
from tests.venue_servers.server import VenueServer

ANSWER_MS: Final = 1_500
"""Longest wait for an answer: servers on this machine that mean to answer need far less."""


class Routes(Struct, frozen=True, kw_only=True):
    """Names of a server's routes, as its faults are planned by."""

    create: str
    order: str
    cancel: str
    positions: str
    open_orders: str
    trades: str
    balance: str


class Tradable(Struct, frozen=True, kw_only=True):
    """One venue under test."""

    dialect: Dialect
    serve: Callable[[], VenueServer]
    routes: Routes
    key: str  # a perpetual; an option where there are no others
    symbol: str  # the same at the server
    no_money: int | str  # its code for too little money


def _binance(prefix: str, version: str) -> Routes:
    return Routes(
        create=f"POST /{prefix}/v1/order",
        order=f"GET /{prefix}/v1/order",
        cancel=f"DELETE /{prefix}/v1/order",
        positions=f"GET /{prefix}/{version}/positionRisk",
        open_orders=f"GET /{prefix}/v1/openOrders",
        trades=f"GET /{prefix}/v1/userTrades",
        balance=f"GET /{prefix}/{version}/balance",
    )


def _options() -> Tradable:
    """Binance's options: the middle strike of the first calls on BTC."""
    calls = [each for each in listing(LISTED_MS) if each.call]
    name = calls[1].name
    return Tradable(
        dialect=BINANCE_OPTIONS,
        serve=BinanceOptionsServer,
        routes=Routes(
            create="POST /eapi/v1/order",
            order="GET /eapi/v1/order",
            cancel="DELETE /eapi/v1/order",
            positions="GET /eapi/v1/position",
            open_orders="GET /eapi/v1/openOrders",
            trades="GET /eapi/v1/userTrades",
            balance="GET /eapi/v1/marginAccount",
        ),
        key=f"{name}@binanceoptions",
        symbol=name,
        no_money=-2018,
    )


VENUES: Final = (
    Tradable(
        dialect=DERIBIT,
        serve=DeribitServer,
        routes=Routes(
            create="private/buy",
            order="private/get_order_state_by_label",
            cancel="private/cancel_by_label",
            positions="private/get_positions",
            open_orders="private/get_open_orders",
            trades="private/get_user_trades_by_currency_and_time",
            balance="private/get_account_summaries",
        ),
        key="BTC-PERPETUAL@deribit",
        symbol="BTC-PERPETUAL",
        no_money=10009,
    ),
    Tradable(
        dialect=BYBIT,
        serve=BybitServer,
        routes=Routes(
            create="POST /v5/order/create",
            order="GET /v5/order/realtime",
            cancel="POST /v5/order/cancel",
            positions="GET /v5/position/list",
            open_orders="GET /v5/order/realtime",
            trades="GET /v5/execution/list",
            balance="GET /v5/account/wallet-balance",
        ),
        key="BTCUSDT@bybit",
        symbol="BTCUSDT",
        no_money=110007,
    ),
    Tradable(
        dialect=BINANCEUSDM,
        serve=BinanceUsdmServer,
        routes=_binance("fapi", "v3"),
        key="BTCUSDT@binanceusdm",
        symbol="BTCUSDT",
        no_money=-2019,
    ),
    Tradable(
        dialect=BINANCECOINM,
        serve=BinanceCoinmServer,
        routes=_binance("dapi", "v1"),
        key="BTCUSD_PERP@binancecoinm",
        symbol="BTCUSD_PERP",
        no_money=-2019,
    ),
    _options(),
    Tradable(
        dialect=OKX,
        serve=OkxServer,
        routes=Routes(
            create="POST /api/v5/trade/batch-orders",
            order="GET /api/v5/trade/order",
            cancel="POST /api/v5/trade/cancel-order",
            positions="GET /api/v5/account/positions",
            open_orders="GET /api/v5/trade/orders-pending",
            trades="GET /api/v5/trade/fills",
            balance="GET /api/v5/account/balance",
        ),
        key="BTC-USDT-SWAP@okx",
        symbol="BTC-USDT-SWAP",
        no_money="51008",
    ),
    Tradable(
        dialect=HYPERLIQUID,
        serve=HyperliquidServer,
        routes=Routes(
            create="exchange order",
            order="info orderStatus",
            cancel="exchange cancelByCloid",
            positions="info clearinghouseState",
            open_orders="info frontendOpenOrders",
            trades="info userFillsByTime",
            balance="info clearinghouseState",
        ),
        key="BTC@hyperliquid",
        symbol="BTC",
        no_money="Insufficient margin to place order.",
    ),
)


def dialler(venue: Tradable, server: VenueServer) -> Callable[[Taps], Dialled]:
    """Make what a gateway dials with: the real ccxt, guarded, pointed at the server."""
    spoken, connection = venue.dialect, Connection(endpoint=server.url)

    def dial(taps: Taps) -> Dialled:
        fetched = fetch_markets(spoken, connection, ("BTC",), 0)
        loaded = equip(spoken, taps, connection, fetched, credentials=server.credentials)
        loaded.exchange.timeout = ANSWER_MS
        return Dialled(wire_of(spoken, loaded.exchange), loaded.directory, loaded.symbols)

    return dial
