"""Paradex's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.venues.dialects.paradex import PARADEX
from tests.helpers.frames import Corpus, Frame


def listed(name: str, kind: str, **terms: Any) -> Frame:
    """Row of ``markets``."""
    row: Frame = {
        "symbol": name,
        "asset_kind": kind,
        "base_currency": "BTC",
        "quote_currency": "USD",
        "settlement_currency": "USDC",
        "order_size_increment": "0.001",
        "price_tick_size": "0.1",
        "min_notional": "100",
        "expiry_at": 0,
        "funding_period_hours": 8,
    }
    return row | terms


def notice(channel: str, data: Any) -> Frame:
    """Notification of a subscription."""
    params = {"channel": channel, "data": data}
    return {"jsonrpc": "2.0", "method": "subscription", "params": params}


MARKETS = (
    listed("BTC-USD-PERP", "PERP"),
    listed(
        "BTC-USD-27NOV26-100000-C", "OPTION", expiry_at=1795766400000, strike_price="100000",
        option_type="CALL",
    ),
)  # fmt: skip
SUMMARY = {
    "symbol": "BTC-USD-PERP", "bid": "90000.1", "ask": "", "mark_price": "90000.5",
    "underlying_price": "89990.0", "funding_rate": "0.0001", "created_at": 1795000000000,
}  # fmt: skip
OPTION_SUMMARY = SUMMARY | {
    "symbol": "BTC-USD-27NOV26-100000-C", "bid": "1500.5", "ask": "1600.5", "mark_iv": "0.5",
    "mark_price": "1550.1",
}  # fmt: skip
FUNDING = {
    "market": "BTC-USD-PERP", "funding_rate": "-0.00015", "funding_rate_8h": "-0.0006",
    "funding_period_hours": 2, "created_at": 1795000000000,
}  # fmt: skip
TRADE = {
    "id": "1718179273230201709233240002", "market": "BTC-USD-PERP", "side": "BUY", "size": "0.5",
    "price": "90000.1", "created_at": 1795000000000, "trade_type": "FILL",
}  # fmt: skip
FILL = TRADE | {"liquidity": "MAKER", "fee": "-2.25", "fee_currency": "USDC", "order_id": "1"}
POSITION = {
    "market": "BTC-USD-PERP", "side": "SHORT", "size": "0.5", "average_entry_price": "90000",
    "status": "OPEN",
}  # fmt: skip

CORPUS = Corpus(
    dialect=PARADEX,
    markets=MARKETS,
    public=(
        notice("markets_summary", SUMMARY),
        notice("markets_summary", OPTION_SUMMARY),
        notice("trades.ALL", TRADE),
        notice("funding_data", FUNDING),
        {"jsonrpc": "2.0", "id": 1, "result": {"node_id": "73cf456f7cb78d59"}},
    ),
    private=(),
    fills=(FILL,),
    positions=(POSITION,),
)
