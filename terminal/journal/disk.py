"""What the journal asks of the disk: private files, whole writes, durable commits."""

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import JournalError

if sys.platform == "darwin":
    import fcntl

DISK_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Error numbers that mean that no room is left."""


class JournalFull(JournalError):
    """The disk is full. What was handed over so far is in the journal; only stop and cancel now."""


def _commit(fd: int) -> None:
    """Have the drive itself confirm the bytes of a file."""
    if sys.platform == "darwin":
        # fsync on macOS stops at the drive's volatile cache.
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    elif sys.platform == "win32":
        os.fsync(fd)
    else:
        os.fdatasync(fd)


def _commit_directory(directory: Path) -> None:
    """Make creations, renames and removals in a directory durable.

    Windows keeps names in the journal of its file system and cannot sync a directory.
    """
    if sys.platform == "win32":
        return
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _free(directory: Path) -> int:
    return shutil.disk_usage(directory).free


def open_private(path: Path, flags: int) -> int:
    """Open a file for this user alone (mode 0600)."""
    return os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)


def _make_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def _rename(source: Path, target: Path) -> None:
    source.replace(target)


def _remove(path: Path) -> None:
    path.unlink()


class Disk(Struct, frozen=True):
    """System calls that fail in real life, replaceable in tests."""

    open: Callable[[Path, int], int] = open_private
    write: Callable[[int, memoryview], int] = os.write
    commit: Callable[[int], None] = _commit
    commit_directory: Callable[[Path], None] = _commit_directory
    make_directory: Callable[[Path], None] = _make_directory
    rename: Callable[[Path, Path], None] = _rename
    truncate: Callable[[int, int], None] = os.ftruncate
    remove: Callable[[Path], None] = _remove
    free: Callable[[Path], int] = _free


def write_all(disk: Disk, fd: int, content: bytes, more_room: Callable[[], bool]) -> None:
    """Write every byte: the system may take a part and report no error.

    Parameters
    ----------
    disk : Disk
    fd : int
    content : bytes
    more_room : callable
        Asked when the disk is full; True when it made room and the rest is worth a try.

    Raises
    ------
    OSError
        Not everything was written.
    """
    rest = memoryview(content)
    while rest:
        try:
            taken = disk.write(fd, rest)
        except OSError as error:
            if error.errno in DISK_FULL and more_room():
                continue
            raise
        if taken <= 0:
            raise OSError(errno.EIO, "the disk took no bytes")
        rest = rest[taken:]


def no_room() -> bool:
    """Answer of a writer that has nothing to give up."""
    return False


def write_private(disk: Disk, path: Path, content: bytes) -> None:
    """Write a whole private file and commit it, its name excepted."""
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(disk, fd, content, no_room)
        disk.commit(fd)
    finally:
        os.close(fd)


def claim_directory(disk: Disk, directory: Path, is_ours: Callable[[str], bool]) -> tuple[str, ...]:
    """Make the directory, or see that an existing one may be used, closed to other users.

    Parameters
    ----------
    disk : Disk
    directory : Path
    is_ours : callable
        Whether a file of this name was made by a journal.

    Returns
    -------
    tuple of str
        What was put right.

    Raises
    ------
    JournalError
        The path is a file, holds other things, or cannot be made, read or written.
    """
    try:
        disk.make_directory(directory)
        names = [entry.name for entry in directory.iterdir()]
        mode = directory.stat().st_mode & 0o777
    except FileExistsError as error:
        raise JournalError(f"{directory} is a file: name a directory for the journal") from error
    except OSError as error:
        reason = error.strerror or str(error)
        msg = f"cannot use {directory} for the journal: {reason}. Choose one that you may write to"
        raise JournalError(msg) from error
    if names and not any(map(is_ours, names)):
        # Closing it to other users, as below, could shut people out of a directory of theirs.
        msg = f"{directory} holds other files: name an empty or new directory for the journal"
        raise JournalError(msg)
    if mode & 0o077 == 0 or sys.platform == "win32":
        return ()
    try:
        directory.chmod(0o700)
    except OSError as error:
        msg = f"{directory} is open to other users ({mode:04o}): give it mode 0700 and start again"
        raise JournalError(msg) from error
    return (f"{directory} was open to other users ({mode:04o}): closed",)
