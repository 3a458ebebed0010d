"""The list of accounts that a key is kept for: a file without any key in it."""

import contextlib
import os
import re
from pathlib import Path

import msgspec

from terminal.core.errors import ConfigError
from terminal.model.keys import StoredKey
from terminal.model.live import LiveAccount

FILE = "accounts.json"
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,31}")


def checked_label(label: str) -> str:
    """Return an account's label if it is one; raises ConfigError otherwise."""
    if LABEL.fullmatch(label):
        return label
    msg = (
        f"{label!r} cannot name an account: up to 32 letters, digits, spaces and . _ -,"
        " a letter or digit first"
    )
    raise ConfigError(msg)


def read_accounts(directory: Path) -> tuple[StoredKey, ...]:
    """Accounts that a key is kept for.

    Raises
    ------
    ConfigError
        The file is there and is not a list of accounts.
    """
    path = directory / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[StoredKey, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(f"{path} is not a list of accounts: {error}; move it away") from error


def with_account(known: tuple[StoredKey, ...], new: StoredKey) -> tuple[StoredKey, ...]:
    """List with an account in it, in place of the one of the same name."""
    return (*without(known, new.account), new)


def without(known: tuple[StoredKey, ...], account: LiveAccount) -> tuple[StoredKey, ...]:
    """List without an account."""
    return tuple(each for each in known if each.account.name != account.name)


def write_accounts(directory: Path, accounts: tuple[StoredKey, ...]) -> None:
    """Write the list, whole or not at all, for this user only.

    Raises
    ------
    ConfigError
        The file cannot be written.
    """
    path = directory / FILE
    half = path.with_suffix(".new")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        half.write_bytes(msgspec.json.format(msgspec.json.encode(accounts)))
        half.chmod(0o600)
        os.replace(half, path)  # noqa: PTH105 - the same act on every system
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error
