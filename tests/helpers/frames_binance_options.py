"""Messages of Binance's options, written after its documentation, with plain numbers."""

from typing import Any

from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from tests.helpers.frames import Corpus, Frame
from tests.helpers.frames_binance import AT_MS, EXPIRY_MS, OURS, filters, touch, trade

NAME = "BTC-261127-100000-C"
OPTION: Frame = {
    "expiryDate": EXPIRY_MS,
    "filters": filters("5", "0.01"),
    "symbol": NAME,
    "side": "CALL",
    "strikePrice": "100000.00000000",
    "underlying": "BTCUSDT",
    "unit": 1,
    "makerFeeRate": "0.00024000",
    "takerFeeRate": "0.00024000",
    "minQty": "0.01",
    "quoteAsset": "USDT",
}
SOL_PUT = OPTION | {
    "symbol": "SOL-261127-150-P", "side": "PUT", "strikePrice": "150.0", "underlying": "SOLUSDT",
}  # fmt: skip
MARKETS = (OPTION, SOL_PUT)


def mark(**fields: Any) -> Frame:
    """Frame of the marks of one underlying."""
    row: Frame = {"s": NAME, "mp": "1510.5", "E": AT_MS, "e": "markPrice", "i": "90010.0"}
    touched = {"bo": "1500", "ao": "1520", "bq": "3", "aq": "4", "b": "0.50", "a": "0.52"}
    greeks = {"vo": "0.51", "d": "0.3", "t": "-90", "g": "0.00005", "v": "40"}
    return {"stream": "btcusdt@optionMarkPrice", "data": [row | touched | greeks | fields]}


def order(**fields: Any) -> Frame:
    """Order as a reply tells it."""
    row: Frame = {"orderId": 7, "symbol": NAME, "price": "1500", "quantity": "1.00"}
    said = {"executedQty": "0.40", "side": "SELL", "timeInForce": "GTC"}
    return row | said | {"status": "PARTIALLY_FILLED", "clientOrderId": OURS} | fields


def fill(**fields: Any) -> Frame:
    """Row of ``userTrades``."""
    row: Frame = {"id": 1, "tradeId": 73, "orderId": 7, "symbol": NAME, "price": "1500"}
    said = {"quantity": "-0.40", "fee": "9.5", "side": "SELL", "liquidity": "MAKER"}
    return row | said | {"time": AT_MS} | fields


def streamed(*fills: Frame, **fields: Any) -> Frame:
    """Order as a stream tells it."""
    row: Frame = {"T": AT_MS, "t": AT_MS, "s": NAME, "c": OURS, "oid": "7", "p": "1500"}
    said = {"q": "-1.00", "S": "PARTIALLY_FILLED", "e": "0.40", "tif": "GTC", "oty": "LIMIT"}
    return row | said | {"fi": list(fills)} | fields


def done(**fields: Any) -> Frame:
    """Fill within an order of a stream."""
    return {"t": "73", "p": "1500", "q": "0.40", "T": AT_MS, "m": "TAKER", "f": "9.5"} | fields


def updated(*rows: Frame) -> Frame:
    """Frame of orders."""
    return {"e": "ORDER_TRADE_UPDATE", "E": AT_MS, "o": list(rows)}


def position(**fields: Any) -> Frame:
    """Row of ``position``."""
    row = {"entryPrice": "1500", "symbol": NAME, "side": "SHORT", "quantity": "-0.40"}
    return row | fields


ACCOUNT: Frame = {
    "e": "BALANCE_POSITION_UPDATE",
    "E": AT_MS,
    "B": [{"a": "USDT", "b": "10000.5", "bc": "0"}],
    "P": [{"s": NAME, "c": "-0.4000", "p": "-600", "a": "1500"}],
}

CORPUS = Corpus(
    dialect=BINANCE_OPTIONS,
    markets=MARKETS,
    public=(
        mark(),
        touch(NAME, b="0", B="0"),
        trade(NAME),
        {"e": "index", "E": AT_MS, "s": "SOLUSDT", "p": "150.5"},
        {"e": "markPrice", "E": AT_MS, "s": NAME, "mp": "1510.5"},
    ),
    private=(updated(streamed(done())), ACCOUNT),
    orders=(order(), order(status="ACCEPTED"), streamed()),
    fills=(fill(), fill(side="BUY", quantity="0.40", liquidity="TAKER")),
    positions=(position(), position(side="LONG", quantity="2")),
)
