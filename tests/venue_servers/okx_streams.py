"""OKX's streams: logging in, subscribing by argument, and what is published."""

import json
from collections.abc import Iterator

from tests.venue_servers import okx_words as words
from tests.venue_servers.account import Fill, Order
from tests.venue_servers.books import BookChange
from tests.venue_servers.hosting import Json, Socket
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.okx_account import balance, order_told, position
from tests.venue_servers.server import Signed, VenueServer
from tests.venue_servers.signatures import in_base64

PRIVATE = frozenset({"orders", "positions", "account", "balance_and_position", "fills"})
WHOLE = {"bbo-tbt": 1, "books5": 5}
CHANGING = ("books", "books-l2-tbt", "books50-l2-tbt")


def stream(argument: Json) -> str:
    """Name of a stream: channel, kind and instrument, as far as they were asked for."""
    names = ("channel", "instType", "instFamily", "instId", "ccy")
    return ":".join(argument[each] for each in names if each in argument)


class OkxStreams(VenueServer):
    """The part of OKX that publishes."""

    def heard(self, socket: Socket, text: str) -> None:
        """Log in, subscribe, unsubscribe, answer pings."""
        if text == "ping":
            socket.send("pong")
            return
        message = json.loads(text)
        op, arguments = message["op"], message.get("args", [])
        if self.faults.reply(f"ws {op}"):
            return
        told = {"connId": f"{socket.number:08x}"}
        for each in arguments:
            code, why = self._why_not(socket, op, each)
            if code:
                socket.send({"event": "error", "code": code, "msg": why, **told})
            elif op == "login":
                socket.send({"event": "login", "code": "0", "msg": "", **told})
            else:
                socket.send({"event": op, "arg": each, **told})
                self._subscribe(socket, op, each)

    def _why_not(self, socket: Socket, op: str, argument: Json) -> tuple[str, str]:
        if op == "login":
            return self._log_in(socket, argument)
        if argument["channel"] in PRIVATE and not socket.signed_in:
            return "60011", "Please log in"
        name = argument.get("instId", "")
        family = {words.family(each) for each in self.exchange.listed.values()}
        if name and name not in self.exchange.listed and name not in family:
            return "60018", f"Wrong URL or channel:{argument['channel']},instId:{name} not exist."
        return "", ""

    def _log_in(self, socket: Socket, given: Json) -> tuple[str, str]:
        key = self.credentials
        made = in_base64(key["secret"], f"{given['timestamp']}GET/users/self/verify")
        right = made == given["sign"] and given["apiKey"] == key["apiKey"]
        right = right and given["passphrase"] == key["password"]
        self.signed.append(Signed("ws login", given, right))
        if not right:
            return "60009", "Login failed."
        if abs(self.exchange.now_ms() / 1000 - float(given["timestamp"])) > 30:
            return "60006", "Timestamp request expired"
        socket.signed_in = True
        return "", ""

    def _subscribe(self, socket: Socket, op: str, argument: Json) -> None:
        name = stream(argument)
        if op == "unsubscribe":
            socket.channels.pop(name, None)
            return
        socket.channels[name] = argument
        terms = self.exchange.listed.get(argument.get("instId", ""))
        for first in self._first(argument["channel"], terms):
            for _ in range(self.spoilt(name)):
                socket.send({"arg": argument, **first})

    def _first(self, channel: str, terms: Terms | None) -> Iterator[Json]:
        """First message of a stream that begins with what is."""
        exchange = self.exchange
        if channel == "account":
            yield {"data": [balance(exchange)]}
        elif channel == "positions":
            held = [each for each in exchange.account.positions.values() if each.quantity]
            yield {"data": [position(exchange, each) for each in held]}
        elif terms is not None and channel in CHANGING:
            yield {"action": "snapshot", "data": [words.snapshot(exchange, terms)]}
        elif terms is not None and channel in WHOLE:
            yield {"data": [words.book(exchange, terms, WHOLE[channel])]}
        elif terms is not None and channel == "tickers":
            yield {"data": [words.ticker(exchange, terms)]}
        elif terms is not None and channel == "mark-price":
            yield {"data": [words.mark_price(exchange, terms)]}
        elif terms is not None and channel == "funding-rate":
            yield {"data": [words.funding(exchange, terms)]}

    def _listening(self, channel: str, terms: Terms) -> Iterator[tuple[str, Json]]:
        """Streams of a channel that are about an instrument, each with its argument."""
        found = {
            name: argument
            for socket in self.sockets
            for name, argument in socket.channels.items()
            if argument["channel"] == channel
            and argument.get("instId", terms.name) == terms.name
            and argument.get("instType", "ANY") in ("ANY", words.kind(terms))
            and argument.get("instFamily", words.family(terms)) == words.family(terms)
        }
        yield from sorted(found.items(), key=lambda each: each[0])

    def _tell(self, channel: str, terms: Terms, data: Json, *, book: bool = False) -> None:
        for name, argument in self._listening(channel, terms):
            action = {"action": "update"} if book else {}
            self.publish(name, {"arg": argument, **action, "data": [data]}, book=book)

    def book_changed(self, change: BookChange) -> None:
        """Publish changes of the book, best prices, marks, indices and Greeks."""
        exchange, terms = self.exchange, self.exchange.listed[change.name]
        channels = {a["channel"] for each in self.sockets for a in each.channels.values()}
        for each in CHANGING:
            if each in channels:
                self._tell(each, terms, words.update(exchange, change), book=True)
        for each, depth in WHOLE.items():
            if each in channels:
                self._tell(each, terms, words.book(exchange, terms, depth))
        if "tickers" in channels:
            self._tell("tickers", terms, words.ticker(exchange, terms))
        if "mark-price" in channels:
            self._tell("mark-price", terms, words.mark_price(exchange, terms))
        if "opt-summary" in channels and terms.is_option:
            self._tell("opt-summary", terms, words.greeks(exchange, terms))
        if not terms.is_option:
            for quote in ("USDT", "USD"):
                argument = {"channel": "index-tickers", "instId": f"{terms.base}-{quote}"}
                data = words.index(exchange, terms.base, quote)
                self.publish(stream(argument), {"arg": argument, "data": [data]})

    def traded(self, printed: Print) -> None:
        """Publish a public trade."""
        for each in ("trades", "trades-all"):
            self._tell(each, printed.terms, words.public_trade(printed))

    def order_changed(self, order: Order) -> None:
        """Publish that an order is live, or over without a fill; fills are told one by one."""
        terms, new = self.exchange.listed[order.ask.name], self.is_new(order)
        if order.status == "cancelled" or (new and not order.fills):
            self._tell("orders", terms, order_told(self.exchange, order))

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution, as a message about its order."""
        terms = self.exchange.listed[fill.name]
        self._tell("orders", terms, order_told(self.exchange, order, fill))

    def account_changed(self, terms: Terms) -> None:
        """Publish the position and the balance."""
        held = self.exchange.account.held(terms.name)
        self._tell("positions", terms, position(self.exchange, held))
        self._tell("account", terms, balance(self.exchange))
