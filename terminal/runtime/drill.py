"""Rehearsals of the stop on the simulated venue: how long it takes until everything is safe."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.core.units import SECOND, iso_utc
from terminal.engine.afloat import undone
from terminal.model.messages import Disturb, DisturbanceKind, Stop, StopStage
from terminal.model.risk import Autonomy
from terminal.runtime.opening import open_session
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.whole_file import write_whole

HISTORY: Final = "drills.json"
KEPT: Final = 60
"""Drills remembered: a year of weekly ones."""

PATIENCE_S: Final = 60.0
"""Longest wait for a stage to be done."""

STEP_S: Final = 0.005
LOOKED: Final = 240
"""Quarters of a second of market time that are given to an order to rest before the stop."""

SHOVE: Final = 0.03
"""Move of every coin that makes the desk send orders."""


class Drill(Struct, frozen=True, kw_only=True):
    """One rehearsal; times in ms of this machine, from the command on. None: not in time."""

    at: int  # UtcNs
    stage: StopStage
    resting: int  # orders that could still fill when the stop was asked for
    latch_ms: float  # no order passes, and the latch is on the drive
    wire_ms: float | None  # the last cancel was handed to the venue; None: nothing rested
    safe_ms: float | None  # the stage is done: the last order is proven gone, the last hedge filled
    trouble: str = ""


class _Cancels:
    """When the last cancel was handed to the venue."""

    def __init__(self, session: Session) -> None:
        self.last: float | None = None
        self._pass_on: Callable[[str, int], None] = session.world.cancel
        session.world.cancel = self._cancel  # type: ignore[method-assign] # listened to

    def _cancel(self, order_id: str, at: int) -> None:
        self.last = time.perf_counter()
        self._pass_on(order_id, at)


def rehearse(stage: StopStage, seed: int = 7) -> Drill:
    """Stop a desk at work on a market of its own, in real time; takes seconds.

    Parameters
    ----------
    stage : StopStage
    seed : int
        Of the market.
    """
    with tempfile.TemporaryDirectory(prefix="gammadesk-drill-") as name:
        settings = Settings(seed=seed, history_hours=0.0, autonomy=Autonomy.AUTO)
        session = open_session(settings, Path(name) / "journal")
        try:
            _put_to_work(session)
            return _timed(session, stage)
        finally:
            session.close()


def _put_to_work(session: Session) -> None:
    """Move the market until an order rests, or for a minute of its time."""
    at = session.opens_at + SECOND
    session.advance(at)
    for coin in session.state.desks:
        session.command(Disturb(DisturbanceKind.JUMP, coin, SHOVE, 0.0))
    for _ in range(LOOKED):
        at += SECOND // 4
        session.advance(at)
        if undone(session.state):
            return


def _timed(session: Session, stage: StopStage) -> Drill:
    cancels = _Cancels(session)
    resting = len(list(undone(session.state)))
    start, market = time.perf_counter(), session.state.now
    session.command(Stop(stage, "rehearsal"))
    trouble = session.latch.trouble()
    latched = time.perf_counter()
    sent = cancels.last  # retries come later, and are not the first answer
    safe = None
    while (now := time.perf_counter()) - start < PATIENCE_S:
        session.advance(market + round((now - start) * SECOND))
        stop = session.state.stop
        if stop is not None and stop.done:
            safe = _ms(start, time.perf_counter())
            break
        time.sleep(STEP_S)
    return Drill(
        at=time.time_ns(),
        stage=stage,
        resting=resting,
        latch_ms=_ms(start, latched),
        wire_ms=None if sent is None else _ms(start, sent),
        safe_ms=safe,
        trouble=trouble,
    )


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1e3, 1)


# -- What is remembered -----------------------------------------------------------------------


def past(directory: Path) -> tuple[Drill, ...]:
    """Drills of before, oldest first; none where the file cannot be read."""
    try:
        return msgspec.json.decode((directory / HISTORY).read_bytes(), type=tuple[Drill, ...])
    except (OSError, msgspec.DecodeError):
        return ()


def remember(directory: Path, drills: tuple[Drill, ...]) -> None:
    """Add drills to the history; raises ConfigError where it cannot be written."""
    kept = (*past(directory), *drills)[-KEPT:]
    text = msgspec.json.format(msgspec.json.encode(kept), indent=1).decode()
    write_whole(directory / HISTORY, text, "the history of drills")


def drilled(directory: Path, stages: tuple[StopStage, ...] = tuple(StopStage)) -> tuple[Drill, ...]:
    """Rehearse stages and remember them; one that cannot be remembered says so."""
    drills = tuple(rehearse(stage) for stage in stages)
    try:
        remember(directory, drills)
    except ConfigError as error:
        return tuple(replace(each, trouble=each.trouble or str(error)) for each in drills)
    return drills


def line(drill: Drill) -> str:
    """One drill in words."""
    wire = "nothing to cancel" if drill.wire_ms is None else f"cancels out {drill.wire_ms:.0f} ms"
    safe = (
        f"NOT SAFE after {PATIENCE_S:.0f} s"
        if drill.safe_ms is None
        else f"safe after {drill.safe_ms / 1e3:.1f} s"
    )
    trouble = f" ({drill.trouble})" if drill.trouble else ""
    return (
        f"{iso_utc(drill.at)[:16]} {drill.stage.value}: latched {drill.latch_ms:.0f} ms, {wire},"
        f" {safe}, {drill.resting} orders{trouble}"
    )
