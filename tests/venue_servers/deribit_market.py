"""Deribit's public methods: instruments, prices, books and funding."""

from collections.abc import Mapping

from tests.venue_servers import deribit_words as words
from tests.venue_servers.deribit_listing import CURRENCIES, index_name, instrument
from tests.venue_servers.deribit_rpc import Call, Method, invalid
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import Terms

HOUR_MS = 3_600_000


def _time(call: Call) -> int:
    return call.exchange.now_ms()


def _status(call: Call) -> Json:
    return {"locked": "false", "locked_indices": []}


def _test(call: Call) -> Json:
    return {"version": "1.2.26"}


def _currencies(call: Call) -> list[Json]:
    return [
        {
            "currency": each,
            "currency_long": each,
            "coin_type": each,
            "min_confirmations": 1,
            "min_withdrawal_fee": 0.0001,
            "withdrawal_fee": 0.0001,
            "fee_precision": 4,
            "decimals": 8,
            "withdrawal_priorities": [],
            "in_cross_collateral_pool": True,
        }
        for each in CURRENCIES
    ]


def chosen(call: Call) -> list[Terms]:
    """Return the instruments of the asked currency and kind; ``any`` and nothing mean all."""
    currency = str(call.parameters.get("currency", "any"))
    kind = str(call.parameters.get("kind", "any"))
    return [
        each
        for each in call.exchange.listed.values()
        if currency in ("any", each.settle)
        and kind in ("any", "option" if each.is_option else "future")
    ]


def _instruments(call: Call) -> list[Json]:
    numbers = {name: 124_972 + place for place, name in enumerate(call.exchange.listed)}
    return [instrument(each, numbers[each.name]) for each in chosen(call)]


def _instrument(call: Call) -> Json:
    terms = call.terms()
    return instrument(terms, 124_972 + list(call.exchange.listed).index(terms.name))


def _ticker(call: Call) -> Json:
    return words.ticker(call.exchange, call.terms())


def _order_book(call: Call) -> Json:
    return words.order_book(call.exchange, call.terms())


def _summaries(call: Call) -> list[Json]:
    return [words.summary_of_book(call.exchange, each) for each in chosen(call)]


def _summary(call: Call) -> list[Json]:
    return [words.summary_of_book(call.exchange, call.terms())]


def _index_price(call: Call) -> Json:
    asked = call.text("index_name")
    for each in call.exchange.listed.values():
        if index_name(each) == asked:
            price = float(call.exchange.index(each.base))
            return {"index_price": price, "estimated_delivery_price": price}
    raise invalid("index_name", "wrong format")


def _funding_value(call: Call) -> float:
    call.terms()
    return words.FUNDING_8H


def _funding_history(call: Call) -> list[Json]:
    terms = call.terms()
    price = float(call.exchange.index(terms.base))
    start = int(call.number("start_timestamp")) // HOUR_MS * HOUR_MS
    end = min(int(call.number("end_timestamp")), call.exchange.now_ms())
    return [
        {
            "timestamp": at,
            "index_price": price,
            "prev_index_price": price,
            "interest_8h": words.FUNDING_8H,
            "interest_1h": words.FUNDING_8H / 8,
        }
        for at in range(start, end + 1, HOUR_MS)
    ][-744:]


def _last_trades(call: Call) -> Json:
    terms = call.terms()
    count = int(call.parameters.get("count", 10))
    tape = [each for each in call.exchange.tape if each.terms is terms]
    trades = [words.public_trade(call.exchange, each) for each in tape]
    return {"trades": trades[-count:], "has_more": len(trades) > count}


MARKET_METHODS: Mapping[str, Method] = {
    "public/get_time": _time,
    "public/status": _status,
    "public/test": _test,
    "public/hello": _test,
    "public/get_currencies": _currencies,
    "public/get_instruments": _instruments,
    "public/get_instrument": _instrument,
    "public/ticker": _ticker,
    "public/get_order_book": _order_book,
    "public/get_book_summary_by_currency": _summaries,
    "public/get_book_summary_by_instrument": _summary,
    "public/get_index_price": _index_price,
    "public/get_funding_rate_value": _funding_value,
    "public/get_funding_rate_history": _funding_history,
    "public/get_last_trades_by_instrument": _last_trades,
    "public/get_last_trades_by_instrument_and_time": _last_trades,
}
