"""Bybit on this machine (version 5, unified account): REST and WebSocket, signatures verified.

Routes are named by verb and path: ``POST /v5/order/create``; requests of a socket by
``ws auth``, ``ws subscribe``. Streams are named by topic: ``orderbook.50.BTCUSDT``, ``order``.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from time import time_ns
from typing import Any

from tests.venue_servers import bybit_words as words
from tests.venue_servers.account import Ask, Order
from tests.venue_servers.bybit_account import (
    execution,
    funding,
    key_information,
    number_of,
    order,
    order_id,
    position,
    wallet,
)
from tests.venue_servers.bybit_market import ApiError, BybitMarket
from tests.venue_servers.core import Refusal, RefusedError
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json, Socket
from tests.venue_servers.server import Signed
from tests.venue_servers.signatures import in_hex

BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10), "ETH": Decimal(100)}
AHEAD_MS = 1_000
WEEK_MS = 7 * 86_400_000

REFUSALS_OF_ORDERS = {
    Refusal.INSTRUMENT: (10001, "params error: symbol invalid"),
    Refusal.AMOUNT: (10001, "Qty invalid"),
    Refusal.TICK: (10001, "Price invalid"),
    Refusal.PRICE: (110003, "Order price exceeds the allowable range."),
    Refusal.NOTIONAL: (110094, "Order does not meet minimum order value 5USDT"),
    Refusal.FUNDS: (110007, "ab not enough for new order"),
    Refusal.REDUCE_ONLY: (110017, "current position is zero, cannot fix reduce-only order qty"),
    Refusal.DUPLICATE: (110072, "OrderLinkedID is duplicate"),
    Refusal.NOT_FOUND: (110001, "order not exists or too late to cancel"),
    Refusal.CLOSED: (110001, "order not exists or too late to cancel"),
}


class BybitServer(BybitMarket):
    """Bybit: linear and inverse perpetuals in one-way mode, a few options settled in USDT."""

    def __init__(self) -> None:
        super().__init__(words.listing(time_ns() // 1_000_000), BALANCES)
        self.credentials = {"apiKey": "test-key", "secret": "test-secret"}
        self.exchange.cancels_post_only = True
        self._window_s = 0.0
        self._routes = self._table()

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        route = self.route(asked)
        given = asked.json() if asked.body else dict(asked.query)
        try:
            if "/v5/market/" not in asked.path:
                self._admit(asked, given)
            if route not in self._routes:
                return Answer("", 404)
            return self._reply(0, "OK", self._routes[route](given))
        except ApiError as error:
            return self._reply(error.code, error.message, {}, error.status)
        except RefusedError as error:
            return self._reply(*REFUSALS_OF_ORDERS[error.why], {})
        except (KeyError, InvalidOperation):
            return self._reply(10001, "params error", {})

    def _reply(self, code: int, message: str, result: Any, status: int = 200) -> Answer:
        body = {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}}
        return Answer({**body, "time": self.exchange.now_ms()}, status)

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned; a ban is a status of 403."""
        if planned.kind is Fault.RATE_LIMIT_429:
            return self._reply(10006, "Too many visits. Exceeded the API Rate Limit.", {}, 429)
        if planned.kind is Fault.BAN_418:
            return self._reply(10018, "Out of frequency limit of IP", {}, 403)
        if planned.kind is Fault.MAINTENANCE:
            return self._reply(10016, "Server is under maintenance", {}, 503)
        return self._reply(int(planned.code or 10016), "System error.", {})

    def _admit(self, asked: Asked, given: Json) -> None:
        """Verify key, signature and time."""
        stamp = asked.headers.get("x-bapi-timestamp", "")
        window = asked.headers.get("x-bapi-recv-window", "5000")
        key = asked.headers.get("x-bapi-api-key", "")
        text = f"{stamp}{key}{window}{asked.body or asked.query_text}"
        right = in_hex(self.credentials["secret"], text) == asked.headers.get("x-bapi-sign")
        self.signed.append(Signed(self.route(asked), given, right))
        if key != self.credentials["apiKey"]:
            raise ApiError(10003, "API key is invalid.")
        if not right:
            raise ApiError(10004, "Error sign, please check your signature generation algorithm.")
        late = self.exchange.now_ms() - int(stamp)
        if late > int(window) or late < -AHEAD_MS:
            raise ApiError(10002, "invalid request, please check your timestamp and recv_window")

    def _table(self) -> Mapping[str, Callable[[Json], Any]]:
        return {
            "GET /v5/market/time": lambda _: self.time(),
            "GET /v5/market/instruments-info": self.instruments,
            "GET /v5/market/tickers": self.tickers,
            "GET /v5/market/orderbook": self.book,
            "GET /v5/market/recent-trade": self.recent,
            "GET /v5/market/funding/history": self.funding_rates,
            "GET /v5/user/query-api": lambda _: key_information(self.exchange),
            "GET /v5/account/info": lambda _: self._information(),
            "GET /v5/account/wallet-balance": lambda _: {"list": [wallet(self.exchange)]},
            "GET /v5/asset/coin/query-info": lambda _: {"rows": []},
            "GET /v5/position/list": self._positions,
            "GET /v5/order/realtime": self._orders,
            "GET /v5/order/history": self._history,
            "GET /v5/execution/list": self._executions,
            "POST /v5/order/create": self._place,
            "POST /v5/order/cancel": self._cancel,
            "POST /v5/order/cancel-all": self._cancel_all,
            "POST /v5/order/disconnected-cancel-all": self._keep_while_connected,
        }

    # ------------------------------------------------------------------------------------ orders

    def _place(self, given: Json) -> Json:
        """Acknowledge an order; what becomes of it is told by the stream."""
        tif = given.get("timeInForce", "GTC")
        made = self.exchange.place(
            Ask(
                name=given["symbol"],
                side=given["side"].lower(),
                quantity=Decimal(given["qty"]),
                price=Decimal(given["price"]) if given["orderType"] == "Limit" else None,
                client_id=given.get("orderLinkId", ""),
                tif="gtc" if tif == "PostOnly" else tif.lower(),
                post_only=tif == "PostOnly",
                reduce_only=bool(given.get("reduceOnly", False)),
            )
        )
        return self._acknowledged(made)

    def _acknowledged(self, made: Order) -> Json:
        return {"orderId": order_id(made.number), "orderLinkId": made.ask.client_id}

    def _found(self, given: Json) -> list[Order]:
        account = self.exchange.account
        if "orderId" in given:
            found = account.orders.get(number_of(given["orderId"]))
            return [found] if found is not None else []
        return account.by_client_id(given["orderLinkId"])

    def _cancel(self, given: Json) -> Json:
        found = self._found(given)
        if not found:
            raise RefusedError(Refusal.NOT_FOUND)
        return self._acknowledged(self.exchange.cancel(found[-1].number))

    def _cancel_all(self, given: Json) -> Json:
        names = {each.name for each in self.chosen(given)}
        orders = [each for each in self.exchange.account.open_orders() if each.ask.name in names]
        for each in orders:
            self.exchange.cancel(each.number)
        return {"list": [self._acknowledged(each) for each in orders], "success": "1"}

    def _orders(self, given: Json) -> Json:
        if "orderId" in given or "orderLinkId" in given:
            found = self._found(given)
        else:
            names = {each.name for each in self.chosen(given)}
            found = [e for e in self.exchange.account.open_orders() if e.ask.name in names]
        return self.page(given, [order(self.exchange, each) for each in reversed(found)], 50)

    def _history(self, given: Json) -> Json:
        if "orderId" in given or "orderLinkId" in given:
            found = self._found(given)
        else:
            names = {each.name for each in self.chosen(given)}
            found = [e for e in self.exchange.account.orders.values() if e.ask.name in names]
        return self.page(given, [order(self.exchange, each) for each in reversed(found)], 50)

    def _executions(self, given: Json) -> Json:
        account = self.exchange.account
        names = {each.name for each in self.chosen(given)}
        start = int(given.get("startTime", 0))
        end = int(given.get("endTime", start + WEEK_MS if start else self.exchange.now_ms()))
        if start and end - start > WEEK_MS:
            raise ApiError(10001, "The time range between startTime and endTime is over 7 days")
        if given.get("execType") == "Funding":
            paid = [e for e in account.fundings if e.name in names and start <= e.at_ms <= end]
            told = [funding(self.exchange, each) for each in reversed(paid)]
            return self.page({"limit": 50, **given}, told, 100)
        told = [
            execution(self.exchange, account.orders[each.order], each)
            for each in reversed(account.fills)
            if each.name in names
            and start <= each.at_ms <= end
            and given.get("orderId") in (None, order_id(each.order))
            and given.get("orderLinkId") in (None, account.orders[each.order].ask.client_id)
        ]
        return self.page({"limit": 50, **given}, told, 100)

    # ----------------------------------------------------------------------------------- account

    def _information(self) -> Json:
        return {
            "marginMode": "REGULAR_MARGIN",
            "updatedTime": "1697078946000",
            "unifiedMarginStatus": 6,
            "dcpStatus": "ON" if self._window_s else "OFF",
            "timeWindow": int(self._window_s),
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    def _positions(self, given: Json) -> Json:
        names = [each.name for each in self.chosen(given)]
        held = [self.exchange.account.held(each) for each in names]
        shown = [each for each in held if each.quantity or "symbol" in given]
        return self.page(given, [position(self.exchange, each) for each in shown], 200)

    def _keep_while_connected(self, given: Json) -> Json:
        """Cancel everything so many seconds after the last private stream has gone."""
        self._window_s = float(given["timeWindow"])
        return {}

    def left(self, socket: Socket) -> None:
        """Begin to count when nobody listens to the account any more."""
        if self._window_s and not any(each.signed_in for each in self.sockets):
            self.wind(self._window_s)

    def joined_private(self) -> None:
        """Stop counting."""
        self.wind(0)
