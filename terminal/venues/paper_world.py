"""Live market data with the simulated venue behind it: nothing in it can send a real order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.core.units import SECOND
from terminal.model.account import Balance, Position
from terminal.model.market import Index, Quote
from terminal.model.messages import (
    Disturb,
    DisturbanceKind,
    Event,
    Listing,
    MarketEvent,
)
from terminal.venues.event_queue import NEVER, EventQueue, FeedEvent
from terminal.venues.live_feed import LiveFeed
from terminal.venues.merged_world import MergedWorld
from terminal.venues.simulated import SimulatedVenue, VenueTerms

QUOTES_WITHIN: Final = 20 * SECOND
"""Longest wait for quotes of what a new account is to hold; the rest enters at its model price."""


class PaperAccount(Struct, frozen=True):
    """What a new paper account holds, and what must be listed or assumed for it first."""

    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]
    before: tuple[MarketEvent, ...] = ()


class AccountMaker(Protocol):
    """Decides what a new account holds once markets have prices."""

    def draft(self, listed: Listing, spots: Mapping[str, float], at: int) -> PaperAccount | None:
        """Return the account at model prices; None while an underlying has no price."""
        ...

    def priced(self, draft: PaperAccount, quotes: Mapping[str, Quote]) -> PaperAccount:
        """Return the account with the prices that were quoted."""
        ...


class QueueSource:
    """Market and link events of a live feed, as a source of a merged world."""

    def __init__(self, queue: EventQueue, clock: Callable[[], int]) -> None:
        self._queue = queue
        self._clock = clock

    def next_at(self) -> int:
        """Time of the next event; the far future while none waits."""
        return self._queue.next_at(self._clock())

    def pop(self) -> tuple[int, FeedEvent]:
        """Take the next event with its time of reception."""
        return self._queue.pop()


class PaperWorld(MergedWorld):
    """Real prices, simulated fills.

    The simulated venue never runs ahead of the clock: what the market does next is not known yet,
    and an order meets the book that stands when it arrives.

    Parameters
    ----------
    feed : LiveFeed
    terms : VenueTerms
        Of the simulated venue; its name is the exchange's.
    clock : callable
        Engine time, UtcNs, that never goes back; the feed's too.
    title : str
    account : PaperAccount or AccountMaker
        What a recovered account holds, or how a new one is made when prices are there.
    """

    def __init__(
        self,
        feed: LiveFeed,
        terms: VenueTerms,
        clock: Callable[[], int],
        *,
        title: str,
        account: PaperAccount | AccountMaker,
    ) -> None:
        self.feed = feed
        self._clock = clock
        self._last = 0
        self._listed: Listing | None = None
        self._maker: AccountMaker | None = None
        self._draft: PaperAccount | None = None
        self._drafted_at = 0
        self._quotes: dict[str, Quote] = {}
        opening: list[tuple[int, Event]] = []
        positions: tuple[Position, ...] = ()
        balances: tuple[Balance, ...] = ()
        if isinstance(account, PaperAccount):
            positions, balances = account.positions, account.balances
        else:
            self._maker = account
        self._paper = SimulatedVenue(terms, positions, balances)
        if isinstance(account, PaperAccount):
            for event in account.before:
                self._paper.on_market(clock(), event)  # what expired while nobody looked
            opening.append((clock(), self._paper.snapshot()))
        source = QueueSource(feed.intake.queue, clock)
        super().__init__(title, source, self._paper, venue_name=terms.name, opening=opening)

    def clock(self) -> int:
        """Engine time now, UtcNs."""
        return self._clock()

    def doubt(self, why: str) -> None:
        """Connect anew: what the feed says of itself cannot be relied on."""
        self.feed.doubt(why)

    async def run(self) -> None:
        """Keep the feed connected until cancelled."""
        await self.feed.run()

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on what of the feed could not be used."""
        self.feed.intake.report = report

    def wanted(self) -> Sequence[str]:
        """Keys whose quotes a new account waits for."""
        return [each.key for each in self._draft.positions] if self._draft else []

    def next_at(self) -> int | None:
        """Engine time of the next event, in the far future while nothing waits; never None."""
        self._settle()
        return super().next_at()

    def pop(self) -> tuple[int, Event]:
        """Take the next event; times never go back."""
        at, event = super().pop()
        self._last = max(self._last, at)
        if self._maker is not None:
            self._prepare(self._maker, event)
        return self._last, event

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told from ``at`` on.

        Raises
        ------
        ConfigError
            JUMP: real prices cannot be moved.
        """
        if disturb.kind is DisturbanceKind.JUMP:
            raise ConfigError("real prices cannot be moved: use the simulated market to jump")
        super().disturb(disturb, at)

    def _settle(self) -> None:
        """Let the venue do what is due by now, then see what comes first."""
        due = self._source.next_at()
        due = NEVER if due is None else due
        self._venue.advance(min(due, self._clock()))
        reply = self._venue.next_at()
        notice = self._notices[0][0] if self._notices else None
        self._head = min(each for each in (due, reply, notice) if each is not None)

    # -- A new account ------------------------------------------------------------------------

    def _prepare(self, maker: AccountMaker, event: Event) -> None:
        """Open the account once everything that it is to hold has a price."""
        if isinstance(event, Listing):
            self._listed = event
        elif isinstance(event, Quote):
            self._quotes[event.key] = event
        elif isinstance(event, Index) and self._draft is None and self._listed is not None:
            self._draft = maker.draft(self._listed, self.feed.intake.spots, self._last)
            self._drafted_at = self._last
        if self._draft is not None and self._is_priced(self._draft):
            self._open(maker.priced(self._draft, self._quotes))

    def _is_priced(self, draft: PaperAccount) -> bool:
        if self._last - self._drafted_at > QUOTES_WITHIN:
            return True
        listed = {each.contract.key for each in self._listed.instruments} if self._listed else {}
        return all(each.key in self._quotes for each in draft.positions if each.key in listed)

    def _open(self, account: PaperAccount) -> None:
        self._maker, self._draft, self._quotes = None, None, {}
        for event in account.before:
            self._paper.on_market(self._last, event)
            self.notice(self._last, event)
        self._paper.credit(account.positions, account.balances)
        self.notice(self._last, self._paper.snapshot())
