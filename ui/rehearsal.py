"""Rehearsing the stop from the menu: beside the loop, one at a time, and said how it went."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal


class Rehearsal(QObject):
    """Rehearses when asked while ``serve`` runs.

    Parameters
    ----------
    rehearse : callable
        Takes seconds, in a thread; a line for each stage.
    say : callable
        Puts a line into the log.
    parent : QObject
    """

    done = Signal(str)  # the newest line of each stage

    def __init__(
        self, rehearse: Callable[[], tuple[str, ...]], say: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._rehearse = rehearse
        self._say = say
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Rehearse, unless it is being done."""
        if not self._asked.is_set():
            self._say("rehearsing the stop on a simulated market of its own: nothing here stops")
            self._asked.set()

    async def serve(self) -> None:
        """Rehearse whenever asked, until cancelled."""
        while True:
            await self._asked.wait()
            try:
                lines = await asyncio.to_thread(self._rehearse)
            except Exception as error:  # noqa: BLE001 - a drill that fails must not end the desk
                lines = (f"the rehearsal failed: {type(error).__name__}: {error}",)
            for line in lines:
                self._say(line)
            self.done.emit("\n".join(lines))
            self._asked.clear()
