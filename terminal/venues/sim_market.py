"""A market made from a seed: instruments, prices, quotes, depth, trades and funding."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from terminal.core.errors import ConfigError
from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.market import Bar, Funding, Index, OpenInterest
from terminal.model.messages import MarketEvent
from terminal.venues.sim_books import Line, book_events, grid, lines
from terminal.venues.sim_history import bars_before
from terminal.venues.sim_listing import FUNDING_INTERVAL, listing
from terminal.venues.sim_options import OptionBook, open_interest, option_book, option_quotes
from terminal.venues.sim_paths import (
    COINS,
    STEP,
    Factor,
    PathBlock,
    PathState,
    Push,
    Times,
    advance,
    opening,
)
from terminal.venues.stamps import first_expiry

BLOCK: Final = 10 * SECOND
"""Market time that is made at once. Blocks end on whole multiples, so expiries start one."""

DEFAULT_SPOTS: Final[Mapping[str, float]] = {"BTC": 85_000.0, "ETH": 2_900.0, "SOL": 140.0}
_PATH_STREAM, _BOOK_STREAM, _HISTORY_STREAM = 0, 1, 2
_ROLL_DELAY: Final = SECOND
"""A new listing comes this long after an expiry, when the venue has settled what expired."""


class SimMarket:
    """Market events of venue ``sim`` in time order, without end.

    The events of a block are functions of the seed, the start, the block's number and the state
    the block before it ended in; how often a caller looks changes nothing.

    Parameters
    ----------
    seed : int
        Chooses everything that chance decides.
    start_at : int
        UtcNs of the first event.
    spots : mapping of str to float, optional
        Index price of every coin at the start, USD; the default prices where None.
    held : sequence of Instrument
        Listed until they expire even if a chain of today would not contain them.

    Raises
    ------
    ConfigError
        A price is missing or not positive.
    """

    def __init__(
        self,
        *,
        seed: int,
        start_at: int,
        spots: Mapping[str, float] | None = None,
        held: Sequence[Instrument] = (),
    ) -> None:
        self.spots = dict(DEFAULT_SPOTS if spots is None else spots)
        for coin in COINS:
            if not 0.0 < self.spots.get(coin, 0.0) < float("inf"):
                raise ConfigError(f"the simulation needs a positive start price of {coin}, USD")
        self._entropy = (seed & 0xFFFF_FFFF_FFFF_FFFF, start_at)
        self._start_at = start_at
        self.listing = listing(start_at, self.spots, held=held)
        self._begin, self._end = start_at, start_at - start_at % BLOCK + BLOCK
        self._lines: tuple[Line, ...] = ()
        self._options: tuple[OptionBook, ...] = ()
        self._lay_out()
        self._pushes: list[Push] = []
        self._number = 0
        self._state: PathState = opening([self.spots[coin] for coin in COINS])
        self._listed_at: int | None = start_at  # when the listing is said in this block
        self._times: list[int] = []
        self._events: list[MarketEvent] = []
        self._cursor = 0
        self._block: PathBlock = self._make()

    def next_at(self) -> int:
        """Engine time of the next event, UtcNs."""
        return self._times[self._cursor]

    def pop(self) -> tuple[int, MarketEvent]:
        """Take the next event with its engine time."""
        taken = self._times[self._cursor], self._events[self._cursor]
        self._cursor += 1
        while self._cursor == len(self._times):
            self._next_block()
        return taken

    def jump(self, underlying: str, move: float, at: int) -> None:
        """Move the index of a coin (all coins where empty) by a fraction right after ``at``.

        The block in hand is made again from the same draws: its schedule stays, its prices after
        ``at`` change. What was taken already is not touched.

        Raises
        ------
        ConfigError
            The coin is not simulated, or the move takes its price to zero or beyond.
        """
        if underlying and underlying not in COINS:
            raise ConfigError(f"{underlying} is not simulated: jump one of {', '.join(COINS)}")
        if not -1.0 < move < float("inf"):
            raise ConfigError(f"a jump of {move:+.0%} leaves no price: it must be above -100 %")
        moved = [place for place, coin in enumerate(COINS) if underlying in ("", coin)]
        self._pushes.extend(Push(at, coin, move) for coin in moved)
        self._block = self._make()

    def history(self, hours: float, span: int = MINUTE) -> list[tuple[int, Bar]]:
        """Bars of the perpetuals before the start, the last one closing at the opening price.

        Parameters
        ----------
        hours : float
            Length, >= 0; whole bars only.
        span : int
            Length of a bar, ns.

        Returns
        -------
        list of (int, Bar)
            Stamped at their closes, the last at the start; ascending.
        """
        rng = self._rng(_HISTORY_STREAM)
        state = opening([self.spots[coin] for coin in COINS])
        chosen = [line for line in self._lines if not line.expiry]
        shape = round(hours * HOUR / span), span
        return bars_before(chosen, state, self._start_at, shape, rng)

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng((*self._entropy, stream, self._number))

    def _lay_out(self) -> None:
        """Arrange what is quoted: everything listed that has not expired."""
        instruments = [
            each
            for each in self.listing.instruments
            if not isinstance(each, Option | Future) or each.expiry > self._begin
        ]
        self._lines = lines(instruments)
        self._options = tuple(option_book(coin, instruments) for coin in COINS)

    def _next_block(self) -> None:
        self._state = self._block.last
        self._begin, self._end = self._end, self._end + BLOCK
        self._number += 1
        self._cursor = 0
        self._pushes = [push for push in self._pushes if push.at >= self._begin]
        self._listed_at = None
        self._roll()
        self._block = self._make()

    def _roll(self) -> None:
        """List anew when something has expired."""
        first = first_expiry(self.listing.instruments)
        if first is None or first > self._begin:
            return
        prices = np.exp(self._state.log_price).tolist()
        spots = dict(zip(COINS, prices, strict=True))
        self.listing = listing(self._begin, spots, listed=self.listing.instruments)
        self._listed_at = self._begin + _ROLL_DELAY
        self._lay_out()

    def _make(self) -> PathBlock:
        """Make the events of the block in hand."""
        first = self._number == 0
        block = advance(
            self._state, self._begin, self._end, self._rng(_PATH_STREAM), self._pushes
        )
        rng = self._rng(_BOOK_STREAM)
        parts: list[tuple[Times, list[MarketEvent]]] = [self._listings()]
        parts.extend(_indices(block, coin) for coin in range(len(COINS)))
        parts.extend(book_events(line, block, rng, first=first) for line in self._lines)
        parts.extend(
            option_quotes(book, block, rng, listed_at=self._listed_at) for book in self._options
        )
        parts.extend(_funding(line, block, first=first) for line in self._lines if not line.expiry)
        times = np.concatenate([part[0] for part in parts])
        events = [event for part in parts for event in part[1]]
        order = np.argsort(times, kind="stable")
        self._times = times[order].tolist()
        self._events = [events[place] for place in order.tolist()]
        return block

    def _listings(self) -> tuple[Times, list[MarketEvent]]:
        if self._listed_at is None:
            return np.empty(0, dtype=np.int64), []
        told: list[MarketEvent] = [
            OpenInterest(each.contract.key, open_interest(each, self.spots[each.contract.base]))
            for each in self.listing.instruments
            if isinstance(each, Option) and each.expiry > self._listed_at
        ]
        return np.full(len(told) + 1, self._listed_at, dtype=np.int64), [self.listing, *told]


def _indices(block: PathBlock, coin: int) -> tuple[Times, list[MarketEvent]]:
    rows = block.log_price.shape[0] - 1
    times = block.start + STEP * np.arange(rows, dtype=np.int64)
    prices = np.round(np.exp(block.log_price[:-1, coin]), 4).tolist()
    return times, [Index(COINS[coin], price) for price in prices]


def _funding(line: Line, block: PathBlock, *, first: bool) -> tuple[Times, list[MarketEvent]]:
    """State the rate each minute: the smoothed premium, paid at whole intervals."""
    times = grid(block, MINUTE, 0, first=first)
    rates = np.round(block.factor(Factor.PREMIUM, line.coin, times), 8).tolist()
    return times, [
        Funding(line.key, rate, FUNDING_INTERVAL, at - at % FUNDING_INTERVAL + FUNDING_INTERVAL)
        for at, rate in zip(times.tolist(), rates, strict=True)
    ]
