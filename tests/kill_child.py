"""One life of the crash test: the run verb, re-armed at its start, with small segments."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from terminal.__main__ import main as terminal_main
from terminal.core.fault_points import FaultPoint
from terminal.core.units import DAY
from terminal.journal.disk import Disk
from terminal.model.messages import (
    Approve,
    Disturb,
    DisturbanceKind,
    Event,
    Rearm,
    Record,
    SetAutonomy,
    Stop,
    StopStage,
    Tick,
)
from terminal.model.order import Fill, OrderStatus, OrderUpdate
from terminal.model.risk import Autonomy
from terminal.runtime import opening, verbs, worlds
from terminal.runtime.opening import open_session
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from tests.kill_labels import LABELS, Label

CARELESS = "--careless"
SEGMENT_BYTES = 1 << 18
"""Small, so that lives end in the middle of rotations and start from snapshots too."""

STRUCK = 77
"""Exit status of a life that ended at its label."""

KEPT_SEGMENTS = 3


class CarelessSession(Session):
    """A session with the mistake that the crash test is there to find: it sends, then journals."""

    def process(self, at: int, source: str, event: Event) -> None:
        """Step and perform first, write later, never wait for the drive."""
        record = Record(self.state.seq + 1, at, source, event)
        self._take(record)
        self.journal.append(record)

    def _durable(self) -> bool:
        return True


class Life:
    """Where a life is to end, and what it is doing.

    Parameters
    ----------
    label : Label
    turn : int
        The how-manieth passing of its place is meant.
    """

    def __init__(self, label: Label, turn: int) -> None:
        self.label = label
        self.session: Session | None = None
        self.event: Event = Tick()
        self._left = turn
        self._tearing = False

    def strike(self, here: FaultPoint) -> None:
        """End the process where the label says."""
        if here is not self.label.point or not self._meant():
            return
        self._left -= 1
        if self._left > 0:
            return
        if self.label.torn:
            self._tearing = True
        else:
            os._exit(STRUCK)

    def write(self, fd: int, content: memoryview) -> int:
        """Write; half of it, where the label is a torn write, and then end."""
        if self._tearing:
            os.write(fd, content[: len(content) // 2])
            os._exit(STRUCK)
        return os.write(fd, content)

    def _meant(self) -> bool:
        when, session = self.label.when, self.session
        return when is None or (session is not None and when(session, self.event))


class PersonSession(Session):
    """A session with somebody at it: approves BTC by hand, and stops when the label is a stop."""

    def __init__(self, life: Life, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.life, life.session = life, self
        self._held: list[OrderUpdate] = []

    def process(self, at: int, source: str, event: Event) -> None:
        """Take an event, then do what a person would; acks are late where fills overtake them."""
        life = self.life
        if self._late(event):
            return
        before, life.event = life.event, event
        super().process(at, source, event)
        if isinstance(event, Tick):
            self._attend()
        life.event = before
        if isinstance(event, Fill) and self._held:
            held, self._held = self._held, []
            for each in held:
                self.process(at, source, each)

    def _late(self, event: Event) -> bool:
        late = self.life.label.name == "on_fill_before_ack"
        if late and isinstance(event, OrderUpdate) and event.status is OrderStatus.LIVE:
            self._held.append(event)
            return True
        return False

    def _attend(self) -> None:
        desk = self.state.desks.get("BTC")
        if desk is not None and desk.autonomy is Autonomy.AUTO:
            self.command(SetAutonomy("BTC", Autonomy.APPROVE))
        if desk is not None and desk.proposal is not None:
            self.command(Approve(desk.proposal.proposal_id, desk.proposal.revision))
        stops = self.life.label.name in {"during_kill_latch", "after_latch_before_cancel_all"}
        if stops and self.state.stop is None and self.state.counts.orders > 3:
            self.command(Stop(StopStage.FREEZE, "crash test"))


def dropped(directory: Path) -> Path:
    """Where the audit finds the segments that the journal of a directory has dropped."""
    return directory.with_name(f"{directory.name}-dropped")


def kept_aside(aside: Path, path: Path) -> None:
    """Remove a file; a copy of it stays."""
    aside.mkdir(exist_ok=True)
    shutil.copy(path, aside)
    path.unlink()


def armed(settings: Settings, directory: Path, life: Life | None = None, **more: Any) -> Session:
    """Open a session and do what a person does after a restart: re-arm and go back to auto."""
    if life is not None:
        settings = replace(settings, start_at=settings.start_at + life.label.begins)
        disk = Disk(write=life.write, remove=partial(kept_aside, dropped(directory)))
        more = {**more, "strike": life.strike, "disk": disk}
    session = open_session(settings, directory, **more)
    if session.state.desks:
        session.command(Rearm("crash test"))
    for underlying in session.state.desks:
        session.command(SetAutonomy(underlying, Autonomy.AUTO))
    if life is not None and life.label.name == "on_partial_fill":
        session.command(Disturb(DisturbanceKind.PARTIAL, "", 0.3, 1e6))
    return session


def old_book(opening_list: Any, spots: Any, at: int) -> Any:
    """Book of a day before, some of which expires on the day of the run."""
    del opening_list
    return demo_book(listing(at - DAY, spots), spots, at - DAY)


def with_life(changed: ExitStack, life: Life) -> None:
    """Have sessions be a person's, and end where the label says."""
    changed.enter_context(patch.object(opening, "Session", partial(PersonSession, life)))
    changed.enter_context(patch.object(verbs, "open_session", partial(armed, life=life)))
    if life.label.begins:
        changed.enter_context(patch.object(worlds, "demo_book", old_book))
    if life.label.point is FaultPoint.SEGMENT_DROPPED:
        few = KEPT_SEGMENTS * SEGMENT_BYTES
        changed.enter_context(patch.object(opening, "LIMIT_BYTES", few))


def main(argv: Sequence[str]) -> int:
    """Run ``python -m terminal`` with these arguments until killed."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(CARELESS, action="store_true")
    parser.add_argument("--label", choices=[each.name for each in LABELS])
    parser.add_argument("--turn", type=int, default=1)
    chosen, given = parser.parse_known_args(argv)
    with ExitStack() as changed:
        changed.enter_context(patch.object(opening, "SEGMENT_BYTES", SEGMENT_BYTES))
        changed.enter_context(patch.object(verbs, "open_session", armed))
        if chosen.careless:
            changed.enter_context(patch.object(opening, "Session", CarelessSession))
        if chosen.label:
            label = next(each for each in LABELS if each.name == chosen.label)
            with_life(changed, Life(label, chosen.turn))
        return terminal_main(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
