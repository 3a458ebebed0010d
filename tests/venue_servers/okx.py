"""OKX on this machine (version 5, net mode): REST and WebSocket, signatures verified.

Routes are named by verb and path: ``POST /api/v5/trade/batch-orders``; requests of a socket by
``ws login``, ``ws subscribe``. Streams are named by channel, kind and instrument:
``books:BTC-USDT-SWAP``, ``orders:SWAP``.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from time import time_ns
from typing import Any

from tests.venue_servers import okx_words as words
from tests.venue_servers.account import Ask, Order
from tests.venue_servers.core import Refusal, RefusedError
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer, Asked, Json
from tests.venue_servers.okx_account import (
    FUNDING_BILL,
    balance,
    bill,
    configuration,
    fill_told,
    order_told,
    position,
)
from tests.venue_servers.okx_market import ApiError, OkxMarket
from tests.venue_servers.server import Signed
from tests.venue_servers.signatures import in_base64

BALANCES = {"USDT": Decimal(1_000_000), "BTC": Decimal(10), "ETH": Decimal(100)}
EXPIRES_MS = 30_000
LAST = 10**18

REFUSALS_OF_ORDERS = {
    Refusal.INSTRUMENT: (51001, "Instrument ID does not exist"),
    Refusal.AMOUNT: (51121, "Order quantity must be a multiple of the lot size."),
    Refusal.TICK: (51000, "Parameter px error"),
    Refusal.PRICE: (51006, "Order price is not within the price limit"),
    Refusal.NOTIONAL: (51020, "Your order should meet or exceed the minimum order amount."),
    Refusal.FUNDS: (51008, "Order failed. Insufficient USDT margin in account"),
    Refusal.REDUCE_ONLY: (51169, "Order failed because you don't have any positions to reduce."),
    Refusal.DUPLICATE: (51016, "Client order ID already exists."),
    Refusal.NOT_FOUND: (51400, "Cancellation failed as the order doesn't exist."),
    Refusal.CLOSED: (51400, "Order cancellation failed as the order has been filled or canceled."),
}


class OkxServer(OkxMarket):
    """OKX: swaps in contracts, options settled in coin, one-way positions on cross margin."""

    def __init__(self) -> None:
        super().__init__(words.listing(time_ns() // 1_000_000), BALANCES)
        self.credentials = {"apiKey": "test-key", "secret": "test-secret", "password": "test-pass"}
        self.exchange.cancels_post_only = True
        self._public = self.public_routes()
        self._private = self._table()

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        route = self.route(asked)
        given: Any = json.loads(asked.body) if asked.body else dict(asked.query)
        try:
            if route in self._public:
                return self._reply(self._public[route](given))
            self._admit(asked, given)
            if route not in self._private:
                return Answer({"code": "404", "data": [], "msg": "Not Found"}, 404)
            return self._reply(self._private[route](given))
        except ApiError as error:
            body = {"code": error.code, "msg": error.message, "data": []}
            return Answer(body, error.status)
        except (KeyError, InvalidOperation):
            return Answer({"code": "51000", "msg": "Parameter error", "data": []})

    def _reply(self, data: list[Any]) -> Answer:
        """Wrap the data; where every entry failed, the whole failed."""
        codes = [each.get("sCode", "0") for each in data if isinstance(each, dict)]
        failed = [each for each in codes if each != "0"]
        code = "0" if not failed else "1" if len(failed) == len(codes) else "2"
        return Answer({"code": code, "msg": "All operations failed" * (code == "1"), "data": data})

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        statuses = {Fault.RATE_LIMIT_429: 429, Fault.BAN_418: 418}
        if planned.kind in statuses:
            body = {"code": "50011", "msg": "Too Many Requests", "data": []}
            return Answer(body, statuses[planned.kind])
        if planned.kind is Fault.MAINTENANCE:
            why = "Service temporarily unavailable. Please try again later."
            return Answer({"code": "50001", "msg": why, "data": []}, 503)
        return Answer({"code": str(planned.code or 50013), "msg": "System busy.", "data": []})

    def _admit(self, asked: Asked, given: Any) -> None:
        """Verify key, passphrase, signature and time."""
        heads, key = asked.headers, self.credentials
        stamp = heads.get("ok-access-timestamp", "")
        made = in_base64(key["secret"], f"{stamp}{asked.verb}{asked.target}{asked.body}")
        right = made == heads.get("ok-access-sign")
        parameters = given if isinstance(given, dict) else {"orders": given}
        self.signed.append(Signed(self.route(asked), parameters, right))
        if heads.get("ok-access-key") != key["apiKey"]:
            raise ApiError(50111, "Invalid OK-ACCESS-KEY", 401)
        if heads.get("ok-access-passphrase") != key["password"]:
            raise ApiError(50105, "Request header OK-ACCESS-PASSPHRASE incorrect.", 401)
        if not right:
            raise ApiError(50113, "Invalid Sign", 401)
        sent_ms = datetime.fromisoformat(stamp).timestamp() * 1000
        if abs(self.exchange.now_ms() - sent_ms) > EXPIRES_MS:
            raise ApiError(50102, "Timestamp request expired", 401)

    def _table(self) -> Mapping[str, Callable[[Any], list[Any]]]:
        told: dict[str, Callable[[Any], list[Any]]] = {
            "GET asset/currencies": lambda _: [],
            "GET account/balance": lambda _: [balance(self.exchange)],
            "GET account/config": lambda _: [configuration(self.exchange)],
            "GET account/positions": self._positions,
            "GET account/bills": self._bills,
            "GET account/bills-archive": self._bills,
            "GET trade/order": lambda given: [self._told(self._found(given, 51603))],
            "GET trade/orders-pending": self._pending,
            "GET trade/orders-history": self._history,
            "GET trade/orders-history-archive": self._history,
            "GET trade/fills": self._fills,
            "GET trade/fills-history": self._fills,
            "POST trade/order": lambda given: [self._place(given)],
            "POST trade/batch-orders": lambda given: [self._place(each) for each in given],
            "POST trade/cancel-order": lambda given: [self._cancel(given)],
            "POST trade/cancel-batch-orders": lambda given: [self._cancel(each) for each in given],
            "POST trade/cancel-all-after": self._countdown,
        }
        return {each.replace(" ", " /api/v5/", 1): do for each, do in told.items()}

    # ------------------------------------------------------------------------------------ orders

    def _place(self, given: Json) -> Json:
        kind = given["ordType"]
        ask = Ask(
            name=given["instId"],
            side=given["side"],
            quantity=Decimal(given["sz"]),
            price=None if kind == "market" else Decimal(given["px"]),
            client_id=given.get("clOrdId", ""),
            tif=kind if kind in ("ioc", "fok") else "gtc",
            post_only=kind == "post_only",
            reduce_only=str(given.get("reduceOnly", "")).lower() == "true",
        )
        try:
            return self._acknowledged(self.exchange.place(ask))
        except RefusedError as error:
            return self._refused(error, given)

    def _acknowledged(self, made: Order) -> Json:
        told = {"ordId": str(made.number), "clOrdId": made.ask.client_id, "tag": ""}
        return {**told, "ts": str(self.exchange.now_ms()), "sCode": "0", "sMsg": ""}

    def _refused(self, error: RefusedError, given: Json) -> Json:
        code, why = REFUSALS_OF_ORDERS[error.why]
        told = {"ordId": given.get("ordId", ""), "clOrdId": given.get("clOrdId", ""), "tag": ""}
        return {**told, "ts": str(self.exchange.now_ms()), "sCode": str(code), "sMsg": why}

    def _told(self, made: Order) -> Json:
        return order_told(self.exchange, made)

    def _found(self, given: Json, missing: int) -> Order:
        account = self.exchange.account
        if "clOrdId" in given:
            found = account.by_client_id(given["clOrdId"])
        else:
            found = [e for e in account.orders.values() if str(e.number) == given["ordId"]]
        if not found:
            raise ApiError(missing, "Order does not exist")
        return found[-1]

    def _cancel(self, given: Json) -> Json:
        try:
            return self._acknowledged(self.exchange.cancel(self._found(given, 51400).number))
        except RefusedError as error:
            return self._refused(error, given)
        except ApiError:
            return self._refused(RefusedError(Refusal.NOT_FOUND), given)

    def _mine(self, given: Json) -> list[Order]:
        names = {each.name for each in self.chosen(given)}
        orders = self.exchange.account.orders.values()
        return [each for each in reversed(orders) if each.ask.name in names]

    def _pending(self, given: Json) -> list[Json]:
        after = int(given.get("after", LAST))
        live = [e for e in self._mine(given) if e.status == "open" and e.number < after]
        return [self._told(each) for each in live[: min(int(given.get("limit", 100)), 100)]]

    def _history(self, given: Json) -> list[Json]:
        return [self._told(each) for each in self._mine(given) if each.status != "open"]

    def _fills(self, given: Json) -> list[Json]:
        begin, after = int(given.get("begin", 0)), int(given.get("after", LAST))
        pairs = [(made, fill) for made in self._mine(given) for fill in made.fills]
        pairs.sort(key=lambda each: each[1].number, reverse=True)
        return [
            fill_told(self.exchange, made, fill)
            for made, fill in pairs
            if fill.at_ms >= begin
            and fill.number < after
            and given.get("ordId") in (None, str(fill.order))
        ][: min(int(given.get("limit", 100)), 100)]

    def _countdown(self, given: Json) -> list[Json]:
        """Cancel everything unless this is asked for again in time."""
        seconds = int(given["timeOut"])
        self.wind(seconds)
        now = self.exchange.now_ms()
        due = str(now + seconds * 1000) if seconds else "0"
        return [{"triggerTime": due, "tag": "", "ts": str(now)}]

    # ----------------------------------------------------------------------------------- account

    def _positions(self, given: Json) -> list[Json]:
        wanted = given["instId"].split(",") if "instId" in given else []
        held = [each for each in self.exchange.account.positions.values() if each.quantity]
        return [position(self.exchange, each) for each in held if not wanted or each.name in wanted]

    def _bills(self, given: Json) -> list[Json]:
        """Bills, newest first, a page at a time."""
        if given.get("type", FUNDING_BILL) != FUNDING_BILL:
            return []
        begin, after = int(given.get("begin", 0)), int(given.get("after", LAST))
        paid = [
            bill(each)
            for each in reversed(self.exchange.account.fundings)
            if each.at_ms >= begin and each.number < after
        ]
        return paid[: min(int(given.get("limit", 100)), 100)]
