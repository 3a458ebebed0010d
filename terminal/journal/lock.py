"""One process per journal: an operating system lock, and a note of who holds it.

The lock itself is the system's and ends with the process, so a crash leaves nothing to clean up.
The note beside it carries an epoch that grows with every start: whoever holds a lower one has been
replaced and must not trade.
"""

import contextlib
import hashlib
import os
import platform
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import JournalError
from terminal.core.units import iso_utc
from terminal.journal.disk import Disk, no_room, open_private, write_all

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = "journal.lock"
_NOTE_BYTES = 512
"""Fixed size within one disk sector: the note is replaced whole or not at all."""


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds a journal, or held it last."""

    host: str
    pid: int
    run: str
    started_at: int  # UtcNs
    epoch: int
    device: int  # of the directory: a copy has another identity
    inode: int
    closed_seq: int = 0  # last record at the last clean close: so many must still be there


def _acquire(fd: int) -> bool:
    """Take the system's lock on an open file without waiting; False when another holds it."""
    try:
        if sys.platform == "win32":
            os.lseek(fd, 1 << 30, os.SEEK_SET)  # far behind the note, which others may read
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            # flock belongs to the open file: a second open in this very process is refused too.
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _read_note(fd: int) -> Holder | None:
    os.lseek(fd, 0, os.SEEK_SET)
    text = os.read(fd, _NOTE_BYTES)
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(text, type=Holder)
    return None


class Lock:
    """The lock of one journal directory, held from ``take`` to ``release``."""

    def __init__(self, directory: Path, fd: int, disk: Disk) -> None:
        self._directory = directory
        self._fd = fd
        self._disk = disk
        self.previous = _read_note(fd)

    @classmethod
    def take(cls, directory: Path, disk: Disk) -> "Lock":
        """Take the lock of a directory.

        Raises
        ------
        JournalError
            Another instance holds it (named with its host, process and start), or the lock file
            cannot be opened.
        """
        try:
            fd = disk.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            reason = error.strerror or str(error)
            msg = f"cannot open the lock of {directory}: {reason}. Give this user write access"
            raise JournalError(msg) from error
        with contextlib.ExitStack() as undo:
            undo.callback(os.close, fd)
            if _acquire(fd):
                undo.pop_all()
                return cls(directory, fd, disk)
            holder = _read_note(fd)
        who = "another instance"
        if holder is not None:
            since = iso_utc(holder.started_at)
            who = f"another instance (process {holder.pid} on {holder.host}, since {since})"
        raise JournalError(f"{directory} is in use by {who}: stop it or choose another directory")

    def sign(self, run: str, at: int, epoch: int) -> Holder:
        """Note this process as the holder, durably.

        Raises
        ------
        OSError
            The note could not be written.
        """
        status = self._directory.stat()
        holder = Holder(
            host=platform.node(),
            pid=os.getpid(),
            run=run,
            started_at=at,
            epoch=epoch,
            device=status.st_dev,
            inode=status.st_ino,
            closed_seq=self.previous.closed_seq if self.previous else 0,
        )
        self.write(holder)
        return holder

    def write(self, holder: Holder) -> None:
        """Replace the note, durably."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        note = msgspec.json.encode(holder).ljust(_NOTE_BYTES)
        write_all(self._disk, self._fd, note, no_room)
        self._disk.commit(self._fd)

    def replaced(self, ours: Holder) -> str:
        """Say who holds the directory in our place; empty while nobody does."""
        path = self._directory / LOCK_NAME
        try:
            fd = open_private(path, os.O_RDONLY)
        except OSError as error:
            return f"{path} cannot be read any more: {error.strerror or error}"
        try:
            there, here = os.fstat(fd), os.fstat(self._fd)
            present = _read_note(fd)
        finally:
            os.close(fd)
        if present is not None and present.epoch > ours.epoch:
            who = f"process {present.pid} on {present.host}"
            return f"generation {ours.epoch} was replaced by {present.epoch} ({who})"
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            return f"{path} is another file than the one this process has locked"
        return ""

    def release(self) -> None:
        """Let others in; closing the file gives the system's lock back."""
        os.close(self._fd)


def instance_of(directory: Path, holder: Holder) -> str:
    """Name of the one place that a journal is kept in; of a copy it is another.

    Made of the host, the path and the directory's own number. The number of its drive is left
    out: it may change with every start of the machine.
    """
    place = f"{holder.host}|{directory.resolve()}|{holder.inode}"
    return hashlib.blake2b(place.encode(), digest_size=8).hexdigest()


def moved_note(previous: Holder | None, present: Holder) -> str:
    """Sentence for a directory that was copied or moved since its last use; else empty."""
    if previous is None or (previous.host, previous.device, previous.inode) == (
        present.host,
        present.device,
        present.inode,
    ):
        return ""
    since = iso_utc(previous.started_at)
    return (
        f"this journal was copied or moved: last used by process {previous.pid} on {previous.host},"
        f" started {since}. Adopted as epoch {present.epoch}: make sure that the original is not"
        " running on the same account"
    )
