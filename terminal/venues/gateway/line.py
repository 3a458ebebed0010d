"""What every job of a gateway shares: the venue's words, the wire, the turnstile, the way out."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import Struct, field

from terminal.core.errors import TerminalError, VenueError
from terminal.core.fault_points import Fault as Strike
from terminal.core.fault_points import no_fault
from terminal.core.units import SECOND
from terminal.model.account import FundingPaid
from terminal.model.facts import ForcedRow
from terminal.model.instrument import Instrument
from terminal.model.messages import Event, Fault
from terminal.model.order import FINAL, Fill, OrderIntent, OrderStatus, OrderUpdate
from terminal.model.ports import LastHop, lets_all_go
from terminal.venues.ccxt_exchange import Taps
from terminal.venues.dialects.dialect import Dialect, Directory, Raw, SentOrder
from terminal.venues.dialects.two_sides import TwoSidesError
from terminal.venues.gateway.asks import NOT_FOUND, Ask, Asks, Sent
from terminal.venues.gateway.fill_log import Booked, FillLog
from terminal.venues.gateway.inquiry import Inquiry
from terminal.venues.gateway.limiter import Priority, Turnstile
from terminal.venues.gateway.paging import PAGES
from terminal.venues.gateway.wire import Dialled, Unplugged, Wire
from terminal.venues.gateway.words import Scrubber
from terminal.venues.redaction import Redactor

T = TypeVar("T")

KEPT: Final = 5_000
"""Orders remembered; the oldest are forgotten first."""


class NotThereError(VenueError):
    """The venue says for certain that it has no such order."""


class Slip(Struct, kw_only=True):
    """One order of ours, from its sending on; the only mutable record of it in the gateway."""

    intent: OrderIntent
    sent: SentOrder
    ref: Sent
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # its request is over, anyhow
    lived: bool = False  # the venue has shown that it took it
    final: bool = False  # the venue has said that it has ended
    words: int = 0  # updates heard about it
    inquiry: Inquiry | None = None  # while somebody looks for it
    asked_at: int = 0  # words heard when somebody asked last


class Terms(Struct, frozen=True, kw_only=True):
    """What a gateway is made of.

    ``dial`` makes the instance of the venue and lists it, in a worker thread. ``now`` is engine
    time (UtcNs), ``clock`` monotonic (ns). Fills from before ``since`` (UtcNs) are not told,
    unless they are of an order that is still open here; nor payments from before ``paid_since``.
    ``booked`` is what a restart goes on from. ``fault`` is called where a crash is tried.
    """

    dialect: Dialect
    asks: Asks
    dial: Callable[[Taps], Dialled]
    redactor: Redactor
    now: Callable[[], int]
    clock: Callable[[], int]
    since: int
    paid_since: int
    booked: Booked | None = None
    fault: Strike = no_fault


class Line:
    """A line to one venue.

    Parameters
    ----------
    terms : Terms
    spawn : callable
        Runs a job beside the others, supervised.
    """

    def __init__(
        self, terms: Terms, spawn: Callable[[Coroutine[object, object, None]], None]
    ) -> None:
        self.terms = terms
        self.dialect, self.asks = terms.dialect, terms.asks
        self.wire: Wire = Unplugged()
        self.known = Directory({}, {})
        self.symbols: Mapping[str, str] = {}
        self.spawn = spawn
        self.turnstile = Turnstile(terms.asks.budget, terms.clock)
        self.scrubber = Scrubber(terms.redactor)
        self.fills = FillLog(terms.booked)
        self.terms_of = dict(terms.booked.instruments) if terms.booked else dict[str, Instrument]()
        self.slips: dict[str, Slip] = {}
        self.by_venue_id: dict[str, str] = {}
        self.out: deque[tuple[int, Event]] = deque()
        self.epoch: int | None = None  # connection of the private stream; None: not live
        self.opened = False  # the account has been stated
        self.two_sides = ""  # why orders are refused: the account is, or may be, in hedge mode
        self.read_to = terms.since  # trades done before have been read
        self.paid_to = terms.paid_since  # payments made before have been read
        self.payments: dict[str, None] = {}  # ids of those told
        self.forced: tuple[ForcedRow, ...] = ()  # what was last told of positions near their end
        self.reconnected = asyncio.Event()
        self.last_hop: LastHop = lets_all_go
        self.widened = asyncio.Event()  # an order went to a symbol that had none

    def tell(self, event: Event) -> None:
        """Say something to the engine."""
        self.out.append((self.terms.now(), event))

    def fault(self, text: str) -> None:
        """Halt hedging: this program broke a promise."""
        self.tell(Fault("GATEWAY", f"{self.dialect.title}: {self.scrubber.clean(text)}"))

    def hear(self, update: OrderUpdate) -> None:
        """Pass on word of the venue about one of our orders."""
        slip = self.slips.get(update.order_id)
        if slip is not None:
            slip.words += 1
            slip.lived = slip.lived or update.status is not OrderStatus.REJECTED
            slip.final = slip.final or update.status in FINAL
        self.tell(update)

    def book(self, fill: Fill) -> None:
        """Pass on a fill, once."""
        if not self.fills.fresh(fill):
            return
        slip = self.slips.get(fill.order_id)
        if slip is not None:
            slip.lived = True
        self.tell(fill)

    def pay(self, paid: FundingPaid) -> None:
        """Pass on a payment, once."""
        if paid.payment_id in self.payments:
            return
        self.payments[paid.payment_id] = None
        if len(self.payments) > KEPT:
            del self.payments[next(iter(self.payments))]
        self.tell(paid)

    def doubt_mode(self, why: str) -> None:
        """Send no order until the venue has said that the account is in one-way mode."""
        if not self.two_sides:  # else it is being asked for already
            self.reconnected.set()
        self.two_sides = why

    def call_it(self, venue_id: str, order_id: str) -> None:
        """Remember the venue's own id of an order: its trades may be told by that alone."""
        self.by_venue_id[venue_id] = order_id
        if len(self.by_venue_id) > KEPT:
            del self.by_venue_id[next(iter(self.by_venue_id))]

    def missing(self, update: OrderUpdate) -> bool:
        """Whether an order has ended with fills that nobody has told yet."""
        stated = update.filled or Decimal(0)
        return update.status in FINAL and stated > self.fills.filled(update.order_id)

    async def ask(self, ask: Ask, priority: Priority = Priority.READ) -> tuple[Raw, ...]:
        """Send one request, and those for the pages that follow, and read the replies.

        Raises
        ------
        NotThereError
            The venue has no such order.
        VenueError
            Anything else: then nothing is known.
        """
        rows: list[Raw] = []
        page: Ask | None = ask
        for _ in range(PAGES):
            if page is None:
                return tuple(rows)
            found, page = await self._page(page, priority)
            rows += found
        raise VenueError(f"{ask.method} is answered without an end")

    async def _page(self, ask: Ask, priority: Priority) -> tuple[tuple[Raw, ...], Ask | None]:
        """Rows of one reply, and the request for the next one."""
        weight = self.asks.weight(ask, 0)
        await self.turnstile.enter(priority, weight=weight)
        try:
            reply = await self.wire.ask(ask)
            rows = ask.rows(reply)
            self.turnstile.charge(self.asks.weight(ask, len(rows)) - weight)
            return rows, ask.more(reply, rows) if ask.more is not None else None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
            words = self.failed(error)
            certain = any(kind.__name__ in NOT_FOUND for kind in type(error).__mro__)
        raise NotThereError(words) if certain else VenueError(words)

    def failed(self, error: BaseException) -> str:
        """Words of a failed request, with nothing secret; a ban in it is kept."""
        shut = self.wire.shut_s(error)
        if shut > 0.0:
            self.turnstile.shut(round(shut * SECOND))
        return self.scrubber.words_of(error)

    def update_of(self, raw: object) -> OrderUpdate | None:
        """State of one raw order; None where it is not ours or says nothing."""
        return self.decoded(lambda row: self.dialect.decoder.order(row, self.known), raw)

    def fill_of(self, raw: Raw) -> Fill | None:
        """One raw trade."""
        return self.decoded(lambda row: self.dialect.decoder.fill(row, self.known), raw)

    def decoded(self, read: Callable[[Raw], T], raw: object) -> T:
        """Read a raw object; raises VenueError where it contradicts its own format."""
        if not isinstance(raw, Mapping):
            raise VenueError("a reply holds no object where one was expected")
        try:
            return read(raw)
        except TwoSidesError as error:
            self.doubt_mode(str(error))
            raise VenueError(str(error)) from None
        except TerminalError as error:
            raise VenueError(f"a reply cannot be read: {error}") from None


def identified(line: Line, intent: OrderIntent) -> Slip:
    """Slip of an order in the venue's words.

    Raises
    ------
    VenueError
        Its instrument is not listed, or the order cannot be said to this venue.
    """
    instrument = line.known.by_key.get(intent.key)
    if instrument is None:
        raise VenueError(f"{intent.key} is not listed at {line.dialect.title}")
    try:
        sent = line.dialect.sent(intent, instrument)
        client_id = line.dialect.client_id(intent.order_id)
    except TerminalError as error:
        raise VenueError(str(error)) from None
    return Slip(intent=intent, sent=sent, ref=Sent(client_id, sent.symbol, instrument.contract))
