"""The stop as a file beside the journal: it outlives the process, and anybody may create it.

The file itself is the stop: it is made with ``O_EXCL`` and committed with its name, and whatever
is found under that name stops, readable or not. A full disk that has room for the name alone
stops too. Only a person's re-arming removes it.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from terminal.journal.disk import Disk, no_room, open_private, write_all
from terminal.model.messages import StopStage

LATCH_NAME: Final = "stop.latch"

MOST_BYTES: Final = 4096
"""Longest latch that is read; a longer one is damaged, and stops."""

STAGES: Final = (StopStage.FREEZE, StopStage.NEUTRALISE, StopStage.FLATTEN)
"""Stages, each further than the one before."""


class Latched(Struct, frozen=True, kw_only=True):
    """A stop that was asked for: how far, why, when (UtcNs, by the clock of who asked), by whom."""

    stage: StopStage
    reason: str
    at: int
    by: str


def further(one: Latched | None, other: Latched | None) -> Latched | None:
    """The one of two stops that goes further; the first of two alike."""
    if one is None or other is None:
        return one or other
    return other if STAGES.index(other.stage) > STAGES.index(one.stage) else one


class LatchFile:
    """The latch of one data directory.

    Parameters
    ----------
    directory : Path
        Of the journal.
    disk : Disk, optional
    """

    def __init__(self, directory: Path, disk: Disk | None = None) -> None:
        self.path = directory / LATCH_NAME
        self._disk = disk or Disk()

    def read(self) -> Latched | None:
        """Stop that stands in the directory; None only where there is no file.

        A latch that cannot be read, or does not say what it must, is a freeze.
        """
        try:
            fd = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            return self._unreadable(error.strerror or str(error))
        try:
            content = os.read(fd, MOST_BYTES + 1)
        except OSError as error:
            return self._unreadable(error.strerror or str(error))
        finally:
            os.close(fd)
        try:
            return msgspec.json.decode(content[: MOST_BYTES + 1], type=Latched)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._unreadable("it is damaged")

    def _unreadable(self, why: str) -> Latched:
        reason = f"{self.path.name} cannot be read: {why}"
        return Latched(stage=StopStage.FREEZE, reason=reason, at=0, by="latch file")

    def pull(self, stop: Latched) -> None:
        """Make the stop durable; one that goes as far already stands.

        Raises
        ------
        OSError
            It could not be written whole. Its name may be there all the same, and stops.
        """
        content = msgspec.json.encode(stop)
        try:
            fd = open_private(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            if further(self.read(), stop) is stop:
                self._raise_to(content)
            return
        self._fill(fd, content)
        self._disk.commit_directory(self.path.parent)

    def _raise_to(self, content: bytes) -> None:
        """Put a later stage in the place of an earlier one; at no moment is there none."""
        fresh = self.path.with_name(f"{LATCH_NAME}.new")
        self._fill(open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), content)
        fresh.replace(self.path)
        self._disk.commit_directory(self.path.parent)

    def _fill(self, fd: int, content: bytes) -> None:
        try:
            write_all(self._disk, fd, content, no_room)
            self._disk.commit(fd)
        finally:
            os.close(fd)

    def lift(self, stop: Latched | None) -> None:
        """Remove the latch if it is still the one that was answered for.

        Raises
        ------
        OSError
            It could not be removed, or somebody has latched another stop meanwhile.
        """
        found = self.read()
        if found is None:
            return
        if found != stop:
            raise OSError(errno.EBUSY, f"another stop was latched meanwhile: {found.reason}")
        with suppress(FileNotFoundError):
            self.path.unlink()
        self._disk.commit_directory(self.path.parent)
