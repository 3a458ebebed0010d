"""Messages of Kraken Futures, written after its documentation, with plain numbers."""

from typing import Any

from terminal.venues.dialects.krakenfutures import KRAKENFUTURES
from tests.helpers.frames import Corpus, Frame

PAID_MS = 1_795_708_800_000  # 2026-11-26 16:00 UTC
LINEAR: Frame = {
    "symbol": "PF_XBTUSD",
    "type": "flexible_futures",
    "tickSize": 0.5,
    "contractSize": 1,
    "contractValueTradePrecision": 4,
    "tradeable": True,
}
INVERSE: Frame = {
    "symbol": "pi_xbtusd",
    "type": "futures_inverse",
    "tickSize": 0.5,
    "contractSize": 1,
    "tradeable": True,
}
DATED = INVERSE | {"symbol": "FI_ETHUSD_261127", "lastTradingTime": "2026-11-27T16:00:00.000Z"}
MARKETS = (LINEAR, INVERSE, DATED)


def ticker(name: str, **fields: Any) -> Frame:
    """Frame of the ticker."""
    row: Frame = {"feed": "ticker", "product_id": name, "bid": 90000.0, "ask": 90000.5}
    more = {"bid_size": 2.5, "ask_size": 1.5, "markPrice": 90000.25, "index": 90010.0}
    rates = {"funding_rate": 1.1, "relative_funding_rate": 0.0000125}
    later = {"relative_funding_rate_prediction": -0.00001, "next_funding_rate_time": PAID_MS}
    return row | more | rates | later | fields


def trade(**fields: Any) -> Frame:
    """Frame of a public trade."""
    row = {"feed": "trade", "product_id": "PI_XBTUSD", "side": "sell", "qty": 15000}
    return row | {"price": 90000.5, "time": PAID_MS} | fields


FILL: Frame = {
    "instrument": "PF_XBTUSD",
    "time": PAID_MS,
    "price": 90000.0,
    "buy": True,
    "qty": 0.2,
    "fill_id": "f-1",
    "fill_type": "taker",
    "fee_paid": 9.0,
    "fee_currency": "USD",
}
REPLIED: Frame = {
    "fill_id": "f-2",
    "symbol": "PI_XBTUSD",
    "side": "sell",
    "size": 5000.0,
    "price": 90000.0,
    "fillType": "maker",
}
POSITION: Frame = {"side": "short", "symbol": "PI_XBTUSD", "price": 90000.0, "size": 45000.0}

CORPUS = Corpus(
    dialect=KRAKENFUTURES,
    markets=MARKETS,
    public=(
        ticker("PF_XBTUSD"),
        ticker("FI_ETHUSD_261127"),
        {"feed": "ticker_lite", "product_id": "PI_XBTUSD", "bid": 90000.0, "ask": 90000.5},
        trade(),
        {"event": "subscribed", "feed": "ticker", "product_ids": ["PF_XBTUSD"]},
    ),
    private=({"feed": "fills", "account": "a", "fills": [FILL]},),
    fills=(FILL, REPLIED),
    positions=(POSITION, POSITION | {"side": "long", "symbol": "PF_XBTUSD", "size": 0.5}),
)
