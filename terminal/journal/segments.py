"""Segment files: a head, the state at its start, then the records that followed.

Each segment stands alone for recovery, which is why old ones may be dropped. Its head also vouches
for the finished segment before it (length and digest of the whole file), so that a start checks
old segments at the speed of one digest instead of frame by frame.
"""

import hashlib
import re
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import JournalError
from terminal.core.fault_points import Fault, FaultPoint
from terminal.journal.disk import (
    DISK_FULL,
    Disk,
    JournalFull,
    write_private,
)
from terminal.journal.frames import (
    HEADER_BYTES,
    Frame,
    FrameError,
    frame_link,
    make_frame,
    parse_frame,
)

FORMAT = 1
"""Version of everything in a segment; a program opens only those it knows."""

HEAD, SNAPSHOT, RECORD = b"H", b"S", b"R"
"""Kinds of frames; heads and snapshots stand outside the chain of records."""

_NAME = re.compile(r"journal-(\d{8})\.seg")
_TEMPORARY = ".new"
_PEEK_BYTES = 4096  # more than a head ever takes


class SegmentHead(Struct, frozen=True, kw_only=True):
    """What a segment says about itself and the one before it."""

    format: int = FORMAT
    number: int  # 1, 2, 3 ... without a hole
    run: str
    epoch: int
    first_seq: int
    created_at: int  # UtcNs
    snapshot_bytes: int = 0  # 0: the journal begins here
    snapshot_digest: str = ""
    sealed_bytes: int = 0  # of the segment before
    sealed_digest: str = ""


class Opened(Struct, frozen=True):
    """A head that was read, with the link its first record must carry."""

    head: SegmentHead
    link: bytes
    end: int  # offset after the head


class _Version(Struct):
    format: int


def segment_name(number: int) -> str:
    """File name of a segment."""
    return f"journal-{number:08d}.seg"


def segment_paths(directory: Path) -> tuple[Path, ...]:
    """Segments of a directory, oldest first."""
    return tuple(sorted(path for path in directory.iterdir() if _NAME.fullmatch(path.name)))


def number_of(path: Path) -> int:
    """Number in the name of a segment."""
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else 0


def is_segment(name: str) -> bool:
    """Whether a file of this name is a segment, finished or not."""
    return _NAME.fullmatch(name.removesuffix(_TEMPORARY)) is not None


def drop_unfinished(directory: Path, disk: Disk) -> tuple[str, ...]:
    """Remove segments whose start a crash interrupted; nothing was ever appended to one."""
    notes = []
    for path in sorted(directory.glob(f"journal-*.seg{_TEMPORARY}")):
        size = path.stat().st_size
        notes.append(f"{path.name}: removed, its start was interrupted ({size} bytes)")
        disk.remove(path)
    return tuple(notes)


def seal() -> "hashlib.blake2b":
    """Start the digest that vouches for a whole segment."""
    return hashlib.blake2b(digest_size=16)


def snapshot_digest(snapshot: bytes) -> str:
    """Digest of a snapshot, as its head carries it."""
    return hashlib.blake2b(snapshot, digest_size=16).hexdigest()


def build_segment(head: SegmentHead, link: bytes, snapshot: bytes) -> bytes:
    """First bytes of a segment: its head, and the snapshot unless it is empty.

    The link carried by the first record is in both frames, so that the chain of records survives
    damage to a snapshot.
    """
    content, _ = make_frame(HEAD, head.first_seq - 1, link, msgspec.json.encode(head))
    if snapshot:
        content += make_frame(SNAPSHOT, head.first_seq - 1, link, snapshot)[0]
    return content


def publish_segment(directory: Path, number: int, content: bytes, disk: Disk, fault: Fault) -> Path:
    """Create a segment that after a crash is there whole or not at all.

    Raises
    ------
    JournalFull
        The disk has no room for it; nothing is left behind.
    OSError
        The disk failed.
    """
    path = directory / segment_name(number)
    temporary = path.with_name(path.name + _TEMPORARY)
    try:
        fault(FaultPoint.SEGMENT_BEGUN)
        write_private(disk, temporary, content)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno not in DISK_FULL:
            raise
        msg = f"no room for a new segment in {directory}: free some space"
        raise JournalFull(msg) from error
    fault(FaultPoint.SEGMENT_WRITTEN)
    disk.rename(temporary, path)
    fault(FaultPoint.SEGMENT_RENAMED)
    disk.commit_directory(directory)
    fault(FaultPoint.SEGMENT_DURABLE)
    return path


def open_head(path: Path, content: bytes) -> Opened:
    """Read the head of a segment.

    Raises
    ------
    FrameError
        It is damaged.
    JournalError
        It was written in a format that this version does not know.
    """
    frame = parse_frame(content, 0)
    if frame.kind != HEAD:
        raise FrameError(0, "the segment has no head", broken=False)
    return Opened(_decode_head(path, frame), frame_link(content, 0), frame.end)


def _decode_head(path: Path, frame: Frame) -> SegmentHead:
    try:
        version = msgspec.json.decode(frame.payload, type=_Version).format
        if version == FORMAT:
            return msgspec.json.decode(frame.payload, type=SegmentHead)
    except msgspec.DecodeError as error:
        raise FrameError(0, f"the head cannot be read: {error}", broken=False) from error
    msg = (
        f"{path} is written in journal format {version}, this version knows format {FORMAT}:"
        " open it with the version that wrote it, or choose another directory"
    )
    raise JournalError(msg)


def peek_head(path: Path) -> Opened | None:
    """Head of a segment from its first bytes; None when it is damaged."""
    with path.open("rb") as file:
        content = file.read(_PEEK_BYTES)
    try:
        return open_head(path, content)
    except FrameError:
        return None


def records_at(opened: Opened) -> int:
    """Offset of the first record."""
    size = opened.head.snapshot_bytes
    return opened.end + (HEADER_BYTES + size if size else 0)


def read_snapshot(content: bytes, opened: Opened) -> bytes:
    """Snapshot of a segment; empty where the journal begins.

    Raises
    ------
    FrameError
        It is damaged.
    """
    head = opened.head
    if head.snapshot_bytes == 0:
        return b""
    frame = parse_frame(content, opened.end)
    if frame.kind != SNAPSHOT or snapshot_digest(frame.payload) != head.snapshot_digest:
        raise FrameError(opened.end, "the snapshot is not the one that was written", broken=False)
    return frame.payload
