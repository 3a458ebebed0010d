"""Deribit's own recorded messages, and its Greeks recomputed from what was decoded."""

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from terminal.core.errors import DataError
from terminal.core.units import DAY, MILLISECOND, YEAR
from terminal.journal.importers import contracts
from terminal.journal.importers import deribit as names
from terminal.model.account import Balance
from terminal.model.instrument import Instrument, Option, Payoff, Right
from terminal.model.market import Index, Quote, Trade
from terminal.model.order import OrderStatus
from terminal.pricing.black_scalar import greeks_scalar
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.dialect import Directory
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers.frames import FIXTURES, Frame, directory, recorded
from tests.helpers.frames_deribit import OURS

READ = DERIBIT.decoder
FOLDER = "nautilus_adapters/deribit"

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(
        not FIXTURES.exists(), reason="../shared with recorded messages is not here"
    ),
]


def listing(text: str) -> Directory:
    return directory(READ, tuple(recorded(f"{FOLDER}/{text}.json")["result"]))


def _payloads(path: str) -> Iterator[Any]:
    with gzip.open(FIXTURES / path, "rt", encoding="utf-8") as lines:
        for line in lines:
            _, found, message = line.partition('{"jsonrpc"')
            if found:
                yield json.loads(found + message)


@cache
def recorded_lists() -> tuple[Frame, ...]:
    replies = _payloads("ws_cryptofeed/DERIBIT.0.txt.gz")
    return tuple(row for reply in replies for row in reply["result"])


def test_terms_of_recorded_instruments() -> None:
    known = listing("http_get_instruments")
    assert list(known.by_symbol) == ["BTC-PERPETUAL", "BTC-27DEC24", "BTC-27DEC24-100000-C"]
    perpetual, dated, option = (each.contract for each in known.by_key.values())
    assert (perpetual.payoff, perpetual.multiplier, perpetual.lot) == (
        Payoff.INVERSE,
        Decimal(1),
        Decimal(10),
    )
    assert dated.lot == 10
    assert (option.multiplier, option.lot, option.settle) == (Decimal(1), Decimal("0.1"), "BTC")


def test_every_instrument_of_the_recorded_lists_is_read() -> None:
    rows = recorded_lists()
    known = directory(READ, rows)
    assert len(known.by_key) == len(rows) == 1017
    listed = [each.contract for each in known.by_key.values()]
    inverse = [each for each in listed if each.payoff is Payoff.INVERSE]
    assert {each.base for each in inverse} == {"BTC", "ETH", "SOL"}
    assert {each.quote for each in inverse} == {"USD"}
    sol = known.by_symbol["SOL_USDC-PERPETUAL"].contract
    assert (sol.base, sol.settle, sol.lot) == ("SOL", "USDC", Decimal("0.1"))


def test_tapes_and_the_exchange_count_contracts_alike() -> None:
    for row in recorded_lists():
        listed = READ.instrument({"info": row})
        taped = contracts.known(row["instrument_name"], "deribit") or names.option(
            row["instrument_name"]
        )
        if listed is None or taped is None or taped.contract.symbol.startswith("SOL"):
            continue
        ours, theirs = listed.contract, taped.contract
        assert (ours.multiplier, ours.lot, ours.payoff) == (
            theirs.multiplier,
            theirs.lot,
            theirs.payoff,
        )


def test_recorded_ticker_quote_and_trades() -> None:
    known = listing("http_get_instruments")
    key = "BTC-PERPETUAL@deribit"
    quote, index, funding = READ.public(recorded(f"{FOLDER}/ws_ticker.json"), known)
    assert quote == Quote(key, 92283.5, 92284.0, 117660.0, 186520.0, mark=92281.78)
    assert index == Index("BTC", 92263.55)
    assert getattr(funding, "rate", None) == 0.0
    (touch,) = READ.public(recorded(f"{FOLDER}/ws_quote.json"), known)
    assert touch == QuotePart(key=key, bid=92288.0, ask=92288.5, bid_qty=133440.0, ask_qty=99470.0)
    trades = READ.public(recorded(f"{FOLDER}/ws_trades.json"), known)
    assert trades == (
        Trade(key, 92294.5, 10.0, buyer_is_taker=False),
        Trade(key, 92288.5, 750.0, buyer_is_taker=False),
    )


