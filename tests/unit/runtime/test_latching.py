"""The stop outside the engine: in force at once, heard soon, lifted by a person alone."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.__main__ import main
from terminal.core.units import SECOND
from terminal.engine.afloat import undone
from terminal.journal.disk import Disk
from terminal.journal.latch import LATCH_NAME, Latched, LatchFile
from terminal.journal.lock import LOCK_NAME
from terminal.model.frame import Machine
from terminal.model.messages import (
    Approve,
    Disturb,
    DisturbanceKind,
    Rearm,
    SetAutonomy,
    Stop,
    StopStage,
)
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.model.risk import Autonomy
from terminal.runtime.latching import StopLatch
from terminal.runtime.opening import open_session
from terminal.runtime.profiles import load
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.stop_signal import stopped_by_signal
from terminal.venues.sim_world import SimWorld
from tests.helpers.builders import NOW, PERP, intent
from tests.unit.runtime.making import Logbook, Stage, freeze, on_stage, simulated

ROOT = Path(__file__).resolve().parents[3]
MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


def latched(stage: StopStage = StopStage.FREEZE) -> Latched:
    return Latched(stage=stage, reason="from outside", at=1, by="test")


def stage_of(session: Session) -> StopStage | None:
    return session.state.stop.stage if session.state.stop else None


def said(session: Session) -> str:
    return "\n".join(line.text for line in session.recorder.log())


def latching(directory: Path, disk: Disk | None = None) -> tuple[Session, Stage, LatchFile]:
    """Session on a stage with an order that rests, and its latch."""
    session, stage = on_stage(Logbook())
    session.latch = StopLatch(LatchFile(directory, disk))
    session.advance(NOW + SECOND)
    offer = session.state.desks["BTC"].proposal
    assert offer is not None
    session.command(Approve(offer.proposal_id, offer.revision))
    session.advance(NOW + 2 * SECOND)
    assert len(stage.sent) == 1
    return session, stage, LatchFile(directory)


# -- The last hop -----------------------------------------------------------------------------


@pytest.mark.parametrize("stage", StopStage)
def test_no_order_passes_but_those_of_a_stop_that_sends(tmp_path: Path, stage: StopStage) -> None:
    latch = StopLatch(LatchFile(tmp_path))
    usual, closing = intent(), replace(intent(), for_stop=True)
    assert latch.bars(usual) == latch.bars(closing) == ""
    LatchFile(tmp_path).pull(latched(stage))
    assert "from outside" in latch.bars(usual)
    assert bool(latch.bars(closing)) is (stage is StopStage.FREEZE)


def test_the_simulated_venue_asks_before_it_takes_an_order() -> None:
    session = simulated(Logbook(), load("balanced"))
    world = session.world
    assert isinstance(world, SimWorld)
    world.ask_before_orders(lambda each: "stopped" if each.order_id == "late" else "")
    session.advance(session.state.now + SECOND)
    for name in ("late", "early"):
        world.submit(intent(name, key=PERP), session.state.now)
    heard: dict[str, OrderUpdate] = {}
    while len(heard) < 2:
        _, event = world.pop()
        if isinstance(event, OrderUpdate):
            heard[event.order_id] = event
    assert heard["late"].status is OrderStatus.REJECTED
    assert heard["late"].reason == "not sent: stopped"
    assert "not sent" not in heard["early"].reason


# -- The engine -------------------------------------------------------------------------------


def test_a_stop_from_outside_is_heard_and_cancels(tmp_path: Path) -> None:
    session, stage, file = latching(tmp_path)
    file.pull(latched(StopStage.NEUTRALISE))
    session.advance(NOW + 2 * SECOND)
    assert stage_of(session) is StopStage.NEUTRALISE
    assert stage.cancelled == [stage.sent[0].order_id]
    assert session.state.stop is not None
    assert "from outside (test)" in session.state.stop.reason
    records = session.records
    session.advance(NOW + 2 * SECOND)
    assert session.records == records  # heard once


def test_a_stop_in_the_window_latches_the_file_and_a_rearm_lifts_it(tmp_path: Path) -> None:
    session, _, file = latching(tmp_path)
    session.command(freeze())
    found = file.read()
    assert found is not None
    assert found.stage is StopStage.FREEZE
    session.command(Rearm("  "))
    assert file.read() is not None
    session.command(Rearm("looked at it"))
    assert file.read() is None
    assert session.latch.bars(intent()) == ""
    session.advance(NOW + 3 * SECOND)
    assert session.state.stop is None


def test_a_stop_that_comes_in_meanwhile_is_not_lifted_unseen(tmp_path: Path) -> None:
    session, _, file = latching(tmp_path)
    session.command(freeze())
    file.pull(latched(StopStage.FLATTEN))
    session.command(Rearm("looked at the freeze"))
    assert stage_of(session) is StopStage.FLATTEN
    assert file.read() == latched(StopStage.FLATTEN)
    assert "another stop" in said(session)


def test_a_latch_that_cannot_be_removed_goes_on_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _, _ = latching(tmp_path)
    session.command(freeze())

    def busy(_: Path) -> None:
        raise OSError(errno.EROFS, "read-only file system")

    monkeypatch.setattr(Path, "unlink", busy)
    session.command(Rearm("looked at it"))
    assert "could not be removed" in said(session)
    assert session.latch.bars(intent())
    session.advance(NOW + 3 * SECOND)
    assert stage_of(session) is StopStage.FREEZE


# -- A disk that fails ------------------------------------------------------------------------


@pytest.mark.logs
def test_a_stop_works_without_a_disk_and_says_that_it_would_not_last(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    session, stage, _ = latching(tmp_path / "gone", Disk(write=full))
    session.command(freeze())
    assert stage.cancelled == [stage.sent[0].order_id]
    assert session.latch.bars(intent())
    assert "in memory only" in caplog.text
    notice = session.frame(MACHINE).notices[0]
    assert notice.level == "crit"
    assert "memory of this process only" in notice.cause


@pytest.mark.logs
def test_a_disk_that_hangs_holds_no_cancel_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    release = threading.Event()

    def hangs(fd: int, part: memoryview) -> int:
        release.wait(10.0)
        return os.write(fd, part)

    session, stage, file = latching(tmp_path, Disk(write=hangs))
    session.command(freeze())
    assert stage.cancelled == [stage.sent[0].order_id]
    assert session.latch.bars(intent())
    assert "the drive has not taken it" in session.frame(MACHINE).notices[0].cause
    assert "in memory only" in caplog.text
    release.set()
    session.latch.trouble()
    while (found := file.read()) is None or found.by != "window":
        time.sleep(0.001)


# -- Restarts ---------------------------------------------------------------------------------


def opened(directory: Path) -> Session:
    return open_session(Settings(history_hours=0.0, autonomy=Autonomy.AUTO), directory)


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b'{"stage":"sideways"}'])
def test_a_damaged_latch_means_stopped(tmp_path: Path, content: bytes) -> None:
    opened(tmp_path).close()
    (tmp_path / LATCH_NAME).write_bytes(content)
    session = opened(tmp_path)
    assert stage_of(session) is StopStage.FREEZE
    assert "damaged" in said(session)
    session.command(Rearm("made the file by mistake"))
    session.close()
    assert not (tmp_path / LATCH_NAME).exists()
    again = opened(tmp_path)
    assert stage_of(again) is None
    again.close()


def test_a_journal_that_says_stopped_is_believed_without_its_latch(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.advance(session.opens_at + SECOND)
    session.command(Stop(StopStage.NEUTRALISE, "by hand"))
    session.close()
    (tmp_path / LATCH_NAME).unlink()
    again = opened(tmp_path)
    assert stage_of(again) is StopStage.NEUTRALISE
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert found.reason == "by hand"
    again.close()


RUN = (sys.executable, "-m", "terminal", "run", "--autonomy", "auto", "--data")


def test_stopped_killed_and_started_again_it_is_still_stopped(tmp_path: Path) -> None:
    with subprocess.Popen([*RUN, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL) as running:
        while not any(tmp_path.glob("*.seg")):
            assert running.poll() is None
            time.sleep(0.01)
        assert main(["stop", "--data", str(tmp_path), "--reason", "kill me"]) == 0
        running.kill()
    session = opened(tmp_path)
    assert stage_of(session) is StopStage.FREEZE
    assert session.state.stop is not None
    assert "kill me" in session.state.stop.reason
    session.command(SetAutonomy("BTC", Autonomy.AUTO))
    session.advance(session.state.now + 20 * SECOND)
    assert not session.state.orders
    session.close()


# -- The verb and the signal ------------------------------------------------------------------


def test_the_verb_stops_every_journal_of_a_data_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("sim", "paper-deribit"):
        (tmp_path / name).mkdir()
        (tmp_path / name / LOCK_NAME).touch()
    (tmp_path / "profiles").mkdir()
    assert main(["stop", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("freeze is latched") == 2
    assert not (tmp_path / "profiles" / LATCH_NAME).exists()
    assert LatchFile(tmp_path / "sim").read() is not None


def test_the_verb_says_what_it_cannot_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stop", "--data", str(tmp_path)]) == 2
    assert "holds no journal" in capsys.readouterr().err
    (tmp_path / LOCK_NAME).touch()
    assert main(["stop", "--data", str(tmp_path), "--stage", "flatten"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert main(["stop", "--data", str(tmp_path), "--reason", " "]) == 2
    assert not (tmp_path / LATCH_NAME).exists()
    assert main(["stop", "--data", str(tmp_path), "--stage", "flatten", "--yes"]) == 0
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert found.stage is StopStage.FLATTEN


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_signal_stops_in_the_middle_of_work_that_never_comes_back(tmp_path: Path) -> None:
    latch = StopLatch(LatchFile(tmp_path))
    before = signal.getsignal(signal.SIGUSR1)
    with stopped_by_signal(latch):
        os.kill(os.getpid(), signal.SIGUSR1)
        while not latch.bars(intent()):  # busy without the loop
            pass
    assert signal.getsignal(signal.SIGUSR1) is before
    assert latch.trouble() == ""
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert found.by == "SIGUSR1"


# -- A venue that says nothing ----------------------------------------------------------------


def test_cancels_are_repeated_until_the_venue_proves_that_nothing_rests(tmp_path: Path) -> None:
    session = opened(tmp_path)
    at = session.opens_at + SECOND
    session.advance(at)
    session.command(Disturb(DisturbanceKind.JUMP, "BTC", 0.03, 0.0))
    while not undone(session.state):
        at += SECOND // 4
        session.advance(at)
    asked: list[str] = []
    cancel = session.world.cancel

    def counted(order_id: str, at: int) -> None:
        asked.append(order_id)
        cancel(order_id, at)

    session.world.cancel = counted  # type: ignore[method-assign]
    session.command(Disturb(DisturbanceKind.LOSE_REPLY, "", 0.0, 30.0))
    session.command(freeze())
    waiting = {each.intent.order_id for each in undone(session.state)}
    session.advance(at + 20 * SECOND)
    stop = session.state.stop
    assert stop is not None
    assert not stop.done
    assert all(asked.count(each) > 1 for each in waiting)
    session.advance(at + 60 * SECOND)
    assert session.state.stop is not None
    assert session.state.stop.done
    assert not undone(session.state)
    session.close()
