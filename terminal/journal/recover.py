"""What a directory still holds: whole segments, a torn tail, damage, and where to start from.

Three findings are told apart. A *torn tail* is a broken frame after which nothing good follows: the
write that a crash interrupted; it is cut off. *Damage* is anything else that is wrong with a head
or a record: the journal is opened read-only up to it. A bad *snapshot* alone costs nothing, because
the segment before it leads to the same state.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import JournalError
from terminal.core.fault_points import Fault, FaultPoint
from terminal.journal.codec import decode_record
from terminal.journal.disk import Disk, write_private
from terminal.journal.frames import FIRST_LINK, FrameError, chain, find_frame
from terminal.journal.segments import (
    RECORD,
    Opened,
    number_of,
    open_head,
    peek_head,
    read_snapshot,
    records_at,
    seal,
    segment_name,
    segment_paths,
)
from terminal.model.messages import Record


class Held(Struct, frozen=True):
    """A segment, as far as it is good."""

    path: Path
    opened: Opened
    last_seq: int
    link: bytes  # after its last record
    end: int  # offset after its last record
    snapshot_fault: str = ""


class Damage(Struct, frozen=True):
    """Where the good part of the journal ends, and why."""

    path: Path
    offset: int
    seq: int  # number of the first record that is lost
    reason: str


class Torn(Struct, frozen=True):
    """Bytes after the last good record of the newest segment."""

    path: Path
    offset: int
    size: int
    reason: str


class Survey(Struct, frozen=True):
    """Everything found in a directory."""

    held: tuple[Held, ...]
    damage: Damage | None = None
    torn: Torn | None = None


def survey(paths: tuple[Path, ...]) -> Survey:
    """Examine segments, oldest first, up to the first damage.

    Raises
    ------
    JournalError
        A segment is in an unknown format.
    OSError
        A file cannot be read.
    """
    held: list[Held] = []
    for index, path in enumerate(paths):
        newest = index == len(paths) - 1
        before = held[-1] if held else None
        content = path.read_bytes()
        try:
            opened = open_head(path, content)
            _check_place(path, opened, before)
        except FrameError as error:
            seq = before.last_seq + 1 if before else 1
            return Survey(tuple(held), Damage(path, error.offset, seq, error.reason))
        segment, fault = _examine(path, content, opened, None if newest else paths[index + 1])
        held.append(segment)
        if fault is None:
            continue
        if newest and fault.broken and find_frame(content, fault.offset + 1) is None:
            cut = Torn(path, fault.offset, len(content) - fault.offset, fault.reason)
            return Survey(tuple(held), None, cut)
        damage = Damage(path, fault.offset, segment.last_seq + 1, fault.reason)
        return Survey(tuple(held), damage)
    return Survey(tuple(held))


def _check_place(path: Path, opened: Opened, before: Held | None) -> None:
    """See that a segment is the one its name says and continues the one before it."""
    head = opened.head
    reason = ""
    if head.number != number_of(path):
        reason = f"the file is named {path.name} but was written as {segment_name(head.number)}"
    elif before is None:
        if head.snapshot_bytes == 0 and (head.first_seq, opened.link) != (1, FIRST_LINK):
            reason = f"the journal cannot begin at record {head.first_seq} without a snapshot"
    elif head.number != before.opened.head.number + 1:
        reason = f"{segment_name(before.opened.head.number + 1)} is missing"
    elif head.first_seq != before.last_seq + 1:
        reason = f"record {before.last_seq} is followed by {head.first_seq}"
    elif opened.link != before.link or head.sealed_bytes != before.end:
        reason = f"the segment does not continue {before.path.name}"
    if reason:
        raise FrameError(0, reason, broken=False)


def _examine(
    path: Path, content: bytes, opened: Opened, successor: Path | None
) -> tuple[Held, FrameError | None]:
    """Find how far a segment is good, and what ends it."""
    head = opened.head
    snapshot_fault = ""
    try:
        read_snapshot(content, opened)
    except FrameError as error:
        snapshot_fault = error.reason
    following = peek_head(successor) if successor else None
    if following is not None and _sealed(content, following, head.number):
        last = following.head.first_seq - 1
        return Held(path, opened, last, following.link, len(content), snapshot_fault), None
    last, link, end = head.first_seq - 1, opened.link, records_at(opened)
    if end > len(content):
        # Never the work of a crash: a segment gets its name only when its snapshot is durable.
        cut = FrameError(len(content), "the file ends inside its snapshot", broken=False)
        return Held(path, opened, last, link, len(content), snapshot_fault), cut
    fault = None
    try:
        for frame in chain(content, end, RECORD, last, link):
            last, link, end = frame.seq, frame.link, frame.end
    except FrameError as error:
        fault = error
    return Held(path, opened, last, link, end, snapshot_fault), fault


def _sealed(content: bytes, following: Opened, number: int) -> bool:
    """Whether the next segment vouches for every byte of this one."""
    head = following.head
    if head.number != number + 1 or head.sealed_bytes != len(content):
        return False
    digest = seal()
    digest.update(content)
    return digest.hexdigest() == head.sealed_digest


def start_from(held: tuple[Held, ...]) -> Held | None:
    """Newest segment whose snapshot is good (or where the journal begins); None without one."""
    return next((segment for segment in reversed(held) if not segment.snapshot_fault), None)


def load_snapshot(segment: Held) -> bytes | None:
    """Snapshot of a segment; None where the journal begins."""
    return read_snapshot(segment.path.read_bytes(), segment.opened) or None


def read_records(held: tuple[Held, ...], after: int) -> Iterator[Record]:
    """Records with a higher number than ``after``, checked again as they are read.

    Raises
    ------
    JournalError
        A file was changed, dropped or damaged since it was examined, or holds a record that this
        version of the program does not know.
    """
    for segment in held:
        if segment.last_seq <= after:
            continue
        try:
            content = segment.path.read_bytes()[: segment.end]
            head = segment.opened.head
            start, link = records_at(segment.opened), segment.opened.link
            for frame in chain(content, start, RECORD, head.first_seq - 1, link):
                if frame.seq > after:
                    yield _decode(segment.path, frame.seq, frame.payload)
        except (OSError, FrameError) as error:
            msg = f"{segment.path} cannot be read any more: {error}. Restart, and check the disk"
            raise JournalError(msg) from error


def _decode(path: Path, seq: int, payload: bytes) -> Record:
    try:
        record = decode_record(payload)
    except msgspec.DecodeError as error:
        msg = (
            f"record {seq} in {path} is whole but unknown to this version ({error}):"
            " open the journal with the version that wrote it"
        )
        raise JournalError(msg) from error
    if record.seq != seq:
        raise JournalError(f"record {record.seq} in {path} is framed as {seq}: restore a copy")
    return record


def cut_torn(torn: Torn, epoch: int, disk: Disk, fault: Fault) -> str:
    """Move the torn bytes to a side file; says what was done.

    Raises
    ------
    OSError
        The side file could not be written, or the segment not be cut.
    """
    content = torn.path.read_bytes()[torn.offset :]
    side = torn.path.with_name(f"{torn.path.name}.torn-{epoch}-{torn.offset}")
    write_private(disk, side, content)
    disk.commit_directory(side.parent)
    fault(FaultPoint.TORN_KEPT)
    fd = disk.open(torn.path, os.O_WRONLY)
    try:
        disk.truncate(fd, torn.offset)
        disk.commit(fd)
    finally:
        os.close(fd)
    fault(FaultPoint.TORN_CUT)
    return (
        f"{torn.path.name}: cut {torn.size} bytes after byte {torn.offset}, a write that did not"
        f" finish ({torn.reason}); kept in {side.name}"
    )


def damage_message(directory: Path, damage: Damage) -> str:
    """Say where a journal is damaged and what a person can do."""
    later = tuple(p for p in segment_paths(directory) if number_of(p) >= number_of(damage.path))
    remedy = "start with an empty directory and reconcile with the venues"
    for index, path in enumerate(later):
        rest = survey(later[index:])
        if rest.damage is None and rest.held and not rest.held[0].snapshot_fault:
            remedy = f"move the segments before {path.name} elsewhere: the rest is whole"
            break
    return (
        f"{directory} is read-only: {damage.path.name} is damaged at byte {damage.offset},"
        f" record {damage.seq}: {damage.reason}. Nothing was changed. Copy the directory, then"
        f" {remedy}"
    )
