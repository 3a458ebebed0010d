"""Deribit's subscriptions, and what it publishes to them."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.venue_servers import deribit_words as words
from tests.venue_servers.account import Fill, Order
from tests.venue_servers.books import BookChange
from tests.venue_servers.deribit_listing import index_name
from tests.venue_servers.deribit_rpc import RpcError, invalid
from tests.venue_servers.hosting import Json, Socket
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.server import VenueServer


class DeribitStreams(VenueServer):
    """The part of Deribit that publishes."""

    def subscription(self, name: str, parameters: Json, socket: Socket | None) -> Any:
        if socket is None:
            raise RpcError(10030, "must_be_websocket_request")
        if name == "unsubscribe_all":
            socket.channels.clear()
            return "ok"
        channels = list(parameters.get("channels", ()))
        if name == "unsubscribe":
            return [each for each in channels if socket.channels.pop(each, None) is not None]
        public_raw = [e for e in channels if e.endswith(".raw") and not e.startswith("user.")]
        if public_raw and not socket.signed_in:
            raise RpcError(13778, "raw_subscriptions_not_available_for_unauthorized")
        taken = [each for each in channels if self._known(each, socket)]
        if channels and not taken:
            raise invalid("channels", "unrecognized channel")
        socket.channels.update(dict.fromkeys(taken, True))
        return taken

    def _known(self, channel: str, socket: Socket) -> bool:
        kind, _, rest = channel.partition(".")
        if kind == "user":
            return socket.signed_in
        if kind == "deribit_price_index":
            return rest in {index_name(each) for each in self.exchange.listed.values()}
        return rest.partition(".")[0] in self.exchange.listed

    def greet(self, socket: Socket, channel: str) -> None:
        """Send the first message of a stream that begins with what is."""
        kind, _, rest = channel.partition(".")
        name = rest.partition(".")[0]
        if kind == "user" and name == "portfolio":
            data: Json = words.summary(self.exchange, rest.split(".")[1].upper())
        elif kind == "deribit_price_index":
            data = self._index(rest)
        elif name in self.exchange.listed and kind in ("book", "ticker", "quote"):
            data = self._first(kind, channel, self.exchange.listed[name])
        else:
            return
        for _ in range(self.spoilt(channel)):
            socket.send(words.notice(channel, data))

    def _first(self, kind: str, channel: str, terms: Terms) -> Json:
        if kind == "quote":
            return words.quote(self.exchange, terms)
        if kind == "ticker":
            return words.ticker(self.exchange, terms)
        grouped = channel.count(".") == 4
        told = words.grouped_book if grouped else words.book_snapshot
        return told(self.exchange, terms)

    def _index(self, name: str) -> Json:
        price = self.exchange.index(name.partition("_")[0].upper())
        return {"index_name": name, "price": float(price), "timestamp": self.exchange.now_ms()}

    # ----------------------------------------------------------------------------------- events

    def _wanted(self, prefix: str) -> Iterator[str]:
        found = {e for each in self.sockets for e in each.channels if e.startswith(prefix)}
        yield from sorted(found)

    def book_changed(self, change: BookChange) -> None:
        """Publish books, tickers, quotes and the index."""
        terms = self.exchange.listed[change.name]
        for channel in self._wanted(f"book.{change.name}."):
            grouped = words.grouped_book(self.exchange, terms) if channel.count(".") == 4 else None
            data = grouped or words.book_change(change)
            self.publish(channel, words.notice(channel, data), book=True)
        for channel in self._wanted(f"ticker.{change.name}."):
            self.publish(channel, words.notice(channel, words.ticker(self.exchange, terms)))
        for channel in self._wanted(f"quote.{change.name}"):
            self.publish(channel, words.notice(channel, words.quote(self.exchange, terms)))
        if not terms.is_option:
            channel, name = words.index_of(terms), index_name(terms)
            self.publish(channel, words.notice(channel, self._index(name)))

    def traded(self, printed: Print) -> None:
        """Publish a public trade."""
        for channel in self._wanted(f"trades.{printed.terms.name}."):
            data = [words.public_trade(self.exchange, printed)]
            self.publish(channel, words.notice(channel, data))

    def order_changed(self, order: Order) -> None:
        """Publish an order."""
        self._tell("orders", order, lambda: words.order(self.exchange, order))

    def filled(self, order: Order, fill: Fill) -> None:
        """Publish an execution, each in a message of its own."""
        self._tell("trades", order, lambda: [words.trade(self.exchange, order, fill)])

    def _tell(self, kind: str, order: Order, told: Callable[[], Any]) -> None:
        terms = self.exchange.listed[order.ask.name]
        for channel in self._wanted(f"user.{kind}."):
            if not _about(channel, terms):
                continue
            data = told()
            if kind == "orders" and not channel.endswith(".raw"):
                data = [data]
            self.publish(channel, words.notice(channel, data))

    def account_changed(self, terms: Terms) -> None:
        """Publish the portfolio of the settlement currency."""
        data = words.summary(self.exchange, terms.settle)
        for channel in self._wanted("user.portfolio."):
            if channel.rpartition(".")[2].upper() in ("ANY", terms.settle):
                self.publish(channel, words.notice(channel, data))


def _about(channel: str, terms: Terms) -> bool:
    """Whether a stream of the account is about an instrument."""
    parts = channel.split(".")[2:-1]
    if len(parts) == 1:
        return parts[0] in ("any", terms.name)
    kind, currency = parts
    mine = "option" if terms.is_option else "future"
    return kind in ("any", mine) and currency.upper() in ("ANY", terms.settle)
