"""Live public data of one exchange with simulated fills: the feed, the clock and the account."""

import gc
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError, VenueError
from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import State
from terminal.execution.orders import done
from terminal.model.account import Balance, Position
from terminal.model.instrument import Perpetual
from terminal.model.market import Quote
from terminal.model.messages import Listing
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.portfolio.accounts import venue_of
from terminal.runtime.beside import beside
from terminal.runtime.books import CASH, OpeningBook, TapeStart, default_book, read_book
from terminal.runtime.collector import brief_turns, collector_off
from terminal.runtime.orderlog import OrderLog
from terminal.runtime.pace import LiveClock
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.ccxt_exchange import Connection, Taps, venue_errors
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.registry import dialect
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.jupiter.holdings import VENUE as WALLET
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import Fetched, Loaded, MarketCache, equip, fetch_markets
from terminal.venues.paper_world import PaperAccount, PaperWorld
from terminal.venues.simulated import VenueTerms

FRESH = 15 * MINUTE
"""A list of instruments on disk that is younger than this is used as it is."""

PATIENCE_S = 60.0
"""Longest wait for a list of instruments."""


class MarketLoader:
    """Loads instruments off the loop: from disk while they are fresh, else from the exchange.

    Parameters
    ----------
    dialect : Dialect
    connection : Connection
    underlyings : tuple of str
    cache : MarketCache
    clock : LiveClock
    """

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection,
        underlyings: tuple[str, ...],
        cache: MarketCache,
        clock: LiveClock,
    ) -> None:
        self._dialect = dialect
        self._connection = connection
        self._underlyings = underlyings
        self._cache = cache
        self._clock = clock

    async def __call__(self, taps: Taps, renew: bool) -> Loaded:  # noqa: FBT001 - a Loader
        """Load in a thread of its own, without the loop feeling it."""
        late = VenueError(f"{self._dialect.title} took longer than {PATIENCE_S:g} s for its list")
        return await beside(lambda: self._load(taps, renew=renew), PATIENCE_S, late)

    def _load(self, taps: Taps, *, renew: bool) -> Loaded:
        """Load, where no garbage may be collected meanwhile."""
        with collector_off(), brief_turns():
            fetched = self._fetched(renew=renew)
            loaded = equip(self._dialect, taps, self._connection, fetched)
            if not renew:
                gc.freeze()  # these tables live as long as the run: keep collections short
            return loaded

    def with_key(self, taps: Taps, key: Mapping[str, str]) -> Loaded:
        """Make an instance that trades, of the same list; in a worker thread."""
        with collector_off(), brief_turns():
            fetched = self._fetched(renew=False)
            return equip(self._dialect, taps, self._connection, fetched, credentials=key)

    def _fetched(self, *, renew: bool) -> Fetched:
        kept = self._cache.read(self._dialect, self._connection, self._underlyings)
        if kept is not None and not renew and self._clock() - kept.at < FRESH:
            return kept
        try:
            fetched = fetch_markets(
                self._dialect, self._connection, self._underlyings, self._clock()
            )
        except venue_errors():
            if kept is None or renew:
                raise
            return kept  # old terms show what is held until the exchange can be reached
        self._cache.write(self._dialect, self._connection, fetched)
        return fetched


class NewAccount(Struct, frozen=True):
    """What a paper account begins with: a book file, or a straddle of each coin, and cash."""

    book: Path | None
    vol: float
    report: Callable[[str], None]

    def draft(self, listed: Listing, spots: Mapping[str, float], at: int) -> PaperAccount | None:
        """Return the account at model prices; None while an underlying has no price."""
        hedged = [each for each in listed.instruments if isinstance(each, Perpetual)]
        coins = dict.fromkeys(each.contract.base for each in hedged)
        if not all(coin in spots for coin in coins):
            return None
        start = TapeStart(
            instruments=listed.instruments,
            prices={coin: spots[coin] for coin in coins},
            first=at,
            last=at,
            vol=self.vol,
            bars=False,
        )
        try:
            book = read_book(self.book, start) if self.book else default_book(start)
        except ConfigError as error:
            self.report(f"the paper account begins with cash alone: {error}")
            book = OpeningBook((), (Balance("USDC", CASH),))
        described = {each.contract.key for each in book.listed}
        extra = (Listing("book", book.listed),) if book.listed else ()
        stated = (each for each in book.vols if each.key in described)
        return PaperAccount(book.positions, book.balances, (*extra, *stated))

    def priced(self, draft: PaperAccount, quotes: Mapping[str, Quote]) -> PaperAccount:
        """Return the account with positions entered at the mark, or between bid and ask."""
        positions = tuple(_entered(each, quotes.get(each.key)) for each in draft.positions)
        return PaperAccount(positions, draft.balances, draft.before)


def _entered(position: Position, quote: Quote | None) -> Position:
    if quote is None:
        return position
    price = quote.mark
    if price is None and quote.bid is not None and quote.ask is not None:
        price = 0.5 * (quote.bid + quote.ask)
    return position if price is None else replace(position, entry=Decimal(f"{price:.8g}"))


def paper_world(settings: Settings, state: State, directory: Path) -> PaperWorld:
    """Public data of the chosen exchange with the simulated venue behind it.

    Raises
    ------
    ConfigError
        An exchange that this program does not know.
    """
    live = settings.live
    chosen = dialect(live.venue)
    connection = Connection(endpoint=live.endpoint, test_network=live.test_network)
    clock = LiveClock(state.now)
    cache = MarketCache(directory / "markets")
    loader = MarketLoader(chosen, connection, live.underlyings, cache, clock)
    held = {key for key, each in state.ledger.positions.items() if each.qty != 0}
    terms = FeedTerms(held=lambda: (*held, *world.wanted()))
    intake = FeedIntake(chosen, clock)
    feed = LiveFeed(chosen, terms, loader, intake)
    log = OrderLog(settings.order_log) if settings.order_log else None
    new = NewAccount(settings.book, settings.vol, intake.tell)
    world = PaperWorld(
        feed,
        VenueTerms(name=chosen.venue, seed=settings.seed ^ clock() // SECOND, order_log=log),
        clock,
        title=_title(chosen, live),
        account=_recovered(state) if state.run else new,
    )
    for order_id, order in state.orders.items():
        if not done(order):  # the simulated venue is new and has forgotten what rested there
            reason = "the simulated venue started anew"
            update = OrderUpdate(order_id, OrderStatus.CANCELLED, reason, order.filled)
            world.notice(clock(), update)
    return world


def _title(chosen: Dialect, live: LiveData) -> str:
    network = " test network" if live.test_network else ""
    where = f" at {live.endpoint}" if live.endpoint else ""
    return f"{chosen.title}{network}{where}"


def _recovered(state: State) -> PaperAccount:
    """What the ledger holds but for a wallet's; what expired is settled at the first index."""
    positions = tuple(
        each
        for key, each in state.ledger.positions.items()
        if each.qty != 0 and venue_of(key) != WALLET
    )
    wallet = state.accounts.get(WALLET)
    elsewhere = wallet.cash if wallet else {}
    balances = tuple(
        Balance(coin, held - elsewhere.get(coin, Decimal(0)))
        for coin, held in state.ledger.cash.items()
    )
    known = state.market.instruments
    kept = tuple(known[each.key] for each in positions if each.key in known)
    return PaperAccount(positions, balances, (Listing("held", kept),))
