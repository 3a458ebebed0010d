"""A journal seen again: where it is, where it can go, and what was decided on the way."""

from msgspec import Struct


class Seek(Struct, frozen=True):
    """A wish to see another moment of a recording, UtcNs; outside it the nearest end is shown."""

    at: int


class Mark(Struct, frozen=True):
    """A decision to hedge, on the time line."""

    at: int  # UtcNs
    underlying: str
    text: str


class PlaybackView(Struct, frozen=True, kw_only=True):
    """Everything that the controls of a recording show."""

    path: str
    first: int  # UtcNs of the first record that can be shown
    last: int
    lived: str  # mode of the run that was recorded
    seeking: int = 0  # UtcNs that is being gone to; 0: none
    marks: tuple[Mark, ...] = ()  # by time
    note: str = ""  # damage, or that no decisions were recorded
    refused: str = ""  # the last command that was not sent
