"""A run that trades: the account it is for, its key, and the world it is set in."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.engine.state import State
from terminal.execution.orders import done, lives
from terminal.model.keys import StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.pace import LiveClock
from terminal.runtime.paper import MarketLoader
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.registry import dialect
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.gateway.catalogue import asks_of, wire_of
from terminal.venues.gateway.gateway import Earlier, Gateway
from terminal.venues.gateway.line import Terms
from terminal.venues.gateway.reading import OVERLAP
from terminal.venues.gateway.wire import Dialled
from terminal.venues.live_feed import FeedTerms, LiveFeed
from terminal.venues.markets import MarketCache
from terminal.venues.redaction import Redactor
from terminal.venues.trading_world import TradingWorld


class AccountKeys(Protocol):
    """Where keys come from."""

    @property
    def redactor(self) -> Redactor:
        """Takes every key that was read out of text."""
        ...

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        """Key of an account, by ccxt's names; in a worker thread, for a person may be asked."""
        ...


class DeskKeys(Struct, frozen=True):
    """Keys of this machine's keychain."""

    desk: KeyDesk

    @property
    def redactor(self) -> Redactor:
        """Takes every key that was read out of text."""
        return self.desk.redactor

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        """Key of an account; it leaves the keychain here and goes to ccxt alone."""
        stored = self.desk.account(account.venue, account.network, account.label)
        found = asyncio.run(self.desk.read(stored))
        return {name: secret.reveal() for name, secret in found.items()}


def chosen_account(accounts: tuple[StoredKey, ...], live: LiveData, label: str) -> LiveAccount:
    """Account that a live run is for.

    Parameters
    ----------
    accounts : tuple of StoredKey
        Accounts with a key.
    live : LiveData
        Names the venue and the network.
    label : str
        Of the account; empty where there is only one.

    Raises
    ------
    ConfigError
        The venue cannot be traded on, there is no such account, or there are several.
    """
    spoken = dialect(live.venue)
    asks_of(spoken)
    network = Network.TEST if live.test_network else Network.MAIN
    found = [
        each.account
        for each in accounts
        if (each.account.venue, each.account.network) == (spoken.venue, network)
        and label in ("", each.account.label)
    ]
    if not found:
        named = f" called {label!r}" if label else ""
        raise ConfigError(
            f"there is no key for {spoken.title} ({network.value} network){named}:"
            f" run python -m terminal keys add {spoken.venue}"
        )
    if len(found) > 1:
        labels = ", ".join(each.label for each in found)
        raise ConfigError(f"there are several accounts at {spoken.title}: name one ({labels})")
    account = found[0]
    if live.endpoint and live.endpoint != account.address:
        raise ConfigError(
            f"the key of {account.name} is for {account.address or 'the venue itself'}, not for"
            f" {live.endpoint}: keys never go to another address than they were given for"
        )
    return account


def live_data(live: LiveData, account: LiveAccount) -> LiveData:
    """Where the data of an account's run come from: from where its orders go."""
    network = account.network is Network.TEST and not account.address
    return replace(live, venue=account.venue, endpoint=account.address, test_network=network)


def journal_folder(account: LiveAccount) -> str:
    """Name of the journals of an account: one, however the run was started."""
    return f"live-{account.name.replace('/', '-')}".replace(" ", "_")


def live_world(
    settings: Settings, state: State, directory: Path, keys: AccountKeys
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
        return Dialled(wire_of(spoken, loaded.exchange), loaded.directory)

    terms = Terms(
        dialect=spoken,
        asks=asks_of(spoken),
        dial=dial,
        redactor=keys.redactor,
        now=clock,
        clock=time.monotonic_ns,
        since=state.now - OVERLAP if state.run else clock(),
    )
    gateway = Gateway(terms, _earlier(state))
    feed_terms = FeedTerms(held=lambda: (*_held(state), *gateway.held()))
    feed = LiveFeed(spoken, feed_terms, loader, FeedIntake(spoken, clock))
    return TradingWorld(feed, gateway, clock, title=_title(spoken.title, account))


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
