"""Orders in each exchange's own words: numbers as they are, and replies that may name nothing."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import VenueError
from terminal.model.order import TimeInForce
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.dialect import SentOrder
from terminal.venues.order_words import WORDS, place, plain
from tests.helpers import frames_binance_options as frames
from tests.helpers.frames import directory
from tests.helpers.frames_binance import OURS
from tests.helpers.intents import intent_on

KNOWN = directory(BINANCE_OPTIONS.decoder, frames.MARKETS)

REPLIES: dict[str, Any] = {
    "binanceusdm": {"orderId": 7, "clientOrderId": OURS},
    "binance": {"orderId": 7, "clientOrderId": OURS},
    "bybit": {"retCode": 0, "result": {"orderId": "7", "orderLinkId": OURS}},
    "okx": {"code": "0", "data": [{"ordId": "7", "clOrdId": OURS, "sCode": "0"}]},
    "hyperliquid": {"response": {"data": {"statuses": [{"resting": {"oid": 7, "cloid": OURS}}]}}},
}
NAMELESS: dict[str, Any] = {
    "binance": {"code": 0},
    "bybit": {"retCode": 0, "result": {}},
    "okx": {"code": "2", "data": [{"ordId": "", "clOrdId": OURS, "sCode": "51000"}]},
    "hyperliquid": {"response": {"data": {"statuses": ["waitingForFill"]}}},
}


class Exchange:
    """Answers every order alike, and keeps what it was asked."""

    def __init__(self, name: str, reply: object) -> None:
        self.id = name
        self.asked: list[Any] = []
        self._reply = reply

    def __getattr__(self, name: str) -> Any:
        assert "rivate" in name
        return self._taken

    def market(self, symbol: str) -> dict[str, Any]:
        return {"id": symbol, "baseId": "3", "linear": True, "option": False}

    def incrementing_nonce(self) -> int:
        return 7

    def sign_l1_action(self, action: object, nonce: int) -> object:
        return {"of": action, "nonce": nonce}

    async def _taken(self, asked: object) -> object:
        self.asked.append(asked)
        return self._reply


def sent(**changed: Any) -> SentOrder:
    call = KNOWN.by_symbol[frames.NAME]
    order = BINANCE_OPTIONS.sent(intent_on(call.contract, **changed), call)
    return SentOrder(
        symbol=order.symbol,
        kind=order.kind,
        side=order.side,
        amount=order.amount,
        price=order.price,
        params={**order.params, "positionIdx": 0, "tdMode": "cross"},
    )


@pytest.mark.parametrize("name", REPLIES)
async def test_one_request_leaves_and_its_reply_names_the_order(name: str) -> None:
    exchange = Exchange(name, REPLIES[name])
    made = await place(exchange, sent())
    assert len(exchange.asked) == 1
    assert (made["id"], made["clientOrderId"]) == ("7", OURS)


@pytest.mark.parametrize("name", NAMELESS)
async def test_a_reply_without_a_number_names_no_order(name: str) -> None:
    made = await place(Exchange(name, NAMELESS[name]), sent())
    assert made["id"] is None


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("reply", [[], None, "", 7])
async def test_a_reply_that_is_no_object_proves_nothing(name: str, reply: object) -> None:
    with pytest.raises(VenueError, match="no object"):
        await place(Exchange(name, reply), sent())


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_of_another_shape_names_no_order(name: str) -> None:
    shapes: tuple[object, ...] = ({}, {"result": []}, {"data": {}}, {"response": None}, {"data": 1})
    for reply in shapes:
        assert (await place(Exchange(name, reply), sent()))["id"] is None


async def test_options_have_a_parameter_for_makers_alone_and_futures_a_time_in_force() -> None:
    order = sent(tif=TimeInForce.POST_ONLY)
    options, futures = (Exchange(each, REPLIES[each]) for each in ("binance", "binanceusdm"))
    await place(options, order)
    await place(futures, order)
    assert (options.asked[0]["postOnly"], options.asked[0]["timeInForce"]) == ("true", "GTC")
    assert futures.asked[0]["timeInForce"] == "GTX"
    assert "postOnly" not in futures.asked[0]


async def test_an_exchange_without_words_is_asked_by_ccxt() -> None:
    class Deribit:
        id = "deribit"

        async def create_order(self, *asked: object) -> object:
            return {"id": "7", "info": asked}

    assert "deribit" not in WORDS
    order = sent()
    made = await place(Deribit(), order)
    assert made["info"] == (
        order.symbol, "limit", "buy", 0.01, float(order.price), dict(order.params),
    )  # fmt: skip


@given(st.decimals("0.00000001", "100000000", places=8))
def test_numbers_are_written_whole(number: Decimal) -> None:
    written = plain(number)
    assert Decimal(written) == number
    assert "E" not in written
    assert written == written.strip("0") or "." not in written or not written.endswith("0")
