"""Write a small text file so that a crash leaves the old one or the new one, never a part."""

import contextlib
import os
from pathlib import Path

from terminal.core.errors import ConfigError


def write_whole(path: Path, text: str, what: str) -> None:
    """Write a file by way of another beside it.

    Parameters
    ----------
    path : Path
        Its folder is made, for this user alone, where it does not exist.
    text : str
    what : str
        What the file is, for the message.

    Raises
    ------
    ConfigError
        It cannot be written; the old file is as it was.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        msg = f"{what} {path} cannot be written: {error}"
        raise ConfigError(msg) from error
