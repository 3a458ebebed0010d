"""What another process makes of a running desk: its journal, its venue, its silence."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from terminal.core.errors import DataError, JournalError, VenueError
from terminal.engine.state import State, restored
from terminal.journal.alive import silence
from terminal.journal.recover import load_snapshot, read_records, start_from, survey
from terminal.journal.segments import segment_paths
from terminal.model.account import Position
from terminal.portfolio.accounts import venue_of
from terminal.runtime.guard import guarded_step
from terminal.runtime.guard_limits import Limits, beyond
from terminal.runtime.kernels import ready_engine
from terminal.runtime.opening import ready

NEWEST: Final = 2
"""Segments of the journal that are read: the newest begins with a snapshot, and may be damaged."""


class Journaled:
    """State of a desk as its journal tells it, without its lock and without a change.

    Parameters
    ----------
    directory : Path
        Of the journal.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._state: State | None = None

    def read(self) -> State:
        """State after the last record on the drive.

        Raises
        ------
        JournalError
            There is no journal, or it is damaged.
        """
        try:
            found = survey(segment_paths(self._directory)[-NEWEST:])
        except OSError as error:
            raise JournalError(f"{self._directory} cannot be read: {error}") from error
        base = start_from(found.held)
        if base is None or found.damage is not None:
            raise JournalError(f"{self._directory} holds no journal that can be read")
        state = self._state
        if state is None or state.seq < base.opened.head.first_seq - 1:
            snapshot = load_snapshot(base)
            state = restored(snapshot) if snapshot else State()
            ready_engine(state.pricing)
        for record in read_records(found.held, state.seq):
            ready(record)
            state, _ = guarded_step(state, record)
        self._state = state
        return state


class Onlooker:
    """Looks at a desk again and again, and says when trading must stop.

    Parameters
    ----------
    directory : Path
        Of the journal.
    limits : Limits
    venue : callable, optional
        Positions as the venue states them; raises VenueError when it cannot be read.
    """

    def __init__(
        self, directory: Path, limits: Limits, venue: Callable[[], tuple[Position, ...]] | None
    ) -> None:
        self._directory = directory
        self._limits = limits
        self._venue = venue
        self._journal = Journaled(directory)
        self._found: dict[str, int] = {}
        self.notes: tuple[str, ...] = ()  # what could not be looked at the last time

    def silent(self, now: float) -> str:
        """Why the engine's silence must stop it; empty while it lives, and when none runs."""
        age = silence(self._directory, now)
        if age is None or age <= self._limits.silent_s:
            return ""
        return f"the engine has given no sign of life for {age:.0f} s"

    def look(self) -> str:
        """Compare venue and journal, and the desk with its limits; why to stop, or empty."""
        notes: list[str] = []
        reasons: dict[str, str] = {}
        try:
            stated = self._venue() if self._venue is not None else None
            state = self._journal.read()  # after the venue: a fill between is in the journal
            found, unknown = beyond(state, self._limits)
            reasons |= found
            notes += unknown
            if stated is not None:
                reasons |= differing(state, stated)
        except (VenueError, JournalError, DataError) as error:
            notes.append(str(error))
        self.notes = tuple(notes)
        self._found = {key: self._found.get(key, 0) + 1 for key in reasons}
        for key, count in self._found.items():
            if count >= self._limits.strikes:
                return reasons[key]
        return ""


def differing(state: State, stated: tuple[Position, ...]) -> Mapping[str, str]:
    """Positions that a venue states otherwise than the journal, by more than the profile's lots."""
    theirs = {each.key: each.qty for each in stated}
    venues = set(state.accounts) | {venue_of(key) for key in theirs}
    ours = {
        key: each.qty for key, each in state.ledger.positions.items() if venue_of(key) in venues
    }
    lots = Decimal(state.profile.position_gap_lots if state.profile else 0.0)
    found: dict[str, str] = {}
    for key in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(key, Decimal(0)), theirs.get(key, Decimal(0))
        instrument = state.market.instruments.get(key)
        room = lots * instrument.contract.lot if instrument is not None else Decimal(0)
        if abs(one - other) > room:
            found[key] = f"{key}: the journal holds {one:f}, the venue {other:f}"
    return found
