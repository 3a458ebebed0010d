"""A feed that is being recorded to a tape."""

from msgspec import Struct


class RecordFeed(Struct, frozen=True):
    """Begin to record the feed to a file, or end it where ``path`` is empty.

    It changes nothing that the engine knows, so it is no record.
    """

    path: str


class RecordingView(Struct, frozen=True, kw_only=True):
    """How a recording stands; ``fault`` says why it ended by itself."""

    path: str = ""  # of the part that is written; empty: nothing is recorded
    bytes: int = 0  # of every part that is kept
    events: int = 0
    fault: str = ""
