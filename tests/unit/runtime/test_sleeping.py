"""A live loop that wakes up: the engine hears of it first, and every connection is doubted."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from terminal.core.units import MILLISECOND, SECOND
from terminal.engine.state import State
from terminal.journal.journal import Journal
from terminal.journal.lock import LOCK_NAME
from terminal.model.messages import LinkUp, Mode, Slept, Started
from terminal.model.risk import Autonomy
from terminal.runtime.awake import Awake
from terminal.runtime.last_hop import last_hop
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from tests.helpers.builders import NOW, intent, profile
from tests.unit.journal.logs import opened
from tests.unit.runtime.making import Logbook, Stage, market, script
from tests.unit.runtime.test_awake import Times
from tests.unit.venues.small_server import until


class LiveStage(Stage):
    """A stage under the time of day, set by hand, whose connections are doubted."""

    def __init__(self) -> None:
        super().__init__(*script(1))
        self.at = NOW
        self.doubted: list[str] = []

    def clock(self) -> int:
        return self.at

    def doubt(self, why: str) -> None:
        self.doubted.append(why)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def report_to(self, report: Callable[[str], None]) -> None:
        del report


def on_live_stage() -> tuple[Session, LiveStage, Logbook]:
    stage, book = LiveStage(), Logbook()
    session = Session(stage, cast("Journal", book), State(), profile())
    session.process(NOW, "runtime", Started("test", Mode.PAPER, 1, profile(), Autonomy.AUTO))
    session.process(NOW, "world", LinkUp("sim"))
    return session, stage, book


async def test_the_engine_hears_of_a_sleep_before_what_waited_in_the_queue() -> None:
    session, stage, book = on_live_stage()
    times = Times()
    session.awake = Awake(lambda: times.lived, lambda: times.day)
    runner = Runner(session, 1.0)
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        await until(lambda: session.awake._seen is not None)
        before = book.last_seq
        times.pass_by(20 * SECOND)
        stage.at += 20 * SECOND
        stage.events += market(NOW + SECOND)  # received before, taken after
        await until(lambda: bool(stage.doubted))
        stage.at += SECOND
        await asyncio.sleep(0.05)
        runner.stop()
    records = [each.event for each in book.read(after=before)]
    assert isinstance(records[0], Slept)
    assert stage.doubted == ["this process stood still for 20 s"]
    assert not stage.sent
    assert not session.state.links["sim"].up
    assert session.state.desks["BTC"].verdict.startswith("halted: ")


def test_an_order_of_before_a_sleep_is_barred_in_a_live_run_only(tmp_path: Path) -> None:
    session, _, _ = on_live_stage()
    times = Times()
    session.awake = Awake(lambda: times.lived, lambda: times.day)
    session.awake.look()
    with opened(tmp_path / "journal") as journal:
        hop = last_hop(session, journal)
        assert hop(intent()) == ""
        times.pass_by(10 * MILLISECOND, leap=-60 * SECOND)
        assert "leapt by -60 s since it was decided" in hop(intent())
        session.world = Stage()
        assert last_hop(session, journal)(intent()) == ""


@pytest.mark.parametrize("how", ["newer", "removed", "swapped"])
def test_a_generation_that_was_replaced_sends_nothing_more(tmp_path: Path, how: str) -> None:
    session, _, _ = on_live_stage()
    with opened(tmp_path / "journal") as journal:
        hop = last_hop(session, journal)
        assert hop(intent()) == ""
        note = tmp_path / "journal" / LOCK_NAME
        if how == "newer":  # a file system without locks: another start has signed
            text = note.read_text("utf-8")
            note.write_text(text.replace('"epoch":1', '"epoch":2'), "utf-8")
            assert "generation 1 was replaced by 2" in hop(intent())
        elif how == "removed":
            note.unlink()
            assert "cannot be read any more" in hop(intent())
        else:
            text = note.read_text("utf-8")
            note.unlink()
            note.write_text(text, "utf-8")
            assert "is another file than the one this process has locked" in hop(intent())
    assert "is closed" in hop(intent())
