"""An order book rebuilt from a snapshot and the numbered changes after it."""

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

from terminal.model.market import Depth

LEVELS = 10
_KEPT = 5_000  # changes kept while the snapshot is awaited: far more than its request takes

Level = tuple[float, float]


class Change(Struct, frozen=True, gc=False):
    """Levels that changed between update numbers ``first`` and ``final``; size 0 removes one.

    ``previous`` is the number of the change before; None where the venue does not send it.
    """

    first: int
    final: int
    previous: int | None
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Book:
    """Bids and asks of one instrument, or nothing while they cannot be known.

    Notes
    -----
    Binance's rules for a local book: changes that end at or before the snapshot are dropped, the
    first one taken must contain it, and from then on each must follow the one before (``pu`` =
    last ``u`` on futures, ``U`` = last ``u`` + 1 on spot).
    """

    def __init__(self) -> None:
        self._bids: dict[float, float] = {}
        self._asks: dict[float, float] = {}
        self._last: int | None = None
        self._synced = False
        self._pending: deque[Change] = deque(maxlen=_KEPT)

    @property
    def ready(self) -> bool:
        """Whether the book is known."""
        return self._last is not None

    def start(self, number: int, bids: Iterable[Level], asks: Iterable[Level]) -> str:
        """Take a snapshot, then the changes that came before it was answered.

        Returns
        -------
        str
            Why the book cannot be built, or empty.
        """
        if self._last is not None and number < self._last:
            return ""  # an answer older than what is already known
        self._bids, self._asks = dict(bids), dict(asks)
        self._last, self._synced = number, False
        waiting = list(self._pending)
        self._pending.clear()
        for change in waiting:
            if broken := self.take(change):
                return broken
        return ""

    def take(self, change: Change) -> str:
        """Apply a change; kept for later while no snapshot has come.

        Returns
        -------
        str
            Why the book had to be dropped, or empty.
        """
        if self._last is None:
            self._pending.append(change)
            return ""
        if not self._synced and change.final <= self._last:
            return ""
        if not self._follows(change):
            broken = f"update {change.first} does not follow update {self._last}"
            self.drop()
            self._pending.append(change)
            return broken
        self._last, self._synced = change.final, True
        _apply(self._bids, change.bids)
        _apply(self._asks, change.asks)
        return ""

    def _follows(self, change: Change) -> bool:
        last = self._last or 0
        if not self._synced:
            return change.first <= last + 1 or change.previous == last
        return change.previous == last if change.previous is not None else change.first == last + 1

    def drop(self) -> None:
        """Forget the book until the next snapshot."""
        self._bids, self._asks = {}, {}
        self._last, self._synced = None, False
        self._pending.clear()

    def top(self) -> tuple[Level | None, Level | None]:
        """Best bid and best ask with their sizes; None where a side is empty."""
        bid = max(self._bids, default=None)
        ask = min(self._asks, default=None)
        return (
            None if bid is None else (bid, self._bids[bid]),
            None if ask is None else (ask, self._asks[ask]),
        )

    def depth(self, key: str) -> Depth:
        """Snapshot of the best levels."""
        bids = sorted(self._bids, reverse=True)[:LEVELS]  # faster than heapq on 1,000 levels
        asks = sorted(self._asks)[:LEVELS]
        return Depth(
            key,
            tuple([(price, self._bids[price]) for price in bids]),
            tuple([(price, self._asks[price]) for price in asks]),
        )


def _apply(side: dict[float, float], levels: Iterable[Level]) -> None:
    for price, size in levels:
        if size == 0.0:
            side.pop(price, None)
        else:
            side[price] = size
