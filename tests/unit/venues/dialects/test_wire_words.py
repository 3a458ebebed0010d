"""What goes out of our orders: as ccxt would say them, with the instrument, amount and id meant."""

from collections.abc import Callable
from typing import Any

import ccxt
import pytest

from terminal.model.order import TimeInForce
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.order_words import WORDS
from tests.helpers import frames_binance, frames_binance_options, frames_bybit, frames_okx
from tests.helpers.frames import Frame, directory
from tests.helpers.intents import OURS, intent_on

Exchange = Any

_BINANCE = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.POST_ONLY: "GTX"}
_BYBIT = _BINANCE | {TimeInForce.POST_ONLY: "PostOnly"}
_OKX = {TimeInForce.GTC: "limit", TimeInForce.IOC: "ioc", TimeInForce.POST_ONLY: "post_only"}


def parsed(kind: Callable[[], Exchange], rows: tuple[Frame, ...]) -> Exchange:
    exchange = kind()
    exchange.set_markets([exchange.parse_market(row) for row in rows])
    return exchange


def bybit() -> Exchange:
    """Bybit's markets are read by category, within the request for them."""
    exchange: Exchange = ccxt.bybit()

    def reply(asked: Frame) -> Frame:
        wanted = asked["category"]
        found = [
            row
            for row in frames_bybit.MARKETS
            if str(row.get("contractType", "Option")).lower().startswith(wanted)
            and asked.get("baseCoin") in (None, row["baseCoin"])
        ]
        return {"result": {"category": wanted, "list": found, "nextPageCursor": ""}}

    exchange.publicGetV5MarketInstrumentsInfo = reply
    futures = [exchange.fetch_future_markets({"category": each}) for each in ("linear", "inverse")]
    options = [exchange.fetch_option_markets({"baseCoin": each}) for each in ("BTC", "ETH")]
    exchange.set_markets([market for each in (*futures, *options) for market in each])
    return exchange


CASES: tuple[tuple[str, Callable[[], Exchange], tuple[Frame, ...], dict[str, Any]], ...] = (
    (
        "binanceusdm",
        lambda: parsed(ccxt.binanceusdm, frames_binance.LINEAR),
        frames_binance.LINEAR,
        {"id": "newClientOrderId", "amount": "quantity", "tif": ("timeInForce", _BINANCE)},
    ),
    (
        "binancecoinm",
        lambda: parsed(ccxt.binancecoinm, frames_binance.INVERSE),
        frames_binance.INVERSE,
        {"id": "newClientOrderId", "amount": "quantity", "tif": ("timeInForce", _BINANCE)},
    ),
    (
        "binanceoptions",
        lambda: parsed(ccxt.binance, frames_binance_options.MARKETS),
        frames_binance_options.MARKETS,
        {"id": "clientOrderId", "amount": "quantity", "tif": ("timeInForce", _BINANCE)},
    ),
    (
        "bybit",
        bybit,
        frames_bybit.MARKETS,
        {"id": "orderLinkId", "amount": "qty", "tif": ("timeInForce", _BYBIT)},
    ),
    (
        "okx",
        lambda: parsed(ccxt.okx, frames_okx.MARKETS),
        frames_okx.MARKETS,
        {"id": "clOrdId", "amount": "sz", "tif": ("ordType", _OKX)},
    ),
)


@pytest.mark.parametrize(("venue", "make", "rows", "words"), CASES, ids=lambda each: str(each)[:14])
def test_every_order_reaches_the_wire_as_it_was_meant(
    venue: str, make: Callable[[], Exchange], rows: tuple[Frame, ...], words: dict[str, Any]
) -> None:
    dialect, exchange = DIALECTS[venue], make()
    known = directory(dialect.decoder, rows)
    assert len(known.by_key) == len(rows)
    word, meanings = words["tif"]
    for instrument in known.by_key.values():
        for tif in TimeInForce:
            reducing = tif is TimeInForce.IOC
            intent = intent_on(instrument.contract, tif=tif, reduce_only=reducing)
            sent = dialect.sent(intent, instrument)
            wire = exchange.create_order_request(
                sent.symbol, sent.kind, sent.side, float(sent.amount), float(intent.limit),
                dict(sent.params),
            )  # fmt: skip
            assert wire.get("symbol", wire.get("instId")) == instrument.contract.symbol
            assert wire[words["id"]] == OURS
            assert float(wire[words["amount"]]) == float(sent.amount)
            assert float(wire.get("price", wire.get("px"))) == float(intent.limit)
            assert wire[word] == meanings[tif]
            assert wire.get("reduceOnly", False) is reducing
            assert _said(exchange, sent) == _alike(wire | _APART.get((venue, tif), {}))


_APART = {("binanceoptions", TimeInForce.POST_ONLY): {"timeInForce": "GTC", "postOnly": "true"}}
"""Where ccxt's words are not those of the exchange."""


def _said(exchange: Exchange, sent: Any) -> Frame:
    """What we ask, by names."""
    asked: Any = WORDS[exchange.id].say(exchange, sent).asked
    return _alike(asked[0] if isinstance(asked, list) else asked)


def _alike(asked: Frame) -> Frame:
    """The same whether a number or a yes is text or not."""
    numbers = ("quantity", "qty", "sz", "price", "px")
    return {
        name: float(each)
        if name in numbers
        else str(each).lower()
        if name == "reduceOnly"
        else each
        for name, each in asked.items()
    }


def test_the_category_of_bybit_follows_the_instrument() -> None:
    exchange, dialect = bybit(), DIALECTS["bybit"]
    known = directory(dialect.decoder, frames_bybit.MARKETS)
    categories = {
        symbol: _category(exchange, dialect, known.by_symbol[symbol])
        for symbol in ("BTCUSDT", "BTCUSD", "BTCUSDX26", "BTC-27NOV26-100000-C-USDT")
    }
    assert list(categories.values()) == ["linear", "inverse", "inverse", "option"]


def _category(exchange: Exchange, dialect: Dialect, instrument: Any) -> Any:
    sent = dialect.sent(intent_on(instrument.contract), instrument)
    request = exchange.create_order_request(
        sent.symbol, sent.kind, sent.side, float(sent.amount), float(sent.price),
        dict(sent.params),
    )  # fmt: skip
    return request["category"]
