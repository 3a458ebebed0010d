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

Job = Callable[[], Awaitable[None]]


class KeyDoor(QObject):
    """Opens the wizard and carries out what it asks for.

    Parameters
    ----------
    keys : Keys
    window : QWidget
        Window that waits for the wizard.
    say : callable
        Takes a line for the log.
    """

    def __init__(self, keys: Keys, window: QWidget, say: Callable[[str], None]) -> None:
        super().__init__(window)
        self._keys = keys
        self._window = window
        self._say = say
        self._wizard: KeyWizard | None = None
        self._kept: StoredKey | None = None
        self._closed = asyncio.Event()
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()

    async def serve(self) -> None:
        """Carry out what is asked for, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                job = await self._jobs.get()
                self._keys.clean_logs()  # from the first time on that a key may be seen
                group.create_task(self._carry_out(job), name="keys")

    async def ask(self, stopped: asyncio.Event) -> StoredKey | None:
        """Ask for a key and wait for it.

        Parameters
        ----------
        stopped : asyncio.Event
            Ends the waiting: the program is left.

        Returns
        -------
        StoredKey or None
            The account whose key was kept; None when the wizard was closed without one.
        """
        self._kept = None
        self.open()
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(self.serve(), name="keys")
            ends = [
                group.create_task(each.wait(), name="keys") for each in (self._closed, stopped)
            ]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in (serving, *ends):
                task.cancel()
        if self._wizard is not None:
            self._wizard.reject()
        return self._kept

    async def _carry_out(self, job: Job) -> None:
        with contained("exchange keys", self._fault):
            try:
                await job()
            except TerminalError as error:
                self._refuse(str(error))

    def open(self) -> None:
        """Open the wizard."""
        self._closed.clear()
        self._jobs.put_nowait(self._open)

    async def _open(self) -> None:
        if self._wizard is not None:
            self._wizard.raise_()
            return
        wizard = self._wizard = KeyWizard(self._keys.offers(), self._window)
        wizard.checkAsked.connect(self._on_check)
        wizard.keepAsked.connect(self._on_keep)
        wizard.forgetAsked.connect(self._on_forget)
        wizard.finished.connect(self._on_finished)
        wizard.open()
        self._jobs.put_nowait(self._look)

    async def _look(self) -> None:
        known = await asyncio.to_thread(self._keys.accounts)
        keeping = await self._keys.keeping()
        if self._wizard is not None:
            self._wizard.show_accounts(known)
            self._wizard.show_keeping(keeping)

    def _on_check(self, entry: KeyEntry, with_order: bool) -> None:
        self._jobs.put_nowait(partial(self._check, entry, with_order=with_order))

    async def _check(self, entry: KeyEntry, *, with_order: bool) -> None:
        report = await self._keys.check(entry, with_order=with_order)
        if self._wizard is not None:
            self._wizard.show_report(report)

    def _on_keep(self, entry: KeyEntry) -> None:
        self._jobs.put_nowait(partial(self._keep, entry))

    async def _keep(self, entry: KeyEntry) -> None:
        stored = self._kept = await self._keys.save(entry)
        self._say(f"the key of {stored.account.name} is kept; trade with it by --mode live")
        if self._wizard is not None:
            self._wizard.show_kept()

    def _on_forget(self, stored: StoredKey) -> None:
        self._jobs.put_nowait(partial(self._forget, stored))

    async def _forget(self, stored: StoredKey) -> None:
        await self._keys.forget(stored)
        self._say(f"the key of {stored.account.name} is forgotten")
        await self._look()

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
        self._closed.set()
        if wizard is not None:
            wizard.deleteLater()
