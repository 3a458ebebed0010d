"""The door between the wizard and whoever keeps keys."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from terminal.core.errors import ConfigError, KeychainError
from terminal.model.keys import (
    CheckRow,
    CheckState,
    Keeping,
    KeyEntry,
    KeyOffer,
    KeyReport,
    StoredKey,
)
from terminal.model.live import LiveAccount, Network
from ui.dialogs.key_wizard import KeyWizard
from ui.key_door import KeyDoor

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)


class KeysOfTest:
    """Keeps nothing, and fails when told to."""

    def __init__(self) -> None:
        self.saved: list[KeyEntry] = []
        self.stored: list[StoredKey] = []
        self.refusal = ""
        self.damaged = False
        self.cleaning = False
        self.gate = asyncio.Event()
        self.gate.set()

    def offers(self) -> tuple[KeyOffer, ...]:
        return (KeyOffer(venue="deribit", title="Deribit", fields=("secret",), test_network=True),)

    def accounts(self) -> tuple[StoredKey, ...]:
        if self.damaged:
            raise ConfigError("accounts.json is damaged")
        return tuple(self.stored)

    async def keeping(self) -> Keeping:
        return Keeping("Test Keychain")

    async def check(self, entry: KeyEntry, *, with_order: bool = False) -> KeyReport:
        await self.gate.wait()
        return KeyReport(entry.account, (CheckRow("Reading", CheckState.OK, "it answers"),))

    async def save(self, entry: KeyEntry) -> StoredKey:
        if self.refusal:
            raise KeychainError(self.refusal)
        self.saved.append(entry)
        return StoredKey(account=entry.account, fields=tuple(entry.fields), saved_at=1)

    async def forget(self, stored: StoredKey) -> bool:
        if self.refusal:
            raise KeychainError(self.refusal)
        self.stored.remove(stored)
        return True

    def clean_logs(self) -> None:
        self.cleaning = True


class Hall:
    """A door that is served, and what a test sees of it."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.window.show()
        self.keys = KeysOfTest()
        self.said: list[str] = []
        self.door = KeyDoor(self.keys, self.window, self.said.append)
        self.task: asyncio.Task[Any] = asyncio.ensure_future(self.door.serve())

    @property
    def wizards(self) -> list[KeyWizard]:
        return [each for each in self.window.findChildren(KeyWizard) if each.isVisible()]

    async def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10.0
        while not true():
            assert time.monotonic() < deadline, "it never came"
            assert not self.task.done(), self.task
            await asyncio.sleep(0.005)

    async def opened(self) -> KeyWizard:
        self.door.open()
        await self.until(lambda: self.wizards)
        return self.wizards[0]

    async def asked(self) -> KeyWizard:
        wizard = await self.opened()
        wizard.action.click()
        QTest.keyClicks(wizard.keys.fields["secret"], "a-secret")
        wizard.action.click()
        return wizard


@pytest_asyncio.fixture
async def hall(qapp: QApplication) -> AsyncIterator[Hall]:
    made = Hall()
    yield made
    made.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await made.task
    made.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def test_logs_are_clean_from_the_first_time_a_key_may_be_seen(hall: Hall) -> None:
    await asyncio.sleep(0.02)
    assert not hall.keys.cleaning
    await hall.opened()
    await hall.opened()
    assert len(hall.wizards) == 1
    assert hall.keys.cleaning


async def test_a_key_goes_through_it(hall: Hall) -> None:
    wizard = await hall.asked()
    await hall.until(wizard.found.may_keep)
    wizard.action.click()
    await hall.until(lambda: hall.keys.saved)
    await hall.until(lambda: not hall.wizards)
    assert "deribit/main/main" in hall.said[0]
    assert "a-secret" not in hall.said[0]


async def test_a_refusal_comes_back(hall: Hall) -> None:
    hall.keys.refusal = "it is locked; unlock it and try again"
    wizard = await hall.asked()
    await hall.until(wizard.found.may_keep)
    wizard.action.click()
    await hall.until(lambda: "unlock it" in wizard.problem.text())
    hall.keys.refusal = ""
    wizard.action.click()
    await hall.until(lambda: hall.keys.saved)


async def test_a_key_is_forgotten_through_it_unless_the_keychain_refuses(hall: Hall) -> None:
    account = LiveAccount("deribit", Network.MAIN, "main")
    stored = StoredKey(account=account, fields=("secret",), saved_at=1)
    hall.keys.stored.append(stored)
    wizard = await hall.opened()
    assert wizard.account is not None
    await hall.until(wizard.account.kept.count)
    hall.keys.refusal = "it is locked; unlock it and try again"
    wizard.account.forget.confirmed.emit()
    await hall.until(lambda: "unlock it" in wizard.problem.text())
    assert hall.keys.stored == [stored]
    hall.keys.refusal = ""
    wizard.account.forget.confirmed.emit()
    await hall.until(lambda: not hall.keys.stored)
    await hall.until(lambda: "is forgotten" in "".join(hall.said))
    await hall.until(wizard.account.known.isHidden)


async def test_a_damaged_list_is_told_and_closes_nothing(hall: Hall) -> None:
    hall.keys.damaged = True
    wizard = await hall.opened()
    await hall.until(lambda: "damaged" in wizard.problem.text())


@pytest.mark.logs
async def test_what_breaks_behind_the_door_does_not_end_the_program(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hall.keys, "offers", lambda: 1 / 0)
    hall.door.open()
    await hall.until(lambda: "ZeroDivisionError" in "".join(hall.said))
    assert not hall.task.done()
    assert "exchange keys failed" in caplog.text


async def test_a_wizard_that_was_closed_gets_no_answer_and_can_be_opened_again(hall: Hall) -> None:
    hall.keys.gate.clear()
    first = await hall.asked()
    first.reject()
    await hall.until(lambda: not hall.wizards)
    second = await hall.opened()  # though the check is still under way
    hall.keys.gate.set()
    await asyncio.sleep(0.05)
    assert second.found.report is None
    assert hall.wizards == [second]


# -- A live run without a key yet ---------------------------------------------------------------


@pytest_asyncio.fixture
async def asking(hall: Hall) -> AsyncIterator[tuple[Hall, asyncio.Event]]:
    """A hall whose door is not served but asked."""
    hall.task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await hall.task
    stopped = asyncio.Event()
    hall.task = asyncio.ensure_future(hall.door.ask(stopped))
    await hall.until(lambda: hall.wizards)
    yield hall, stopped


async def test_asking_gives_the_account_that_was_kept(
    asking: tuple[Hall, asyncio.Event],
) -> None:
    hall, _ = asking
    wizard = hall.wizards[0]
    wizard.action.click()
    QTest.keyClicks(wizard.keys.fields["secret"], "a-secret")
    wizard.action.click()
    await hall.until(wizard.found.may_keep)
    wizard.action.click()
    stored = await asyncio.wait_for(hall.task, 10.0)
    assert stored is not None
    assert stored.account.name == "deribit/main/main"


async def test_a_wizard_that_is_closed_gives_none(asking: tuple[Hall, asyncio.Event]) -> None:
    hall, _ = asking
    hall.wizards[0].reject()
    assert await asyncio.wait_for(hall.task, 10.0) is None


async def test_leaving_the_program_closes_the_wizard(asking: tuple[Hall, asyncio.Event]) -> None:
    hall, stopped = asking
    stopped.set()
    assert await asyncio.wait_for(hall.task, 10.0) is None
    assert hall.wizards == []
