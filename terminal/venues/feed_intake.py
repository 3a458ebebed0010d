"""From an exchange's frames and books to queued events, with the age of every channel."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import MILLISECOND, MINUTE, SECOND
from terminal.model.instrument import Option
from terminal.model.market import Funding, Gap, Index, OpenInterest, Quote
from terminal.model.messages import LinkDown, LinkUp
from terminal.venues.dialects.dialect import Dialect, Directory, PublicEvent
from terminal.venues.dialects.funding_times import next_boundary
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.event_queue import EventQueue, FeedEvent
from terminal.venues.markets import Loaded
from terminal.venues.quoting import Quoting, depth_of
from terminal.venues.watchlist import contracts_in_unit, hedges_of

OPTION_SPACING: Final = SECOND
"""An option's mark moves with every tick of the index; the engine needs it once a second."""

DEPTH_SPACING: Final = 500 * MILLISECOND
INDEX_SPACING: Final = 100 * MILLISECOND
FUNDING_SPACING: Final = 5 * SECOND
INTEREST_SPACING: Final = MINUTE
"""Open interest comes with every ticker and changes with trades: this often is enough."""

SAME_FAULT: Final = 60 * SECOND
"""A fault that repeats is told again after this."""


def _nobody(_text: str) -> None:
    """Until somebody listens."""


class Channel(Struct, frozen=True):
    """Age of what one kind of message says of one instrument or underlying."""

    kind: str
    name: str
    age: int  # ns since the last message
    count: int


