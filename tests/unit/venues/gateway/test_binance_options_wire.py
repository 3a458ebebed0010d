"""Orders in options go out in the exchange's own words, which are not those of its futures."""

from decimal import Decimal
from typing import Any

import pytest

from terminal.core.errors import VenueError
from terminal.model.order import TimeInForce
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.dialect import SentOrder
from terminal.venues.gateway.binance_options_wire import BinanceOptionsWire
from tests.helpers import frames_binance_options as frames
from tests.helpers.frames import directory
from tests.helpers.frames_binance import OURS
from tests.helpers.intents import intent_on

KNOWN = directory(BINANCE_OPTIONS.decoder, frames.MARKETS)


class Exchange:
    """Answers every order alike, and keeps what it was asked."""

    id = "binance"

    def __init__(self, reply: object) -> None:
        self.options = {"maxRetriesOnFailure": 0}
        self.enableRateLimit = False
        self.asked: list[dict[str, Any]] = []
        self._reply = reply
        self.eapiPrivatePostOrder = self._taken

    def market(self, symbol: str) -> dict[str, str]:
        assert symbol == "BTC/USDT:USDT-261127-100000-C"
        return {"id": frames.NAME}

    async def _taken(self, asked: dict[str, Any]) -> object:
        self.asked.append(asked)
        return self._reply


def sent(**changed: Any) -> SentOrder:
    call = KNOWN.by_symbol[frames.NAME]
    return BINANCE_OPTIONS.sent(intent_on(call.contract, **changed), call)


async def test_a_post_only_order_says_so_and_rests_until_cancelled() -> None:
    exchange = Exchange(frames.order())
    made = await BinanceOptionsWire(exchange).create(sent(tif=TimeInForce.POST_ONLY))
    (asked,) = exchange.asked
    assert (asked["postOnly"], asked["timeInForce"]) == ("true", "GTC")
    assert "reduceOnly" not in asked
    assert asked["newOrderRespType"] == "RESULT"
    assert (made["id"], made["clientOrderId"]) == ("7", OURS)
    assert made["info"] == frames.order()


async def test_numbers_are_written_as_they_are() -> None:
    exchange = Exchange(frames.order())
    order = sent(tif=TimeInForce.IOC, reduce_only=True)
    await BinanceOptionsWire(exchange).create(order)
    (asked,) = exchange.asked
    assert (asked["symbol"], asked["type"]) == (frames.NAME, "LIMIT")
    assert (asked["timeInForce"], asked["reduceOnly"]) == ("IOC", "true")
    assert "postOnly" not in asked
    assert Decimal(asked["quantity"]) == order.amount
    assert Decimal(asked["price"]) == order.price
    assert all(isinstance(each, str) for each in asked.values())


async def test_a_reply_without_a_number_names_no_order() -> None:
    made = await BinanceOptionsWire(Exchange({"code": 0})).create(sent())
    assert made["id"] is None
    with pytest.raises(VenueError, match="no object"):
        await BinanceOptionsWire(Exchange([])).create(sent())
