"""Disk space held back, so that a stop and its cancels still fit on a full disk."""

import os
import sys
from pathlib import Path

from terminal.journal.disk import Disk, no_room, write_all

RESERVE_NAME = "reserve.bin"
RESERVE_BYTES = 8 << 20
"""Room for some 40,000 records: far more than a stop with all its cancels needs."""

_BLOCK = bytes(1 << 16)


class Reserve:
    """A file of real blocks that can be given up once.

    Parameters
    ----------
    directory : Path
    size : int
        Bytes.
    disk : Disk
    """

    def __init__(self, directory: Path, size: int, disk: Disk) -> None:
        self._path = directory / RESERVE_NAME
        self._size = size
        self._disk = disk

    def hold(self) -> None:
        """Take the space, unless a former start already did or none is wanted.

        Raises
        ------
        OSError
            There is not enough room; nothing is held then.
        """
        if self._size == 0 or (self._path.exists() and self._path.stat().st_size == self._size):
            return
        try:
            self._allocate()
        except OSError:
            self._path.unlink(missing_ok=True)
            raise

    def release(self) -> bool:
        """Give the space up; False when there is none left to give."""
        if not self._path.exists():
            return False
        self._disk.remove(self._path)
        # Some file systems hand freed blocks out only once the removal is committed.
        self._disk.commit_directory(self._path.parent)
        return True

    def _allocate(self) -> None:
        fd = self._disk.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            if sys.platform == "linux" and self._size > 0:
                os.posix_fallocate(fd, 0, self._size)
            else:
                for start in range(0, self._size, len(_BLOCK)):
                    part = _BLOCK[: self._size - start]
                    write_all(self._disk, fd, part, no_room)
            self._disk.commit(fd)
        finally:
            os.close(fd)
