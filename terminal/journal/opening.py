"""From a directory to a journal that can go on: survey, repair, beginning, reserve."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.fault_points import Fault
from terminal.journal.alive import ALIVE_NAME
from terminal.journal.disk import DISK_FULL, Disk
from terminal.journal.frames import FIRST_LINK
from terminal.journal.latch import LATCH_NAME
from terminal.journal.lock import LOCK_NAME, Holder, Lock, moved_note
from terminal.journal.recover import (
    Damage,
    Held,
    Survey,
    cut_torn,
    damage_message,
    load_snapshot,
    read_records,
    start_from,
    survey,
)
from terminal.journal.reserve import RESERVE_NAME, Reserve
from terminal.journal.segments import (
    SegmentHead,
    build_segment,
    drop_unfinished,
    is_segment,
    publish_segment,
    segment_paths,
)
from terminal.model.messages import Record


class Terms(Struct, frozen=True, kw_only=True):
    """How a journal is kept; sizes in bytes."""

    directory: Path
    run: str
    at: int  # UtcNs
    limit_bytes: int
    segment_bytes: int
    reserve_bytes: int
    disk: Disk
    fault: Fault


class Recovered(Struct, frozen=True, kw_only=True):
    """What a directory held when it was opened.

    Decode ``snapshot``, step through ``records``, and the state is that after ``last_seq``.
    """

    snapshot: bytes | None  # None: begin with an empty state
    snapshot_seq: int  # last record that the snapshot contains
    records: Iterator[Record]  # those after it; to be read once, before anything is appended
    last_seq: int
    epoch: int
    notes: tuple[str, ...]  # what was found and put right, for the person
    read_only: bool


class Prepared(Struct, frozen=True):
    """A journal directory in order, or read-only with the reason in ``blocked``."""

    holder: Holder
    held: tuple[Held, ...]
    recovered: Recovered
    reserve: Reserve
    full: bool
    blocked: str


def check_terms(terms: Terms) -> None:
    """Refuse sizes that cannot work.

    Raises
    ------
    ConfigError
        Naming the size and its allowed range.
    """
    if terms.segment_bytes < 1:
        raise ConfigError(f"segment_bytes is {terms.segment_bytes}: give at least 1")
    if terms.limit_bytes < 2 * terms.segment_bytes:
        msg = (
            f"limit_bytes is {terms.limit_bytes}: give at least {2 * terms.segment_bytes},"
            " the two segments that are always kept"
        )
        raise ConfigError(msg)
    if terms.reserve_bytes < 0:
        raise ConfigError(f"reserve_bytes is {terms.reserve_bytes}: give 0 or more")


def is_ours(name: str) -> bool:
    """Whether a file of this name was made by a journal."""
    return name in (LOCK_NAME, RESERVE_NAME, LATCH_NAME, ALIVE_NAME) or is_segment(name)


def prepare(terms: Terms, lock: Lock) -> Prepared:
    """Survey a locked directory and put it in order.

    Raises
    ------
    JournalError
        A segment is in an unknown format.
    OSError
        The disk refused a read or a repair.
    """
    previous = lock.previous
    holder = lock.sign(terms.run, terms.at, (previous.epoch if previous else 0) + 1)
    found = survey(segment_paths(terms.directory))
    used = max((segment.opened.head.epoch for segment in found.held), default=0)
    if used >= holder.epoch:  # the note was lost, the segments remember
        holder = replace(holder, epoch=used + 1)
        lock.write(holder)
    notes = [moved_note(previous, holder)]
    base = start_from(found.held)
    damage = found.damage or _unfounded(found, base)
    blocked = damage_message(terms.directory, damage) if damage else ""
    held, full = found.held, False
    reserve = Reserve(terms.directory, terms.reserve_bytes, terms.disk)
    if damage is None:
        notes += _repair(terms, found, holder.epoch)
        held = held or (_begin(terms, holder.epoch),)
        full = not _hold(reserve, notes)
    notes += [_fallback_note(held, base), _loss_note(previous, held), blocked]
    recovered = _recovered(held, base or (held[0] if held and not damage else None))
    recovered = replace(
        recovered,
        epoch=holder.epoch,
        notes=tuple(filter(None, notes)),
        read_only=damage is not None,
    )
    return Prepared(holder, held, recovered, reserve, full, blocked)


def _unfounded(found: Survey, base: Held | None) -> Damage | None:
    """Damage of a journal none of whose snapshots can be read."""
    if base is not None or not found.held:
        return None
    oldest = found.held[0]
    reason = f"no snapshot can be read: {oldest.snapshot_fault}"
    return Damage(oldest.path, oldest.opened.end, oldest.opened.head.first_seq, reason)


def _repair(terms: Terms, found: Survey, epoch: int) -> tuple[str, ...]:
    notes = drop_unfinished(terms.directory, terms.disk)
    if found.torn is None:
        return notes
    return (*notes, cut_torn(found.torn, epoch, terms.disk, terms.fault))


def _begin(terms: Terms, epoch: int) -> Held:
    """Create the first segment of a new journal."""
    head = SegmentHead(number=1, run=terms.run, epoch=epoch, first_seq=1, created_at=terms.at)
    content = build_segment(head, FIRST_LINK, b"")
    publish_segment(terms.directory, 1, content, terms.disk, terms.fault)
    return survey(segment_paths(terms.directory)).held[0]


def _hold(reserve: Reserve, notes: list[str]) -> bool:
    try:
        reserve.hold()
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        notes.append("the disk has no room for the journal's reserve: free some and start again")
        return False
    return True


def _fallback_note(held: tuple[Held, ...], base: Held | None) -> str:
    if base is None or base is held[-1]:
        return ""
    bad = held[-1]
    return (
        f"{bad.path.name}: its snapshot is damaged ({bad.snapshot_fault}); recovered from"
        f" {base.path.name} and the records since"
    )


def _loss_note(previous: Holder | None, held: tuple[Held, ...]) -> str:
    """Sentence for records that were durable at a clean close and are gone now."""
    closed = previous.closed_seq if previous else 0
    last = held[-1].last_seq if held else 0
    if closed <= last:
        return ""
    return (
        f"records {last + 1} to {closed} were durable when the journal was closed and are lost:"
        " reconcile with the venues before trading"
    )


def _recovered(held: tuple[Held, ...], base: Held | None) -> Recovered:
    after = base.opened.head.first_seq - 1 if base else 0
    tail = held[held.index(base) :] if base else ()
    return Recovered(
        snapshot=load_snapshot(base) if base else None,
        snapshot_seq=after,
        records=read_records(tail, after),
        last_seq=held[-1].last_seq if held else 0,
        epoch=0,
        notes=(),
        read_only=False,
    )
