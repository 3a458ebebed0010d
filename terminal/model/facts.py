"""What the machine and the venues say of themselves: drives, keys, positions near their end."""

from typing import TypeAlias

from msgspec import Struct


class DiskSpace(Struct, frozen=True, tag=True):
    """Room on the drive that the journal is on, bytes."""

    free: int


class KeyChecked(Struct, frozen=True, tag=True):
    """What a venue says of the key of an account; ``wrong`` is a sentence each, none: nothing."""

    account: str
    wrong: tuple[str, ...] = ()
    expires_at: int = 0  # UtcNs; 0: never, or not said


class ForcedRow(Struct, frozen=True):
    """How near a venue is to closing a position by itself.

    ``queue`` is the place in the line for auto-deleveraging: 0 is its end, 1 those who are next.
    """

    key: str
    liquidation: float | None = None  # price, USD; None: none, or not said
    queue: float | None = None


class ForcedRisk(Struct, frozen=True, tag=True):
    """What a venue states of all positions in an account; what it does not name is not near."""

    venue: str
    rows: tuple[ForcedRow, ...] = ()


Fact: TypeAlias = DiskSpace | KeyChecked | ForcedRisk
