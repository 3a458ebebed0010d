"""Messages of Binance's futures, written after its documentation, with plain numbers."""

from typing import Any

from terminal.core.ids import client_order_id
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from tests.helpers.frames import Corpus, Frame

OURS = client_order_id("run", "hedge", 1)
AT_MS = 1_795_705_200_000  # 2026-11-26 15:00 UTC
PAID_MS = AT_MS + 3_600_000
EXPIRY_MS = 1_795_766_400_000  # 2026-11-27 08:00 UTC
NEVER_MS = 4_133_404_800_000


def filters(tick: str, lot: str, least: str | None = None) -> list[Frame]:
    """Grid of an instrument."""
    found: list[Frame] = [
        {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "4529764", "tickSize": tick},
        {"filterType": "LOT_SIZE", "stepSize": lot, "minQty": lot, "maxQty": "1000"},
        {"filterType": "MARKET_LOT_SIZE", "stepSize": lot, "minQty": lot, "maxQty": "120"},
    ]
    return found if least is None else [*found, {"filterType": "MIN_NOTIONAL", "notional": least}]


def listed(symbol: str, **terms: Any) -> Frame:
    """Row of ``exchangeInfo``: a linear perpetual on BTC unless told otherwise."""
    row: Frame = {
        "symbol": symbol,
        "pair": "BTCUSDT",
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "status": "TRADING",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "orderTypes": ["LIMIT", "MARKET"],
        "filters": filters("0.10", "0.001", "100"),
    }
    return row | terms


PERPETUAL = listed("BTCUSDT")
ETHER = listed("ETHUSDT", baseAsset="ETH", filters=filters("0.01", "0.001", "20"))
USDC = listed("BTCUSDC", quoteAsset="USDC", marginAsset="USDC")
DATED = listed("BTCUSDT_261127", contractType="CURRENT_QUARTER", deliveryDate=EXPIRY_MS)
LINEAR = (PERPETUAL, ETHER, USDC, DATED)

COIN = listed(
    "BTCUSD_PERP", pair="BTCUSD", contractSize=100, quoteAsset="USD", marginAsset="BTC",
    filters=filters("0.1", "1"),
)  # fmt: skip
COIN_ETHER = COIN | {
    "symbol": "ETHUSD_PERP", "pair": "ETHUSD", "baseAsset": "ETH", "marginAsset": "ETH",
    "contractSize": 10,
}  # fmt: skip
COIN_DATED = COIN | {
    "symbol": "BTCUSD_261127", "contractType": "CURRENT_QUARTER", "deliveryDate": EXPIRY_MS,
}  # fmt: skip
INVERSE = (COIN, COIN_ETHER, COIN_DATED)


def touch(symbol: str, **fields: Any) -> Frame:
    """Best prices."""
    row = {"e": "bookTicker", "u": 1, "E": AT_MS, "T": AT_MS, "s": symbol}
    return row | {"b": "90000.0", "B": "2.5", "a": "90000.1", "A": "1.5"} | fields


def mark(symbol: str, **fields: Any) -> Frame:
    """Mark, index and funding."""
    row: Frame = {"e": "markPriceUpdate", "E": AT_MS, "s": symbol, "p": "90000.05"}
    return row | {"i": "90010.0", "P": "90005.0", "r": "0.0001", "T": PAID_MS} | fields


def trade(symbol: str, **fields: Any) -> Frame:
    """Public trade."""
    row: Frame = {"e": "trade", "E": AT_MS, "T": AT_MS, "s": symbol, "t": 1, "p": "90000.1"}
    return row | {"q": "0.25", "X": "MARKET", "m": False} | fields


def order(symbol: str = "BTCUSDT", **fields: Any) -> Frame:
    """Order as a reply tells it."""
    row: Frame = {
        "orderId": 7,
        "symbol": symbol,
        "status": "PARTIALLY_FILLED",
        "clientOrderId": OURS,
        "price": "90000.0",
        "avgPrice": "90000.0",
        "origQty": "0.500",
        "executedQty": "0.200",
        "timeInForce": "GTC",
        "side": "BUY",
        "positionSide": "BOTH",
        "reduceOnly": False,
    }
    return row | fields


