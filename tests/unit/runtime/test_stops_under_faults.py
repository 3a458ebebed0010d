"""Every stage of a stop under every fault: nothing else leaves, and in the end all is safe."""

import errno
import math
import os
from enum import StrEnum
from pathlib import Path

import pytest

from terminal.core.units import SECOND
from terminal.engine.afloat import undone
from terminal.engine.stops import NEAR
from terminal.journal.disk import Disk
from terminal.journal.latch import Latched, LatchFile
from terminal.market.state import spot
from terminal.model.instrument import Future, Perpetual
from terminal.model.messages import Disturb, DisturbanceKind, Stop, StopStage
from terminal.model.order import OrderIntent
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_session
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings

FAULT_S = 20
"""How long a fault lasts."""


class Trouble(StrEnum):
    """What is wrong while it is stopped."""

    VENUE_MUTE = "venue mute"
    VENUE_REFUSES = "venue refuses"
    VENUE_SLOW = "venue slow"
    FEED_LOST = "feed lost"
    LOOP_FROZEN = "loop frozen"
    DISK_FULL = "disk full"


SHAKEN = {
    Trouble.VENUE_MUTE: Disturb(DisturbanceKind.LOSE_REPLY, "", 0.0, FAULT_S),
    Trouble.VENUE_REFUSES: Disturb(DisturbanceKind.REJECT, "", 0.0, FAULT_S),
    Trouble.VENUE_SLOW: Disturb(DisturbanceKind.DELAY, "", 3.0, FAULT_S),
    Trouble.FEED_LOST: Disturb(DisturbanceKind.DROP_FEED, "", 0.0, FAULT_S),
}


class Drive:
    """A drive that works until it is full."""

    def __init__(self) -> None:
        self.full = False
        self.disk = Disk(write=self._write)

    def _write(self, fd: int, part: memoryview) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        return os.write(fd, part)


def opened(folder: Path, disk: Disk) -> Session:
    settings = Settings(history_hours=0.0, autonomy=Autonomy.AUTO)
    return open_session(settings, folder, disk=disk)


def at_work(session: Session) -> None:
    """Move the market until an order is out."""
    at = session.opens_at + SECOND
    session.advance(at)
    for coin in session.state.desks:
        session.command(Disturb(DisturbanceKind.JUMP, coin, 0.03, 0.0))
    while not undone(session.state):
        at += SECOND // 4
        session.advance(at)


def told(session: Session) -> list[OrderIntent]:
    """Orders that pass to the venue from here on."""
    left: list[OrderIntent] = []
    submit = session.world.submit

    def passed(intent: OrderIntent, at: int) -> None:
        left.append(intent)
        submit(intent, at)

    session.world.submit = passed  # type: ignore[method-assign]
    return left


def stop(session: Session, stage: StopStage, trouble: Trouble, folder: Path) -> None:
    """Stop as a person does whose window works, or from another terminal when it hangs."""
    if trouble is Trouble.LOOP_FROZEN:
        LatchFile(folder).pull(Latched(stage=stage, reason="hangs", at=1, by="test"))
    else:
        session.command(Stop(stage, "looks wrong"))


def done(session: Session) -> bool:
    return session.state.stop is not None and session.state.stop.done


def finish(session: Session) -> None:
    """Let it run until the stage is done, for two minutes at most."""
    for _ in range(60):
        if done(session):
            return
        session.advance(session.state.now + SECOND)
    raise AssertionError(f"not done: {session.state.stop}")


def linear(session: Session) -> dict[str, float]:
    """Contracts held of every perpetual and future."""
    return {
        key: float(each.qty)
        for key, each in session.state.ledger.positions.items()
        if isinstance(session.state.market.instruments[key], Perpetual | Future) and each.qty
    }


def parts_away(session: Session) -> list[float]:
    """How far the delta of every coin is from its centre, as a part of the cap."""
    state, profile = session.state, session.state.profile
    assert profile is not None
    return [
        abs(desk.net - profile.policies[coin].target)
        * (spot(state.market, coin) or math.inf)
        / profile.delta_cap_usd
        for coin, desk in state.desks.items()
        if desk.net is not None
    ]


def check_orders(left: list[OrderIntent], stage: StopStage) -> None:
    """Only the stop's own leave, and none under a freeze; a flattening one only closes."""
    assert all(each.for_stop for each in left)
    assert not (stage is StopStage.FREEZE and left)
    if stage is StopStage.FLATTEN:
        assert all(each.reduce_only for each in left)


@pytest.mark.logs
@pytest.mark.parametrize("stage", list(StopStage))
@pytest.mark.parametrize("trouble", Trouble)
def test_a_stop_under_a_fault_sends_nothing_else_and_ends_safe(
    trouble: Trouble, stage: StopStage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    drive = Drive()
    session = opened(tmp_path, drive.disk)
    at_work(session)
    resting = {each.intent.order_id for each in undone(session.state)}
    left = told(session)
    if trouble in SHAKEN:
        session.command(SHAKEN[trouble])
    drive.full = trouble is Trouble.DISK_FULL
    stop(session, stage, trouble, tmp_path)
    session.advance(session.state.now + FAULT_S * SECOND)
    check_orders(left, stage)
    if drive.full:
        assert not left  # an order that cannot be journaled does not leave, not even the stop's
        assert not resting & {each.intent.order_id for each in undone(session.state)}
        session.close()
        assert "the stop is in memory only" in caplog.text
        session = opened(tmp_path, Disk())
        left = told(session)
        assert session.state.stop is not None
        session.command(Stop(stage, "again"))  # one that was never written has only frozen
    finish(session)
    if stage is StopStage.NEUTRALISE:
        assert max(parts_away(session)) < 3.0 * NEAR  # seen up to a second after it was done
    ended = len(left)
    session.advance(session.state.now + 10 * SECOND)
    assert len(left) == ended
    check_orders(left, stage)
    assert done(session)
    assert not undone(session.state)
    if stage is StopStage.FLATTEN:
        assert not linear(session)
    session.close()
