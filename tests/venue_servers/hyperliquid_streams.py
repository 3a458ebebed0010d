"""Hyperliquid's streams: one socket for market, account, and posted actions."""

import json
from decimal import Decimal
from typing import Any

from tests.venue_servers import hyperliquid_words as words
from tests.venue_servers.account import Fill, Order
from tests.venue_servers.books import BookChange
from tests.venue_servers.faults import REFUSALS, Fault, Planned
from tests.venue_servers.hosting import Answer, Json, Socket
from tests.venue_servers.hyperliquid_info import INFORMATION
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.server import VenueServer

OF_USER = frozenset({"orderUpdates", "userFills", "userEvents", "userFundings"})
OF_USER |= {"clearinghouseState", "spotState"}


class HyperliquidStreams(VenueServer):
    """The part of Hyperliquid that publishes."""

    def __init__(self) -> None:
        super().__init__(words.listing(), {"USDC": Decimal(1_000_000)})

    def act(self, body: Json) -> Json:
        """Carry out a signed action."""
        raise NotImplementedError

    def heard(self, socket: Socket, text: str) -> None:
        """Subscribe, unsubscribe, answer pings, carry out what is posted."""
        message = json.loads(text)
        method = message["method"]
        if method == "ping":
            socket.send({"channel": "pong"})
        elif method == "post":
            self._posted(socket, message)
        elif not self.faults.reply(f"ws {method}"):
            self._subscription(socket, method, message["subscription"])

    def _subscription(self, socket: Socket, method: str, asked: Json) -> None:
        name = self._stream(asked)
        if not name:
            socket.send({"channel": "error", "data": f"Invalid subscription {json.dumps(asked)}"})
            return
        told = {"method": method, "subscription": asked}
        socket.send({"channel": "subscriptionResponse", "data": told})
        if method == "unsubscribe":
            socket.channels.pop(name, None)
            return
        socket.channels[name] = asked
        first = self._first(asked)
        if first is not None:
            for _ in range(self.spoilt(name)):
                socket.send(first)

    def _stream(self, asked: Json) -> str:
        kind = str(asked["type"])
        if kind in OF_USER:
            mine = asked["user"].lower() == self.credentials["walletAddress"]
            return kind if mine else f"{kind}:{asked['user']}"
        if kind == "allMids":
            return kind
        return f"{kind}:{asked['coin']}" if asked.get("coin") in self.exchange.listed else ""

    def _first(self, asked: Json) -> Json | None:
        """First message of a stream that begins with what is."""
        exchange, kind = self.exchange, asked["type"]
        terms = exchange.listed.get(asked.get("coin", ""))
        if kind == "userFills":
            fills = INFORMATION["userFills"](exchange, {})
            data = {"isSnapshot": True, "user": asked["user"], "fills": fills}
            return {"channel": kind, "data": data}
        if kind == "clearinghouseState":
            return self._state()
        if kind == "l2Book" and terms is not None:
            return {"channel": kind, "data": words.book(exchange, terms)}
        if kind == "activeAssetCtx" and terms is not None:
            return self._context(terms)
        return None

    def _context(self, terms: Terms) -> Json:
        data = {"coin": terms.name, "ctx": words.context(self.exchange, terms)}
        return {"channel": "activeAssetCtx", "data": data}

    def _state(self) -> Json:
        user = self.credentials["walletAddress"]
        data = {"dex": "", "user": user, "clearinghouseState": words.account(self.exchange)}
        return {"channel": "clearinghouseState", "data": data}

    def _posted(self, socket: Socket, message: Json) -> None:
        request = message["request"]
        payload = request["payload"]
        kind = payload.get("action", payload)["type"]
        place = "exchange" if request["type"] == "action" else "info"
        planned = self.faults.reply(f"{place} {kind}")
        told = self._carried_out(place, payload, planned)
        if planned is not None and planned.kind is Fault.DROP_AFTER_ACCEPT:
            socket.drop()
        elif told is not None and (planned is None or planned.kind in REFUSALS):
            shape = {"type": request["type"], "payload": told}
            socket.send({"channel": "post", "data": {"id": message["id"], "response": shape}})

    def _carried_out(self, place: str, payload: Json, planned: Planned | None) -> Any:
        if planned is not None and not planned.accepted:
            return self.refusal(planned).body if planned.kind in REFUSALS else None
        if place == "exchange":
            return self.act(payload)
        told = INFORMATION[payload["type"]](self.exchange, payload)
        return {"type": payload["type"], "data": told}

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        raise NotImplementedError

    def book_changed(self, change: BookChange) -> None:
        """Publish whole books, best prices, contexts and middles."""
        exchange, terms = self.exchange, self.exchange.listed[change.name]
        data = words.book(exchange, terms)
        self.publish(f"l2Book:{terms.name}", {"channel": "l2Book", "data": data}, book=True)
        best = {"channel": "bbo", "data": words.best(exchange, terms)}
        self.publish(f"bbo:{terms.name}", best)
        self.publish(f"activeAssetCtx:{terms.name}", self._context(terms))
        mids = {"channel": "allMids", "data": {"mids": words.mids(exchange)}}
        self.publish("allMids", mids)

    def traded(self, printed: Print) -> None:
        """Publish a public trade."""
        told = {"channel": "trades", "data": [words.public_trade(printed)]}
        self.publish(f"trades:{printed.terms.name}", told)

    def order_changed(self, order: Order) -> None:
        """Publish an order."""
        told = {"channel": "orderUpdates", "data": [words.order_update(order)]}
        self.publish("orderUpdates", told)

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution, each in a message of its own."""
        fills = [words.fill(self.exchange, order, fill)]
        user = self.credentials["walletAddress"]
        self.publish("userFills", {"channel": "userFills", "data": {"user": user, "fills": fills}})
        self.publish("userEvents", {"channel": "user", "data": {"fills": fills}})

    def account_changed(self, terms: Terms) -> None:
        """Publish the account."""
        self.publish("clearinghouseState", self._state())
