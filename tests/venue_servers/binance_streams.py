"""Binance's streams: subscriptions by name, and the private stream of a listen key."""

import json

from tests.venue_servers import binance_words as words
from tests.venue_servers.account import Fill, Order
from tests.venue_servers.binance_account import account_event
from tests.venue_servers.books import BookChange
from tests.venue_servers.hosting import Socket
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.server import VenueServer

LISTEN_KEY = "listen-key-1"
ORDERS, ACCOUNT = "user:ORDER_TRADE_UPDATE", "user:ACCOUNT_UPDATE"


class BinanceStreams(VenueServer):
    """The part of Binance's futures that publishes."""

    private = (ORDERS, ACCOUNT)

    def joined(self, socket: Socket) -> None:
        """Open the private stream to whoever brings the listen key."""
        key = socket.query.get("listenKey") or socket.path.rpartition("/")[2]
        if key == LISTEN_KEY:
            socket.channels = dict.fromkeys(self.private, True)

    def heard(self, socket: Socket, text: str) -> None:
        """Subscribe and unsubscribe."""
        message = json.loads(text)
        method, names = message["method"], message.get("params", [])
        if method == "SUBSCRIBE":
            socket.channels.update(dict.fromkeys(names, True))
        elif method == "UNSUBSCRIBE":
            for each in names:
                socket.channels.pop(each, None)
        socket.send({"result": None, "id": message["id"]})

    def book_changed(self, change: BookChange) -> None:
        """Publish changes of the book, best prices, marks and tickers."""
        terms, low = self.exchange.listed[change.name], change.name.lower()
        for rate in ("", "@0ms", "@100ms", "@250ms", "@500ms"):
            name = f"{low}@depth{rate}"
            self.publish(name, words.depth_update(change), book=True)
        self.publish(f"{low}@bookTicker", words.book_ticker(self.exchange, terms))
        self.publish(f"{low}@ticker", words.ticker_event(self.exchange, terms))
        for rate in ("", "@1s"):
            self.publish(f"{low}@markPrice{rate}", words.mark_price(self.exchange, terms))

    def traded(self, printed: Print) -> None:
        """Publish a public trade."""
        low, told = printed.terms.name.lower(), words.public_trade(printed)
        self.publish(f"{low}@trade", told)
        first_and_last = {"f": printed.number, "l": printed.number}
        self.publish(
            f"{low}@aggTrade", {**told, "e": "aggTrade", "a": printed.number, **first_and_last}
        )

    def order_changed(self, order: Order) -> None:
        """Publish that an order is new, or over without a fill; fills are told one by one."""
        if self.is_new(order):
            self._tell(order, None, "NEW")
        if order.status == "cancelled":
            kind = "CANCELED" if order.why == "user_request" else "EXPIRED"
            self._tell(order, None, kind)

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution."""
        self._tell(order, fill, "TRADE")

    def _tell(self, order: Order, fill: Fill | None, kind: str) -> None:
        self.publish(ORDERS, words.order_event(self.exchange, order, fill, kind))

    def account_changed(self, terms: Terms) -> None:
        """Publish balance and position."""
        self.publish(ACCOUNT, account_event(self.exchange, terms.name, "ORDER"))
