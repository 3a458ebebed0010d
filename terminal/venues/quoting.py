"""One quote an instrument out of two streams: the touch of the own book, the mark of the ticker."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from terminal.model.market import Depth, Quote
from terminal.venues.dialects.quote_parts import QuotePart, joined

LEVELS: Final = 10
"""Levels a side of a depth that is passed on."""


class Quoting:
    """Latest book touch and latest ticker of each instrument."""

    def __init__(self) -> None:
        self._books: dict[str, Quote] = {}
        self._tickers: dict[str, Quote] = {}

    def take_book(self, key: str, book: Mapping[str, Any], contracts: float) -> Quote:
        """Quote after a change of the whole book.

        Parameters
        ----------
        key : str
        book : mapping
            ccxt's, ``bids`` and ``asks`` best first, each level begins with price and amount.
        contracts : float
            Contracts in one unit of the exchange's amounts.
        """
        bid, bid_qty = _touch(book["bids"], contracts)
        ask, ask_qty = _touch(book["asks"], contracts)
        touch = self._books[key] = Quote(key, bid, ask, bid_qty, ask_qty)
        return self._merged(touch, self._tickers.get(key))

    def take_ticker(self, said: Quote | QuotePart) -> Quote:
        """Quote after a ticker; the book's touch stands where there is a whole book."""
        before = self._tickers.get(said.key)
        quote = joined(before, said) if isinstance(said, QuotePart) else said
        self._tickers[quote.key] = quote
        return self._merged(self._books.get(quote.key), quote)

    def lose_book(self, key: str) -> None:
        """Trust the book of an instrument no more until it is whole again."""
        self._books.pop(key, None)

    def forget(self) -> None:
        """Begin anew, as after a lost connection."""
        self._books.clear()
        self._tickers.clear()

    @staticmethod
    def _merged(touch: Quote | None, ticker: Quote | None) -> Quote:
        if ticker is None:
            assert touch is not None  # noqa: S101 - one of the two has just come
            return touch
        if touch is None:
            return ticker
        return replace(touch, mark=ticker.mark, iv=ticker.iv, forward=ticker.forward)


def depth_of(key: str, book: Mapping[str, Any], contracts: float) -> Depth:
    """Best levels of a ccxt book, in contracts."""
    return Depth(key, _levels(book["bids"], contracts), _levels(book["asks"], contracts))


def _levels(side: Sequence[Any], contracts: float) -> tuple[tuple[float, float], ...]:
    return tuple((float(level[0]), float(level[1]) * contracts) for level in side[:LEVELS])


def _touch(side: Sequence[Any], contracts: float) -> tuple[float | None, float]:
    return (float(side[0][0]), float(side[0][1]) * contracts) if side else (None, 0.0)
