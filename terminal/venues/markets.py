"""Instruments of an exchange: fetched by a throw-away instance in a worker thread, kept on disk."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.model.instrument import Instrument
from terminal.venues.ccxt_exchange import Connection, Taps, guarded, venue_errors
from terminal.venues.dialects import raw
from terminal.venues.dialects.dialect import Dialect, Directory
from terminal.venues.plain_loop import run_plain

CACHE_VERSION: Final = 3
_END: Final[Mapping[str, Any]] = {}
_market: Final = msgspec.json.Decoder(dict[str, Any])


class Fetched(Struct, frozen=True, kw_only=True):
    """ccxt's markets of some underlyings, and when the exchange said so."""

    version: int
    venue: str
    endpoint: str
    underlyings: tuple[str, ...]
    at: int  # UtcNs
    markets: tuple[dict[str, Any], ...]
    note: str = ""  # what the exchange did not tell, for the screen


class Loaded(Struct, frozen=True, kw_only=True):
    """An exchange that knows its markets, and what they are to us."""

    exchange: Any  # guarded, not connected
    directory: Directory
    symbols: Mapping[str, str]  # our key -> ccxt's symbol
    at: int  # UtcNs of the list
    skipped: int  # markets that are not ours to trade or could not be read
    note: str = ""  # what the exchange did not tell, for the screen


def fetch_markets(
    dialect: Dialect, connection: Connection, underlyings: Sequence[str], at: int
) -> Fetched:
    """Ask the exchange what it lists. Blocks for seconds: call it in a worker thread.

    Raises
    ------
    Exception
        ccxt's, where the exchange cannot be reached or answers nonsense.
    """

    async def ask() -> tuple[list[dict[str, Any]], str]:
        exchange = guarded(dialect, Taps(), connection)
        exchange.timeout_on_exit = 0  # its loop ends with it
        try:
            found = list((await exchange.load_markets()).values())
            return found, await _complete(exchange, dialect, found)
        finally:
            await exchange.close()

    wanted = frozenset(underlyings)
    listed, note = run_plain(ask())
    return Fetched(
        version=CACHE_VERSION,
        venue=dialect.venue,
        endpoint=connection.endpoint,
        underlyings=tuple(underlyings),
        at=at,
        markets=tuple(
            each
            for each in listed
            if each.get("base") in wanted and each.get("active") is not False
        ),
        note=note,
    )


async def _complete(exchange: Any, dialect: Dialect, markets: Sequence[dict[str, Any]]) -> str:
    """Add to the exchange's own rows what it tells in a second list; what to say without one."""
    beside = dialect.terms_beside
    if beside is None:
        return ""
    untold: tuple[type[Exception], ...] = (DataError, *venue_errors())
    try:
        rows = raw.rows({beside.method: await getattr(exchange, beside.method)()}, beside.method)
    except untold as error:
        why = type(error).__name__
        return f"{dialect.title} gave no {beside.field} ({why}): {beside.otherwise}"
    told = {str(row.get(beside.name)): row[beside.field] for row in rows if beside.field in row}
    for market in markets:
        if market["id"] in told:
            market["info"] = market["info"] | {beside.field: told[market["id"]]}
    return ""


def equip(
    dialect: Dialect,
    taps: Taps,
    connection: Connection,
    fetched: Fetched,
    *,
    credentials: Mapping[str, str] | None = None,
) -> Loaded:
    """Make the exchange that will be connected, and our terms of its markets.

    Heavy for thousands of markets, hence for a worker thread too. Only an instance that trades is
    given ``credentials``, a key by ccxt's names.

    Raises
    ------
    DataError
        Nothing that the exchange lists can be used.
    """
    exchange = guarded(dialect, taps, connection, credentials=credentials)
    exchange.set_markets(list(fetched.markets))
    by_key: dict[str, Instrument] = {}
    by_symbol: dict[str, Instrument] = {}
    symbols: dict[str, str] = {}
    skipped = 0
    for market in exchange.markets.values():
        try:
            instrument = dialect.decoder.instrument(market)
        except DataError:
            instrument = None
        if instrument is None:
            skipped += 1
            continue
        contract = instrument.contract
        by_key[contract.key] = by_symbol[contract.symbol] = instrument
        symbols[contract.key] = str(market["symbol"])
    if not by_key:
        coins = ", ".join(fetched.underlyings)
        raise DataError(f"{dialect.title} lists nothing on {coins}: choose other underlyings")
    return Loaded(
        exchange=exchange,
        directory=Directory(by_key, by_symbol),
        symbols=symbols,
        at=fetched.at,
        skipped=skipped,
        note=fetched.note,
    )


class MarketCache:
    """The last list of each venue and address, in files of the data directory.

    A line for each market: to write thousands in one piece would hold up every other thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(
        self, dialect: Dialect, connection: Connection, underlyings: Sequence[str]
    ) -> Fetched | None:
        """Return what was kept of just these underlyings; None where nothing fits."""
        try:
            with self._path(dialect, connection).open("rb") as lines:
                head = msgspec.json.decode(next(lines, b""), type=Fetched)
                *markets, end = map(_market.decode, lines)
        except (OSError, ValueError):  # msgspec's errors among them, and no line at all
            return None  # it is a copy of what the exchange says anew
        if end:  # cut short
            return None
        found = replace(head, markets=tuple(markets))
        fits = found.version == CACHE_VERSION and found.underlyings == tuple(underlyings)
        same = (found.venue, found.endpoint) == (dialect.venue, connection.endpoint)
        return found if fits and same else None

    def write(self, dialect: Dialect, connection: Connection, fetched: Fetched) -> None:
        """Keep a list; without room on the disk it is not kept."""
        path = self._path(dialect, connection)
        beside = path.with_suffix(".new")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with beside.open("wb") as file:
                for part in (replace(fetched, markets=()), *fetched.markets, _END):
                    file.write(msgspec.json.encode(part) + b"\n")
            beside.replace(path)

    def _path(self, dialect: Dialect, connection: Connection) -> Path:
        where = f"{connection.endpoint}|{connection.test_network}"
        digest = hashlib.sha256(where.encode()).hexdigest()[:8]
        return self._folder / f"markets-{dialect.venue}-{digest}.json"
