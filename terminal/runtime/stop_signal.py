"""SIGUSR1 stops: heard between two steps of the interpreter, whatever the loop is doing."""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

from terminal.journal.latch import Latched
from terminal.model.messages import StopStage
from terminal.runtime.latching import StopLatch


@contextlib.contextmanager
def stopped_by_signal(latch: StopLatch) -> Iterator[None]:
    """Freeze on SIGUSR1 while this lasts; to be entered on the main thread.

    Windows has no such signal: there the verb ``stop`` is the way.
    """
    number = getattr(signal, "SIGUSR1", None)
    if number is None:
        yield
        return

    def freeze(_signal: int, _frame: FrameType | None) -> None:
        latch.pull(
            Latched(
                stage=StopStage.FREEZE,
                reason="stopped by a signal",
                at=time.time_ns(),
                by="SIGUSR1",
            )
        )

    before = signal.signal(number, freeze)
    try:
        yield
    finally:
        signal.signal(number, before)
