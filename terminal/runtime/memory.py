"""A journal that keeps nothing: for backtests, whose tape already holds every record."""

from collections.abc import Iterator

from terminal.model.messages import Record


class MemoryJournal:
    """Counts records and forgets them."""

    def __init__(self) -> None:
        self.last_seq = 0
        self.durable_seq = 0
        self.last_sync_ms = 0.0
        self.bytes_used = 0
        self.limit = 0
        self.needs_rotation = False
        self.read_only = False

    def append(self, record: Record) -> None:
        """Count a record."""
        self.last_seq = self.durable_seq = record.seq

    def sync(self) -> None:
        """Nothing to write."""

    def rotate(self, snapshot: bytes, *, at: int) -> None:
        """Nothing to rotate."""

    def read(self, after: int = 0) -> Iterator[Record]:
        """No record is kept."""
        del after
        return iter(())

    def close(self) -> None:
        """Nothing to close."""
