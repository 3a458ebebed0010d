"""A tape of market events with a simulated venue beside it."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from terminal.core.errors import ConfigError, DataError
from terminal.model.account import Balance, Position
from terminal.model.messages import Disturb, DisturbanceKind, Event, LinkUp, MarketEvent
from terminal.venues.merged_world import MergedWorld
from terminal.venues.simulated import SimulatedVenue, VenueTerms


class TapeTerms(Struct, frozen=True, kw_only=True):
    """What a tape is called, how long it is, and what the account holds when it begins.

    ``before`` (Listing, AssumedVol and the like) is given at the time of the first event, ahead
    of the AccountSnapshot.
    """

    title: str
    total: int  # market events on the tape; 0: not known
    positions: tuple[Position, ...] = ()
    balances: tuple[Balance, ...] = ()
    before: tuple[MarketEvent, ...] = ()


class TapeReader:
    """Market events off an iterator, one read ahead.

    Parameters
    ----------
    tape : iterable of (int, MarketEvent)
        Engine time and event, in time order.

    Raises
    ------
    DataError
        An event is earlier than the one before it; names its number.
    """

    def __init__(self, tape: Iterable[tuple[int, MarketEvent]]) -> None:
        self._tape = iter(tape)
        self.read = 0
        self._head = next(self._tape, None)

    def next_at(self) -> int | None:
        """Engine time of the next event; None at the end."""
        return self._head[0] if self._head else None

    def pop(self) -> tuple[int, MarketEvent]:
        """Take the next event; raises DataError at the end or when the one after it is earlier."""
        taken = self._head
        if taken is None:
            raise DataError(f"the tape has ended after {self.read} events")
        self.read += 1
        self._head = next(self._tape, None)
        if self._head is not None and self._head[0] < taken[0]:
            raise DataError(
                f"event {self.read + 1} of the tape is earlier than the one before: sort the tape"
            )
        return taken


class TapeWorld(MergedWorld):
    """A recorded market that answers orders as the simulated venue would have.

    Begins with ``before``, the AccountSnapshot and LinkUp at the time of the first event. Held
    options and futures settle at their expiry at the last index; funding is paid at the stamps
    that Funding events name. Ends when the tape and every outcome under way have been given.

    Parameters
    ----------
    tape : iterable of (int, MarketEvent)
        Engine time and event, in time order.
    terms : TapeTerms
    venue : VenueTerms
        Of the simulated venue.

    Raises
    ------
    DataError
        The tape is not in time order.
    """

    def __init__(
        self, tape: Iterable[tuple[int, MarketEvent]], terms: TapeTerms, venue: VenueTerms
    ) -> None:
        self._reader = TapeReader(tape)
        self._total = terms.total
        simulated = SimulatedVenue(venue, terms.positions, terms.balances)
        at = self._reader.next_at() or 0
        first: Sequence[Event] = (*terms.before, simulated.snapshot(), LinkUp(venue.name))
        super().__init__(
            terms.title,
            self._reader,
            simulated,
            venue_name=venue.name,
            opening=[(at, event) for event in first],
        )

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told from ``at`` on.

        Raises
        ------
        ConfigError
            JUMP: what a tape says cannot be changed.
        """
        if disturb.kind is DisturbanceKind.JUMP:
            raise ConfigError("a tape's prices cannot be moved: use the simulated market to jump")
        super().disturb(disturb, at)

    def progress(self) -> float | None:
        """Part of the tape that has been played, 0..1; None where its length is not known."""
        if self._total <= 0:
            return None
        return min(self._reader.read / self._total, 1.0)
