"""Public market data of one exchange: connected, followed, lost and connected again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.model.messages import Listing
from terminal.venues.ccxt_exchange import Taps
from terminal.venues.clock_check import watch_clock
from terminal.venues.dialects.dialect import Dialect, Directory
from terminal.venues.feed_intake import FeedIntake
from terminal.venues.markets import Loaded
from terminal.venues.watchlist import Chain, Streams, hedges_of, quoted_of, streams_of

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 15.0
"""Wait before the next attempt, doubled after each that fails."""

ANSWER_S: Final = 10.0
"""Longest wait for a stream that was asked for to begin."""

SILENT_S: Final = 10.0
"""A connection that says nothing of markets for so long is dead, whatever pings say."""

INDEX_S: Final = 5.0
"""Longest wait for an index before option chains are chosen."""

OLD_LIST: Final = 30 * MINUTE
"""Age of a list of instruments that is told."""

BOOKS_EVERY_S: Final = 0.02
"""How often it is seen to that every book is there."""

KEPT_ERRORS: Final = 10
"""Errors about the frames of a book that was let go, at most, before they mean something."""

CHAIN_EVERY_S: Final = 5.0
"""How often the choice of options follows the price, and what is held."""

_UNREACHABLE: Final = frozenset({"ExchangeNotAvailable", "NetworkError", "RequestTimeout"})
"""ccxt's classes of a network that does not answer, by name: importing ccxt takes a second."""

Loader = Callable[[Taps, bool], Awaitable[Loaded]]
"""Loads the markets beside the loop; told whether what is on disk must not be used."""


class FeedTerms(Struct, frozen=True, kw_only=True):
    """What is followed."""

    chain: Chain = Chain()
    held: Callable[[], Collection[str]]  # keys that are followed in any case
    renew_s: float = 900.0  # how often the list of instruments is asked for anew


