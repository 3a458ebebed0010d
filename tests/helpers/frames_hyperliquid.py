"""Hyperliquid's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.core.ids import client_order_id
from terminal.venues.dialects.client_ids import as_hex
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from tests.helpers.frames import Corpus, Frame

OURS = client_order_id("run", "hedge", 1)


def listed(name: str, size_decimals: int, **fields: Any) -> Frame:
    """Row of ``metaAndAssetCtxs``, as ccxt joins the two halves."""
    row: Frame = {"name": name, "szDecimals": size_decimals, "maxLeverage": 40, "baseId": 0}
    return row | fields


MARKETS = (listed("BTC", 5), listed("ETH", 4), listed("SOL", 2), listed("kPEPE", 0))


def order(status: str = "open", **fields: Any) -> Frame:
    """Entry of ``orderUpdates``: an order of ours on BTC, 0.3 of 0.5 filled."""
    row: Frame = {
        "coin": "BTC",
        "side": "B",
        "limitPx": "90000.0",
        "sz": "0.2",
        "origSz": "0.5",
        "oid": 7456484275,
        "timestamp": 1795000000000,
        "cloid": as_hex(OURS),
    }
    return {"order": row | fields, "status": status, "statusTimestamp": 1795000000100}


def fill(**fields: Any) -> Frame:
    """Fill of our order."""
    row: Frame = {
        "coin": "BTC",
        "px": "90000.0",
        "sz": "0.3",
        "side": "B",
        "time": 1795000000050,
        "startPosition": "-0.0213",
        "dir": "Close Short",
        "closedPnl": "0.0",
        "hash": "0x00",
        "oid": 7456484275,
        "crossed": True,
        "fee": "12.15",
        "tid": 745210434703679,
        "cloid": as_hex(OURS),
        "feeToken": "USDC",
    }
    return row | fields


def position(**fields: Any) -> Frame:
    """Short of half a bitcoin, in its envelope."""
    row: Frame = {
        "coin": "BTC",
        "szi": "-0.5",
        "entryPx": "90000.0",
        "positionValue": "45050.0",
        "unrealizedPnl": "-50.0",
        "leverage": {"type": "cross", "value": 20},
    }
    return {"type": "oneWay", "position": row | fields}


CONTEXT = {
    "funding": "0.0000125", "openInterest": "27353.1", "oraclePx": "90010.0", "markPx": "90002.0",
    "midPx": "90001.5", "premium": "-0.0005", "impactPxs": ["90001.0", "90002.0"],
}  # fmt: skip
STATE = {
    "marginSummary": {"accountValue": "1950.0", "totalRawUsd": "-43000.0"},
    "crossMarginSummary": {"accountValue": "1950.0", "totalRawUsd": "-43000.0"},
    "assetPositions": [position()],
    "withdrawable": "772.2",
    "time": 1795000000000,
}
LEVELS = [{"px": "90001.0", "sz": "3.5", "n": 4}, {"px": "90002.0", "sz": "0.25", "n": 1}]
TRADE = {
    "coin": "BTC", "side": "A", "px": "90001.0", "sz": "0.015", "tid": 300003,
    "time": 1795000000000, "hash": "0x00",
}  # fmt: skip
PAYMENT = {
    "time": 1795000000000, "coin": "BTC", "usdc": "-0.5626", "szi": "0.5",
    "fundingRate": "0.0000125",
}  # fmt: skip


def frame(channel: str, data: Any) -> Frame:
    """Frame of a channel."""
    return {"channel": channel, "data": data}


CORPUS = Corpus(
    dialect=HYPERLIQUID,
    markets=MARKETS,
    public=(
        frame("bbo", {"coin": "BTC", "time": 1795000000000, "bbo": LEVELS}),
        frame("trades", [TRADE, TRADE | {"side": "B"}]),
        frame("activeAssetCtx", {"coin": "BTC", "ctx": CONTEXT}),
        frame("l2Book", {"coin": "BTC", "time": 1795000000000, "levels": [LEVELS[:1], LEVELS[1:]]}),
        frame("subscriptionResponse", {"method": "subscribe"}),
    ),
    private=(
        frame("orderUpdates", [order(), order("filled", sz="0.0")]),
        frame("userFills", {"user": "0x0", "fills": [fill(), fill(tid=2, crossed=False)]}),
        frame("user", {"fills": [fill()]}),
        frame("userFundings", {"user": "0x0", "fundings": [PAYMENT]}),
        frame("clearinghouseState", {"dex": "", "user": "0x0", "clearinghouseState": STATE}),
    ),
    orders=(
        order(),
        order("canceled"),
        dict(order()["order"]),
        {"resting": {"oid": 1, "cloid": as_hex(OURS)}},
        {"filled": {"oid": 1, "totalSz": "0.3", "avgPx": "90000.0", "cloid": as_hex(OURS)}},
    ),
    fills=(fill(),),
    positions=(position(), position()["position"]),
)
