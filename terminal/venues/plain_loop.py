"""Coroutines run to their end in a worker thread, on a loop that is not the window's."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

Answer = TypeVar("Answer")


def run_plain(job: Coroutine[object, object, Answer]) -> Answer:
    """Run a coroutine to its end; it blocks, so call it in a worker thread.

    Under the window the usual loop would be one of Qt's, which works in the main thread alone:
    there ``asyncio.run`` ends with "Event loop stopped before Future completed".
    """
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(job)
