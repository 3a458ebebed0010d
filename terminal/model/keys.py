"""API keys as a person handles them: what to fill in, what is kept, and what a check found."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from terminal.core.secret import Secret
from terminal.model.live import LiveAccount


class KeyOffer(Struct, frozen=True, kw_only=True):
    """An exchange that a key can be given for."""

    venue: str
    title: str
    fields: tuple[str, ...]  # what its key consists of
    test_network: bool
    why_read_only: str = ""  # empty: it can be traded on


class KeyEntry(Struct, frozen=True, kw_only=True):
    """A key as it was typed. It cannot be encoded, so it never leaves the process by mistake."""

    account: LiveAccount
    fields: Mapping[str, Secret]
    session_only: bool = False  # kept in memory until the program ends


class StoredKey(Struct, frozen=True, kw_only=True):
    """A key that is kept: where and since when, but nothing of the key itself."""

    account: LiveAccount
    fields: tuple[str, ...]
    saved_at: int  # UtcNs


class Keeping(Struct, frozen=True):
    """Where keys are kept on this machine. ``why`` says why they are not kept for good."""

    name: str  # of the keychain; empty: memory of this process only
    why: str = ""

    @property
    def words(self) -> str:
        """Where a key goes, for the screen."""
        return self.name or "the memory of this process only: gone when it ends"


class CheckState(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"  # the exchange did not say


class CheckRow(Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    state: CheckState
    found: str
    remedy: str = ""
    loud: bool = False  # money is at stake


class KeyReport(Struct, frozen=True):
    """Everything that was found of a key, or why nothing could be."""

    account: LiveAccount
    rows: tuple[CheckRow, ...] = ()
    failure: str = ""
    expires_at: int = 0  # UtcNs; 0: never, or not said


class Keys(Protocol):
    """Whoever keeps, checks and forgets keys; what blocks is done beside the loop."""

    def offers(self) -> tuple[KeyOffer, ...]:
        """Exchanges that a key can be given for."""
        ...

    def accounts(self) -> tuple[StoredKey, ...]:
        """Accounts with a key; raises ConfigError when their list cannot be read."""
        ...

    async def keeping(self) -> Keeping:
        """Where keys are kept on this machine."""
        ...

    async def check(self, entry: KeyEntry, *, with_order: bool = False) -> KeyReport:
        """What a key may do; a failure is in the report."""
        ...

    async def save(self, entry: KeyEntry) -> StoredKey:
        """Keep a key; raises ConfigError when that is refused."""
        ...

    async def forget(self, stored: StoredKey) -> bool:
        """Delete a key, and say whether there was one; raises ConfigError when refused."""
        ...

    def clean_logs(self) -> None:
        """From here on no log line and no last word of the process shows a key used here."""
        ...
