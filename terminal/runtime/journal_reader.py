"""A journal read beside the desk that may be writing it: no lock, no repair, no change."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import MsgspecError, Struct

from terminal.core.errors import JournalError
from terminal.engine.state import State, restored
from terminal.journal.recover import Held, Survey, load_snapshot, read_records, survey
from terminal.journal.segments import segment_paths
from terminal.model.messages import Record
from terminal.pricing.engines import NAMES
from terminal.runtime.kernels import ready_engine

_ENGINE = re.compile(rb'"(?:pricing|engine)":"(\w+)"')


class Source(Struct, frozen=True):
    """The whole records of a journal, and what is wrong with the rest."""

    found: Survey
    notes: tuple[str, ...]

    @property
    def last_seq(self) -> int:
        """Number of the last whole record."""
        return self.found.held[-1].last_seq

    @property
    def last_at(self) -> int:
        """UtcNs of the last whole record."""
        return max(each.at for each in self.records(self.last_seq - 1))

    @property
    def link(self) -> str:
        """Hash over every record up to the last whole one."""
        return self.found.held[-1].link.hex()

    def records(self, after: int) -> Iterator[Record]:
        """Whole records with a higher number."""
        return read_records(self.found.held, after)


class Start(Struct, frozen=True):
    """A segment whose snapshot is whole, and when and after which record it begins."""

    at: int  # UtcNs of its first record
    seq: int  # of the last record before it
    held: Held


def opened(directory: Path) -> Source:
    """Look at a journal.

    Raises
    ------
    JournalError
        There is none, it cannot be read, or nothing of it is whole.
    """
    if not directory.is_dir():
        raise JournalError(f"{directory} is no journal directory: name the folder of a run")
    try:
        found = survey(segment_paths(directory))
    except OSError as error:
        raise JournalError(f"{directory} cannot be read: {error.strerror or error}") from error
    damage = found.damage
    if not found.held:
        why = f": {damage.path.name} is damaged, {damage.reason}" if damage else ""
        msg = (
            f"{directory} holds no journal that can be read{why}: name the folder of a run,"
            " or restore a copy of this one"
        )
        raise JournalError(msg)
    if found.held[-1].last_seq == 0:
        raise JournalError(f"{directory} holds an empty journal: run the desk first")
    notes = []
    if damage is not None:
        notes.append(
            f"The journal is damaged: nothing after record {damage.seq - 1} can be read"
            f" ({damage.path.name}, byte {damage.offset}: {damage.reason})."
        )
    return Source(found, tuple(notes))


def engines_of(source: Source) -> tuple[str, ...]:
    """Pricing engines that a journal names anywhere, found without reading its records."""
    found = set[bytes]()
    for each in source.found.held:
        found.update(_ENGINE.findall(each.path.read_bytes()))
    return tuple(name for name in NAMES if name.encode() in found)


def starts_of(source: Source) -> tuple[Start, ...]:
    """Moments that can be stepped from, oldest first; at least one.

    Raises
    ------
    JournalError
        No snapshot of a segment with records is whole, and the journal's beginning is gone.
    """
    found = list[Start]()
    for held in source.found.held:
        record = next(read_records((held,), 0), None)
        if record is not None and not held.snapshot_fault:
            latest = max(record.at, found[-1].at if found else 0)  # engine time never falls
            found.append(Start(latest, record.seq - 1, held))
    if not found:
        raise JournalError("no snapshot of the journal is whole: restore a copy of the directory")
    return tuple(found)


def end_of(source: Source) -> int:
    """UtcNs of the last whole record."""
    return max(record.at for record in source.records(source.last_seq - 1))


def state_before(source: Source, moment: int) -> State:
    """State of the newest whole snapshot that is older than a moment; of the oldest without one.

    Raises
    ------
    JournalError
        No snapshot is whole and the journal's beginning is gone.
    """
    oldest: State | None = None
    for segment in reversed(source.found.held):
        if segment.snapshot_fault:
            continue
        oldest = state_of(segment)
        if oldest.now < moment:
            break
    if oldest is None:
        raise JournalError("no snapshot of the journal is whole: restore a copy of the directory")
    ready_engine(oldest.pricing)
    return oldest


def state_of(segment: Held) -> State:
    """State that a segment goes on from; an empty one where the journal begins.

    Raises
    ------
    JournalError
        Its snapshot is of another version of the program.
    """
    snapshot = load_snapshot(segment)
    if not snapshot:
        return State()
    try:
        return restored(snapshot)
    except MsgspecError as error:
        msg = f"the snapshot in {segment.path.name} is of another version of the program: {error}"
        raise JournalError(msg) from error
