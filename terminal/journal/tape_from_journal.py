"""A tape of what the market said in an own journal, so that a lived run can be replayed."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from terminal.core.errors import DataError
from terminal.engine.state import restored
from terminal.journal.recover import Held, damage_message, load_snapshot, read_records, survey
from terminal.journal.segments import segment_paths
from terminal.journal.tape import Header, Timed
from terminal.journal.tape_writing import write_tape
from terminal.market.standing import standing
from terminal.model.messages import MarketEvent

_MARKET = get_args(MarketEvent)


def tape_from_journal(directory: Path, out: Path) -> Header:
    """Write the market events of a journal as a tape.

    Parameters
    ----------
    directory : Path
        Of the journal; it is only read, so it may be of a run that goes on.
    out : Path

    Returns
    -------
    Header
        A torn end is left out and noted. What held when the oldest segment began (its snapshot
        says so) opens the tape.

    Raises
    ------
    DataError
        There is no journal, it is damaged, or it holds no market event.
    JournalError
        It is in an unknown format.
    """
    paths = segment_paths(directory) if directory.is_dir() else ()
    if not paths:
        raise DataError(f"{directory}: there is no journal: name the folder with its segments")
    found = survey(paths)
    if found.damage is not None:
        raise DataError(damage_message(directory, found.damage))
    notes = [f"made from the journal {directory.name}"]
    if found.torn is not None:
        notes.append(f"its torn end was left out: {found.torn.reason}")
    header = Header(title=f"{directory.name}, lived", notes=tuple(notes))
    return write_tape(out, header, _events(found.held))


def _events(held: tuple[Held, ...]) -> Iterator[Timed]:
    """Market events in their order; engine time never falls, whatever a record was stamped."""
    first, last = held[0], 0
    snapshot = None if first.snapshot_fault else load_snapshot(first)
    if snapshot:
        state = restored(snapshot)
        last = state.now
        yield from ((last, event) for event in standing(state.market))
    for record in read_records(held, first.opened.head.first_seq - 1):
        last = max(last, record.at)
        if isinstance(record.event, _MARKET):
            yield last, record.event
