"""Bybit's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.core.ids import client_order_id
from terminal.venues.dialects.bybit import BYBIT
from tests.helpers.frames import Corpus, Frame

OURS = client_order_id("run", "hedge", 1)
AT_MS = 1_795_705_200_000  # 2026-11-26 15:00 UTC
EXPIRY_MS = 1_795_766_400_000  # 2026-11-27 08:00 UTC


def listed(symbol: str, **terms: Any) -> Frame:
    """Row of ``instruments-info``: a linear perpetual unless told otherwise."""
    row: Frame = {
        "symbol": symbol,
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": "BTC",
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "deliveryTime": "0",
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": "0.001",
            "qtyStep": "0.001",
            "minNotionalValue": "5",
        },
        "fundingInterval": 480,
    }
    return row | terms


PERPETUAL = listed("BTCUSDT")
ETHER = listed("ETHUSDT", baseCoin="ETH", fundingInterval=240)
USDC = listed("BTCPERP", quoteCoin="USDC", settleCoin="USDC")
INVERSE = listed(
    "BTCUSD", contractType="InversePerpetual", quoteCoin="USD", settleCoin="BTC",
    priceFilter={"tickSize": "0.50"},
    lotSizeFilter={"maxOrderQty": "25000000", "minOrderQty": "10", "qtyStep": "1"},
)  # fmt: skip
DATED = listed(
    "BTCUSDX26", contractType="InverseFutures", quoteCoin="USD", settleCoin="BTC",
    deliveryTime=str(EXPIRY_MS), fundingInterval=0,
    lotSizeFilter={"maxOrderQty": "25000000", "minOrderQty": "1", "qtyStep": "1"},
)  # fmt: skip
OPTION = {
    "symbol": "BTC-27NOV26-100000-C-USDT",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "settleCoin": "USDT",
    "optionsType": "Call",
    "deliveryTime": str(EXPIRY_MS),
    "priceFilter": {"minPrice": "5", "maxPrice": "10000000", "tickSize": "5"},
    "lotSizeFilter": {"maxOrderQty": "500", "minOrderQty": "0.01", "qtyStep": "0.01"},
}
OPTION_USDC = OPTION | {
    "symbol": "ETH-27NOV26-3000-P",
    "baseCoin": "ETH",
    "quoteCoin": "USDC",
    "settleCoin": "USDC",
    "optionsType": "Put",
}
MARKETS = (PERPETUAL, ETHER, USDC, INVERSE, DATED, OPTION, OPTION_USDC)


def ticker(symbol: str, kind: str = "snapshot", **fields: Any) -> Frame:
    """Frame of a ticker: of a future, unless ``fields`` say otherwise."""
    whole: Frame = {
        "bid1Price": "90000.00",
        "bid1Size": "2.5",
        "ask1Price": "90000.10",
        "ask1Size": "1.5",
        "markPrice": "90000.05",
        "indexPrice": "90010.00",
        "fundingRate": "0.0001",
        "nextFundingTime": str(AT_MS + 3_600_000),
    }
    content = {"symbol": symbol} | (whole if kind == "snapshot" else {}) | fields
    return {"topic": f"tickers.{symbol}", "type": kind, "data": content, "cs": 1, "ts": AT_MS}


def option_ticker(**fields: Any) -> Frame:
    """Frame of an option's ticker."""
    symbol = OPTION["symbol"]
    content: Frame = {
        "symbol": symbol,
        "bidPrice": "1500",
        "bidSize": "3",
        "bidIv": "0.50",
        "askPrice": "1520",
        "askSize": "4",
        "askIv": "0.52",
        "markPrice": "1510.5",
        "indexPrice": "90010.00",
        "markPriceIv": "0.51",
        "underlyingPrice": "90100.00",
        "delta": "0.3",
        "gamma": "0.00005",
        "vega": "40",
        "theta": "-90",
    }
    told = content | fields
    return {"topic": f"tickers.{symbol}", "type": "snapshot", "data": told, "ts": AT_MS}


def trade(**fields: Any) -> Frame:
    """Frame of one public trade."""
    row = {"T": AT_MS, "s": "BTCUSDT", "S": "Buy", "v": "0.25", "p": "90000.10", "i": "t-1"}
    return {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": AT_MS, "data": [row | fields]}


def order(**fields: Any) -> Frame:
    """Row of an order."""
    row: Frame = {
        "category": "linear",
        "symbol": "BTCUSDT",
        "orderId": "o-1",
        "orderLinkId": OURS,
        "side": "Buy",
        "orderType": "Limit",
        "price": "90000.00",
        "qty": "0.500",
        "orderStatus": "PartiallyFilled",
        "cumExecQty": "0.200",
        "leavesQty": "0.300",
        "rejectReason": "EC_NoError",
        "positionIdx": 0,
        "reduceOnly": False,
    }
    return row | fields


def fill(**fields: Any) -> Frame:
    """Row of an execution."""
    row: Frame = {
        "category": "linear",
        "symbol": "BTCUSDT",
        "execType": "Trade",
        "execId": "e-1",
        "execQty": "0.200",
        "execPrice": "90000.00",
        "execFee": "9.9",
        "feeRate": "0.00055",
        "feeCurrency": "",
        "orderId": "o-1",
        "orderLinkId": OURS,
        "side": "Buy",
        "isMaker": False,
        "execTime": str(AT_MS),
    }
    return row | fields


def position(**fields: Any) -> Frame:
    """Row of ``position/list``."""
    row: Frame = {
        "positionIdx": 0,
        "symbol": "BTCUSDT",
        "side": "Sell",
        "size": "0.5",
        "avgPrice": "90000.00",
        "markPrice": "90000.05",
    }
    return row | fields


def told(topic: str, *rows: Frame) -> Frame:
    """Frame of a private topic."""
    return {"topic": topic, "id": "1", "creationTime": AT_MS, "data": list(rows)}


FUNDING = fill(execType="Funding", execFee="-4.5", feeRate="-0.0001", orderLinkId="")
WALLET = {"accountType": "UNIFIED", "coin": [{"coin": "USDT", "walletBalance": "10000.5"}]}
STREAM_POSITION = {
    ("entryPrice" if key == "avgPrice" else key): value for key, value in position().items()
}

CORPUS = Corpus(
    dialect=BYBIT,
    markets=MARKETS,
    public=(
        ticker("BTCUSDT"),
        ticker("BTCUSDT", "delta", bid1Price="90001.00", bid1Size="1"),
        ticker("BTCUSD"),
        ticker("BTCUSDX26", fundingRate="", nextFundingTime=""),
        option_ticker(),
        trade(),
        {"success": True, "op": "subscribe", "conn_id": "c"},
    ),
    private=(
        told("order", order()),
        told("execution", fill(), FUNDING),
        told("position", STREAM_POSITION),
        told("wallet", WALLET),
    ),
    orders=(order(), order(orderStatus="Filled"), order(orderStatus="Cancelled")),
    fills=(fill(), fill(symbol="BTCUSD", execQty="100", isMaker=True)),
    positions=(position(), position(side="", size="0", avgPrice="0"), STREAM_POSITION),
)
