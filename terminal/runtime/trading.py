"""The world of a run that trades. Nothing but such a run imports what can send an order."""

import time
from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.core.fault_points import Fault, no_fault
from terminal.engine.state import State
from terminal.execution.orders import done, lives
from terminal.model.live import LiveAccount, Network
from terminal.runtime.live import AccountKeys
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
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import MarketCache
from terminal.venues.trading_world import TradingWorld


def live_world(
    settings: Settings,
    state: State,
    directory: Path,
    keys: AccountKeys,
    strike: Fault = no_fault,
) -> TradingWorld:
    """Public data and the account of the run, nothing connected yet.

    Raises
    ------
    ConfigError
        The run has not exactly one account, or its venue cannot be traded on.
    """
    if len(settings.accounts) != 1:
        raise ConfigError("a live run is for one account: start it with the key of one")
    account, live = settings.accounts[0], settings.live
    spoken = dialect(account.venue)
    connection = Connection(endpoint=live.endpoint, test_network=live.test_network)
    clock = LiveClock(state.now)
    cache = MarketCache(directory / "markets")
    loader = MarketLoader(spoken, connection, live.underlyings, cache, clock)

    def dial(taps: Taps) -> Dialled:
        loaded = loader.with_key(taps, keys.read(account))
        return Dialled(wire_of(spoken, loaded.exchange), loaded.directory, loaded.symbols)

    terms = Terms(
        dialect=spoken,
        asks=asks_of(spoken),
        dial=dial,
        redactor=keys.redactor,
        now=clock,
        clock=time.monotonic_ns,
        since=state.now - OVERLAP if state.run else clock(),
        paid_since=_paid_since(state, spoken.venue) if state.run else clock(),
        booked=_booked(state) if state.run else None,
        fault=strike,
    )
    gateway = Gateway(terms, _earlier(state))
    feed_terms = FeedTerms(held=lambda: (*_held(state), *gateway.held()))
    feed = LiveFeed(spoken, feed_terms, loader, FeedIntake(spoken, clock))
    return TradingWorld(feed, gateway, clock, title=_title(spoken.title, account))


def _paid_since(state: State, venue: str) -> int:
    """Payments since then may be untold: those of before an account opened are in its opening."""
    account = state.accounts.get(venue)
    return max(state.now - PAID_OVERLAP, account.opened_at if account else state.now)


def _booked(state: State) -> Booked:
    """Positions of the books, and the fills that made the last of them."""
    held = {key: each.qty for key, each in state.ledger.positions.items()}
    return Booked(positions=held, fills=tuple(note.fill for note in state.fills))


def _held(state: State) -> tuple[str, ...]:
    return tuple(key for key, each in state.ledger.positions.items() if each.qty != 0)


def _earlier(state: State) -> tuple[Earlier, ...]:
    """Orders of before a restart that may still be open."""
    open_orders = (each for each in state.orders.values() if not done(each))
    return tuple(Earlier(each.intent, lives(each)) for each in open_orders)


def _title(title: str, account: LiveAccount) -> str:
    network = " test network" if account.network is Network.TEST else ""
    where = f" at {account.address}" if account.address else ""
    return f"{title}{network} {account.label}{where}"