def streamed(symbol: str = "BTCUSDT", **fields: Any) -> Frame:
    """Order as a stream tells it, with the execution that made it change."""
    row: Frame = {
        "s": symbol,
        "c": OURS,
        "S": "BUY",
        "o": "LIMIT",
        "f": "GTC",
        "q": "0.500",
        "p": "90000.0",
        "x": "TRADE",
        "X": "PARTIALLY_FILLED",
        "i": 7,
        "l": "0.200",
        "z": "0.200",
        "L": "90000.0",
        "N": "USDT",
        "n": "3.6",
        "T": AT_MS,
        "t": 71,
        "m": True,
        "R": False,
        "ps": "BOTH",
    }
    return row | fields


def updated(row: Frame) -> Frame:
    """Frame of an order."""
    return {"e": "ORDER_TRADE_UPDATE", "E": AT_MS, "T": AT_MS, "o": row}


def fill(symbol: str = "BTCUSDT", **fields: Any) -> Frame:
    """Row of ``userTrades``."""
    row: Frame = {
        "symbol": symbol,
        "id": 71,
        "orderId": 7,
        "side": "BUY",
        "price": "90000.0",
        "qty": "0.200",
        "commission": "3.6",
        "commissionAsset": "USDT",
        "time": AT_MS,
        "positionSide": "BOTH",
        "buyer": True,
        "maker": True,
    }
    return row | fields


def position(symbol: str = "BTCUSDT", **fields: Any) -> Frame:
    """Row of ``positionRisk``."""
    row = {"symbol": symbol, "positionSide": "BOTH", "positionAmt": "-0.500"}
    return row | {"entryPrice": "90000.0", "markPrice": "90000.05"} | fields


def account(symbol: str = "BTCUSDT", **fields: Any) -> Frame:
    """Frame of balances and positions."""
    held = {"s": symbol, "pa": "-0.500", "ep": "90000.0", "ps": "BOTH"} | fields
    cash = {"a": "USDT", "wb": "10000.5", "cw": "10000.5", "bc": "0"}
    content = {"m": "ORDER", "B": [cash], "P": [held]}
    return {"e": "ACCOUNT_UPDATE", "E": AT_MS, "T": AT_MS, "a": content}


USDM_CORPUS = Corpus(
    dialect=BINANCEUSDM,
    markets=LINEAR,
    public=(
        touch("BTCUSDT"),
        {"stream": "btcusdt@markPrice@1s", "data": mark("BTCUSDT")},
        mark("BTCUSDT_261127", r="", T=0),
        trade("BTCUSDT"),
        {"result": None, "id": 1},
    ),
    private=(updated(streamed()), {"stream": "k", "data": account()}, account()),
    orders=(order(), order(status="FILLED"), streamed()),
    fills=(fill(), streamed()),
    positions=(position(), position(positionAmt="0", entryPrice="0.0")),
)

COINM_CORPUS = Corpus(
    dialect=BINANCECOINM,
    markets=INVERSE,
    public=(
        touch("BTCUSD_PERP"),
        mark("BTCUSD_PERP"),
        trade("BTCUSD_PERP", q="13"),
        {"e": "indexPriceUpdate", "E": AT_MS, "i": "ETHUSD", "p": "3000.5"},
    ),
    private=(updated(streamed("BTCUSD_PERP", l="2", z="2", N="BTC")), account("BTCUSD_PERP")),
    orders=(order("BTCUSD_PERP", executedQty="2"),),
    fills=(fill("BTCUSD_PERP", qty="2", commissionAsset="BTC"),),
    positions=(position("BTCUSD_PERP", positionAmt="-450"),),
)
