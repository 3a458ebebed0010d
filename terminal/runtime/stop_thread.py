"""A thread that sees to the stop when the loop cannot: a hung window must not hold cancels."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from terminal.runtime.latching import StopLatch

log = logging.getLogger(__name__)

LOOK_S: Final = 0.02
HELD_UP_S: Final = 0.1
"""Silence of the loop after which a stop is not left to it."""

AGAIN_S: Final = 2.0
"""Between two rounds of cancels while the loop stays silent."""


class Apart(Protocol):
    """What cancels without the loop."""

    def prepare(self) -> str:
        """Get ready; why that failed, or empty."""
        ...

    def cancel_all(self) -> str:
        """Cancel everything that may rest; how it went."""
        ...


@contextlib.contextmanager
def stop_thread(latch: StopLatch, apart: Apart | None) -> Iterator[None]:
    """Watch the latch in a thread while this lasts; does nothing where nothing cancels apart.

    Parameters
    ----------
    latch : StopLatch
    apart : Apart or None
        Of the world; a simulated venue lives on the loop itself and has none.
    """
    if apart is None:
        yield
        return
    leaving = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(latch, apart, leaving.wait), name="stop", daemon=True
    )
    watch.start()
    try:
        yield
    finally:
        leaving.set()
        watch.join(LOOK_S + AGAIN_S)  # a venue that does not answer must not keep the desk open


def _watch(latch: StopLatch, apart: Apart, leaving: Callable[[float], bool]) -> None:
    """Look until told to leave."""
    ready_at = time.monotonic() + AGAIN_S  # the gateway asks for the key first
    acted_at = 0.0
    while not leaving(LOOK_S):
        now = time.monotonic()
        if now >= ready_at:
            trouble = apart.prepare()
            ready_at = now + (60.0 if trouble else float("inf"))
            if trouble:
                log.warning("a stop could not cancel without the loop: %s", trouble)
        if latch.found() is None or now - latch.heard_at < HELD_UP_S:
            continue
        if now - acted_at >= AGAIN_S:
            acted_at = now
            log.error("the loop is held up while a stop stands: %s", apart.cancel_all())
            ready_at = time.monotonic()
