"""What is broken at a moment: spans of silence, and faults that wait for their message."""

from collections import Counter
from random import Random

from terminal.core.units import SECOND

ONE_SHOT = frozenset(
    {
        "lost_before",
        "lost_after",
        "duplicate",
        "reorder",
        "missing_fill",
        "late_statement",
        "no_statement",
        "rate_limit",
    }
)
"""Faults that wait for a message of their kind."""

SPANS = {"spike": 20.0, "zombie": 90.0, "ban": 120.0}
"""Seconds that they last at most."""

CUTS = {"disconnect": (5.0, 300.0), "maintenance": (600.0, 1800.0)}
"""Seconds without a connection, at least and at most."""


class Faults:
    """Faults of the network that last, or that are still to come."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._armed: Counter[str] = Counter()
        self._until: dict[str, int] = {}

    def begin(self, kind: str, at: int, draw: Random) -> int:
        """Let a fault happen, or wait; answers when a connection that it cuts is back, or 0."""
        if kind in ONE_SHOT:
            self._armed[kind] += 1
            return 0
        self.met[kind] += 1
        if kind in SPANS:
            self._until[kind] = at + int(draw.uniform(1.0, SPANS[kind]) * SECOND)
        if kind not in CUTS:
            return 0
        back = at + int(draw.uniform(*CUTS[kind]) * SECOND)
        if back <= self._until.get("down", 0):
            return 0
        self._until["down"] = back
        return back

    def take(self, kind: str) -> bool:
        """Whether a fault of this kind waits; it happens now."""
        if not self._armed[kind]:
            return False
        self._armed[kind] -= 1
        self.met[kind] += 1
        return True

    def lasts(self, kind: str, at: int) -> bool:
        """Whether a span lasts."""
        return self._until.get(kind, 0) > at

    def is_deaf(self, at: int) -> bool:
        """Whether nothing that happens is heard."""
        return self.lasts("down", at) or self.lasts("zombie", at)

    def bars(self, at: int) -> str:
        """Why nothing can be asked for now; empty when it can."""
        if self.lasts("down", at):
            return "the account is not connected"
        return "banned for a while" if self.lasts("ban", at) else ""

    def reconnected(self) -> None:
        """A new process has a connection of its own."""
        self._until.pop("down", None)

    def calm(self) -> None:
        """No fault lasts beyond this but a connection that is down."""
        self._armed.clear()
        for kind in SPANS:
            self._until.pop(kind, None)
