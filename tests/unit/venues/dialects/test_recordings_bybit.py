"""Bybit's own recorded messages, and its Greeks recomputed from what was decoded."""

from collections import Counter
from decimal import Decimal
from itertools import chain

import pytest

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MILLISECOND, YEAR
from terminal.model.account import Balance, Position
from terminal.model.instrument import Option, Payoff, Right
from terminal.model.market import Funding, Index, OpenInterest, Quote
from terminal.model.order import OrderStatus, Side
from terminal.pricing.black_scalar import greeks_scalar
from terminal.venues.dialects.bybit import BYBIT
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers.frames import Corpus, Frame, directory, recorded
from tests.helpers.frames_bybit import DATED, INVERSE, OPTION, OURS, PERPETUAL
from tests.helpers.recordings import captured, damaged_and_read, golden, history

READ = BYBIT.decoder
FOLDER = "nautilus_adapters/bybit"
KNOWN = directory(
    READ,
    (
        PERPETUAL,
        INVERSE,
        DATED | {"symbol": "BTCUSDU23"},
        PERPETUAL | {"symbol": "ETHUSDT", "baseCoin": "ETH"},
        OPTION | {"symbol": "BTC-6JAN23-17500-C", "deliveryTime": "1672992000000"},
        OPTION | {"symbol": "SOL-28APR23-24-C", "deliveryTime": "1682668800000", "baseCoin": "SOL"},
        OPTION
        | {
            "symbol": "ETH-30JUN23-200-P", "deliveryTime": "1688112000000", "baseCoin": "ETH",
            "optionsType": "Put",
        },
    ),
)  # fmt: skip

pytestmark = golden


def rows(text: str) -> list[Frame]:
    found: list[Frame] = recorded(f"{FOLDER}/{text}.json")["result"]["list"]
    return found


def test_terms_of_recorded_instruments() -> None:
    linear, inverse = rows("http_get_instruments_linear"), rows("http_get_instruments_inverse")
    for row in linear + inverse:  # written by hand there: 8, which would be eight minutes
        with pytest.raises(DataError, match="'fundingInterval'"):
            READ.instrument({"info": row})
        row["fundingInterval"] *= 60
    known = directory(READ, (*linear, *inverse, *rows("http_get_instruments_option")))
    assert list(known.by_symbol) == ["BTCUSDT", "ETHUSDT", "BTCUSD", "ETH-26JUN26-16000-P"]
    assert known.by_symbol["BTCUSDT"].contract.min_notional == 5
    assert known.by_symbol["BTCUSD"].contract.payoff is Payoff.INVERSE
    option = known.by_symbol["ETH-26JUN26-16000-P"]
    assert isinstance(option, Option)
    assert (option.strike, option.right) == (Decimal(16000), Right.PUT)
    spot = rows("http_get_instruments_spot")
    assert [READ.instrument({"info": row}) for row in spot] == [None] * len(spot)


def test_every_line_of_a_recorded_history_is_read_or_left_out() -> None:
    lines = history("bybit") + history("bybit_spot") + history("bybit_options")
    told = Counter(type(each).__name__ for line in lines for each in READ.public(line, KNOWN))
    assert told == {
        "Trade": 7, "Quote": 5, "QuotePart": 2, "Funding": 3, "Index": 1, "OpenInterest": 2
    }  # fmt: skip


def test_a_recorded_ticker_and_its_change() -> None:
    found = [
        event
        for line in history("bybit")
        if line.get("topic") == "tickers.BTCUSD"
        for event in READ.public(line, KNOWN)
    ]
    quote, index, funding, part, later = found[:5]
    assert quote == Quote("BTCUSD@bybit", 28560.0, 28560.5, 340549.0, 70817.0, mark=28560.0)
    assert index == Index("BTC", 28566.94)
    next_at = 1_680_681_600_000 * MILLISECOND
    assert funding == Funding("BTCUSD@bybit", 0.0001, 8 * HOUR, next_at)
    assert isinstance(part, QuotePart)
    assert part.bid == 28560.0
    assert later == funding  # the change does not name the next payment; its clock does


def test_messages_of_a_retired_version_are_left_out() -> None:
    count = 0
    for message in chain(captured("BYBIT.ws.25.0"), captured("BYBIT.ws.26.0")):
        count += 1
        assert READ.public(message, KNOWN) == ()
        assert READ.private(message, KNOWN) == ()
    assert count > 3000


def test_recorded_orders() -> None:
    states = {
        text: READ.order(row | {"orderLinkId": OURS}, KNOWN)
        for text in ("ws_account_order", "ws_account_order_filled",
                     "ws_account_order_stop_market", "ws_account_order_partially_filled_rejected")
        for row in recorded(f"{FOLDER}/{text}.json")["data"]
    }  # fmt: skip
    assert all(states.values())
    said = [(each.status, each.filled) for each in states.values() if each is not None]
    assert said == [
        (OrderStatus.CANCELLED, Decimal(0)),
        (OrderStatus.FILLED, Decimal("0.1")),
        (OrderStatus.LIVE, Decimal(0)),
        (OrderStatus.CANCELLED, None),  # rejected after half of it had traded; of spot
    ]
    for text in ("http_get_orders_realtime", "http_get_orders_history"):
        assert all(READ.order(row, KNOWN) is None for row in rows(text))  # of somebody else
        assert all(READ.order(row | {"orderLinkId": OURS}, KNOWN) for row in rows(text))


