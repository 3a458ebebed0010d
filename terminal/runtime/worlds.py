"""The markets that a run can be set in: a simulated one, or a tape."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.engine.state import State
from terminal.execution.orders import done
from terminal.journal.tape import Header, read_header, read_tape
from terminal.model.account import Balance
from terminal.model.instrument import Instrument, Option, Perpetual
from terminal.model.market import AssumedVol, Bar, Index, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.model.ports import BarredWorld
from terminal.runtime.books import OpeningBook, TapeStart, default_book, read_book
from terminal.runtime.orderlog import OrderLog
from terminal.runtime.settings import Settings
from terminal.runtime.strains import dearer, strained, venue_terms
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from terminal.venues.tape_world import TapeTerms, TapeWorld

LOOK_AHEAD = 50_000
"""Events of a tape that are looked through for the first price of each coin."""


def sim_world(settings: Settings, state: State) -> BarredWorld:
    """Simulated market: the demo desk on a fresh start, the recovered one after that."""
    log = OrderLog(settings.order_log) if settings.order_log else None
    if state.run and state.market.index:
        return _continued(settings, state, log)
    opening = listing(settings.start_at, DEFAULT_SPOTS)
    positions, balances = demo_book(opening, DEFAULT_SPOTS, settings.start_at)
    return SimWorld(
        seed=settings.seed,
        start_at=settings.start_at,
        positions=positions,
        balances=balances,
        history_hours=settings.history_hours,
        order_log=log,
    )


def _continued(settings: Settings, state: State, log: OrderLog | None) -> BarredWorld:
    """The market goes on from its last prices, with what the ledger holds."""
    spots = dict(DEFAULT_SPOTS) | {
        coin: level.price for coin, level in state.market.index.items() if coin in DEFAULT_SPOTS
    }
    world = SimWorld(
        seed=settings.seed,
        start_at=state.now + 1,
        spots=spots,
        positions=tuple(each for each in state.ledger.positions.values() if each.qty != 0),
        balances=tuple(Balance(coin, held) for coin, held in state.ledger.cash.items()),
        order_log=log,
    )
    for order_id, order in state.orders.items():
        if not done(order):  # the simulated venue is new and has forgotten what rested there
            reason = "the simulated venue started anew"
            update = OrderUpdate(order_id, OrderStatus.CANCELLED, reason, order.filled)
            world.notice(state.now + 2, update)
    return world


def tape_world(settings: Settings) -> tuple[BarredWorld, TapeStart]:
    """A recorded tape with the simulated venue behind it.

    Raises
    ------
    ConfigError
        No tape is named, or nothing on it can hedge.
    DataError
        The tape is damaged.
    """
    if settings.tape is None:
        raise ConfigError("this mode plays a tape: name one with --tape FILE")
    header = read_header(settings.tape)
    if not any(isinstance(each, Perpetual) for each in header.instruments):
        msg = f"{settings.tape} lists no perpetual to hedge with: import it with perpetual bars"
        raise ConfigError(msg)
    strain = settings.strain
    header = replace(header, instruments=dearer(header.instruments, strain))
    start = tape_start(header, settings.tape, settings.vol)
    book = read_book(settings.book, start) if settings.book else default_book(start)
    venue = next(each.contract.venue for each in header.instruments if isinstance(each, Perpetual))
    terms = TapeTerms(
        title=settings.tape.stem,
        total=header.count,
        positions=book.positions,
        balances=book.balances,
        before=tuple(strained(each, strain) for each in _before(header, book)),
    )
    events = stated_vols(read_tape(settings.tape), {each.key for each in book.positions})
    told = ((at, strained(event, strain)) for at, event in events) if strain.of_market else events
    return TapeWorld(told, terms, venue_terms(venue, settings.seed, strain)), start


def _before(header: Header, book: OpeningBook) -> tuple[MarketEvent, ...]:
    by_venue: dict[str, list[Instrument]] = {}
    for each in (*header.instruments, *book.listed):
        by_venue.setdefault(each.contract.venue, []).append(each)
    listings = tuple(Listing(name, tuple(listed)) for name, listed in by_venue.items())
    return (*listings, *book.vols)


def tape_start(header: Header, path: Path, vol: float) -> TapeStart:
    """First price of every coin that a tape has a perpetual of."""
    bases = {
        each.contract.key: each.contract.base
        for each in header.instruments
        if not isinstance(each, Option)
    }
    wanted = dict.fromkeys(
        each.contract.base for each in header.instruments if isinstance(each, Perpetual)
    )
    prices: dict[str, float] = {}
    bars = False
    for _, event in islice(read_tape(path), LOOK_AHEAD):
        if isinstance(event, Bar) and event.key in bases:
            bars = True
            prices.setdefault(bases[event.key], event.open)
        elif isinstance(event, Index):
            prices.setdefault(event.underlying, event.price)
        elif isinstance(event, Quote) and event.key in bases and event.bid and event.ask:
            prices.setdefault(bases[event.key], 0.5 * (event.bid + event.ask))
        if len(prices) >= len(wanted) and all(coin in prices for coin in wanted):
            break
    return TapeStart(
        instruments=header.instruments,
        prices={coin: prices[coin] for coin in wanted if coin in prices},
        first=header.first,
        last=header.last,
        vol=vol,
        bars=bars,
    )


def stated_vols(
    events: Iterator[tuple[int, MarketEvent]], held: set[str]
) -> Iterator[tuple[int, MarketEvent]]:
    """Keep each held option's last quoted volatility as the stated one.

    Recorded chains come hours apart: between two of them the last volatility stands, said so in
    the position's row, while price and time move on.
    """
    for at, event in events:
        yield at, event
        if isinstance(event, Quote) and event.iv is not None and event.key in held:
            yield at, AssumedVol(event.key, event.iv)
