"""Instants at which a venue pays by itself: funding, and the settlement of what expires."""

from collections.abc import Iterable
from typing import Final

from terminal.core.units import MINUTE
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.market import Funding

_LATE: Final = MINUTE
"""A funding heard longer after its stamp belongs to the past and is not paid again."""


class Stamps:
    """The next payment of every perpetual that has stated its funding."""

    def __init__(self) -> None:
        self._funding: dict[str, Funding] = {}
        self._paid: dict[str, int] = {}

    def hear(self, funding: Funding, at: int) -> None:
        """Note a rate for its stamp; the last one heard before the stamp is the one paid."""
        fresh = funding.next_at > self._paid.get(funding.key, 0)
        if fresh and funding.next_at >= at - _LATE:
            self._funding[funding.key] = funding

    def next_funding(self) -> int | None:
        """Earliest stamp not paid yet, UtcNs."""
        return min((each.next_at for each in self._funding.values()), default=None)

    def take_funding(self, at: int) -> list[Funding]:
        """Rates that are due at ``at``, by key; each is given once."""
        due = sorted(key for key, each in self._funding.items() if each.next_at <= at)
        for key in due:
            self._paid[key] = self._funding[key].next_at
        return [self._funding.pop(key) for key in due]


def first_expiry(held: Iterable[Instrument]) -> int | None:
    """Earliest expiry among instruments, UtcNs; None when none expires."""
    dates = (each.expiry for each in held if isinstance(each, Option | Future))
    return min(dates, default=None)
