"""One instrument of a websocket log: from venue messages to events."""

from collections.abc import Iterable, Iterator
from typing import Any

from terminal.core.units import HOUR, MILLISECOND, SECOND
from terminal.journal.importers.book import Book, Change, Level
from terminal.journal.importers.feed import Tally
from terminal.model.instrument import Instrument, Perpetual
from terminal.model.market import Funding, Gap, Index, Quote, Trade
from terminal.model.messages import MarketEvent

DEPTH_EVERY = 100 * MILLISECOND
INDEX_EVERY = SECOND
NO_INDEX = "{} carries no index: the middle of its quotes is taken, once a second"
_INFINITE = float("inf")
_MARKET_TRADE = "MARKET"


def levels(raw: Iterable[Any]) -> tuple[Level, ...]:
    """Price and size pairs, from text or numbers; ValueError when they cannot be."""
    pairs = tuple([(float(price), float(size)) for price, size in raw])
    for price, size in pairs:
        if not (0.0 < price < _INFINITE and 0.0 <= size < _INFINITE):
            raise ValueError(f"level {price} {size} is no positive price and size")
    return pairs


class Stream:
    """Messages of one instrument in the order they came.

    Parameters
    ----------
    instrument : Instrument
    tally : Tally
    assume_index : bool
        Take the middle of bid and ask as the index, for logs that carry none.
    """

    def __init__(self, instrument: Instrument, tally: Tally, *, assume_index: bool) -> None:
        self.instrument = instrument
        self._key = instrument.contract.key
        self._tally = tally
        self._assume_index = assume_index
        self._book = Book()
        self._diff_at = 0
        self._depth_at = 0
        self._index_at = 0
        self._ticker = False  # once the venue sends its own best prices, those are the quotes
        self._top: tuple[Level | None, Level | None] = (None, None)
        self._mark: float | None = None
        self._funding: Funding | None = None

    def skip(self) -> None:
        """Count a message that is not about this instrument's market."""
        self._tally.note("messages of other instruments or subjects (skipped)")

    def best(self, bid: Level, ask: Level, at: int) -> Iterator[MarketEvent]:
        """Best prices as the venue sends them."""
        self._ticker = True
        yield from self._quote(bid, ask, at)

    def trade(self, data: dict[str, Any]) -> Iterator[MarketEvent]:
        """Public trade; prints of the insurance fund and of auto-deleveraging are no market."""
        if data.get("X", _MARKET_TRADE) != _MARKET_TRADE:
            self._tally.note(f"trades of kind {data['X']} (dropped: not made in the market)")
            return
        yield from self.deal(float(data["p"]), float(data["q"]), buyer_is_taker=not data["m"])

    def deal(self, price: float, qty: float, *, buyer_is_taker: bool) -> Iterator[MarketEvent]:
        """Trade of known price and size."""
        if price > 0.0 and qty > 0.0:
            yield Trade(self._key, price, qty, buyer_is_taker)
        else:
            self._tally.note("trades without price or size (dropped)")

    def mark(self, data: dict[str, Any], at: int) -> Iterator[MarketEvent]:
        """Mark price message: mark for the quotes that follow, index, funding."""
        mark, index = float(data["p"]), float(data.get("i") or 0.0)
        self._mark = mark if mark > 0.0 else None
        if index > 0.0:
            self._index_at = at
            yield Index(self.instrument.contract.base, index)
        rate, next_ms = data.get("r"), int(data.get("T") or 0)
        if rate and next_ms:
            interval = 8 * HOUR
            if isinstance(self.instrument, Perpetual):
                interval = self.instrument.funding_interval or interval
            funding = Funding(self._key, float(rate), interval, next_ms * MILLISECOND)
            if funding != self._funding:
                self._funding = funding
                yield funding

    def snapshot(self, data: dict[str, Any], at: int) -> Iterator[MarketEvent]:
        """Answer to a request for the whole book."""
        number, bids, asks = int(data["lastUpdateId"]), levels(data["bids"]), levels(data["asks"])
        yield from self._checked(self._book.start(number, bids, asks), at)

    def change(self, data: dict[str, Any], at: int) -> Iterator[MarketEvent]:
        """Numbered change of the book."""
        previous = data.get("pu")
        change = Change(
            int(data["U"]),
            int(data["u"]),
            None if previous is None else int(previous),
            levels(data["b"]),
            levels(data["a"]),
        )
        yield from self._checked(self._book.take(change), at)
        self._diff_at = at

    def whole(
        self, bids: tuple[Level, ...], asks: tuple[Level, ...], at: int
    ) -> Iterator[MarketEvent]:
        """Book sent whole each time."""
        self._book = Book()
        yield from self._checked(self._book.start(0, bids, asks), at)

    def _checked(self, broken: str, at: int) -> Iterator[MarketEvent]:
        """Tell a break, or the book where it is due."""
        due = at - self._depth_at >= DEPTH_EVERY
        if not broken and self._book.ready and (due or not self._ticker):
            top = self._book.top()
            if top[0] and top[1] and top[0][0] >= top[1][0]:
                self._book.drop()
                broken = "book is crossed"
            elif not self._ticker and top != self._top:
                self._top = top
                yield from self._quote(*top, at)
        if broken:
            self._tally.note("breaks in the sequence of book updates (book dropped, a gap)")
            yield Gap(self._key, self._diff_at or at, at, f"depth: {broken}")
        elif due and self._book.ready:
            self._depth_at = at
            yield self._book.depth(self._key)

    def _quote(self, bid: Level | None, ask: Level | None, at: int) -> Iterator[MarketEvent]:
        bid_price, bid_qty = bid or (0.0, 0.0)
        ask_price, ask_qty = ask or (0.0, 0.0)
        usable = 0.0 < bid_price < ask_price
        if usable and self._assume_index and at - self._index_at >= INDEX_EVERY:
            self._index_at = at
            yield Index(self.instrument.contract.base, 0.5 * (bid_price + ask_price))
        yield Quote(
            self._key,
            bid_price if bid_price > 0.0 else None,
            ask_price if ask_price > 0.0 else None,
            bid_qty,
            ask_qty,
            mark=self._mark,
        )
