"""The door between the key wizard and whoever keeps keys: asked by slots, answered by tasks."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from terminal.core.errors import TerminalError
from terminal.model.keys import KeyEntry, Keys, StoredKey
from ui.containment import contained
from ui.dialogs.key_wizard import KeyWizard

Job = Callable[[Keys], Awaitable[None]]


class KeyDoor(QObject):
    """Opens the wizard and carries out what it asks for.

    Parameters
    ----------
    behind : callable
        Makes whoever keeps keys; called in a worker thread, when the door is opened first.
    window : QWidget
        Window that waits for the wizard.
    say : callable
        Takes a line for the log.
    """

    def __init__(
        self, behind: Callable[[], Keys], window: QWidget, say: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._behind = behind
        self._window = window
        self._say = say
        self._wizard: KeyWizard | None = None
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()

    async def serve(self) -> None:
        """Carry out what is asked for, until it is cancelled."""
        keys: Keys | None = None
        while keys is None:
            first = await self._jobs.get()
            with contained("exchange keys", self._fault):
                keys = await asyncio.to_thread(self._behind)
        keys.clean_logs()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry_out(first, keys), name="keys")
            while True:
                job = await self._jobs.get()
                group.create_task(self._carry_out(job, keys), name="keys")

    async def _carry_out(self, job: Job, keys: Keys) -> None:
        with contained("exchange keys", self._fault):
            try:
                await job(keys)
            except TerminalError as error:
                self._refuse(str(error))

    def open(self) -> None:
        """Ask for a key."""
        self._jobs.put_nowait(self._open)

    async def _open(self, keys: Keys) -> None:
        if self._wizard is not None:
            self._wizard.raise_()
            return
        wizard = self._wizard = KeyWizard(keys.offers(), self._window)
        wizard.checkAsked.connect(self._on_check)
        wizard.keepAsked.connect(self._on_keep)
        wizard.finished.connect(self._on_finished)
        wizard.open()
        self._jobs.put_nowait(self._look)

    async def _look(self, keys: Keys) -> None:
        known = await asyncio.to_thread(keys.accounts)
        keeping = await keys.keeping()
        if self._wizard is not None:
            self._wizard.show_accounts(known)
            self._wizard.show_keeping(keeping)

    def _on_check(self, entry: KeyEntry, with_order: bool) -> None:
        self._jobs.put_nowait(partial(self._check, entry, with_order=with_order))

    async def _check(self, entry: KeyEntry, keys: Keys, *, with_order: bool) -> None:
        report = await keys.check(entry, with_order=with_order)
        if self._wizard is not None:
            self._wizard.show_report(report)

    def _on_keep(self, entry: KeyEntry) -> None:
        self._jobs.put_nowait(partial(self._keep, entry))

    async def _keep(self, entry: KeyEntry, keys: Keys) -> None:
        stored: StoredKey = await keys.save(entry)
        self._say(f"the key of {stored.account.name} is kept; start live with --mode live")
        if self._wizard is not None:
            self._wizard.show_kept()

    def _fault(self, error: Exception) -> None:
        """Whatever is broken here must not end the engine, which runs beside it."""
        self._refuse(f"that could not be done: {type(error).__name__}")

    def _refuse(self, why: str) -> None:
        if self._wizard is not None:
            self._wizard.show_refusal(why)
        else:
            self._say(why)

    def _on_finished(self) -> None:
        wizard, self._wizard = self._wizard, None
        if wizard is not None:
            wizard.deleteLater()
