"""Binance's futures on this machine, margined in dollars (fapi) or in coin (dapi).

Routes are named by verb and path: ``POST /fapi/v1/order``. Streams are named as Binance names
them, ``btcusdt@depth@100ms``; the private stream is ``user:ORDER_TRADE_UPDATE`` and
``user:ACCOUNT_UPDATE``.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.venue_servers import binance_words as words
from tests.venue_servers.account import Ask, Order
from tests.venue_servers.binance_account import (
    account,
    balances,
    brackets,
    configured,
    income,
    position,
    restrictions,
)
from tests.venue_servers.binance_door import ApiError, BinanceDoor
from tests.venue_servers.binance_streams import LISTEN_KEY
from tests.venue_servers.core import Refusal
from tests.venue_servers.hosting import Json
from tests.venue_servers.listing import Terms
from tests.venue_servers.plain import plain

WEEK_MS = 7 * 86_400_000

REFUSALS_OF_ORDERS = {
    Refusal.INSTRUMENT: (-1121, "Invalid symbol."),
    Refusal.AMOUNT: (-1111, "Precision is over the maximum defined for this asset."),
    Refusal.TICK: (-4014, "Price not increased by tick size."),
    Refusal.PRICE: (-4001, "Price less than 0."),
    Refusal.NOTIONAL: (-4164, "Order's notional must be no smaller than 100"),
    Refusal.FUNDS: (-2019, "Margin is insufficient."),
    Refusal.POST_ONLY: (-5022, "Due to the order could not be executed as maker."),
    Refusal.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Refusal.DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    Refusal.NOT_FOUND: (-2011, "Unknown order sent."),
    Refusal.CLOSED: (-2011, "Unknown order sent."),
}


class BinanceFuturesServer(BinanceDoor):
    """One of Binance's two futures exchanges, in one-way mode on cross margin."""

    refusals = REFUSALS_OF_ORDERS

    def __init__(self, api: str, listed: list[Terms], held: dict[str, Decimal]) -> None:
        super().__init__(listed, held)
        self._api = api
        self.adjusted: list[Json] = []  # rows of perpetuals that are not paid every eight hours
        self.routes = self._table()

    def _table(self) -> Mapping[str, Callable[[Json], Any]]:
        public = {
            "time": lambda _: {"serverTime": self.exchange.now_ms()},
            "ping": lambda _: {},
            "exchangeInfo": lambda _: words.exchange_info(self.exchange),
            "depth": self._depth,
            "ticker/24hr": self._each(words.ticker),
            "premiumIndex": self._each(words.premium_index),
            "fundingRate": self._funding_rates,
            "fundingInfo": lambda _: self.adjusted,
        }
        private: dict[str, Callable[[Json], Any]] = {
            "GET v1/order": lambda given: self._told(self._found(given, -2013)),
            "POST v1/order": self._place,
            "DELETE v1/order": self._cancel,
            "DELETE v1/allOpenOrders": self._cancel_all_of,
            "GET v1/openOrder": lambda given: self._told(self._found(given, -2013)),
            "GET v1/openOrders": self._open_orders,
            "GET v1/allOrders": self._all_orders,
            "GET v1/userTrades": self._trades,
            "GET v1/income": lambda given: income(self.exchange, given),
            "GET v1/positionSide/dual": lambda _: {
                "dualSidePosition": self.exchange.account.two_sided
            },
            "GET v1/multiAssetsMargin": lambda _: {"multiAssetsMargin": False},
            "GET v1/symbolConfig": lambda given: configured(self.exchange, given),
            "POST v1/countdownCancelAll": self._countdown,
            "POST v1/listenKey": lambda _: {"listenKey": LISTEN_KEY},
            "PUT v1/listenKey": lambda _: {"listenKey": LISTEN_KEY},
            "DELETE v1/listenKey": lambda _: {},
        }
        for version in ("v1", "v2", "v3"):
            private[f"GET {version}/account"] = lambda _: account(self.exchange)
            private[f"GET {version}/balance"] = lambda _: balances(self.exchange)
            private[f"GET {version}/positionRisk"] = self._positions
            private[f"GET {version}/leverageBracket"] = lambda _: brackets(self.exchange)
        told = {**{f"GET v1/{name}": each for name, each in public.items()}, **private}
        routes = {each.replace(" ", f" /{self._api}/", 1): do for each, do in told.items()}
        may = "GET /sapi/v1/account/apiRestrictions"
        return {**routes, may: lambda _: restrictions(self.exchange)}

    # ----------------------------------------------------------------------------------- market

    def _terms(self, given: Json) -> Terms:
        terms = self.exchange.listed.get(given["symbol"])
        if terms is None:
            raise ApiError(*REFUSALS_OF_ORDERS[Refusal.INSTRUMENT])
        return terms

    def _depth(self, given: Json) -> Json:
        return words.depth(self.exchange, self._terms(given), int(given.get("limit", 500)))

    def _each(self, told: Callable[..., Json]) -> Callable[[Json], Any]:
        def one_or_all(given: Json) -> Any:
            if "symbol" in given and self._api == "fapi":
                return told(self.exchange, self._terms(given))
            chosen = [self._terms(given)] if "symbol" in given else self.exchange.listed.values()
            return [told(self.exchange, each) for each in chosen]

        return one_or_all

    def _funding_rates(self, given: Json) -> list[Json]:
        terms, now = self._terms(given), self.exchange.now_ms()
        last = now // words.FUNDING_MS * words.FUNDING_MS
        mark = plain(self.exchange.mark(terms))
        return [
            {
                "symbol": terms.name,
                "fundingRate": words.FUNDING,
                "fundingTime": at,
                "markPrice": mark,
            }
            for at in range(last - 9 * words.FUNDING_MS, last + 1, words.FUNDING_MS)
        ]

    # ------------------------------------------------------------------------------------ orders

    def _place(self, given: Json) -> Json:
        tif = given.get("timeInForce", "GTC")
        made = self.exchange.place(
            Ask(
                name=given["symbol"],
                side=given["side"].lower(),
                quantity=Decimal(given["quantity"]),
                price=Decimal(given["price"]) if given["type"] == "LIMIT" else None,
                client_id=given.get("newClientOrderId", ""),
                tif="gtc" if tif == "GTX" else tif.lower(),
                post_only=tif == "GTX",
                reduce_only=given.get("reduceOnly", "").lower() == "true",
            )
        )
        return self._told(made)

    def _told(self, made: Order) -> Json:
        return words.order(self.exchange.listed[made.ask.name], made)

    def _found(self, given: Json, missing: int = -2011) -> Order:
        orders = self.exchange.account.orders
        if "origClientOrderId" in given:
            found = self.exchange.account.by_client_id(given["origClientOrderId"])
        else:
            found = [orders[int(given["orderId"])]] if int(given["orderId"]) in orders else []
        if not found:
            raise ApiError(
                missing, "Order does not exist." if missing == -2013 else "Unknown order sent."
            )
        return found[-1]

    def _cancel(self, given: Json) -> Json:
        return self._told(self.exchange.cancel(self._found(given).number))

    def _cancel_all_of(self, given: Json) -> Json:
        for each in self.exchange.account.open_orders(self._terms(given).name):
            self.exchange.cancel(each.number)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def _open_orders(self, given: Json) -> list[Json]:
        orders = self.exchange.account.open_orders(given.get("symbol", ""))
        return [self._told(each) for each in orders]

    def _all_orders(self, given: Json) -> list[Json]:
        name = self._terms(given).name
        return [self._told(o) for o in self.exchange.account.orders.values() if o.ask.name == name]

    def _trades(self, given: Json) -> list[Json]:
        """Trades of a symbol, oldest first: from a time or from an id, never both."""
        if "fromId" in given and ("startTime" in given or "endTime" in given):
            raise ApiError(-1106, "Parameter 'fromId' sent when not required.")
        terms, start = self._terms(given), int(given.get("startTime", 0))
        end = int(given.get("endTime", start + WEEK_MS if start else self.exchange.now_ms()))
        if start and end - start > WEEK_MS:
            raise ApiError(-4167, "The interval between startTime and endTime is too large.")
        order, first = int(given.get("orderId", 0)), int(given.get("fromId", 0))
        told = [
            words.trade(terms, each)
            for each in self.exchange.account.fills
            if each.name == terms.name
            and (first or start <= each.at_ms <= end)
            and each.number >= first
            and order in (0, each.order)
        ]
        limit = min(int(given.get("limit", 500)), 1_000)
        return told[:limit] if start or first else told[-limit:]

    def _countdown(self, given: Json) -> Json:
        """Cancel all orders of a symbol unless this is asked for again in time."""
        name = self._terms(given).name
        self.wind(int(given["countdownTime"]) / 1000, name)
        return {"symbol": name, "countdownTime": given["countdownTime"]}

    # ----------------------------------------------------------------------------------- account

    def _positions(self, given: Json) -> list[Json]:
        held = self.exchange.account.positions.values()
        wanted = given.get("symbol")
        return [position(self.exchange, each) for each in held if wanted in (None, each.name)]
