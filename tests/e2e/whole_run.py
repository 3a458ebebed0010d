"""The window of a live desk and a person at it who trades and exports everything.

Started by ``test_whole_run.py`` with the address of a local exchange and a folder; the key comes
over standard input, as from a keychain, so that neither arguments nor environment hold it.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from terminal.core.secret import Secret
from terminal.model.frame import Frame
from terminal.model.hedge import ProposalStatus
from terminal.model.keys import Keeping, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    Approve,
    ArmLive,
    Command,
    HedgeNow,
    Requote,
    Stop,
    StopStage,
)
from terminal.runtime import key_desk
from terminal.runtime.accounts import write_accounts
from terminal.runtime.private import keep_files_private
from terminal.runtime.profiles import save_file
from terminal.venues.keychain import Found, Keychain
from tests.helpers.stores import MemoryStore
from ui import app as window_app
from ui.app import Application
from ui.panels.log import LogPanel
from ui.widgets.table import Table

PATIENCE_S = 90.0


class Person:
    """Uses the window; everything that it was shown is kept beside what the program writes."""

    def __init__(self, application: Application, folder: Path, keys: dict[str, str]) -> None:
        self.application = application
        self.folder = folder
        self.keys = keys

    async def until(self, true: Callable[[], object]) -> None:
        """Wait."""
        limit = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > limit:
                raise TimeoutError("it never came")
            await asyncio.sleep(0.5)

    @property
    def frame(self) -> Frame | None:
        """What is shown."""
        runner = self.application.runner
        return runner.latest if runner else None

    def tell(self, word: str) -> None:
        """Say how far it is, and keep what is shown."""
        with (self.folder / "frames.txt").open("a", encoding="utf-8") as file:
            file.write(repr(self.frame))
            file.write(msgspec.json.encode(self.frame, enc_hook=_plain).decode())
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()

    async def use(self, url: str) -> None:
        """Arm, trade, see a crash, export, stop, leave."""
        await self.until(lambda: self.frame and self.frame.desks)
        self._send(ArmLive("LIVE", (url,)))
        await self.until(lambda: self.frame and self.frame.live and self.frame.live.armed)
        self.tell("armed")
        await self.until(self._traded)
        self.tell("traded")
        self._crash()
        await asyncio.sleep(0.5)
        self._export()
        self._send(Stop(StopStage.FREEZE, "the end of a run"))
        await self.until(lambda: self.frame and self.frame.stop.stage)
        self.tell("stopped")
        self.application.leave()

    def _send(self, command: Command) -> None:
        runner = self.application.runner
        assert runner is not None
        runner.send(command)

    def _traded(self) -> bool:
        frame = self.frame
        return bool(frame and (frame.fills or self._answer(frame)))

    def _answer(self, frame: Frame) -> bool:
        """Ask for a hedge and agree to the newest numbers."""
        if not frame.proposals:
            self._send(HedgeNow("BTC"))
        for each in frame.proposals:
            stale = each.status is ProposalStatus.REQUOTE
            id_ = each.proposal_id
            self._send(Requote(id_) if stale else Approve(id_, each.revision))
        return False

    def _crash(self) -> None:
        """A library that logs what it sent, and a slot that fails with the key in its words."""
        logging.getLogger("some.library").debug("sending %s", self.keys)
        logging.getLogger("ccxt.base.exchange").debug("headers %s", self.keys)

        def fail() -> None:
            raise ValueError(f"cannot sign with {self.keys}")

        QTimer.singleShot(0, fail)

    def _export(self) -> None:
        """Copy every table and the log, save the profile, take a picture, list the widgets."""
        window = self.application.window
        clipboard = QGuiApplication.clipboard()
        texts = []
        for table in window.findChildren(Table):
            table.copy()
            texts.append(clipboard.text())
        for panel in window.findChildren(LogPanel):
            panel.copy()
            texts.append(clipboard.text())
        (self.folder / "exports.txt").write_text("\n".join(texts), "utf-8")
        frame = self.frame
        assert frame is not None
        save_file(frame.profile, self.folder / "profile.toml")
        window.grab().save(str(self.folder / "window.png"))


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else str(value)


def main() -> int:
    """Open the window as a person does, with a keychain in memory."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    keys: dict[str, str] = json.loads(sys.stdin.readline())
    data = folder / "data"
    found = Found(MemoryStore(), Keeping("Test Keychain", ""))
    setattr(key_desk, "find", lambda _: found)  # noqa: B010 - no keychain of this machine
    account = LiveAccount("okx", Network.MAIN, "main", url)
    fields = {name: Secret(text) for name, text in keys.items()}
    Keychain(found).save(account.name, fields)
    keep_files_private()
    stored = StoredKey(account=account, fields=tuple(fields), saved_at=time.time_ns())
    write_accounts(data, (stored,))
    logging.basicConfig(filename=folder / "everything.log", level=logging.DEBUG)
    for name in ("asyncio", "qasync"):  # a line for each turn of the loop
        logging.getLogger(name).setLevel(logging.INFO)
    run = Application.run

    async def used(self: Application) -> int:
        person = asyncio.ensure_future(Person(self, folder, keys).use(url))
        person.add_done_callback(lambda _: self.leave())
        code = await run(self)
        await person
        return code

    Application.run = used  # type: ignore[method-assign] # a person beside it
    words = ["--mode", "live", "--venue", "okx", "--underlyings", "BTC,ETH", "--engine", "numpy"]
    return window_app.main([*words, "--data", str(data), "--record", str(folder / "run.tape")])


if __name__ == "__main__":
    sys.exit(main())
