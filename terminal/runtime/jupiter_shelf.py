"""Requests to Jupiter on disk: each in a file of its own, there before anything is sent."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from terminal.core.errors import ConfigError
from terminal.runtime.whole_file import write_whole
from terminal.venues.jupiter.requesting import Kept, Outcome

_MOST = 40  # characters of an order's id
_WHAT = "the request"


class FileShelf:
    """Files in a folder, named by the order's id.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, order_id: str) -> Kept | None:
        """The request of an order.

        Raises
        ------
        ConfigError
            The id cannot name a file, or the file cannot be read: nobody knows what was sent.
        """
        path = self._path(order_id)
        try:
            return msgspec.json.decode(path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigError(
                f"{path} cannot be read ({error}): look at jup.ag what became of it, then delete it"
            ) from error

    def open(self) -> Sequence[str]:
        """Orders whose requests have no final outcome, in the order of their names."""
        names = sorted(path.stem for path in self._folder.glob("*.json"))
        known = ((name, self.find(name)) for name in names)
        return [name for name, kept in known if kept and kept.outcome is Outcome.OPEN]

    def begin(self, kept: Kept) -> None:
        """Keep a new request; it is on disk when this returns.

        Raises
        ------
        ConfigError
            There is one of this id, from another process too; or the disk refuses.
        """
        path = self._path(kept.change.order_id)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("xb") as file:
                file.write(msgspec.json.encode(kept))
                file.flush()
                os.fsync(file.fileno())
            _settle(self._folder)
        except FileExistsError as error:
            raise ConfigError(f"request {path.stem} is being sent by another process") from error
        except OSError as error:
            raise ConfigError(
                f"{_WHAT} {path} cannot be kept, so it is not sent: {error}"
            ) from error

    def update(self, kept: Kept) -> None:
        """Keep what became of a request; the old file stands where that fails."""
        path = self._path(kept.change.order_id)
        write_whole(path, msgspec.json.encode(kept).decode(), _WHAT)

    def _path(self, order_id: str) -> Path:
        sound = order_id.isascii() and order_id.replace("-", "").isalnum()
        if not sound or len(order_id) > _MOST:
            raise ConfigError(f"--id {order_id!r}: take up to {_MOST} letters, digits and hyphens")
        return self._folder / f"{order_id}.json"


def _settle(folder: Path) -> None:
    """Have the folder's own entry on disk, where the system offers it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
