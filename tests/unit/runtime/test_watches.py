"""Watches: what they say, how often, and what they do when there is nothing to be said."""

import threading
from pathlib import Path
from typing import cast

import pytest

from terminal.core.secret import Secret
from terminal.model.facts import DiskSpace, KeyChecked
from terminal.model.keys import CheckRow, CheckState, KeyReport, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import (
    Event,
    Mode,
)
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.live import DeskKeys, key_checked
from terminal.runtime.opening import watches_of
from terminal.runtime.settings import Settings
from terminal.runtime.watches import (
    DISK_EVERY_S,
    KEY_EVERY_S,
    KEY_FIRST_S,
    KEY_RETRY_S,
    DiskWatch,
    KeyWatch,
    told,
)
from tests.helpers.builders import profile
from tests.unit.runtime.making import Logbook, on_stage

ACCOUNT = LiveAccount("deribit", Network.MAIN, "desk")


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_drive_is_looked_at_once_a_minute(tmp_path: Path) -> None:
    clock = Hands()
    watch = DiskWatch(tmp_path, clock)
    assert watch.told() == ()
    clock.now = DISK_EVERY_S
    (said,) = watch.told()
    assert isinstance(said, DiskSpace)
    assert said.free > 0
    assert watch.told() == ()


def test_a_drive_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    clock = Hands()
    watch = DiskWatch(tmp_path / "gone", clock)
    clock.now = 2 * DISK_EVERY_S
    assert told([watch]) == ()


def asked(watch: KeyWatch) -> tuple[Event, ...]:
    """What a watch says, with the answer of a thread that it may have begun."""
    found = watch.told()
    for thread in threading.enumerate():
        if thread.name == "key-watch":
            thread.join(5.0)
    return (*found, *watch.told())


def test_a_key_is_asked_about_once_a_day_and_sooner_after_a_failure() -> None:
    clock, answers = Hands(), [None, KeyChecked("a"), KeyChecked("b")]
    watch = KeyWatch(lambda: answers.pop(0), clock)
    assert asked(watch) == ()
    assert len(answers) == 3
    clock.now = KEY_FIRST_S
    assert asked(watch) == ()  # it could not be asked
    clock.now += KEY_RETRY_S
    assert asked(watch) == (KeyChecked("a"),)
    clock.now += KEY_RETRY_S
    assert asked(watch) == ()
    assert len(answers) == 1
    clock.now += KEY_EVERY_S
    assert asked(watch) == (KeyChecked("b"),)


def test_what_watches_say_is_journaled_and_reaches_the_engine() -> None:
    class Once:
        def __init__(self) -> None:
            self.facts: list[Event] = [DiskSpace(5)]

        def told(self) -> tuple[Event, ...]:
            return (self.facts.pop(),) if self.facts else ()

    book = Logbook()
    session, _ = on_stage(book, profile())
    session.watches = [Once()]
    session.advance(session.state.now + 10**9)
    assert session.state.facts.disk == DiskSpace(5)
    assert any(b"DiskSpace" in row for row in book.rows)


def row(what: str, state: CheckState) -> CheckRow:
    return CheckRow(what, state, f"{what} is {state.value}")


def test_only_rights_and_what_forbids_the_key_are_wrong_with_it() -> None:
    rows = (
        row("Withdrawals", CheckState.WARN),
        row("Trading", CheckState.BAD),
        row("Reading", CheckState.OK),
        row("IP addresses", CheckState.WARN),  # advice, not a fault
        row("Expiry", CheckState.BAD),  # has an alert of its own
        row("Clock", CheckState.BAD),
        row("Position mode", CheckState.UNKNOWN),
    )
    found = key_checked(KeyReport(ACCOUNT, rows, expires_at=7))
    assert found == KeyChecked(
        ACCOUNT.name, ("withdrawals: Withdrawals is warn", "trading: Trading is bad"), 7
    )


class Desk:
    """A desk of keys that answers what it is told to."""

    def __init__(self, report: KeyReport) -> None:
        self.report = report

    def account(self, *_: object) -> StoredKey:
        return StoredKey(account=ACCOUNT, fields=(), saved_at=0)

    async def read(self, _: object) -> dict[str, Secret]:
        return {}

    async def check(self, _: object) -> KeyReport:
        return self.report


@pytest.mark.parametrize("failure", ["", "the venue is down"])
def test_a_report_that_failed_says_nothing(failure: str) -> None:
    keys = DeskKeys(cast("KeyDesk", Desk(KeyReport(ACCOUNT, failure=failure))))
    assert keys.asked(ACCOUNT) == (None if failure else KeyChecked(ACCOUNT.name))


@pytest.mark.logs
def test_a_key_that_is_gone_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert DeskKeys(KeyDesk(tmp_path)).asked(ACCOUNT) is None
    assert "was not looked at" in caplog.text


def test_only_a_run_with_keys_watches_one(tmp_path: Path) -> None:
    keys = DeskKeys(KeyDesk(tmp_path))
    live = Settings(mode=Mode.LIVE, accounts=(ACCOUNT,))
    kinds = [type(each) for each in watches_of(live, tmp_path, keys)]
    assert kinds == [DiskWatch, KeyWatch]
    assert [type(each) for each in watches_of(Settings(), tmp_path, None)] == [DiskWatch]
