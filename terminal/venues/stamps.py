"""Instants at which a venue pays by itself: funding, and the settlement of what expires."""

from collections.abc import Iterable
from typing import Final

from terminal.core.units import MINUTE
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.market import Funding

_LATE: Final = MINUTE
"""A funding heard longer after its stamp belongs to the past and is not paid again."""


class Stamps:
    """Payments of perpetuals to come, by instrument and stamp."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, int], Funding] = {}
        self._paid: dict[str, int] = {}

    def hear(self, funding: Funding, at: int) -> None:
        """Note a rate for its stamp; the last one heard before the stamp is the one paid.

        Only what is still to come is replaced: the rate of the next interval, heard at the very
        instant of a stamp, leaves that stamp to be paid.
        """
        key = funding.key
        ahead = [each for each in self._due if each[0] == key and each[1] > at]
        for each in ahead:
            del self._due[each]
        if funding.next_at > self._paid.get(key, 0) and funding.next_at >= at - _LATE:
            self._due[key, funding.next_at] = funding

    def next_funding(self) -> int | None:
        """Earliest stamp not paid yet, UtcNs."""
        return min((stamp for _, stamp in self._due), default=None)

    def take_funding(self, at: int) -> list[Funding]:
        """Rates that are due at ``at``, by key; each is given once."""
        due = sorted(each for each in self._due if each[1] <= at)
        self._paid.update(due)
        return [self._due.pop(each) for each in due]


def first_expiry(held: Iterable[Instrument]) -> int | None:
    """Earliest expiry among instruments, UtcNs; None when none expires."""
    dates = (each.expiry for each in held if isinstance(each, Option | Future))
    return min(dates, default=None)
