"""A key goes through the whole program, and nothing that is written holds any of it."""

import asyncio
import base64
import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import numpy as np
import pytest
import pytest_asyncio
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from terminal.core.errors import KeychainError
from terminal.core.secret import Secret
from terminal.journal.journal import open_journal
from terminal.model.keys import Keeping, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.runtime import key_desk
from terminal.runtime.accounts import read_accounts, write_accounts
from terminal.venues.keychain import SERVICE, Found, Keychain, find
from tests.helpers.logs import logs_given_back
from tests.helpers.secret_service import missing_programs, secret_service
from tests.helpers.stores import MemoryStore
from tests.venue_servers.deribit import DeribitServer
from ui.app import Application
from ui.dialogs.key_wizard import KeyWizard
from ui.options import read_options
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

ROOT = Path(__file__).resolve().parents[2]
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

    async def give(self, secret: str) -> KeyWizard:
        """Type a key into the wizard and have it checked with an order."""
        self.application.window.menus.giveAsked.emit()
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


@pytest.fixture
def log_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log of everything, as a person makes who hunts a fault: the root logger at DEBUG."""
    path = tmp_path / "logs" / "everything.log"
    path.parent.mkdir()
    monkeypatch.setattr(logging, "logThreads", False)  # it would name Qt's threads, for good
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


@pytest_asyncio.fixture
async def desk(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    store = MemoryStore()
    monkeypatch.setattr(key_desk, "find", lambda _: Found(store, Keeping("Test Keychain")))
    ends = contextlib.ExitStack()
    ends.enter_context(logs_given_back())
    qapp.setQuitOnLastWindowClosed(False)
    async with DeribitServer() as server:
        monkeypatch.setattr(server.keys, "_key", ID)
        monkeypatch.setattr(server.keys, "_secret", SECRET)
        given = ["--data", str(tmp_path / "data"), "--size", "1280x720", "--engine", "numpy"]
        made = Desk(Application(read_options(given), qapp), server)
        await made.until(lambda: made.application.window._frame is not None)
        yield made
        made.application.leave()
        await made.task
    made.application.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for menu in qapp.topLevelWidgets():
        if isinstance(menu, QMenu):
            menu.deleteLater()
    ends.close()
    apply_theme(qapp, load_tokens("dark"))


def frame_text(desk: Desk) -> str:
    runner = desk.application.runner
    assert runner is not None
    frame = runner.session.frame(runner.machine())

    def plain(value: object) -> object:
        return value.tolist() if isinstance(value, np.ndarray) else str(value)

    return msgspec.json.encode(frame, enc_hook=plain).decode() + repr(frame)


def fail(error: Exception) -> None:
    raise error


@pytest.mark.logs
async def test_a_window_writes_no_key_anywhere(  # noqa: PLR0917 - fixtures by name
    desk: Desk,
    log_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    wrong = await desk.give(WRONG)  # an exchange that refuses
    assert not wrong.found.may_keep()
    assert hits("screen", wrong.found.report.__repr__()) == []
    wrong.reject()
    await desk.until(lambda: not desk.wizards)
    right = await desk.give(SECRET)
    assert right.found.may_keep(), right.found.report
    with monkeypatch.context() as patch:  # a keychain that refuses

        def refuse(*_: object, **__: object) -> bool:
            raise KeychainError("Test Keychain did not keep it: it is locked; unlock it")

        patch.setattr(Keychain, "save", refuse)
        right.action.click()
        await desk.until(lambda: "locked" in right.problem.text())
    right.action.click()
    await desk.until(lambda: not desk.wizards)

    # A library that logs what it sent, a failure with the key in its words, and a crash report.
    library = logging.getLogger("some.library")
    library.debug("sending %s", {"secret": SECRET, "id": ID})
    try:
        fail(ValueError(f"cannot sign with {SECRET}"))
    except ValueError as error:
        library.exception("signing failed")
        sys.excepthook(ValueError, error, error.__traceback__)
    assert hits("frame", frame_text(desk)) == []
    desk.application.leave()
    assert await asyncio.wait_for(desk.task, PATIENCE_S) == 0

    assert hits_in_files(tmp_path / "data") == []
    assert hits_in_journal(tmp_path / "data" / "sim") == []
    assert hits_in_files(log_file.parent) == []
    assert "signing failed" in caplog.text
    assert hits("caplog", caplog.text) == []
    said = capfd.readouterr()
    assert hits("terminal", said.out + said.err) == []
    assert "cannot sign with" in said.err
    (stored,) = read_accounts(tmp_path / "data")
    assert stored.account.venue == "deribit"


# -- Without a window, on a real keychain -----------------------------------------------------

CRASH = """
import asyncio, pathlib, sys
from terminal.model.live import Network
from terminal.runtime.key_desk import KeyDesk
desk = KeyDesk(pathlib.Path(sys.argv[1]))
desk.clean_logs()
key = asyncio.run(desk.read(desk.account("deribit", Network.MAIN, "main")))
print(key, desk.accounts())
raise RuntimeError("crashed with " + key["secret"].reveal())
"""


@pytest.mark.skipif(bool(missing_programs()), reason=f"not installed here: {missing_programs()}")
async def test_a_terminal_writes_no_key_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    with contextlib.ExitStack() as ends:
        variables = ends.enter_context(secret_service(tmp_path / "home"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        async with DeribitServer() as server:
            monkeypatch.setattr(server.keys, "_key", ID)
            monkeypatch.setattr(server.keys, "_secret", SECRET)
            account = LiveAccount("deribit", Network.MAIN, "main", server.url)
            fields = {"apiKey": Secret(ID), "secret": Secret(SECRET)}
            await asyncio.to_thread(lambda: Keychain(find({})).save(account.name, fields))
            stored = StoredKey(account=account, fields=tuple(fields), saved_at=time.time_ns())
            write_accounts(data, (stored,))
            said, journal = "", str(data / "sim")
            for words in (
                ["-m", "terminal", "keys", "list", "--json", "--data", str(data)],
                ["-m", "terminal", "keys", "check", "deribit", "--order", "--data", str(data)],
                ["-m", "terminal", "doctor", "--data", str(data)],
                ["-m", "terminal", "run", "--for", "5m", "--speed", "max", "--data", journal],
                ["-c", CRASH, str(data)],
                ["-m", "terminal", "keys", "forget", "deribit", "--data", str(data)],
            ):
                done = await asyncio.to_thread(
                    subprocess.run,
                    [sys.executable, *words],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == (1 if "-c" in words else 0), done.stderr
                said += done.stdout + done.stderr
    assert "placed and cancelled" in said
    assert "RuntimeError: crashed with" in said
    assert "is forgotten" in said
    assert hits("terminal", said) == []
    assert hits_in_files(data) == []
    assert hits_in_journal(data / "sim") == []
    assert hits_in_files(tmp_path / "home") == [], f"{SERVICE} keeps keys encrypted"
