"""The market of a local exchange: its clock, its books that move when told to, its prices."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from time import time_ns
from typing import Protocol

from msgspec import Struct

from tests.venue_servers.account import Fill, Order
from tests.venue_servers.black import YEAR_MS, Valued, valued
from tests.venue_servers.books import Book, BookChange, Taken
from tests.venue_servers.faults import Faults
from tests.venue_servers.listing import SPOT, VOLATILITY, Terms

PRINT_EVERY = 4  # steps between two public trades


class Print(Struct, frozen=True):
    """A public trade; ``side`` is the taker's."""

    number: int
    terms: Terms
    side: str
    price: Decimal
    quantity: Decimal
    at_ms: int


class Listener(Protocol):
    """Where an exchange tells what happened; a server puts it into its own words."""

    def book_changed(self, change: BookChange) -> None:
        """Levels of a book changed."""
        ...

    def traded(self, printed: Print) -> None:
        """The public saw a trade."""
        ...

    def order_changed(self, order: Order) -> None:
        """An order was accepted, filled or cancelled."""
        ...

    def filled(self, order: Order, fill: Fill) -> None:
        """One execution of the account."""
        ...

    def account_changed(self, terms: Terms) -> None:
        """Position and balance changed through an instrument."""
        ...


class Market:
    """Books of everything listed, around an index for each coin."""

    def __init__(self, listed: Iterable[Terms], faults: Faults, listener: Listener) -> None:
        self.listed = {each.name: each for each in listed}
        self.faults = faults
        self.listener = listener
        self.tape: deque[Print] = deque(maxlen=1_000)
        self._numbers = 10_000
        self._steps = 0
        self._index = dict(SPOT)
        perpetuals = [each for each in self.listed.values() if not each.is_option]
        self._leaders = {each.base: each.name for each in reversed(perpetuals)}
        self.books = {
            name: Book(each, self._middle(each), seed=7 + place)
            for place, (name, each) in enumerate(self.listed.items())
        }

    def now_ms(self) -> int:
        """Time at the exchange, UTC milliseconds."""
        return time_ns() // 1_000_000 + self.faults.skew_ms()

    def number(self) -> int:
        """A new id."""
        self._numbers += 1
        return self._numbers

    def index(self, base: str) -> Decimal:
        """Index price of a coin in USD."""
        return self._index[base]

    def mark(self, terms: Terms) -> Decimal:
        """Mark price of an instrument."""
        return self._worth(terms) if terms.is_option else self.books[terms.name].mid

    def greeks(self, terms: Terms) -> Valued:
        """Black-76 value and Greeks of an option, per coin in USD."""
        assert terms.strike is not None
        years = max(terms.expiry_ms - self.now_ms(), 60_000) / YEAR_MS
        forward = float(self._index[terms.base])
        vol = VOLATILITY[terms.base]
        return valued(forward, float(terms.strike), years, vol, call=terms.call)

    def _middle(self, terms: Terms) -> Decimal:
        return terms.on_grid(self._worth(terms) if terms.is_option else self._index[terms.base])

    def _worth(self, terms: Terms) -> Decimal:
        dollars = Decimal(repr(round(self.greeks(terms).price, 4)))
        return round(dollars / self._index[terms.base], 6) if terms.coin_price else dollars

    def step(self, name: str) -> None:
        """Let a book change a little, with a public trade now and then."""
        terms = self.listed[name]
        book = self.books[name]
        if terms.is_option:
            self._changed(book.move(self._middle(terms), self.now_ms()))
        else:
            change = book.step(self.now_ms())
            if self._leaders[terms.base] == name:
                self._index[terms.base] = book.mid
            self._changed(change)
        self._steps += 1
        if self._steps % PRINT_EVERY == 0:
            side = "buy" if self._steps % (2 * PRINT_EVERY) else "sell"
            self._print(terms, side, Taken(book.best("ask" if side == "buy" else "bid"), terms.lot))

    def move(self, name: str, price: Decimal | float) -> None:
        """Put the middle of a book, and the index of its coin, at a price."""
        terms = self.listed[name]
        mid = terms.on_grid(Decimal(str(price)))
        if not terms.is_option:
            self._index[terms.base] = mid
        self._changed(self.books[name].move(mid, self.now_ms()))

    def _print(self, terms: Terms, side: str, taken: Taken) -> None:
        now = self.now_ms()
        printed = Print(self.number(), terms, side, taken.price, taken.quantity, now)
        self.tape.append(printed)
        self.listener.traded(printed)

    def _changed(self, change: BookChange) -> None:
        if change.levels:
            self.listener.book_changed(change)
