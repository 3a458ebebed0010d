"""A person who gives keys of a local exchange to a window, and where traces are looked for."""

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import msgspec
import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from terminal.journal.journal import open_journal
from terminal.model.frame import Frame
from terminal.model.keys import Keeping
from terminal.runtime import key_desk
from terminal.venues.keychain import Found, Store
from tests.helpers.logs import logs_given_back
from tests.helpers.windows import swept
from tests.venue_servers.deribit import DeribitServer
from ui.app import Application
from ui.dialogs.key_wizard import KeyWizard
from ui.options import read_options
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

ID, SECRET = "canary-id-7b1d44e0", "canary/secret+93c0aa=="
WRONG = "canary-wrong-secret-e41f"
PATIENCE_S = 30.0


def forms() -> list[str]:
    """Every writing of every canary that is looked for."""
    found = []
    for text in (ID, SECRET, WRONG):
        encoded = base64.b64encode(text.encode()).decode()
        found += [text, quote(text, safe=""), encoded, text.encode().hex(), text[::-1]]
    return found


def hits(where: str, text: str) -> list[str]:
    return [f"{where}: {form}" for form in forms() if form in text]


def hits_in_files(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, f"nothing was written to {folder}"
    return [hit for path in files for hit in hits(path.name, path.read_bytes().decode("latin-1"))]


def hits_in_journal(folder: Path) -> list[str]:
    journal = open_journal(folder, run="test", at=time.time_ns())
    try:
        assert journal.last_seq > 0
        records = msgspec.json.encode(list(journal.recovered.records)).decode()
        snapshot = journal.recovered.snapshot or b""
        return hits("journal", records) + hits("snapshot", snapshot.decode("latin-1"))
    finally:
        journal.close()


class Desk:
    """An application on a simulated market whose person gives keys of a local exchange."""

    def __init__(self, application: Application, server: DeribitServer) -> None:
        self.application = application
        self.server = server
        self.task = asyncio.ensure_future(application.run())

    async def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, "it never came"
            if self.task.done():
                self.task.result()
            await asyncio.sleep(0.01)

    @property
    def wizards(self) -> list[KeyWizard]:
        found = self.application.window.findChildren(KeyWizard)
        return [each for each in found if each.isVisible()]

    async def ask(self, secret: str) -> KeyWizard:
        """Open the wizard and give it a key."""
        self.application.window.menus.giveAsked.emit()
        return await self.give(secret)

    async def give(self, secret: str) -> KeyWizard:
        """Type a key into the wizard that is open and have it checked with an order."""
        await self.until(lambda: self.wizards)
        wizard = self.wizards[0]
        assert wizard.account is not None
        names = [wizard.account.venue.itemText(n) for n in range(wizard.account.venue.count())]
        wizard.account.venue.setCurrentIndex(names.index("Deribit"))
        wizard.account.elsewhere.setChecked(True)
        wizard.account.address.setText(self.server.url)
        wizard.action.click()
        QTest.keyClicks(wizard.keys.fields["apiKey"], ID)
        QTest.keyClicks(wizard.keys.fields["secret"], secret)
        wizard.keys.with_order.setChecked(True)
        wizard.action.click()
        await self.until(lambda: wizard.found.report is not None)
        return wizard

    @property
    def frame(self) -> Frame:
        """The picture of this moment."""
        runner = self.application.runner
        assert runner is not None
        return runner.session.frame(runner.machine())

    async def leave(self) -> int:
        """Leave, and wait for the end."""
        self.application.leave()
        return await asyncio.wait_for(self.task, PATIENCE_S)


def frame_text(frame: Frame) -> str:
    """A frame, encoded and as Python writes it."""

    def plain(value: object) -> object:
        return value.tolist() if isinstance(value, np.ndarray) else str(value)

    return msgspec.json.encode(frame, enc_hook=plain).decode() + repr(frame)


@contextlib.asynccontextmanager
async def person_at(
    qapp: QApplication, server: DeribitServer, store: Store | None, *options: str
) -> AsyncIterator[Desk]:
    """Open a window whose keychain is ``store``, or memory, and leave it in the end."""
    qapp.setQuitOnLastWindowClosed(False)
    found = Found(store, Keeping("Test Keychain" if store is not None else "", ""))
    with logs_given_back(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_desk, "find", lambda _: found)
        know(server, patch)
        given = [*options, "--size", "1280x720", "--engine", "numpy"]
        made = Desk(Application(read_options(given), qapp), server)
        yield made
        made.application.leave()
        await made.task
        made.application.window.deleteLater()
        swept(qapp)
        apply_theme(qapp, load_tokens("dark"))


def know(server: DeribitServer, patch: pytest.MonkeyPatch) -> None:
    """Let an exchange know the canary for its one good key."""
    patch.setattr(server.keys, "_key", ID)
    patch.setattr(server.keys, "_secret", SECRET)
