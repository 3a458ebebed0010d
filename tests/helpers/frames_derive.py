"""Derive's messages, written after its documentation, with numbers that are easy to check."""

from typing import Any

from terminal.venues.dialects.derive import DERIVE
from tests.helpers.frames import Corpus, Frame


def listed(name: str, kind: str, **terms: Any) -> Frame:
    """Row of ``get_instruments``."""
    row: Frame = {
        "instrument_name": name,
        "instrument_type": kind,
        "base_currency": "ETH",
        "quote_currency": "USDC",
        "tick_size": "0.01",
        "amount_step": "0.001",
        "minimum_amount": "0.01",
        "maker_fee_rate": "0.0001",
        "taker_fee_rate": "0.0005",
        "is_active": True,
        "option_details": None,
    }
    return row | terms


OPTION_TERMS = {"expiry": 1781251200, "strike": "1900", "option_type": "P", "index": "ETH-USD"}
MARKETS = (
    listed("ETH-PERP", "perp"),
    listed("ETH-20260612-1900-P", "option", tick_size="0.1", option_details=OPTION_TERMS),
)


def ticker(name: str, **fields: Any) -> Frame:
    """Frame of ``ticker_slim``."""
    row: Frame = {
        "t": 1779953797040,
        "b": "1992.36",
        "a": "1992.37",
        "B": "1.5",
        "A": "2.5",
        "I": "1991.79",
        "M": "1992.49",
        "f": "0.0000125",
        "option_pricing": None,
    }
    data = {"timestamp": 1779953797040, "instrument_ticker": row | fields}
    return notice(f"ticker_slim.{name}.1000", data)


def notice(channel: str, data: Any) -> Frame:
    """Notification of a subscription."""
    return {"method": "subscription", "params": {"channel": channel, "data": data}}


PRICING = {"i": "0.51", "f": "1992.6", "d": "-0.30", "g": "0.0017", "v": "1.41", "t": "-2.40"}
TRADE = {
    "instrument_name": "ETH-PERP", "direction": "sell", "liquidity_role": "maker",
    "trade_price": "2050", "trade_amount": "0.1", "trade_id": "t-1", "trade_fee": "0.02",
    "timestamp": 1779953797040,
}  # fmt: skip
POSITION = {"instrument_name": "ETH-PERP", "amount": "-2", "average_price": "3500"}

CORPUS = Corpus(
    dialect=DERIVE,
    markets=MARKETS,
    public=(
        ticker("ETH-PERP"),
        ticker("ETH-20260612-1900-P", f=None, b="38.4", a="0", M="42.3", option_pricing=PRICING),
        notice("trades.ETH-PERP", [TRADE]),
        {"id": "1", "result": {"status": {}}},
    ),
    private=(),
    fills=(TRADE,),
    positions=(POSITION,),
)
