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
        For this user alone, as is its folder where that has to be made.
    text : str
    what : str
        What the file is, for the message.

    Raises
    ------
    ConfigError
        It cannot be written; the old file is as it was.
    """
    write_whole_bytes(path, text.encode("utf-8"), what)


def write_whole_bytes(path: Path, content: bytes, what: str) -> None:
    """Write bytes as `write_whole` writes text.

    Raises
    ------
    ConfigError
        They cannot be written; the old file is as it was.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)  # one that a crash left may have other rights
        fresh.touch(mode=0o600, exist_ok=False)
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        msg = f"{what} {path} cannot be written: {error}"
        raise ConfigError(msg) from error
