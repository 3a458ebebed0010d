"""Everything between the engine and the exchange: delays, losses, repeats, bad data, silence.

It tells the engine what a gateway tells: an order that is not found is proven absent only when it
is not found twice half a minute apart, trades are read again every quarter of a minute, and after
a reconnect everything that was not told is told before the link is up.
"""

import heapq
import math
from collections.abc import Callable
from decimal import Decimal
from random import Random

from terminal.core.units import MILLISECOND, MINUTE, SECOND
from terminal.model.account import OpenOrder
from terminal.model.instrument import Instrument
from terminal.model.market import Gap, Index, Quote
from terminal.model.messages import (
    ClockOffset,
    Disturb,
    Event,
    LinkDown,
    LinkUp,
    Listing,
    MarketEvent,
)
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate
from terminal.model.ports import LastHop, lets_all_go
from terminal.model.reconcile import Changes
from tests.sim.exchange import Exchange
from tests.sim.faults import CUTS, ONE_SHOT, SPANS, Faults
from tests.sim.weather import Strike

VENUE = "sim"
QUOTES = 4 * SECOND
POLL = 15 * SECOND
TWICE = 31 * SECOND
"""Between two looks for an order that is not there."""

RECENT = 200
"""Fills that are read again."""

Submitted = Callable[[OrderIntent, int], None]