def test_recorded_executions() -> None:
    (streamed,) = READ.private(recorded(f"{FOLDER}/ws_account_execution.json"), KNOWN)
    (forced,) = READ.private(recorded(f"{FOLDER}/ws_account_execution_adl.json"), KNOWN)
    assert getattr(streamed, "fee", None) == Decimal("26.3725275")
    assert getattr(streamed, "fee_currency", None) == "USDT"
    assert getattr(forced, "order_id", None) == ""
    for text in ("ws_account_execution_fast", "ws_account_execution_fast_envelope_id"):
        assert READ.private(recorded(f"{FOLDER}/{text}.json"), KNOWN) == ()
    fills = [READ.fill(row, KNOWN) for row in rows("http_get_executions")]
    assert [(each.side, each.qty, each.maker) for each in fills if each is not None] == [
        (Side.BUY, Decimal("0.1"), True),
        (Side.SELL, Decimal("0.5"), False),
    ]


def test_recorded_positions_and_wallet() -> None:
    held = [READ.position(row, KNOWN) for row in rows("http_get_positions")]
    assert held == [
        Position("BTCUSDT@bybit", Decimal("0.5"), Decimal(50000)),
        Position("ETHUSDT@bybit", Decimal(-5), Decimal(3000)),
        None,
    ]
    (short,) = READ.private(recorded(f"{FOLDER}/ws_account_position_short.json"), KNOWN)
    assert short == Position("ETHUSDT@bybit", Decimal("-0.01"), Decimal("3641.075"))
    assert READ.private(recorded(f"{FOLDER}/ws_account_wallet.json"), KNOWN) == (
        Balance("BTC", Decimal("0.00102964")),
        Balance("USDT", Decimal("9647.75537647")),
    )


@pytest.mark.parametrize(
    "text",
    ["ws_auth_failure", "ws_auth_success", "ws_kline", "ws_order_response", "ws_orderbook_delta",
     "ws_orderbook_snapshot", "ws_subscription_ack", "ws_subscription_failure"],
)  # fmt: skip
def test_recorded_messages_that_are_about_something_else(text: str) -> None:
    message = recorded(f"{FOLDER}/{text}.json")
    assert READ.public(message, KNOWN) == ()
    assert READ.private(message, KNOWN) == ()


def test_black_on_the_decoded_forward_and_volatility_gives_the_published_greeks() -> None:
    lines = [line for line in history("bybit_options") if "tickers" in line["topic"]]
    lines.append(recorded(f"{FOLDER}/ws_ticker_option.json"))
    assert len(lines) == 3
    for line in lines:
        quote, held = READ.public(line, KNOWN)
        assert isinstance(quote, Quote)
        assert held == OpenInterest(quote.key, float(line["data"]["openInterest"]))
        _compare(quote, line)


def _compare(quote: Quote, line: Frame) -> None:
    option, theirs = KNOWN.by_key[quote.key], line["data"]
    assert isinstance(option, Option)
    assert quote.forward is not None
    assert quote.iv is not None
    life = option.expiry - line["ts"] * MILLISECOND
    sign = 1.0 if option.right is Right.CALL else -1.0
    price, delta, _, vega, theta = greeks_scalar(
        quote.forward, float(option.strike), life / YEAR, quote.iv, sign
    )
    assert delta == pytest.approx(float(theirs["delta"]), abs=5e-5)
    assert vega / 100.0 == pytest.approx(float(theirs["vega"]), rel=1e-3)
    assert price == pytest.approx(quote.mark, rel=2e-3)
    if life > 24 * HOUR:  # in its last day Bybit prints less, by a rule it does not state
        assert theta / 365.0 == pytest.approx(float(theirs["theta"]), rel=1e-3)


def test_greeks_of_the_documented_option() -> None:
    """BTC-26JAN24-39000-C in the documentation of Bybit's tickers, with the clock of its reply."""
    years = (1_706_256_000_000 - 1_699_584_008_326) * MILLISECOND / YEAR
    price, delta, _, vega, theta = greeks_scalar(37649.67254894, 39000.0, years, 0.5577, 1.0)
    assert price == pytest.approx(3273.02263032, rel=1e-4)
    assert delta == pytest.approx(0.49640971, abs=5e-5)
    assert vega / 100.0 == pytest.approx(69.08651675, rel=1e-4)
    assert theta / 365.0 == pytest.approx(-24.9443226, rel=1e-4)


def test_damaged_recordings_are_read_or_refused_and_nothing_else() -> None:
    streams = ("account_order", "account_order_filled", "account_execution", "account_position",
               "account_wallet", "account_execution_fast")  # fmt: skip
    corpus = Corpus(
        dialect=BYBIT,
        markets=(*rows("http_get_instruments_linear"), *rows("http_get_instruments_option")),
        public=(*history("bybit"), *history("bybit_options")),
        private=tuple(recorded(f"{FOLDER}/ws_{each}.json") for each in streams),
        orders=tuple(row | {"orderLinkId": OURS} for row in rows("http_get_orders_realtime")),
        fills=tuple(rows("http_get_executions")),
        positions=tuple(rows("http_get_positions")),
    )
    came = damaged_and_read(corpus, KNOWN)
    assert min(came[each] for each in ("events", "nothing", "refused")) > 200
