"""Whose request goes next: cancels before orders before reads, within the venue's rate limit."""

import asyncio
import heapq
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import SECOND


class Priority(IntEnum):
    """Kind of a request, the most urgent first."""

    CANCEL = 0
    ORDER = 1
    READ = 2


class Budget(Struct, frozen=True):
    """Weight of requests that a venue allows, and how much of it is kept for what is urgent.

    An order weighs one. ``for_cancels`` of a full bucket is left to cancels alone, and
    ``for_orders`` more is left to cancels and orders: reading can never starve trading, nor
    trading a cancel.
    """

    per_second: float
    burst: float
    for_cancels: float
    for_orders: float


class Bucket(Struct, frozen=True):
    """What is left of a budget at ``at`` (ns); nothing leaves before ``shut_until`` (ns)."""

    budget: Budget
    level: float
    at: int
    shut_until: int = 0


NO_WAIT: Final = 0


def full(budget: Budget, now: int) -> Bucket:
    """Bucket that nothing was taken from yet."""
    return Bucket(budget, budget.burst, now)


def floor_of(budget: Budget, priority: Priority) -> float:
    """Level below which a request of this kind must not push the bucket."""
    kept = 0.0
    if priority > Priority.CANCEL:
        kept += budget.for_cancels
    if priority > Priority.ORDER:
        kept += budget.for_orders
    return kept


def refilled(bucket: Bucket, now: int) -> Bucket:
    """Bucket at ``now``; time that runs backwards adds nothing."""
    gained = max(now - bucket.at, 0) / SECOND * bucket.budget.per_second
    level = min(bucket.level + gained, bucket.budget.burst)
    return replace(bucket, level=level, at=max(now, bucket.at))


def wait(bucket: Bucket, priority: Priority, now: int, weight: float = 1.0) -> int:
    """Nanoseconds until one request of this kind may leave; 0 for at once.

    One that weighs more than can ever be there leaves when the bucket is full.
    """
    shut = max(bucket.shut_until - now, 0)
    needed = min(floor_of(bucket.budget, priority) + weight, bucket.budget.burst)
    missing = needed - refilled(bucket, now).level
    if missing <= 1e-9:  # a refill may fall short of a whole request by rounding alone
        return shut
    return max(shut, int(missing / bucket.budget.per_second * SECOND) + 1)


def taken(bucket: Bucket, now: int, weight: float = 1.0) -> Bucket:
    """Bucket after one request left at ``now``."""
    fresh = refilled(bucket, now)
    return replace(fresh, level=fresh.level - weight)


def shut(bucket: Bucket, until: int) -> Bucket:
    """Bucket that the venue has closed until ``until`` (ns); a longer ban stands."""
    return replace(bucket, shut_until=max(bucket.shut_until, until))


class Turnstile:
    """Lets requests out one by one, the most urgent first, first come first served among equals.

    Parameters
    ----------
    budget : Budget
    clock : callable
        Monotonic time, ns.
    """

    def __init__(self, budget: Budget, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._bucket = full(budget, clock())
        self._waiting: list[tuple[Priority, int, float, asyncio.Future[None]]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    async def enter(
        self, priority: Priority, patience_s: float | None = None, weight: float = 1.0
    ) -> bool:
        """Return when one request of this kind may leave, or False when patience ran out first.

        Cancellation gives up the place in the queue, as impatience does.
        """
        now = self._clock()
        if not self._ahead(priority) and wait(self._bucket, priority, now, weight) == NO_WAIT:
            self._bucket = taken(self._bucket, now, weight)
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (priority, self._count, weight, turn))
        self._let_out()
        try:
            async with asyncio.timeout(patience_s):  # wait_for could swallow a cancellation
                await turn
        except TimeoutError:
            return False
        return True

    def charge(self, weight: float) -> None:
        """Count what a request turned out to weigh beside what it entered with."""
        self._bucket = taken(self._bucket, self._clock(), weight)

    def shut(self, span: int) -> None:
        """Let nothing out for ``span`` ns: the venue said so."""
        self._bucket = shut(self._bucket, self._clock() + span)

    def shut_for(self) -> int:
        """Nanoseconds that the venue still keeps us out; 0 when it does not."""
        return max(self._bucket.shut_until - self._clock(), 0)

    def _ahead(self, priority: Priority) -> bool:
        """Whether somebody waits whose turn comes before a newcomer of this kind."""
        self._drop_gone()
        return bool(self._waiting) and self._waiting[0][0] <= priority

    def _drop_gone(self) -> None:
        while self._waiting and self._waiting[0][3].done():
            heapq.heappop(self._waiting)

    def _let_out(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._drop_gone()
        while self._waiting:
            now = self._clock()
            priority, _, weight, turn = self._waiting[0]
            left = wait(self._bucket, priority, now, weight)
            if left:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(left / SECOND, self._let_out)
                return
            self._bucket = taken(self._bucket, now, weight)
            turn.set_result(None)
            self._drop_gone()
