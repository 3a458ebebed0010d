"""Hyperliquid's ``info`` requests, which need no signature: the market, and any user's account."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.venue_servers import hyperliquid_words as words
from tests.venue_servers.account import Order
from tests.venue_servers.core import Exchange
from tests.venue_servers.hosting import Json

Told = Callable[[Exchange, Json], Any]

FILLS, PAYMENTS = 2_000, 500
"""Most rows of a reply."""

TOKENS = [
    {
        "name": "USDC",
        "szDecimals": 8,
        "weiDecimals": 8,
        "index": 0,
        "tokenId": "0x6d1e7cde53ba9467b783cb7c530ce054",
        "isCanonical": True,
        "evmContract": None,
        "fullName": None,
    }
]


def _meta_and_contexts(exchange: Exchange, given: Json) -> list[Any]:
    contexts = [words.context(exchange, each) for each in exchange.listed.values()]
    return [words.universe(exchange), contexts]


def _funding_history(exchange: Exchange, given: Json) -> list[Json]:
    end = min(int(given.get("endTime", exchange.now_ms())), exchange.now_ms())
    start = -(-int(given["startTime"]) // words.HOUR_MS) * words.HOUR_MS
    told = {"coin": given["coin"], "fundingRate": words.FUNDING, "premium": "0.0001"}
    return [{**told, "time": at} for at in range(start, end + 1, words.HOUR_MS)][:500]


def _open(exchange: Exchange, told: Callable[[Order], Json]) -> list[Json]:
    return [told(each) for each in reversed(exchange.account.open_orders())]


def _historical(exchange: Exchange, given: Json) -> list[Json]:
    orders = exchange.account.orders.values()
    return [_with_state(each) for each in reversed(orders) if each.status != "open"]


def _with_state(made: Order) -> Json:
    told = words.whole_order(made)
    return {"order": told, "status": words.state(made), "statusTimestamp": made.updated_ms}


def _order_state(exchange: Exchange, given: Json) -> Json:
    wanted = given["oid"]
    if isinstance(wanted, str):
        found = exchange.account.by_client_id(wanted)
    else:
        found = [each for each in exchange.account.orders.values() if each.number == wanted]
    if not found:
        return {"status": "unknownOid"}
    return {"status": "order", "order": _with_state(found[-1])}


def _fills(exchange: Exchange, given: Json) -> list[Json]:
    start, account = int(given.get("startTime", 0)), exchange.account
    fills = [each for each in account.fills if each.at_ms >= start]
    if "startTime" not in given:
        fills.reverse()
    return [words.fill(exchange, account.orders[each.order], each) for each in fills[:FILLS]]


def _fundings(exchange: Exchange, given: Json) -> list[Json]:
    start = int(given.get("startTime", 0))
    paid = exchange.account.fundings
    return [words.funding(exchange, each) for each in paid if each.at_ms >= start][:PAYMENTS]


def _spot_account(exchange: Exchange, given: Json) -> Json:
    return {"balances": [{"coin": "USDC", "token": 0, "total": "0.0", "hold": "0.0"}]}


def _book(exchange: Exchange, given: Json) -> Json | None:
    terms = exchange.listed.get(given["coin"])
    return words.book(exchange, terms) if terms is not None else None


INFORMATION: Mapping[str, Told] = {
    "exchangeStatus": lambda exchange, _: {"time": exchange.now_ms(), "specialStatuses": None},
    "meta": lambda exchange, _: words.universe(exchange),
    "metaAndAssetCtxs": _meta_and_contexts,
    "spotMeta": lambda exchange, _: {"universe": [], "tokens": TOKENS},
    "spotMetaAndAssetCtxs": lambda exchange, _: [{"universe": [], "tokens": TOKENS}, []],
    "perpDexs": lambda exchange, _: [None],
    "allMids": lambda exchange, _: words.mids(exchange),
    "l2Book": _book,
    "fundingHistory": _funding_history,
    "clearinghouseState": lambda exchange, _: words.account(exchange),
    "spotClearinghouseState": _spot_account,
    "openOrders": lambda exchange, _: _open(exchange, words.order),
    "frontendOpenOrders": lambda exchange, _: _open(exchange, words.whole_order),
    "historicalOrders": _historical,
    "orderStatus": _order_state,
    "userFills": _fills,
    "userFillsByTime": _fills,
    "userFunding": _fundings,
    "userAbstraction": lambda exchange, _: "disabled",
    "userRole": lambda exchange, _: {"role": "user"},
    "extraAgents": lambda exchange, _: [],
    "userFees": lambda exchange, _: {"userCrossRate": "0.00045", "userAddRate": "0.00015"},
}
