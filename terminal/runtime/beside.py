"""Calls that may block on somebody else, each in a thread of its own and never waited for long."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from terminal.core.errors import TerminalError

Answer = TypeVar("Answer")


async def beside(call: Callable[[], Answer], patience_s: float, late: TerminalError) -> Answer:
    """Run a blocking call in a thread of its own.

    Parameters
    ----------
    call : callable
    patience_s : float
        Longest wait for it.
    late : TerminalError
        Raised when it is not done by then. The call goes on, and its answer is dropped.

    Notes
    -----
    Not in the loop's own pool: a keychain that waits for a dialog would hold the program's end up.
    """
    done: Future[Answer] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            answer = call()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            done.set_exception(error)
        else:
            done.set_result(answer)

    threading.Thread(target=run, name="beside", daemon=True).start()
    try:
        async with asyncio.timeout(patience_s):  # wait_for could swallow a cancellation
            return await asyncio.wrap_future(done)
    except TimeoutError:
        raise late from None
