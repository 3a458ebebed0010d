"""What a live feed has said and nobody has taken yet: states conflated, happenings kept."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, TypeAlias

from terminal.core.units import MILLISECOND
from terminal.model.messages import ClockOffset, LinkDown, LinkUp, MarketEvent

FeedEvent: TypeAlias = MarketEvent | LinkUp | LinkDown | ClockOffset

NEVER: Final = 2**62
"""Time of the next event while nothing waits: a live feed does not end."""

_RELEASE_EVERY: Final = 50 * MILLISECOND


class EventQueue:
    """Events in order of reception.

    An event with a slot replaces the one of the same slot that still waits and goes to the end:
    of a quote only the newest matters. One without a slot is never dropped. With a ``spacing``
    a slot is given at most once in that time; what came meanwhile follows when it is over.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, tuple[int, FeedEvent]] = OrderedDict()
        self._held: dict[Hashable, tuple[int, int, FeedEvent]] = {}
        self._given: dict[Hashable, int] = {}
        self._number = 0
        self._last = 0
        self._released = 0

    def put(
        self, at: int, event: FeedEvent, *, slot: Hashable | None = None, spacing: int = 0
    ) -> None:
        """Take an event received at ``at`` (UtcNs)."""
        if slot is None:
            self._number += 1
            self._waiting[self._number] = (at, event)
            return
        if spacing:
            due = self._given.get(slot, -NEVER) + spacing
            if at < due:
                self._held[slot] = (due, at, event)
                return
            self._held.pop(slot, None)
            self._given[slot] = at
        self._waiting[slot] = (at, event)
        self._waiting.move_to_end(slot)

    def next_at(self, now: int) -> int:
        """Time of the next event, never earlier than of one given before; NEVER when none waits."""
        if self._held and now - self._released >= _RELEASE_EVERY:
            self._release(now)
        if not self._waiting:
            return NEVER
        at, _ = next(iter(self._waiting.values()))
        return max(at, self._last)

    def pop(self) -> tuple[int, FeedEvent]:
        """Take the next event; raises KeyError when none waits."""
        _, (at, event) = self._waiting.popitem(last=False)
        self._last = max(at, self._last)
        return self._last, event

    def __len__(self) -> int:
        return len(self._waiting)

    def _release(self, now: int) -> None:
        self._released = now
        for slot in [slot for slot, (due, _, _) in self._held.items() if due <= now]:
            _, at, event = self._held.pop(slot)
            self._given[slot] = now
            self._waiting[slot] = (at, event)
            self._waiting.move_to_end(slot)
