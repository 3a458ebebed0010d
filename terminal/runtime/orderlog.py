"""The venue's own record of orders, outside the journal: what the crash test compares."""

import os
from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.model.order import OrderIntent


class OrderLog:
    """Appends a line per order that reaches the venue, on the drive before it returns."""

    def __init__(self, path: Path) -> None:
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(f"order log {path}: {error.strerror}") from error

    def __call__(self, intent: OrderIntent) -> None:
        """Write one order."""
        line = f"{intent.order_id} {intent.key} {intent.side.value} {intent.qty}\n"
        os.write(self._fd, line.encode())
        os.fsync(self._fd)