class FeedIntake:
    """Listens to the taps of one exchange's data instance.

    Parameters
    ----------
    dialect : Dialect
    clock : callable
        Engine time, UtcNs, that never goes back.

    Attributes
    ----------
    report : callable
        Told in one line what could not be used, the same thing at most once a minute.
    """

    def __init__(self, dialect: Dialect, clock: Callable[[], int]) -> None:
        self.queue = EventQueue()
        self.clock = clock
        self.spots: dict[str, float] = {}
        self._interest: dict[str, float] = {}
        self.faults = 0
        self._dialect = dialect
        self.report: Callable[[str], None] = _nobody
        self._known = Directory({}, {})
        self._by_market: dict[str, str] = {}
        self._units: dict[str, float] = {}
        self.quoting = Quoting()
        self._channels: dict[tuple[str, str], tuple[int, int]] = {}
        self._gaps: dict[str, tuple[int, str]] = {}
        self._told: dict[str, int] = {}
        self._up = False
        self._connections = 0
        self._down_at = 0
        self._reason = ""
        self._data_at = clock()

    def know(self, loaded: Loaded) -> None:
        """Read from here on with these instruments."""
        self._known = loaded.directory
        self._by_market = {symbol: key for key, symbol in loaded.symbols.items()}
        units = {
            key: contracts_in_unit(self._dialect, loaded.directory.by_key[key])
            for key in hedges_of(loaded.directory)
        }
        self._units = {key: unit for key, unit in units.items() if unit is not None}

    def say(self, event: FeedEvent) -> None:
        """Queue something of our own making."""
        self.queue.put(self.clock(), event)

    # -- Taps ---------------------------------------------------------------------------------

    def on_frame(self, message: object) -> None:
        """Decode a frame and queue what it says."""
        if isinstance(message, list):
            message = {"data": message}
        if not isinstance(message, dict):
            return
        now = self.clock()
        try:
            events = self._dialect.decoder.public(message, self._known)
        except DataError as error:
            self.on_fault(str(error))
            return
        for event in events:
            self._take(event, now)

    def on_book(self, book: Mapping[str, Any]) -> None:
        """Queue the touch and, now and then, the depth of a whole book."""
        key = self._by_market.get(str(book.get("symbol")), "")
        unit = self._units.get(key)
        if unit is None:
            return
        now = self.clock()
        self._heard("book", key, now)
        if key in self._gaps:
            start, why = self._gaps.pop(key)
            self.queue.put(now, Gap(key, start, now, why))
        quote = self.quoting.take_book(key, book, unit)
        self.queue.put(now, quote, slot=key)
        self.queue.put(now, depth_of(key, book, unit), slot=("depth", key), spacing=DEPTH_SPACING)

    def on_gap(self, market: str, why: str) -> None:
        """Stop trusting a book; the gap is told when the book is whole again."""
        instrument = self._known.by_symbol.get(market)
        if instrument is not None:
            key = instrument.contract.key
            self.quoting.lose_book(key)
            self._gaps.setdefault(key, (self.clock(), why))
        self.on_fault(f"{market}: {why}; the book is asked for anew")

    def on_fault(self, text: str) -> None:
        """Count and report what could not be used."""
        self.faults += 1
        self.tell(text)

    def tell(self, text: str) -> None:
        """Report a line, unless the same was told a moment ago."""
        now = self.clock()
        head = text[:40]
        if now - self._told.get(head, -SAME_FAULT) >= SAME_FAULT:
            if len(self._told) > 100:
                self._told.clear()
            self._told[head] = now
            self.report(text[:300])

    def _take(self, event: PublicEvent, now: int) -> None:
        match event:
            case Quote() | QuotePart():
                self._heard("quote", event.key, now)
                instrument = self._known.by_key.get(event.key)
                spacing = OPTION_SPACING if isinstance(instrument, Option) else 0
                merged = self.quoting.take_ticker(event)
                self.queue.put(now, merged, slot=event.key, spacing=spacing)
            case Index():
                self._heard("index", event.underlying, now)
                self.spots[event.underlying] = event.price
                slot = ("index", event.underlying)
                self.queue.put(now, event, slot=slot, spacing=INDEX_SPACING)
            case Funding():
                self._heard("funding", event.key, now)
                slot = ("funding", event.key)
                event = self._timed(event, now)
                self.queue.put(now, event, slot=slot, spacing=FUNDING_SPACING)
            case OpenInterest():
                if self._interest.get(event.key) != event.contracts:
                    self._interest[event.key] = event.contracts
                    slot = ("interest", event.key)
                    self.queue.put(now, event, slot=slot, spacing=INTEREST_SPACING)
            case _:
                self._heard("trade", event.key, now)
                self.queue.put(now, event)

    def _timed(self, funding: Funding, now: int) -> Funding:
        """Add the next payment where the exchange pays by the clock and names no time."""
        if funding.next_at or not self._dialect.funding_by_clock:
            return funding
        return replace(funding, next_at=next_boundary(now, funding.interval))

    # -- Health -------------------------------------------------------------------------------

    def _heard(self, kind: str, name: str, now: int) -> None:
        self._data_at = now
        _, count = self._channels.get((kind, name), (0, 0))
        self._channels[kind, name] = now, count + 1

    def channels(self) -> tuple[Channel, ...]:
        """Age of every channel that has spoken."""
        now = self.clock()
        return tuple(
            Channel(kind, name, now - at, count)
            for (kind, name), (at, count) in self._channels.items()
        )

    def silent_for(self) -> int:
        """Time since anything was said about a market, ns; pongs do not count."""
        return self.clock() - self._data_at

    # -- Links --------------------------------------------------------------------------------

    def link_up(self) -> None:
        """Say that the feed delivers, and for how long it did not."""
        now = self.clock()
        if self._down_at and self._connections:
            self.queue.put(now, Gap("", self._down_at, now, f"feed lost: {self._reason}"))
        self._up, self._down_at, self._reason, self._data_at = True, 0, "", now
        self._connections += 1
        self.queue.put(now, LinkUp(self._dialect.venue))

    def link_down(self, reason: str) -> None:
        """Say once that the feed is lost, and again when the reason is another."""
        now = self.clock()
        self._down_at = self._down_at or now
        if self._up or reason != self._reason:
            self._up, self._reason = False, reason
            self.queue.put(now, LinkDown(self._dialect.venue, reason))

    def lost(self) -> None:
        """Forget the books of a connection that has ended."""
        self.quoting.forget()
        self._gaps.clear()
        self._data_at = self.clock()