@pytest.mark.parametrize(
    "text",
    ["ws_error", "ws_subscribe_response", "ws_book_snapshot", "ws_book_delta", "ws_chart",
     "ws_test_request", "ws_volatility_index", "ws_trades_option_combo"],
)  # fmt: skip
def test_recorded_messages_that_are_about_something_else(text: str) -> None:
    known = listing("http_get_instruments")
    message = recorded(f"{FOLDER}/{text}.json")
    assert READ.public(message, known) == ()
    assert READ.private(message, known) == ()


@pytest.mark.parametrize(
    ("text", "status", "filled"),
    [
        ("ws_order_buy_response", OrderStatus.LIVE, Decimal(0)),
        ("ws_order_edit_response", OrderStatus.LIVE, Decimal(0)),
        ("ws_order_cancel_response", OrderStatus.CANCELLED, Decimal(0)),
        ("ws_order_stop_market_response", OrderStatus.LIVE, Decimal(0)),
        ("ws_order_stop_market_no_filled_amount", OrderStatus.LIVE, None),
    ],
)
def test_recorded_orders(text: str, status: OrderStatus, filled: Decimal | None) -> None:
    known = directory(READ, recorded_lists())
    row = recorded(f"{FOLDER}/{text}.json")["result"]
    row = row.get("order", row)
    assert READ.order(row, known) is None  # of somebody else
    update = READ.order(row | {"label": OURS}, known)
    assert update is not None
    assert (update.status, update.filled) == (status, filled)


def test_recorded_portfolio() -> None:
    message = recorded(f"{FOLDER}/ws_portfolio.json")
    assert READ.private(message, Directory({}, {})) == (Balance("USDT", Decimal("55.00055")),)


def _listed_by_name(lines: list[Frame]) -> Directory:
    found: dict[str, Instrument] = {}
    for line in lines:
        content = line["params"]["data"]
        for row in content if isinstance(content, list) else [content]:
            name = row["instrument_name"]
            taped = contracts.known(name, "deribit") or names.option(name)
            if taped is not None:
                found[name] = taped
    return Directory({each.contract.key: each for each in found.values()}, found)


def test_every_line_of_a_recorded_history_is_read() -> None:
    text = (FIXTURES / "ws_tardis_node/deribit.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    known = _listed_by_name(lines)
    told = [READ.public(line, known) for line in lines]
    kinds = [type(each[0]).__name__ if each else "" for each in told]
    assert kinds == [
        "Trade", "QuotePart", "", "", "Quote", "Quote", "Quote", "Quote", "Quote", "Quote",
        "Trade", "Trade", "", "", "", "", "", "",
    ]  # fmt: skip
    closed, alive = told[6][0], told[7][0]
    assert isinstance(closed, Quote)
    assert (closed.bid, closed.ask, closed.mark, closed.iv) == (None, None, None, 0.7)
    assert isinstance(alive, Quote)
    assert (alive.bid, alive.ask, alive.forward) == (0.0365, 0.04, 9440.73)


def test_black_on_the_decoded_forward_and_volatility_gives_the_published_greeks() -> None:
    known = directory(READ, recorded_lists())
    seen = 0
    for message in _payloads("ws_cryptofeed/DERIBIT.ws.1.0.txt.gz"):
        for quote in READ.public(message, known):
            if isinstance(quote, Quote) and quote.iv is not None and quote.forward is not None:
                seen += 1
                _compare(known.by_key[quote.key], quote, message["params"]["data"])
    assert seen > 50


def _compare(option: Instrument, quote: Quote, row: Frame) -> None:
    assert isinstance(option, Option)
    assert quote.iv is not None
    assert quote.forward is not None
    assert quote.mark is not None
    life = option.expiry - row["timestamp"] * MILLISECOND
    sign = 1.0 if option.right is Right.CALL else -1.0
    price, delta, _, vega, theta = greeks_scalar(
        quote.forward, float(option.strike), life / YEAR, quote.iv, sign
    )
    theirs = row["greeks"]
    assert delta == pytest.approx(theirs["delta"], abs=2e-5)
    assert vega / 100.0 == pytest.approx(theirs["vega"], abs=2e-3)
    # In its last day an option cannot lose more than it is worth, and that is what they print.
    a_day = theta / 365.0 if life > DAY else -price
    assert a_day == pytest.approx(theirs["theta"], abs=5e-3 if life > DAY else 5e-5)
    assert price / quote.forward == pytest.approx(quote.mark, abs=5e-4)


def test_a_recorded_ticker_that_lies_is_refused() -> None:
    known = listing("http_get_instruments")
    message = recorded(f"{FOLDER}/ws_ticker.json")
    message["params"]["data"]["best_bid_price"] = "high"
    with pytest.raises(DataError, match="'best_bid_price'"):
        READ.public(message, known)
