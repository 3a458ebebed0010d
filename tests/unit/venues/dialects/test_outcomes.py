"""What an error proves of an order: the whole of ccxt's tree, and the traps in it."""

import asyncio
import json
import subprocess
import sys
from decimal import InvalidOperation
from typing import Any

import aiohttp
import ccxt
import pytest

from terminal.venues.dialects.dialect import Outcome
from terminal.venues.dialects.outcomes import outcome_of

REFUSED = {
    "AccountNotEnabled",
    "AccountSuspended",
    "AuthenticationError",
    "BadRequest",
    "BadSymbol",
    "ContractUnavailable",
    "InsufficientFunds",
    "InvalidOrder",
    "MarketClosed",
    "OrderImmediatelyFillable",
    "OrderNotFillable",
    "PermissionDenied",
    "RateLimitExceeded",
}


def descendants(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(each for child in kind.__subclasses__() for each in descendants(child))]


def test_every_class_of_ccxt_is_sorted_as_designed() -> None:
    kinds = descendants(ccxt.BaseError)
    refused = {each.__name__ for each in kinds if outcome_of(each("x")) is Outcome.REFUSED}
    assert len(kinds) > 35
    assert refused == REFUSED


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        TimeoutError(),
        ValueError("NaN in a reply"),
        TypeError("Deribit's bad body"),
        InvalidOperation(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        ConnectionResetError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_not_from_ccxt_proves_nothing(error: BaseException) -> None:
    assert outcome_of(error) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "message",
    [
        'binanceusdm {"code":-4116,"msg":"ClientOrderId is duplicated."}',
        'binance {"code":-2010,"msg":"Duplicate order sent."}',
        'bybit {"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}',
        'okx {"data":[{"sCode":"51016","sMsg":"Client order ID already exists."}]}',
    ],
)
def test_an_id_that_is_taken_means_the_order_may_be_there(message: str) -> None:
    assert outcome_of(ccxt.InvalidOrder(message)) is Outcome.UNKNOWN


def raised(exchange: Any, code: int, body: dict[str, Any]) -> BaseException:
    """Error that ccxt makes of a reply."""
    text = json.dumps(body)
    with pytest.raises(ccxt.BaseError) as failure:
        exchange.handle_errors(code, "", "https://host/", "GET", {}, text, body, {}, "")
    error: BaseException = failure.value
    return error


@pytest.mark.parametrize(
    ("code", "word", "outcome"),
    [
        (10009, "not_enough_funds", Outcome.REFUSED),
        (10043, "price_wrong_tick", Outcome.REFUSED),
        (11054, "post_only_reject", Outcome.REFUSED),
        (11050, "bad_request", Outcome.REFUSED),
        (13004, "invalid_credentials", Outcome.REFUSED),
        (10001, "error", Outcome.UNKNOWN),
        (10028, "too_many_requests", Outcome.REFUSED),
        (10040, "retry", Outcome.UNKNOWN),
        (10041, "settlement_in_progress", Outcome.UNKNOWN),
        (11051, "system_maintenance", Outcome.UNKNOWN),
        (11094, "internal_server_error", Outcome.UNKNOWN),
        (-32602, "Invalid params", Outcome.REFUSED),
    ],
)
def test_codes_of_deribit(code: int, word: str, outcome: Outcome) -> None:
    body = {"jsonrpc": "2.0", "error": {"code": code, "message": word}}
    assert outcome_of(raised(ccxt.deribit(), 400, body)) is outcome


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("Insufficient margin to place order. asset=4", Outcome.REFUSED),
        ("Post only order would have immediately matched, bbo was 1@2.", Outcome.REFUSED),
        ("Order must have minimum value of $10. asset=0", Outcome.REFUSED),
        ("Too many cumulative requests sent (3 > 2)", Outcome.REFUSED),
        ("Something new", Outcome.UNKNOWN),
    ],
)
def test_words_of_hyperliquid(words: str, outcome: Outcome) -> None:
    data = {"statuses": [{"error": words}]}
    body = {"status": "ok", "response": {"type": "order", "data": data}}
    assert outcome_of(raised(ccxt.hyperliquid(), 200, body)) is outcome


def test_a_class_that_only_shares_a_name_proves_nothing() -> None:
    class InvalidOrder(Exception):
        pass

    assert outcome_of(InvalidOrder("no")) is Outcome.UNKNOWN


