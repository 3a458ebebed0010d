"""The disk fails at every call of a trading cycle in turn: nothing sent is unknown, or lost.

A cycle opens a journal, trades, begins a new segment, is stopped, cancels and closes. Each system
call of it fails once or from then on, with an error, without room, or by taking half of a write.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from terminal.core.errors import JournalError
from terminal.core.units import SECOND
from terminal.engine.state import State, saved
from terminal.journal.disk import Disk
from terminal.journal.journal import Journal, open_journal
from terminal.model.messages import Approve, Mode, Started, Submit
from terminal.model.order import Fill
from terminal.model.risk import Autonomy
from terminal.risk.halts import HaltCode
from terminal.runtime.guard import guarded_step
from terminal.runtime.opening import recover
from terminal.runtime.session import Session
from tests.helpers.builders import NOW, profile
from tests.unit.journal.logs import skip_commit
from tests.unit.runtime.making import Stage, freeze, script

RESERVE = 1 << 16
SEGMENT = 3000
"""Small, so that a cycle begins new segments."""

ERRORS = (errno.EIO, errno.ENOSPC)


class Sick(Struct):
    """A disk whose ``turn``-th call fails with ``error`` (0: half of a write is taken)."""

    turn: int
    error: int
    stays: bool = False
    calls: int = 0
    struck: str = ""
    well: bool = False

    def disk(self) -> Disk:
        """System calls that are counted."""
        real = Disk(commit=skip_commit, commit_directory=skip_commit)
        names = (
            *("open", "commit", "commit_directory", "make_directory"),
            *("rename", "truncate", "remove"),
        )
        return Disk(
            write=self._write, **{name: self._counted(name, getattr(real, name)) for name in names}
        )

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            self._pass(name)
            return call(*given)

        return counted

    def _write(self, fd: int, content: memoryview) -> int:
        self._pass("write")
        if not self.error and self.struck and not self.well:
            self.well = not self.stays
            return os.write(fd, content[: max(len(content) // 2, 1)])
        return os.write(fd, content)

    def _pass(self, name: str) -> None:
        self.calls += 1
        hit = self.calls == self.turn or (self.stays and self.calls > self.turn)
        if not hit or self.well:
            return
        self.struck = self.struck or name
        if self.error:
            raise OSError(self.error, os.strerror(self.error))


class Cycle:
    """One trading cycle on a disk, and what came of it."""

    def __init__(self, directory: Path, sick: Sick) -> None:
        self.sick = sick
        self.directory = directory
        self.stage = Stage(*script(8))
        self.refused = ""
        self.sent_when_struck: int | None = None
        self.durable = 0
        self.session: Session | None = None

    def live(self) -> None:
        try:
            journal = opened(self.directory, self.sick.disk())
        except JournalError as error:
            self.refused = str(error)
            return
        self._note()
        self.session = session = Session(self.stage, journal, State(), profile())
        session.process(NOW, "runtime", Started("test", Mode.SIM, 1, profile(), Autonomy.APPROVE))
        for second in range(1, 7):
            session.advance(NOW + second * SECOND)
            session.flush()
            self._note()
            self._click(session)
        self._fill(session)
        session.advance(NOW + 8 * SECOND)
        self._note()
        session.command(freeze())
        self._note()
        with suppress(JournalError):
            session.close()

    def _note(self) -> None:
        if self.sick.struck and self.sent_when_struck is None:
            self.sent_when_struck = len(self.stage.sent)
        if self.session is not None:
            self.durable = self.session.journal.durable_seq

    def _click(self, session: Session) -> None:
        desk = session.state.desks.get("BTC")
        if desk is not None and desk.proposal is not None:
            session.command(Approve(desk.proposal.proposal_id, desk.proposal.revision))
            self._note()

    def _fill(self, session: Session) -> None:
        for number, sent in enumerate(self.stage.sent):
            part = Fill(
                fill_id=f"f{number}",
                order_id=sent.order_id,
                key=sent.key,
                side=sent.side,
                qty=sent.qty / 2,
                price=sent.limit,
                fee=Decimal(1),
                fee_currency="USDC",
                maker=True,
            )
            session.process(session.state.now, "world", part)


def opened(directory: Path, disk: Disk) -> Journal:
    return open_journal(
        directory,
        run="test",
        at=NOW,
        limit_bytes=1 << 20,
        segment_bytes=SEGMENT,
        reserve_bytes=RESERVE,
        disk=disk,
    )


def faults() -> Iterator[tuple[int, bool]]:
    """Yield every error, once and for good; 0 is a short write."""
    for error in (*ERRORS, 0):
        for stays in (False, True):
            yield error, stays


def check(cycle: Cycle) -> None:
    """See that nothing is lost or unknown, that a failure stops, and that a restart recovers."""
    session, stage = cycle.session, cycle.stage
    if session is None:
        assert "journal" in cycle.refused or str(cycle.directory) in cycle.refused
        assert stage.sent == []
    elif session.broken or session.full:
        assert HaltCode.FAULT in [each.code for each in session.state.halts]
        assert session.notes
        assert session.state.stop is not None
        assert len(stage.sent) == cycle.sent_when_struck or cycle.sent_when_struck is None
        working = {each.order_id for each in stage.sent}
        assert working <= set(stage.cancelled)
    restarted(cycle)


def restarted(cycle: Cycle) -> None:
    """Recover on a disk that is well: the same bytes as a replay, every sent order in it."""
    journal = opened(cycle.directory, Disk(commit=skip_commit, commit_directory=skip_commit))
    try:
        assert not journal.read_only, journal.blocked
        assert journal.last_seq >= cycle.durable
        state, decided = State(), set()
        for record in journal.read():
            state, effects = guarded_step(state, record)
            decided |= {each.intent.order_id for each in effects if isinstance(each, Submit)}
        assert {each.order_id for each in cycle.stage.sent} <= decided
        assert saved(recover(journal)[0]) == saved(state)
    finally:
        journal.close()


def test_a_cycle_on_a_disk_that_is_well_trades_and_begins_segments(tmp_path: Path) -> None:
    cycle = Cycle(tmp_path / "journal", Sick(0, errno.EIO))
    cycle.live()
    assert cycle.stage.sent
    assert len(list((tmp_path / "journal").glob("journal-*.seg"))) > 2
    assert cycle.session is not None
    assert not cycle.session.broken
    assert not cycle.session.full
    restarted(cycle)


@pytest.mark.logs
@pytest.mark.parametrize(("error", "stays"), list(faults()))
def test_a_call_that_fails_leaves_no_order_without_its_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: int, stays: bool
) -> None:
    turn, struck = 0, set()
    while True:
        turn += 1
        cycle = Cycle(tmp_path / str(turn) / "journal", Sick(turn, error, stays))
        cycle.live()
        check(cycle)
        if not cycle.sick.struck:
            break
        struck.add(cycle.sick.struck)
    assert {"write", "commit", "open", "rename", "make_directory"} <= struck
    assert turn > 20
    assert caplog.text or not error


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_repair_that_fails_is_done_by_the_next_start(
    tmp_path: Path, error: int, stays: bool
) -> None:
    """A torn tail and a segment that was being begun, on a disk that fails at each call in turn."""
    turn, struck = 0, set()
    while True:
        turn += 1
        cycle = Cycle(tmp_path / str(turn) / "journal", Sick(0, error))
        cycle.live()
        newest = max(cycle.directory.glob("journal-*.seg"))
        newest.write_bytes(newest.read_bytes()[:-3])
        begun = newest.with_name("journal-00000099.seg.new")
        begun.write_bytes(b"half of a head")
        cycle.durable -= 1  # the record that was torn off here
        sick = Sick(turn, error, stays)
        with suppress(JournalError):
            opened(cycle.directory, sick.disk()).close()
        restarted(cycle)
        assert not begun.exists()
        if not sick.struck:
            break
        struck.add(sick.struck)
    assert {"write", "commit", "commit_directory", "open", "remove", "truncate"} <= struck
