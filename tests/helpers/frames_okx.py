"""OKX's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.core.ids import client_order_id
from terminal.venues.dialects.okx import OKX
from tests.helpers.frames import Corpus, Frame

OURS = client_order_id("run", "hedge", 1)
AT_MS = 1_795_705_200_000  # 2026-11-26 15:00 UTC
PAID_MS = AT_MS + 3_600_000
EXPIRY_MS = 1_795_766_400_000  # 2026-11-27 08:00 UTC


def listed(name: str, **terms: Any) -> Frame:
    """Row of ``public/instruments``: a linear swap unless told otherwise."""
    row: Frame = {
        "instType": "SWAP",
        "instId": name,
        "uly": "BTC-USDT",
        "instFamily": "BTC-USDT",
        "settleCcy": "USDT",
        "ctVal": "0.01",
        "ctMult": "1",
        "ctValCcy": "BTC",
        "ctType": "linear",
        "optType": "",
        "stk": "",
        "expTime": "",
        "tickSz": "0.1",
        "lotSz": "0.01",
        "minSz": "0.01",
        "state": "live",
    }
    return row | terms


SWAP = listed("BTC-USDT-SWAP")
INVERSE = listed(
    "BTC-USD-SWAP", uly="BTC-USD", settleCcy="BTC", ctVal="100", ctValCcy="USD", ctType="inverse",
    lotSz="1", minSz="1",
)  # fmt: skip
ETHER = listed(
    "ETH-USDT-SWAP", uly="ETH-USDT", ctVal="0.1", ctValCcy="ETH", tickSz="0.01", lotSz="0.01"
)
DATED = listed("BTC-USDT-261127", instType="FUTURES", expTime=str(EXPIRY_MS))
OPTION = listed(
    "BTC-USD-261127-100000-C", instType="OPTION", uly="BTC-USD", settleCcy="BTC", ctVal="1",
    ctMult="0.01", ctType="", optType="C", stk="100000", expTime=str(EXPIRY_MS), tickSz="0.0001",
    lotSz="1", minSz="1",
)  # fmt: skip
MARKETS = (SWAP, INVERSE, ETHER, DATED, OPTION)


def told(channel: str, *rows: Any, **arg: Any) -> Frame:
    """Frame of a channel."""
    return {"arg": {"channel": channel, **arg}, "data": list(rows)}


def ticker(name: str, **fields: Any) -> Frame:
    """Frame of best prices."""
    row = {"instId": name, "last": "1", "askPx": "90000.1", "askSz": "150", "bidPx": "90000"}
    return told("tickers", row | {"bidSz": "250", "ts": str(AT_MS)} | fields, instId=name)


def touch(name: str, **fields: Any) -> Frame:
    """Frame of best prices, tick by tick."""
    row: Frame = {"asks": [["90000.1", "150", "0", "1"]], "bids": [["90000", "250", "0", "2"]]}
    return told("bbo-tbt", row | {"ts": str(AT_MS), "seqId": 1} | fields, instId=name)


def funding(name: str, **fields: Any) -> Frame:
    """Frame of the rate of the next payment."""
    row = {"instId": name, "instType": "SWAP", "fundingRate": "0.0001", "nextFundingRate": ""}
    times = {"fundingTime": str(PAID_MS), "nextFundingTime": str(PAID_MS + 8 * 3_600_000)}
    return told("funding-rate", row | times | fields, instId=name)


def summary(**fields: Any) -> Frame:
    """Frame of the options on one family."""
    row = {"instId": OPTION["instId"], "uly": "BTC-USD", "markVol": "0.51", "fwdPx": "90100"}
    return told("opt-summary", row | {"delta": "0.1", "deltaBS": "0.3"} | fields)


def trade(name: str, **fields: Any) -> Frame:
    """Frame of a public trade."""
    row = {"instId": name, "tradeId": "1", "px": "90000.1", "sz": "25", "side": "sell"}
    return told("trades", row | fields, instId=name)


def order(**fields: Any) -> Frame:
    """Row of an order, as stream and reply tell it, without a fill."""
    row: Frame = {
        "instId": "BTC-USDT-SWAP",
        "instType": "SWAP",
        "ordId": "7",
        "clOrdId": OURS,
        "state": "live",
        "side": "buy",
        "posSide": "net",
        "px": "90000",
        "sz": "50",
        "accFillSz": "0",
        "fillSz": "0",
        "tradeId": "",
        "cancelSourceReason": "",
    }
    return row | fields


def traded(**fields: Any) -> Frame:
    """Row of an order that has just traded for the second time."""
    second = {"state": "partially_filled", "accFillSz": "50", "fillSz": "20", "fillPx": "90000"}
    fees = {"fee": "-22.5", "feeCcy": "USDT", "fillFee": "-9", "fillFeeCcy": "USDT"}
    return order(**(second | fees | {"tradeId": "71", "execType": "T"} | fields))


def fill(**fields: Any) -> Frame:
    """Row of ``trade/fills``."""
    row = {"instId": "BTC-USDT-SWAP", "tradeId": "71", "ordId": "7", "clOrdId": OURS}
    done = {"fillPx": "90000", "fillSz": "20", "side": "buy", "execType": "T"}
    return row | done | {"fee": "-9", "feeCcy": "USDT", "ts": str(AT_MS)} | fields


def position(**fields: Any) -> Frame:
    """Row of ``account/positions``."""
    row = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "posSide": "net", "pos": "-50"}
    return row | {"avgPx": "90000", "mgnMode": "cross"} | fields


CASH = {"details": [{"ccy": "USDT", "cashBal": "10000.5", "eq": "10100"}]}

CORPUS = Corpus(
    dialect=OKX,
    markets=MARKETS,
    public=(
        ticker("BTC-USDT-SWAP"),
        touch("BTC-USDT-SWAP"),
        told("mark-price", {"instId": "BTC-USDT-SWAP", "markPx": "90000.05"}),
        told("index-tickers", {"instId": "BTC-USD", "idxPx": "90010"}),
        funding("BTC-USDT-SWAP"),
        summary(),
        trade("BTC-USD-SWAP"),
        {"event": "subscribe", "arg": {"channel": "tickers", "instId": "BTC-USDT-SWAP"}},
    ),
    private=(
        told("orders", order(), instType="ANY"),
        told("orders", traded(), instType="ANY"),
        told("positions", position(), instType="ANY"),
        told("account", CASH),
    ),
    orders=(order(), order(state="filled"), traded()),
    fills=(fill(), fill(instId="BTC-USD-SWAP", fee="0.00001", execType="M"), traded()),
    positions=(position(), position(pos="0", avgPx="")),
)
