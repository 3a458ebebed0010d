"""What an account holds, read with a key that may only read."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from terminal.core.errors import ConfigError, VenueError
from terminal.core.secret import Secret
from terminal.model.account import Position
from terminal.model.keys import KeyEntry, StoredKey
from terminal.model.live import Network
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.pace import LiveClock
from terminal.runtime.paper import MarketLoader
from terminal.venues.ccxt_exchange import Connection, Taps, venue_errors
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.registry import dialect
from terminal.venues.gateway.catalogue import asks_of, wire_of
from terminal.venues.gateway.line import Line, Terms
from terminal.venues.gateway.reading import read_positions
from terminal.venues.gateway.wire import Dialled
from terminal.venues.key_checks import why_not_read_only
from terminal.venues.markets import MarketCache
from terminal.venues.plain_loop import run_plain
from terminal.venues.redaction import Redactor

COINS: Final = ("BTC", "ETH", "SOL")

Dial = Callable[[Taps], Dialled]


class VenueBooks:
    """Reads the positions of one account, anew at every call; nothing in it can send an order.

    Parameters
    ----------
    spoken : Dialect
    dial : callable
        Makes the instance of the venue, with a key.
    redactor : Redactor
        Takes the key out of what a venue says.
    """

    def __init__(self, spoken: Dialect, dial: Dial, redactor: Redactor) -> None:
        now = LiveClock()
        self._terms = Terms(
            dialect=spoken,
            asks=asks_of(spoken),
            dial=dial,
            redactor=redactor,
            now=now,
            clock=time.monotonic_ns,
            since=now(),
            paid_since=now(),
        )

    def __call__(self) -> tuple[Position, ...]:
        """Positions as the venue states them; raises VenueError, blocks."""
        line = Line(self._terms, lambda job: job.close())
        try:
            dialled = self._terms.dial(Taps())  # blocks by itself, so before the loop begins
        except venue_errors() as error:
            raise VenueError(line.scrubber.words_of(error)) from None
        line.wire, line.known, line.symbols = dialled.wire, dialled.known, dialled.symbols
        return run_plain(_positions(line))


async def _positions(line: Line) -> tuple[Position, ...]:
    try:
        return await read_positions(line)
    finally:
        await line.wire.close()


def watching(desk: KeyDesk, stored: StoredKey, folder: Path) -> VenueBooks:
    """Reader of an account whose key may only read.

    Parameters
    ----------
    desk : KeyDesk
    stored : StoredKey
    folder : Path
        Where lists of instruments are kept.

    Raises
    ------
    ConfigError
        The key may do more, or the exchange does not say that it may not.
    """
    account = stored.account
    spoken = dialect(account.venue)
    fields = run_plain(desk.read(stored))
    report = run_plain(desk.check(KeyEntry(account=account, fields=fields)))
    why = report.failure or why_not_read_only(report.rows)
    if why:
        raise ConfigError(f"{account.name} is no key for a guard: {why}")
    network = account.network is Network.TEST and not account.address
    connection = Connection(endpoint=account.address, test_network=network)
    cache = MarketCache(folder / "markets")
    loader = MarketLoader(spoken, connection, COINS, cache, LiveClock())
    return VenueBooks(spoken, _dialler(spoken, loader, fields), desk.redactor)


def _dialler(spoken: Dialect, loader: MarketLoader, fields: Mapping[str, Secret]) -> Dial:
    def dial(taps: Taps) -> Dialled:
        key = {name: secret.reveal() for name, secret in fields.items()}
        loaded = loader.with_key(taps, key)
        return Dialled(wire_of(spoken, loaded.exchange), loaded.directory, loaded.symbols)

    return dial
