"""The world of a run that trades. Nothing but such a run imports what can send an order."""

import time
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.core.fault_points import Fault, no_fault
from terminal.engine.state import State
from terminal.execution.orders import done, lives
from terminal.model.live import LiveAccount, Network
from terminal.portfolio.accounts import venue_of
from terminal.runtime.live import AccountKeys, live_data
from terminal.runtime.pace import LiveClock
from terminal.runtime.paper import MarketLoader
from terminal.runtime.settings import Settings
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.registry import dialect
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.gateway.catalogue import asks_of, wire_of
from terminal.venues.gateway.fill_log import Booked
from terminal.venues.gateway.gateway import Earlier, Gateway
from terminal.venues.gateway.line import Terms
from terminal.venues.gateway.reading import OVERLAP, PAID_OVERLAP
from terminal.venues.gateway.wire import Dialled
from terminal.venues.joined_world import JoinedWorld
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import MarketCache
from terminal.venues.trading_world import TradingWorld


def live_world(
    settings: Settings,
    state: State,
    directory: Path,
    keys: AccountKeys,
    strike: Fault = no_fault,
) -> TradingWorld | JoinedWorld:
    """Public data and the accounts of the run, nothing connected yet.

    Raises
    ------
    ConfigError
        The run has no account or two at one venue, or a venue cannot be traded on.
    """
    if not settings.accounts:
        raise ConfigError("a live run is for an account: start it with the key of one")
    clock, worlds = LiveClock(state.now), dict[str, TradingWorld]()
    for account in settings.accounts:
        if account.venue in worlds:
            raise ConfigError(
                f"a live run has one account at each venue: two are at {account.venue}"
            )
        run = _Run(settings, state, directory, keys, strike)
        worlds[account.venue] = _of_account(run, account, clock)
    if len(worlds) == 1:
        return worlds[settings.accounts[0].venue]
    orders = state.orders.items()
    return JoinedWorld(worlds, {key: venue_of(each.intent.key) for key, each in orders})


class _Run(Struct, frozen=True):
    """What the worlds of one run share."""

    settings: Settings
    state: State
    directory: Path
    keys: AccountKeys
    strike: Fault


def _of_account(run: _Run, account: LiveAccount, clock: LiveClock) -> TradingWorld:
    state, live = run.state, live_data(run.settings.live, account)
    spoken = dialect(account.venue)
    connection = Connection(endpoint=live.endpoint, test_network=live.test_network)
    cache = MarketCache(run.directory / "markets")
    loader = MarketLoader(spoken, connection, live.underlyings, cache, clock)

    def dial(taps: Taps) -> Dialled:
        loaded = loader.with_key(taps, run.keys.read(account))
        return Dialled(wire_of(spoken, loaded.exchange), loaded.directory, loaded.symbols)

    terms = Terms(
        dialect=spoken,
        asks=asks_of(spoken),
        dial=dial,
        redactor=run.keys.redactor,
        now=clock,
        clock=time.monotonic_ns,
        since=state.now - OVERLAP if state.run else clock(),
        paid_since=_paid_since(state, spoken.venue) if state.run else clock(),
        booked=_booked(state, spoken.venue) if state.run else None,
        fault=run.strike,
    )
    gateway = Gateway(terms, _earlier(state, spoken.venue))
    feed_terms = FeedTerms(held=lambda: (*_held(state, spoken.venue), *gateway.held()))
    feed = LiveFeed(spoken, feed_terms, loader, FeedIntake(spoken, clock))
    return TradingWorld(feed, gateway, clock, title=_title(spoken.title, account))


def _paid_since(state: State, venue: str) -> int:
    """Payments since then may be untold: those of before an account opened are in its opening."""
    account = state.accounts.get(venue)
    return max(state.now - PAID_OVERLAP, account.opened_at if account else state.now)


def _booked(state: State, venue: str) -> Booked:
    """Positions of the books at a venue, and the fills that made the last of them."""
    positions = state.ledger.positions.items()
    held = {key: each.qty for key, each in positions if venue_of(key) == venue}
    fills = (note.fill for note in state.fills if venue_of(note.fill.key) == venue)
    listed = state.market.instruments
    known = {key: listed[key] for key in held if key in listed}
    return Booked(positions=held, fills=tuple(fills), instruments=known)


def _held(state: State, venue: str) -> tuple[str, ...]:
    positions = state.ledger.positions.items()
    return tuple(key for key, each in positions if each.qty != 0 and venue_of(key) == venue)


def _earlier(state: State, venue: str) -> tuple[Earlier, ...]:
    """Orders at a venue of before a restart that may still be open."""
    open_orders = (each for each in state.orders.values() if not done(each))
    return tuple(
        Earlier(each.intent, lives(each))
        for each in open_orders
        if venue_of(each.intent.key) == venue
    )


def _title(title: str, account: LiveAccount) -> str:
    network = " test network" if account.network is Network.TEST else ""
    where = f" at {account.address}" if account.address else ""
    return f"{title}{network} {account.label}{where}"
