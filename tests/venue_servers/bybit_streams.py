"""Bybit's streams: topics, signing in, pings, and what is published to them."""

import json
from typing import Any

from tests.venue_servers import bybit_words as words
from tests.venue_servers.account import Fill, Order
from tests.venue_servers.books import BookChange
from tests.venue_servers.bybit_account import execution, position, wallet
from tests.venue_servers.bybit_account import order as order_told
from tests.venue_servers.hosting import Json, Socket
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.server import Signed, VenueServer
from tests.venue_servers.signatures import in_hex

PRIVATE = frozenset({"order", "execution", "position", "wallet", "dcp"})
DEPTHS = (1, 25, 50, 100, 200, 1_000)


class BybitStreams(VenueServer):
    """The part of Bybit that publishes."""

    def heard(self, socket: Socket, text: str) -> None:
        """Sign in, subscribe, unsubscribe, answer pings."""
        message = json.loads(text)
        told = {"req_id": message.get("req_id", ""), "conn_id": f"connection-{socket.number}"}
        op, topics = message["op"], message.get("args", [])
        if self.faults.reply(f"ws {op}"):
            return
        if op == "ping":
            private = {**told, "op": "pong", "args": [str(self.exchange.now_ms())]}
            public = {**told, "success": True, "ret_msg": "pong", "op": "ping"}
            socket.send(private if socket.path.endswith("private") else public)
            return
        why = self._why_not(socket, op, topics)
        socket.send({**told, "success": not why, "ret_msg": why, "op": op})
        if op == "subscribe" and not why:
            for each in topics:
                socket.channels[each] = True
                self._greet(socket, each)

    def _why_not(self, socket: Socket, op: str, topics: list[Any]) -> str:
        if op == "auth":
            return self._sign_in(socket, *(str(each) for each in topics))
        if op == "unsubscribe":
            for each in topics:
                socket.channels.pop(each, None)
            return ""
        for each in topics:
            if each.partition(".")[0] in PRIVATE:
                if not socket.signed_in:
                    return "Request not authorized"
            elif not self._listed(each):
                return f"Invalid topic: {each}"
        return ""

    def _sign_in(self, socket: Socket, key: str, expires: str, signature: str) -> str:
        right = in_hex(self.credentials["secret"], f"GET/realtime{expires}") == signature
        right = right and key == self.credentials["apiKey"]
        self.signed.append(Signed("ws auth", {"apiKey": key, "expires": expires}, right))
        if not right:
            return "Params Error"
        if int(expires) <= self.exchange.now_ms():
            return "Request has expired"
        socket.signed_in = True
        self.joined_private()
        return ""

    def joined_private(self) -> None:
        """Note that a client is listening to the account."""

    def _listed(self, topic: str) -> bool:
        name = topic.rpartition(".")[2]
        return name in self.exchange.listed or name in {"BTC", "ETH", "SOL"}

    def _greet(self, socket: Socket, topic: str) -> None:
        kind, _, rest = topic.partition(".")
        terms = self.exchange.listed.get(rest.rpartition(".")[2])
        if terms is None or kind not in ("orderbook", "tickers"):
            return
        if kind == "orderbook":
            data = words.book(self.exchange, terms, int(rest.partition(".")[0]))
        else:
            data = words.ticker(self.exchange, terms)
        for _ in range(self.spoilt(topic)):
            socket.send(self._told(topic, data, "snapshot"))

    def _told(self, topic: str, data: Any, kind: str) -> Json:
        now = self.exchange.now_ms()
        return {"topic": topic, "type": kind, "ts": now, "data": data, "cts": now}

    def book_changed(self, change: BookChange) -> None:
        """Publish changes of the book, and the ticker."""
        terms = self.exchange.listed[change.name]
        for depth in DEPTHS:
            topic = f"orderbook.{depth}.{change.name}"
            self.publish(topic, self._told(topic, words.book_delta(change), "delta"), book=True)
        topic = f"tickers.{change.name}"
        if terms.is_option:
            self.publish(topic, self._told(topic, words.ticker(self.exchange, terms), "snapshot"))
        else:
            self.publish(topic, self._told(topic, words.moving(self.exchange, terms), "delta"))

    def traded(self, printed: Print) -> None:
        """Publish a public trade; those of options by their coin."""
        terms = printed.terms
        topic = f"publicTrade.{terms.base if terms.is_option else terms.name}"
        self.publish(topic, self._told(topic, [words.public_trade(printed)], "snapshot"))

    def _tell(self, kind: str, terms: Terms, data: Json) -> None:
        now = self.exchange.now_ms()
        for topic in (kind, f"{kind}.{words.category(terms)}"):
            message = {"id": f"{now}", "topic": topic, "creationTime": now, "data": [data]}
            self.publish(topic, message)

    def order_changed(self, order: Order) -> None:
        """Publish an order."""
        terms = self.exchange.listed[order.ask.name]
        self._tell("order", terms, order_told(self.exchange, order))

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution."""
        terms = self.exchange.listed[fill.name]
        self._tell("execution", terms, execution(self.exchange, order, fill))

    def account_changed(self, terms: Terms) -> None:
        """Publish the position and the wallet."""
        held = self.exchange.account.held(terms.name)
        self._tell("position", terms, position(self.exchange, held))
        self._tell("wallet", terms, wallet(self.exchange))
