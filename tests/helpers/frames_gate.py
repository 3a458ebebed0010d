"""Gate's messages, written after its documentation, with plain numbers."""

from typing import Any

from terminal.venues.dialects.gate import GATE
from tests.helpers.frames import Corpus, Frame

AT_MS = 1_795_705_200_000  # 2026-11-26 15:00 UTC
PERPETUAL: Frame = {
    "name": "BTC_USDT",
    "type": "direct",
    "quanto_multiplier": "0.0001",
    "order_size_min": 1,
    "order_price_round": "0.1",
    "funding_interval": 28800,
    "maker_fee_rate": "-0.0001",
    "taker_fee_rate": "0.00075",
}
HOURLY = PERPETUAL | {"name": "DOGE_USDT", "quanto_multiplier": "10", "funding_interval": 3600}
MARKETS = (PERPETUAL, HOURLY)


def update(channel: str, result: Any) -> Frame:
    """Frame of a channel."""
    return {"time": 1, "time_ms": AT_MS, "channel": channel, "event": "update", "result": result}


TICKER = {
    "contract": "BTC_USDT", "last": "1", "mark_price": "90000.05", "index_price": "90010",
    "funding_rate": "0.0001", "funding_rate_indicative": "0.0002",
}  # fmt: skip
TOUCH = {"t": AT_MS, "u": 1, "s": "BTC_USDT", "b": "90000", "B": 25000, "a": "90000.1", "A": 15000}
TRADE = {"size": -108, "id": 1, "create_time_ms": AT_MS, "price": "90000.1", "contract": "BTC_USDT"}
FILL = {
    "id": "71", "order_id": "7", "contract": "BTC_USDT", "size": -2000, "price": "90000",
    "role": "taker", "fee": "9",
}  # fmt: skip
POSITION = {"contract": "BTC_USDT", "size": -5000, "entry_price": "90000", "mode": "single"}

CORPUS = Corpus(
    dialect=GATE,
    markets=MARKETS,
    public=(
        update("futures.tickers", [TICKER]),
        update("futures.book_ticker", TOUCH),
        update("futures.trades", [TRADE]),
        {"time": 1, "channel": "futures.tickers", "event": "subscribe", "result": {"status": "ok"}},
    ),
    private=(update("futures.positions", [POSITION]), update("futures.usertrades", [FILL])),
    fills=(FILL, FILL | {"size": 10, "role": "maker"}),
    positions=(POSITION, POSITION | {"size": 0, "entry_price": "0"}),
)