def test_a_child_unheard_of_follows_its_nearest_known_ancestor() -> None:
    late = type("NotToday", (ccxt.OrderNotFound,), {"__module__": "ccxt.base.errors"})
    refusal = type("NotEver", (ccxt.InsufficientFunds,), {"__module__": "ccxt.base.errors"})
    assert outcome_of(late("x")) is Outcome.UNKNOWN
    assert outcome_of(refusal("x")) is Outcome.REFUSED


def test_sorting_errors_never_loads_ccxt() -> None:
    code = (
        "import sys; from terminal.venues.dialects.registry import DIALECTS; "
        "from terminal.venues.dialects.outcomes import outcome_of; outcome_of(OSError()); "
        "sys.exit('ccxt' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("kind", "code", "url", "body"),
    [
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-1007,"msg":"x"}'),
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-1006,"msg":"x"}'),
        ("binancecoinm", 400, "https://dapi.binance.com/dapi/v1/order", '{"code":-1007,"msg":"x"}'),
        ("binance", 400, "https://papi.binance.com/papi/v1/order", '{"code":-1007,"msg":"x"}'),
        ("binance", 400, "https://eapi.binance.com/eapi/v1/order", '{"code":-1006,"msg":"x"}'),
        ("binanceusdm", 503, "https://fapi.binance.com/fapi/v1/order", "Unknown error"),
        ("bybit", 200, "https://api.bybit.com/v5/order/create", '{"retCode":10016,"retMsg":"x"}'),
        ("bybit", 200, "https://api.bybit.com/v5/order/create", '{"retCode":170007,"retMsg":"x"}'),
        ("okx", 200, "https://www.okx.com/api/v5/trade/order", '{"code":"50004","msg":"x"}'),
        ("okx", 200, "https://www.okx.com/api/v5/trade/order", '{"code":"51016","msg":"x"}'),
        ("bybit", 200, "https://api.bybit.com/v5/order/create", '{"retCode":110072,"retMsg":"x"}'),
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-4116,"msg":"x"}'),
        ("okx", 502, "https://www.okx.com/api/v5/trade/order", "<html>Bad Gateway</html>"),
        ("binanceusdm", 503, "https://fapi.binance.com/fapi/v1/order", '{"code":-1016,"msg":"x"}'),
        ("binanceusdm", 400, "https://127.0.0.1/fapi/v1/order", '{"code":-1007,"msg":"x"}'),
        ("binanceusdm", 400, "https://127.0.0.1/fapi/v1/order", '{"code":-4116,"msg":"x"}'),
        ("binanceusdm", 400, "https://127.0.0.1/fapi/v1/order", '{"code":-9999,"msg":"x"}'),
    ],
)
def test_codes_that_leave_the_outcome_open(kind: str, code: int, url: str, body: str) -> None:
    assert outcome_of(_raised(kind, code, url, body)) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "code", "url", "body"),
    [
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-2019,"msg":"x"}'),
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-2010,"msg":"x"}'),
        ("binancecoinm", 400, "https://dapi.binance.com/dapi/v1/order", '{"code":-2019,"msg":"x"}'),
        ("binanceusdm", 400, "https://fapi.binance.com/fapi/v1/order", '{"code":-4164,"msg":"x"}'),
        ("binanceusdm", 401, "https://fapi.binance.com/fapi/v1/order", '{"code":-2015,"msg":"x"}'),
        ("bybit", 200, "https://api.bybit.com/v5/order/create", '{"retCode":110007,"retMsg":"x"}'),
        ("okx", 200, "https://www.okx.com/api/v5/trade/order", '{"code":"51008","msg":"x"}'),
        (
            "okx", 200, "https://www.okx.com/api/v5/trade/batch-orders",
            '{"code":"1","data":[{"sCode":"51008","sMsg":"x"}],"msg":"All operations failed"}',
        ),
    ],
)  # fmt: skip
def test_codes_of_a_refusal(kind: str, code: int, url: str, body: str) -> None:
    assert outcome_of(_raised(kind, code, url, body)) is Outcome.REFUSED


def _raised(kind: str, code: int, url: str, body: str) -> BaseException:
    """What ccxt makes of an answer: the codes by exchange and address, then the status."""
    exchange = getattr(ccxt, kind)()
    try:
        parsed = exchange.parse_json(body)
        skip = exchange.handle_errors(code, "x", url, "POST", {}, body, parsed, {}, "")
        if not skip:
            exchange.handle_http_status_code(code, "x", url, "POST", body)
    except ccxt.BaseError as error:
        caught: BaseException = error
        return caught
    raise AssertionError(f"{kind} took {body} for an answer")
