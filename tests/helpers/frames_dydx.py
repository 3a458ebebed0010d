"""dYdX's messages, written after its documentation, with plain numbers."""

from typing import Any

from terminal.venues.dialects.dydx import DYDX
from tests.helpers.frames import Corpus, Frame

BITCOIN: Frame = {
    "ticker": "BTC-USD",
    "status": "ACTIVE",
    "oraclePrice": "90010",
    "nextFundingRate": "0.0000125",
    "tickSize": "1",
    "stepSize": "0.0001",
}
MARKETS = (BITCOIN, BITCOIN | {"ticker": "ETH-USD", "tickSize": "0.1", "stepSize": "0.001"})


def frame(channel: str, contents: Any, kind: str = "channel_data", **more: Any) -> Frame:
    """Frame of a channel."""
    head = {"type": kind, "connection_id": "c", "message_id": 1, "channel": channel}
    return head | {"contents": contents} | more


TRADE = {"id": "1", "size": "0.002", "price": "90000", "side": "BUY", "type": "LIMIT"}
POSITION = {
    "market": "BTC-USD", "status": "OPEN", "side": "SHORT", "size": "-0.5", "entryPrice": "90000",
}  # fmt: skip
FILL = {
    "id": "f-1", "side": "SELL", "liquidity": "TAKER", "market": "BTC-USD", "price": "90000",
    "size": "0.2", "fee": "9",
}  # fmt: skip
ACCOUNT = {
    "subaccount": {
        "openPerpetualPositions": {"BTC-USD": POSITION},
        "assetPositions": {"USDC": {"symbol": "USDC", "side": "LONG", "size": "10000.5"}},
    }
}
STREAMED = {("ticker" if key == "market" else key): value for key, value in FILL.items()}

CORPUS = Corpus(
    dialect=DYDX,
    markets=MARKETS,
    public=(
        frame("v4_markets", {"markets": {"BTC-USD": BITCOIN}}, "subscribed"),
        frame("v4_markets", {"oraclePrices": {"ETH-USD": {"oraclePrice": "3000.5"}}}),
        frame("v4_trades", {"trades": [TRADE]}, id="BTC-USD"),
    ),
    private=(
        frame("v4_subaccounts", ACCOUNT, "subscribed"),
        frame("v4_subaccounts", {"fills": [STREAMED]}),
    ),
    fills=(FILL, STREAMED),
    positions=(POSITION, POSITION | {"side": "LONG", "size": "1"}),
)
