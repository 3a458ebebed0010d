"""Answers what-if questions beside the loop, one at a time, the newest question first."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.state import State
from terminal.engine.supposing import answer
from terminal.model.what_if import WhatIf, WhatIfView
from terminal.runtime.collector import collector_off

EVERY = 5 * SECOND
"""Engine time after which a question is answered anew."""

NOTHING = WhatIf("")


class Explorer:
    """Keeps the question that is open and the latest answer.

    The thread is made with the first question. A state is never changed, so it can be read there
    while the engine goes on.
    """

    def __init__(self) -> None:
        self.question = NOTHING
        self._view: WhatIfView | None = None
        self._work: Future[WhatIfView] | None = None
        self._worker: ThreadPoolExecutor | None = None

    def ask(self, question: WhatIf) -> None:
        """Open a question; one without an underlying closes it."""
        self.question = question

    def of(self, state: State) -> WhatIfView | None:
        """Latest answer to the open question, maybe to one before it; None without a question."""
        if not self.question.underlying:
            self._view = None
            return None
        if self._work is not None and self._work.done():
            self._view, self._work = _outcome(self._work, state.now, self.question), None
        if self._work is None and self._is_due(state.now):
            self._worker = self._worker or ThreadPoolExecutor(1, "what-if")
            self._work = self._worker.submit(_timed, state, self.question)
        return self._view

    def _is_due(self, now: int) -> bool:
        view = self._view
        return view is None or view.question != self.question or now - view.at >= EVERY

    def close(self) -> None:
        """Wait for the answer under way and end the thread."""
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
            self._worker = self._work = None


def _outcome(work: Future[WhatIfView], now: int, question: WhatIf) -> WhatIfView:
    """The answer; a fault of the program is one too, for a question must not halt the desk."""
    error = work.exception()
    if error is None:
        return work.result()
    return WhatIfView(question=question, at=now, fault=f"{type(error).__name__}: {error}")


def _timed(state: State, question: WhatIf) -> WhatIfView:
    began = time.perf_counter()
    with collector_off():
        view = answer(state, question)
    return replace(view, took_ms=(time.perf_counter() - began) * 1e3)