class LiveFeed:
    """Keeps one exchange's public streams coming into ``intake`` while ``run`` runs.

    Parameters
    ----------
    dialect : Dialect
    terms : FeedTerms
    load : Loader
    intake : FeedIntake
        Decodes what arrives and queues it.
    """

    def __init__(
        self, dialect: Dialect, terms: FeedTerms, load: Loader, intake: FeedIntake
    ) -> None:
        self.dialect = dialect
        self.intake = intake
        self._terms = terms
        self._load = load
        self._streams: Streams = streams_of(dialect.ccxt_id)
        self._loaded: Loaded | None = None
        self._followed: set[str] = set()
        self._hedges: tuple[str, ...] = ()  # whose books are there
        self._trouble = asyncio.Event()
        self._why = ""
        self._steady = False
        self._taps = Taps(
            frame=intake.on_frame,
            book=intake.on_book,
            gap=intake.on_gap,
            down=self._on_down,
            fault=intake.on_fault,
        )

    async def run(self) -> None:
        """Connect and deliver until cancelled; every loss is said and followed by an attempt."""
        pause = FIRST_PAUSE_S
        self.intake.link_down("connecting")
        try:
            while True:
                self._steady = False
                try:
                    await self._connected()
                except Exception as error:  # noqa: BLE001 - whatever failed: said, tried again
                    self.intake.link_down(f"{self._reason(error)}; trying again")
                if self._steady:
                    pause = FIRST_PAUSE_S
                await asyncio.sleep(pause)
                pause = min(2.0 * pause, LONGEST_PAUSE_S)
        finally:
            if self._loaded is not None:
                await self._loaded.exchange.close()

    async def _connected(self) -> None:
        """One connection from its making to its loss, which is always an error."""
        loaded = await self._equipped()
        self._trouble.clear()
        self._followed.clear()
        self._hedges = ()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch_over(), name="watchdog")
                await self._follow_hedges(group, hedges_of(loaded.directory))
                self.intake.link_up()
                self._steady = True
                group.create_task(self._renew(group), name="instruments")
                group.create_task(self._keep_books(loaded.exchange), name="books")
                group.create_task(
                    watch_clock(
                        loaded.exchange, self.dialect.venue, self.intake.clock, self.intake.say
                    ),
                    name="clock",
                )
                await self._await_index(loaded)
                while True:
                    await self._follow_chains(group)
                    await asyncio.sleep(CHAIN_EVERY_S)
        finally:
            self.intake.lost()
            await loaded.exchange.close_ws_clients()

    async def _equipped(self) -> Loaded:
        if self._loaded is None:
            self._loaded = await self._load(self._taps, False)
            self._list(self._loaded)
        return self._loaded

    def _list(self, loaded: Loaded) -> None:
        self.intake.know(loaded)
        age = self.intake.clock() - loaded.at
        if age > OLD_LIST:
            hours = age / HOUR
            self.intake.tell(f"instruments are those of {hours:.1f} h ago: no newer list came")
        if loaded.note:
            self.intake.tell(loaded.note)
        listed = tuple(loaded.directory.by_key.values())
        self.intake.say(Listing(self.dialect.venue, listed))

    async def _renew(self, group: asyncio.TaskGroup) -> None:
        """Ask at times what is listed; follow a perpetual that is new."""
        while True:
            await asyncio.sleep(self._terms.renew_s)
            try:
                fresh = await self._load(Taps(), True)
            except Exception as error:  # noqa: BLE001 - the list in use goes on to serve
                self.intake.on_fault(f"instruments could not be renewed: {_words(error)}")
                continue
            held = self._loaded
            if held is not None:
                held.exchange.set_markets_from_exchange(fresh.exchange)
                changed = fresh.directory.by_key != held.directory.by_key
                self._loaded = replace(fresh, exchange=held.exchange)
                if changed:
                    self._list(self._loaded)
                await self._follow_new(group, self._loaded.directory)

    # -- Streams ------------------------------------------------------------------------------

    async def _follow_new(self, group: asyncio.TaskGroup, known: Directory) -> None:
        """Follow perpetuals listed since; one that is refused is asked for with the next list."""
        listed = hedges_of(known)
        self._hedges = tuple(key for key in self._hedges if key in known.by_key)
        for key in listed:
            if key not in self._hedges:
                await self._sometime(self._follow_hedges(group, (key,)))

    async def _follow_hedges(self, group: asyncio.TaskGroup, keys: tuple[str, ...]) -> None:
        """Books, prices and trades of perpetuals; done when every book is there."""
        loaded = self._loaded
        if loaded is None:
            return
        symbols = [loaded.symbols[key] for key in keys]
        streams, exchange = self._streams, loaded.exchange
        async with asyncio.TaskGroup() as first:
            for name in streams.prices:
                first.create_task(_begun(getattr(exchange, name)(symbols), name))
            for name in (*streams.single, streams.book):
                for symbol in symbols:
                    first.create_task(_begun(getattr(exchange, name)(symbol), f"{name} {symbol}"))
        if streams.beside is not None:
            for stream in streams.beside(exchange, loaded.directory):
                group.create_task(self._sometime(stream))
        for symbol in symbols if streams.trades else ():
            group.create_task(self._sometime(getattr(exchange, streams.trades)(symbol)))
        self._hedges += keys

    async def _keep_books(self, exchange: Any) -> None:
        """Ask anew for a book that ccxt dropped: where it finds a hole itself, it only lets go."""
        while True:
            await asyncio.sleep(BOOKS_EVERY_S)
            for key in self._hedges:
                loaded = self._loaded
                if loaded is None or key not in loaded.symbols:  # no longer listed
                    continue
                symbol = loaded.symbols[key]
                if symbol not in exchange.orderbooks:
                    market = loaded.directory.by_key[key].contract.symbol
                    await _begun(self._mended(exchange, symbol, market), f"the book of {symbol}")

    async def _mended(self, exchange: Any, symbol: str, market: str) -> None:
        """Watch a book until it is there, and whenever it is lost again meanwhile say so.

        The first answers may be errors that ccxt had kept for the next caller.
        """
        watch = getattr(exchange, self._streams.book)
        for left in reversed(range(KEPT_ERRORS + 1)):
            if symbol not in exchange.orderbooks:
                self.intake.on_gap(market, "the book was dropped")
            try:
                await watch(symbol)
            except Exception:  # a spoilt frame raises anything; the last one goes on
                if not left:
                    raise
                await asyncio.sleep(BOOKS_EVERY_S)
            else:
                return

    async def _await_index(self, loaded: Loaded) -> None:
        coins = {each.contract.base for each in loaded.directory.by_key.values()}
        deadline = asyncio.get_running_loop().time() + INDEX_S
        while coins - self.intake.spots.keys():
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.05)

    async def _follow_chains(self, group: asyncio.TaskGroup) -> None:
        """Prices of futures and of options near the money, those not yet followed."""
        loaded, intake = self._loaded, self.intake
        if loaded is None:
            return
        wanted = quoted_of(
            loaded.directory, self._terms.chain, intake.spots, intake.clock(), self._terms.held()
        )
        fresh = [key for key in wanted if key not in self._followed]
        self._followed.update(fresh)
        symbols = [loaded.symbols[key] for key in fresh]
        for name in self._streams.option_prices:
            for part in _parts(symbols, self._streams.chunk):
                group.create_task(self._sometime(getattr(loaded.exchange, name)(part)))

    async def _sometime(self, stream: Any) -> None:
        """Ask for a stream that may have nothing to say for long; a lost link is told elsewhere."""
        try:
            await stream
        except Exception as error:  # noqa: BLE001 - one stream less is not a lost connection
            self.intake.on_fault(f"a stream was refused: {_words(error)}")

    def doubt(self, why: str) -> None:
        """Let the connection go, whatever it says of itself, and make another one."""
        self._on_down("", why)

    # -- Losses -------------------------------------------------------------------------------

    def _reason(self, error: BaseException) -> str:
        words = _words(error)
        unreachable = type(_first(error)).__name__ in _UNREACHABLE
        return f"{self.dialect.title} cannot be reached ({words})" if unreachable else words

    def _on_down(self, _url: str, why: str) -> None:
        """Told by the socket itself: say so at once, in order with what came before."""
        self._why = why
        self.intake.link_down(f"{why}; trying again")  # as the attempt that fails will say, once
        self._trouble.set()

    async def _watch_over(self) -> None:
        """Raise when the connection is lost, or silent."""
        while True:
            try:
                async with asyncio.timeout(1.0):  # wait_for could swallow a cancellation
                    await self._trouble.wait()
            except TimeoutError:
                silent = self.intake.silent_for()
                if silent > SILENT_S * SECOND:
                    raise VenueError(f"no market data for {silent / SECOND:.0f} s") from None
            else:
                raise VenueError(self._why)


async def _begun(stream: Any, name: str) -> None:
    """Wait for the first message of a stream; what follows is tapped."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await stream
    except TimeoutError:
        raise VenueError(f"{name} did not begin within {ANSWER_S:.0f} s") from None


def _parts(symbols: Sequence[str], size: int) -> list[list[str]]:
    return [list(symbols[at : at + size]) for at in range(0, len(symbols), size)]


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _words(error: BaseException) -> str:
    """One line about an error, the first of a group."""
    first = _first(error)
    text = " ".join(str(first).split())
    return (text or type(first).__name__)[:200]