class Network:
    """The world of one run; it lives through the deaths of the engine."""

    def __init__(self, seed: int, start: int, exchange: Exchange, terms: "Terms") -> None:
        self.title = "weather"
        self.exchange = exchange
        self.faults = Faults()
        self.on_submit: Submitted = lambda intent, at: None
        self.last_hop: LastHop = lets_all_go
        self._terms = terms
        self._draw = Random(f"network|{seed}")
        self._heap: list[tuple[int, int, str, object]] = []
        self._count = 0
        self._now = start
        self._spot = terms.spot
        self._told: set[str] = set()
        self._muted: set[str] = set()
        self._absent: dict[str, int] = {}
        self._searching: set[str] = set()
        self._last = start
        self._deaf_at = self._news_at = start
        self._beat = 0
        self._push(start + 1, "market", None)
        self._push(start + POLL, "poll", None)

    # -- What the engine asks for ------------------------------------------------------------------

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask before an order leaves."""
        self.last_hop = last_hop

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order, or lose it."""
        why = self.last_hop(intent) or self.faults.bars(at)
        if why:
            self._tell(at, OrderUpdate(intent.order_id, OrderStatus.REJECTED, f"not sent: {why}"))
            return
        self.on_submit(intent, at)
        if self.faults.take("rate_limit"):
            said = OrderUpdate(intent.order_id, OrderStatus.REJECTED, "too many requests")
            self._tell(at + self._delay(at), said)
            return
        if self.faults.take("lost_before"):
            return
        if self.faults.take("lost_after"):
            self._muted.add(intent.order_id)
        self._push(at + self._delay(at), "arrive", intent)

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel."""
        if not self.faults.bars(at):
            self._push(at + self._delay(at), "cancel", order_id)

    def query(self, order_id: str, at: int) -> None:
        """Look for an order until it is found or proven absent."""
        if order_id not in self._searching and not self.faults.bars(at):
            self._searching.add(order_id)
            self._push(at + self._delay(at), "look", order_id)

    def ask_account(self, venue: str, at: int) -> None:
        """Ask for the account."""
        if venue != VENUE or self.faults.bars(at) or self.faults.take("no_statement"):
            return
        late = 8 * SECOND if self.faults.take("late_statement") else 0
        self._push(at + self._delay(at) + late, "state", at)

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Cancel an order of somebody else's."""
        del venue
        self.cancel(order.order_id, at)

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Nothing here is looked for by a position."""

    def disturb(self, disturb: Disturb, at: int) -> None:
        """The weather needs no orders."""

    def progress(self) -> float | None:
        """Endless."""
        return None

    # -- What comes to the engine ------------------------------------------------------------------

    def next_at(self) -> int | None:
        """Engine time of the next event; what happens on the way happens now."""
        while self._heap and self._heap[0][2] != "tell":
            at, _, kind, what = heapq.heappop(self._heap)
            self._now = max(self._now, at)
            getattr(self, f"_on_{kind}")(at, what)
        return self._heap[0][0] if self._heap else None

    def pop(self) -> tuple[int, Event]:
        """Take the next event."""
        self.next_at()
        at, _, _, event = heapq.heappop(self._heap)
        self._last = max(self._last, at)
        if isinstance(event, Fill):
            self._told.add(event.fill_id)
        return self._last, event  # type: ignore[return-value]  # only events are told

    def restarted(self, at: int, open_orders: tuple[OrderIntent, ...]) -> None:
        """A new process listens: what was on its way to the old one is gone."""
        self._heap = [each for each in self._heap if each[2] != "tell"]
        heapq.heapify(self._heap)
        self._told.clear()
        self._searching.clear()
        self._last = at
        self.faults.reconnected()
        self._tell(at, self._terms.listing)
        self._markets(at)
        for intent in open_orders:
            self.query(intent.order_id, at)
        self._retell(at + 50 * MILLISECOND)
        self._tell(at + 100 * MILLISECOND, self.exchange.statement(0))
        self._tell(at + 110 * MILLISECOND, LinkUp(VENUE))

    def strike(self, strike: Strike) -> None:
        """Let one fault of the weather happen."""
        draw, at, kind = Random(strike.chance), strike.at, strike.kind
        back = self.faults.begin(kind, at, draw)
        if back:
            self._tell(at, LinkDown(VENUE, "connection lost"))
            self._push(back, "up", None)
        elif kind == "jump":
            self._spot *= 1.0 + draw.choice((-1, 1)) * draw.uniform(0.03, 0.15)
        elif kind in ("foreign_trade", "liquidation"):
            self._others_trade(kind, draw)
        elif kind not in ONE_SHOT and kind not in SPANS and kind not in CUTS:
            for when, event in bad_data(kind, at, draw, self._terms, self._spot):
                self._tell(when, event)

    def _others_trade(self, kind: str, draw: Random) -> None:
        """Somebody else, or the exchange itself, trades in the account."""
        if kind == "foreign_trade":
            qty = Decimal(draw.choice((-1, 1)) * draw.randint(1, 400)) / 1000
        else:
            held = self.exchange.positions.get(self._terms.perp, Decimal(0))
            qty = -Decimal(int(500 * held)) / 1000  # half of it, in whole lots
        if qty:
            self.exchange.trade_elsewhere(self._terms.perp, qty)

    def all_told(self) -> bool:
        """Whether the engine has been told of every fill that there is."""
        return all(each.fill_id in self._told for each in self.exchange.fills[-RECENT:])

    def settled(self, at: int) -> bool:
        """Whether everything that has happened must have been told by now."""
        return at - max(self._deaf_at, self._news_at) > 3 * POLL

    # -- The way there and back --------------------------------------------------------------------

    def _on_market(self, at: int, _: object) -> None:
        self._push(at + QUOTES, "market", None)
        self._spot *= math.exp(self._draw.gauss(0.0, self._terms.swing))
        self._markets(at)

    def _markets(self, at: int) -> None:
        quote = quote_at(self._terms.perp, self._spot)
        touch = (Decimal(repr(quote.bid)), Decimal(repr(quote.ask)))
        self.exchange.moved(self._terms.perp, *touch)
        self._news(at)
        if self.faults.is_deaf(at):
            return
        self._beat += 1
        if self._beat % 2:
            self._tell(at, Index("BTC", self._spot))
        self._tell(at, quote)
        for event in self._terms.others(self._spot):
            self._tell(at, event)

    def _on_arrive(self, at: int, intent: object) -> None:
        assert isinstance(intent, OrderIntent)
        self.exchange.arrive(intent)
        self._news(at)

    def _on_cancel(self, at: int, order_id: object) -> None:
        self.exchange.cancel(str(order_id))
        self._news(at)

    def _on_state(self, at: int, asked_at: object) -> None:
        if not self.faults.bars(at):
            assert isinstance(asked_at, int)
            self._tell(at + self._delay(at), self.exchange.statement(asked_at))

    def _on_look(self, at: int, what: object) -> None:
        order_id = str(what)
        self._searching.discard(order_id)
        if self.faults.lasts("down", at):
            return
        found = self.exchange.answer(order_id)
        if found is not None:
            self._muted.discard(order_id)
            for each in found:
                self._tell(at + self._delay(at), each)
            return
        first = self._absent.setdefault(order_id, at)
        if at - first < TWICE - SECOND:
            self._searching.add(order_id)
            self._push(at + TWICE, "look", order_id)
            return
        self._tell(at, OrderUpdate(order_id, OrderStatus.REJECTED, "never arrived"))

    def _on_poll(self, at: int, _: object) -> None:
        self._push(at + POLL, "poll", None)
        if not self.faults.is_deaf(at):
            self._retell(at)

    def _on_up(self, at: int, _: object) -> None:
        if self.faults.lasts("down", at):
            return
        self._retell(at)
        self._tell(at + MILLISECOND, LinkUp(VENUE))

    def _retell(self, at: int) -> None:
        """Read the trades again: whatever fill was not told is told, with the end of its order."""
        recent = self.exchange.fills[-RECENT:]
        ends = dict.fromkeys(each.order_id for each in recent if each.fill_id not in self._told)
        for each in recent:
            if each.fill_id not in self._told:
                self._tell(at, each)
        for order_id in ends:
            said = self.exchange.answer(order_id)
            if said:
                self._tell(at, said[-1])

    def _news(self, at: int) -> None:
        """Tell what has happened at the exchange, as far as anybody hears it."""
        news, self.exchange.news = self.exchange.news, []
        deaf = self.faults.is_deaf(at)
        self._deaf_at = at if deaf else self._deaf_at
        self._news_at = at if news else self._news_at
        for order_id, said in news:
            if deaf or order_id in self._muted:
                continue
            if isinstance(said, Fill) and self.faults.take("missing_fill"):
                continue
            when = at + self._delay(at)
            if self.faults.take("reorder"):
                when += int(self._draw.uniform(0.1, 5.0) * SECOND)
            self._tell(when, said)
            if self.faults.take("duplicate"):
                self._tell(when + int(self._draw.uniform(0.0, 3.0) * SECOND), said)

    def _delay(self, at: int) -> int:
        base = self._draw.uniform(0.01, 0.08)
        if self.faults.lasts("spike", at):
            base += self._draw.uniform(0.0, 20.0)
        return int(base * SECOND)

    def _tell(self, at: int, event: Event) -> None:
        self._push(max(at, self._now), "tell", event)

    def _push(self, at: int, kind: str, what: object) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, kind, what))


class Terms:
    """What is traded, and how its price moves."""

    def __init__(
        self,
        perp: str,
        instruments: tuple[Instrument, ...],
        others: Callable[[float], tuple[MarketEvent, ...]],
    ) -> None:
        self.perp = perp
        self.listing = Listing(VENUE, instruments)
        self.others = others
        self.spot = 50_000.0
        self.swing = 1.7e-4  # of the logarithm, per quote: about 50 % a year


def quote_at(perp: str, spot: float) -> Quote:
    """Tight book at a price."""
    bid = math.floor(spot * 2.0) / 2.0
    return Quote(perp, bid, bid + 0.5, 5.0, 5.0, mark=bid)


def bad_data(
    kind: str, at: int, draw: Random, terms: "Terms", spot: float
) -> tuple[tuple[int, Event], ...]:
    """What is told at which time that is not so, or not new."""
    perp = terms.perp
    match kind:
        case "relisting":
            return ((at, terms.listing),)
        case "gap":
            return ((at, Gap(perp, at - SECOND, at, "sequence")),)
        case "bad_quote":
            return ((at, Quote(perp, math.nan, math.inf, -1.0, 0.0)),)
        case "outlier":
            return ((at, quote_at(perp, spot * draw.choice((0.5, 0.9, 1.1, 3.0)))),)
        case "crossed":
            return ((at, Quote(perp, spot + 5.0, spot - 5.0, 1.0, 1.0, mark=spot)),)
        case "one_sided":
            return ((at, Quote(perp, None, spot, 0.0, 1.0)),)
        case "clock":
            off = ClockOffset(VENUE, draw.uniform(-3000.0, 3000.0))
            return (at, off), (at + MINUTE, ClockOffset(VENUE, 1.0))
        case _:
            return ()
