"""What a run writes is for its user alone: no file or folder is open to others."""

import os
import sys
from pathlib import Path

from terminal.core.errors import ConfigError

CLOSED = 0o077
"""Rights of group and others that nothing new is given."""

_WRITABLE = 0o022


def keep_files_private() -> None:
    """Have every file of this process, and of its children, made 0600 and every folder 0700.

    Notes
    -----
    Set once where a program begins, whatever the shell's own mask is: temporary files, settings
    that Qt writes, pictures, tapes, kernels and what a library keeps are all covered, not only
    the places that name a mode. Windows gives a file the rights of its folder, and folders of a
    user's profile are closed to other users.
    """
    os.umask(CLOSED)


def make_trusted_folder(folder: Path) -> None:
    """Make a folder whose content is run, or see that nobody else can put anything there.

    Parameters
    ----------
    folder : Path
        Made with mode 0700 where it does not exist.

    Raises
    ------
    ConfigError
        It cannot be made, belongs to somebody else, or others may write to it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise ConfigError(f"{folder} cannot be used: {error.strerror or error}") from error
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid():
        raise ConfigError(f"{folder} belongs to another user, and what is in it would be run")
    if found.st_mode & _WRITABLE:
        raise ConfigError(
            f"others may write to {folder}, and what is in it would be run: "
            "chmod go-w it after a look at its content, or name another"
        )
