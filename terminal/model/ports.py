"""Borders to the outside: each is a protocol here and an implementation above."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias, runtime_checkable

from terminal.model.account import OpenOrder
from terminal.model.messages import Disturb, Event, Record
from terminal.model.order import OrderIntent
from terminal.model.reconcile import Changes

LastHop: TypeAlias = Callable[[OrderIntent], str]
"""Why an order must not leave, asked when nothing stands between it and the wire but the answer;
empty lets it go."""


def lets_all_go(intent: OrderIntent) -> str:
    """Bar nothing: the last hop of a run that nobody can stop from outside, a backtest."""
    del intent
    return ""


class Journal(Protocol):
    """Records in one order, durable when asked."""

    def append(self, record: Record) -> None:
        """Take a record; it is durable only after the next ``sync``."""
        ...

    def sync(self) -> None:
        """Return when everything taken is on disk; raises JournalError otherwise."""
        ...

    def read(self, after: int = 0) -> Iterator[Record]:
        """Records with a higher number than ``after``, in order."""
        ...


class Venue(Protocol):
    """A place to trade. Outcomes never come back from a call: they arrive as events."""

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order at engine time ``at``."""
        ...

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel."""
        ...

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order; the answer is an OrderUpdate (and Fills not yet told)."""
        ...

    def ask_account(self, venue: str, at: int) -> None:
        """Ask for the account; the answer is an AccountSnapshot with ``at`` in ``asked_at``.

        A venue that cannot answer says nothing: the age of its last word then tells.
        """
        ...

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Ask for a cancel of an order that is not ours, by the venue's own name of it."""
        ...

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Hear what a person took over into the books: it explains positions from here on."""
        ...


class World(Venue, Protocol):
    """A market and a venue under one clock of their own: simulated, or a tape.

    Events come one by one in time order, so that an order sent in answer to one event can change
    the very next; what happens does not depend on how often the caller looks.
    """

    title: str

    def next_at(self) -> int | None:
        """Engine time of the next event; None at the end of the tape."""
        ...

    def pop(self) -> tuple[int, Event]:
        """Take the next event with its engine time."""
        ...

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told from ``at`` on."""
        ...

    def progress(self) -> float | None:
        """Part of the tape that has been played, 0..1; None for an endless market."""
        ...


class BarredWorld(World, Protocol):
    """A world that asks before it lets an order out."""

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on; cancels and questions are never asked about."""
        ...


@runtime_checkable
class LiveWorld(World, Protocol):
    """A world whose time is the time of day: its events arrive while ``run`` runs."""

    def clock(self) -> int:
        """Engine time now, UtcNs; never goes back."""
        ...

    def doubt(self, why: str) -> None:
        """Take every connection for lost and make it anew: this process stood still."""
        ...

    async def run(self) -> None:
        """Keep what feeds the world connected until cancelled; losses are told as events."""
        ...

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on, a line each, what of the feed could not be used."""
        ...
