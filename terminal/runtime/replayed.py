"""Decisions made again from a journal, record by record."""

from pathlib import Path

from msgspec import Struct

from terminal.engine.state import State, restored
from terminal.journal.journal import Journal, open_journal
from terminal.model.messages import Started
from terminal.model.oracle import Sealed
from terminal.model.regret import RegretRow
from terminal.oracle.regret import Regret, regretted, rows
from terminal.oracle.watch import Memory, decisions
from terminal.runtime.guard import guarded_step
from terminal.runtime.kernels import ready_engine
from terminal.runtime.opening import LIMIT_BYTES, SEGMENT_BYTES, ready
from terminal.runtime.profiles import presets


class Replayed(Struct, frozen=True):
    """What one run decided, and what came of the proposals that were not followed."""

    decisions: tuple[Sealed, ...]
    regret: tuple[RegretRow, ...]


def replayed(directory: Path, first: int) -> Replayed:
    """Make the decisions of one run again.

    Parameters
    ----------
    directory : Path
        A copy of its journal: opening one repairs it.
    first : int
        Number of the record that started the run.

    Raises
    ------
    JournalError
        The journal cannot be opened or read, or does not reach back to that record any more.
    """
    journal = open_journal(
        directory, run="why", at=1, limit_bytes=LIMIT_BYTES, segment_bytes=SEGMENT_BYTES
    )
    try:
        return _made(journal, first)
    finally:
        journal.close()


def _made(journal: Journal, first: int) -> Replayed:
    """Step from the last snapshot before the start, and watch from the start on."""
    snapshot, before = journal.snapshot_before(first)
    state = restored(snapshot) if snapshot else State()
    ready_engine(state.pricing)
    memory: Memory | None = None
    found, regret, profiles = list[Sealed](), Regret(), presets()
    for record in journal.read(before):
        ready(record)
        state, _ = guarded_step(state, record)
        if isinstance(record.event, Started):
            if record.seq > first:
                break
            if record.seq == first:
                memory = Memory(run=state.run)
        if memory is not None:
            memory, made = decisions(memory, state, profiles)
            found += made
            regret = regretted(regret, state, record)
    return Replayed(tuple(found), rows(regret))
