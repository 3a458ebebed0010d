"""A key goes through the whole program, and nothing that is written holds any of it."""

import asyncio
import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from terminal.core.errors import KeychainError
from terminal.core.secret import Secret
from terminal.model.keys import StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.model.risk import Autonomy
from terminal.runtime.accounts import read_accounts, write_accounts
from terminal.venues.keychain import SERVICE, Keychain, find
from tests.e2e.canary_desk import (
    ID,
    PATIENCE_S,
    SECRET,
    WRONG,
    frame_text,
    hits,
    hits_in_files,
    hits_in_journal,
    know,
    person_at,
)
from tests.helpers.secret_service import missing_programs, secret_service
from tests.helpers.stores import MemoryStore
from tests.venue_servers.deribit import DeribitServer
from ui.dialogs.arm import ArmDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """A log of everything, as a person makes who hunts a fault: the root logger at DEBUG."""
    path = tmp_path / "logs" / "everything.log"
    path.parent.mkdir()
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


def fail(error: Exception) -> None:
    raise error


def crash() -> None:
    """A library that logs what it sent, a failure with the key in its words, a crash report."""
    library = logging.getLogger("some.library")
    library.debug("sending %s", {"secret": SECRET, "id": ID})
    try:
        fail(ValueError(f"cannot sign with {SECRET}"))
    except ValueError as error:
        library.exception("signing failed")
        sys.excepthook(ValueError, error, error.__traceback__)


def refuse(*_: object, **__: object) -> bool:
    raise KeychainError("Test Keychain did not keep it: it is locked; unlock it")


@pytest.mark.logs
@pytest.mark.qt_no_exception_capture  # its last words are read here
async def test_a_window_writes_no_key_anywhere(
    qapp: QApplication,
    log_file: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    async with (
        DeribitServer() as server,
        person_at(qapp, server, MemoryStore(), "--data", str(data)) as desk,
    ):
        await desk.until(lambda: desk.application.window._frame is not None)
        wrong = await desk.ask(WRONG)  # an exchange that refuses
        assert not wrong.found.may_keep()
        assert hits("screen", repr(wrong.found.report)) == []
        wrong.reject()
        await desk.until(lambda: not desk.wizards)
        right = await desk.ask(SECRET)
        assert right.found.may_keep(), right.found.report
        with pytest.MonkeyPatch.context() as patch:  # a keychain that refuses
            patch.setattr(Keychain, "save", refuse)
            right.action.click()
            await desk.until(lambda: "locked" in right.problem.text())
        right.action.click()
        await desk.until(lambda: not desk.wizards)
        crash()
        assert hits("frame", frame_text(desk.frame)) == []
        assert await desk.leave() == 0
    assert hits_in_files(data) == []
    assert hits_in_journal(data / "sim") == []
    assert hits_in_files(log_file.parent) == []
    assert "signing failed" in caplog.text
    assert hits("caplog", caplog.text) == []
    said = capfd.readouterr()
    assert hits("terminal", said.out + said.err) == []
    assert "cannot sign with" in said.err
    (stored,) = read_accounts(data)
    assert stored.account.venue == "deribit"


@pytest.mark.logs
@pytest.mark.qt_no_exception_capture  # its last words are read here
async def test_a_first_live_run_asks_for_a_key_is_armed_and_writes_none_of_it(
    qapp: QApplication, log_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    options = ("--data", str(data), "--mode", "live", "--underlyings", "BTC")
    async with (
        DeribitServer() as server,
        person_at(qapp, server, None, *options) as desk,  # no keychain: memory of this process
    ):
        await desk.until(lambda: desk.wizards)
        wizard = await desk.give(SECRET)
        assert "memory of this process only" in wizard.keys.keeping.text()
        wizard.action.click()
        await desk.until(lambda: desk.application.window._frame is not None)
        window = desk.application.window
        await desk.until(lambda: window.findChildren(ArmDialog))
        (dialog,) = window.findChildren(ArmDialog)
        assert window.header._mode.text() == "LIVE · NOT ARMED"
        QTest.keyClicks(dialog.addresses[server.url], server.url)
        QTest.keyClicks(dialog.word, "LIVE")
        dialog.action.click()
        await desk.until(lambda: window.header._mode.text() == "LIVE · ¼ SIZE 7 d")
        await desk.until(lambda: desk.frame.desks)
        assert {each.autonomy for each in desk.frame.desks} == {Autonomy.MANUAL}
        crash()
        assert hits("frame", frame_text(desk.frame)) == []
        assert await desk.leave() == 0
    assert hits_in_files(data) == []
    assert hits_in_journal(data / "live-deribit-main-main") == []
    assert hits_in_files(log_file.parent) == []
    assert hits("caplog", caplog.text) == []
    assert read_accounts(data) == (), "a key of this session only leaves no trace"


async def test_a_live_run_whose_wizard_is_closed_says_what_is_missing(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with (
        DeribitServer() as server,
        person_at(qapp, server, None, "--data", str(tmp_path), "--mode", "live") as desk,
    ):
        await desk.until(lambda: desk.wizards)
        desk.wizards[0].reject()
        assert await asyncio.wait_for(desk.task, PATIENCE_S) == 2
        assert "keys add deribit" in desk.application.failure


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
            know(server, monkeypatch)
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
