"""A file that is touched while the engine lives, so that another process sees when it does not."""

import contextlib
import os
from pathlib import Path
from typing import Final

from terminal.journal.disk import open_private

ALIVE_NAME: Final = "engine.alive"


def touch(directory: Path) -> None:
    """Say that the engine lives; needs no room on the drive once the file is there.

    A drive that refuses is not this file's to tell: silence is.
    """
    path = directory / ALIVE_NAME
    with contextlib.suppress(OSError):
        os.close(open_private(path, os.O_WRONLY | os.O_CREAT))
        os.utime(path)


def ended(directory: Path) -> None:
    """Say that the engine has ended in order."""
    with contextlib.suppress(OSError):
        (directory / ALIVE_NAME).unlink(missing_ok=True)


def silence(directory: Path, now: float) -> float | None:
    """Seconds since the engine last said that it lives; None where none runs.

    Parameters
    ----------
    directory : Path
        Of its journal.
    now : float
        Wall clock, seconds since 1970.
    """
    try:
        return max(now - (directory / ALIVE_NAME).stat().st_mtime, 0.0)
    except OSError:
        return None
