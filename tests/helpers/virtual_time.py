"""An event loop whose time jumps to the next timer: minutes of waiting in milliseconds."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything is ready, and jumps when nothing is.

    While a worker thread runs, time waits for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._threads = 0

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def clock_ns(self) -> int:
        """Nanoseconds since the loop was made."""
        return round(self._now * 1e9)

    def run_in_executor(  # type: ignore[override]  # typeshed's is generic in its arguments
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        """Run in a thread, and let no time pass meanwhile."""
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._one_less)
        return future

    def _one_less(self, _: object) -> None:
        self._threads -= 1

    def _run_once(self) -> None:
        idle = not self._ready and not self._threads  # type: ignore[attr-defined]
        scheduled = self._scheduled  # type: ignore[attr-defined]
        if idle and scheduled:
            self._now = max(self._now, scheduled[0]._when)
        elif not self._ready and self._threads:  # type: ignore[attr-defined]
            self.call_soon(threading.Event().wait, 0.0005)
        super()._run_once()  # type: ignore[misc]


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time; tasks left over are cancelled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
