"""The open end of a segment: frames gather in memory, then go to the file and the drive."""

import os
from collections.abc import Callable

from terminal.core.fault_points import Fault, FaultPoint
from terminal.journal.disk import Disk, write_all
from terminal.journal.frames import make_frame
from terminal.journal.recover import Held
from terminal.journal.segments import RECORD, records_at, seal

_BUFFER_BYTES = 1 << 16
"""A burst between two syncs is written in pieces of this size."""


class SegmentWriter:
    """Appends to one segment file.

    Parameters
    ----------
    segment : Held
        The segment, good to its last byte.
    disk : Disk
    fault : Fault
    more_room : callable
        Asked when the disk is full; True when it made room.
    """

    def __init__(
        self, segment: Held, disk: Disk, fault: Fault, more_room: Callable[[], bool]
    ) -> None:
        self._disk = disk
        self._fault = fault
        self._more_room = more_room
        self._seal = seal()
        self._seal.update(segment.path.read_bytes())
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._records_at = records_at(segment.opened)
        self._fd = disk.open(segment.path, os.O_WRONLY | os.O_APPEND)
        self.link = segment.link
        self.size = segment.end

    @property
    def records_bytes(self) -> int:
        """Bytes of records since the snapshot."""
        return self.size - self._records_at

    def add(self, seq: int, payload: bytes) -> None:
        """Take a record; writes to the file (not yet to the drive) when enough have gathered."""
        frame, self.link = make_frame(RECORD, seq, self.link, payload)
        self._pending.append(frame)
        size = len(frame)
        self.size += size
        self._pending_bytes += size
        if self._pending_bytes >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand everything taken to the operating system; survives the death of this process."""
        if not self._pending:
            return
        content = b"".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        self._fault(FaultPoint.BEFORE_WRITE)
        write_all(self._disk, self._fd, content, self._more_room)
        self._seal.update(content)
        self._fault(FaultPoint.AFTER_WRITE)

    def sync(self) -> None:
        """Hand everything taken to the drive; survives a power cut."""
        self.flush()
        self._disk.commit(self._fd)
        self._fault(FaultPoint.AFTER_SYNC)

    def digest(self) -> str:
        """Digest of the whole file once it is flushed, as the next segment's head carries it."""
        return self._seal.hexdigest()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)
