"""Messages under way: each takes its time, none overtakes another."""

from collections import deque
from typing import Final, Generic, TypeVar

import numpy as np
from msgspec import Struct

from terminal.core.units import MILLISECOND

Message = TypeVar("Message")


class Latency(Struct, frozen=True):
    """Shortest and longest one-way delay, ns; drawn evenly in between."""

    low: int = 20 * MILLISECOND
    high: int = 80 * MILLISECOND


NO_LATENCY: Final = Latency(0, 0)
USUAL_LATENCY: Final = Latency()
"""Everything arrives at once."""


class MessageQueue(Generic[Message]):
    """One direction of a connection, in order like the stream it stands for.

    Parameters
    ----------
    latency : Latency
    rng : Generator
        Draws one delay per message, in the order of sending.
    """

    def __init__(self, latency: Latency, rng: np.random.Generator) -> None:
        self._latency = latency
        self._rng = rng
        self._sent: deque[tuple[int, Message]] = deque()
        self._last = 0

    def send(self, message: Message, at: int, extra: int = 0) -> None:
        """Send at ``at``; ``extra`` ns are added to the delay drawn."""
        delay = int(self._rng.integers(self._latency.low, self._latency.high + 1))
        self._last = max(self._last, at + delay + extra)
        self._sent.append((self._last, message))

    def next_at(self) -> int | None:
        """Arrival of the next message, UtcNs."""
        return self._sent[0][0] if self._sent else None

    def take(self) -> tuple[int, Message]:
        """Receive the next message with its arrival."""
        return self._sent.popleft()
