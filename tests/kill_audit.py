"""What must hold after a crash, checked on a copy of what the crash left."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from terminal.engine.afloat import undone
from terminal.engine.state import State, saved
from terminal.journal.journal import Journal, open_journal
from terminal.model.messages import Submit
from terminal.model.order import Fill
from terminal.runtime.guard import guarded_step
from terminal.runtime.opening import LIMIT_BYTES, recover
from tests.kill_child import SEGMENT_BYTES, dropped

UNFINISHED = "a write that did not finish"
"""How the journal's note about a tail that it cut off is told from its other notes."""


class Findings(Struct, kw_only=True):
    """What audits have counted; the fields from ``orphans`` to ``broken`` must stay empty."""

    kills: int = 0
    orders: int = 0  # that reached the venue
    fills: int = 0
    in_flight: int = 0  # crashes with an order under way
    repaired: int = 0  # crashes in the middle of a write
    restored: int = 0  # recoveries that began at a snapshot
    orphans: list[str] = []  # at the venue, unknown to the journal
    doubles: list[str] = []  # at the venue more than once
    broken: list[str] = []  # any other promise


def together(several: Iterable[Findings]) -> Findings:
    """Add findings up."""
    total = Findings()
    for found in several:
        for name in Findings.__struct_fields__:
            setattr(total, name, getattr(total, name) + getattr(found, name))
    return total


class Audit:
    """Follows one journal and its venue's order log through their crashes.

    Keeps a state of its own, made by replaying every record once from the first on: what a
    restart recovers, from a snapshot or not, must be equal to it byte for byte.
    """

    def __init__(self, directory: Path, order_log: Path, scratch: Path) -> None:
        self._directory = directory
        self._order_log = order_log
        self._scratch = scratch
        self.state = State()
        self._submitted: set[str] = set()
        self._told = 0

    def look(self, found: Findings) -> None:
        """Check what the last crash left and add to the findings; the original is not touched."""
        sent = self._sent()
        copy = self._copied()
        journal = self._opened(copy)
        try:
            self._replay(journal, found)
            recovered, _ = recover(journal)
            found.restored += bool(journal.recovered.snapshot)
            found.repaired += any(UNFINISHED in note for note in journal.recovered.notes)
            if journal.read_only:
                found.broken.append(f"the journal is damaged: {journal.blocked}")
        finally:
            journal.close()
        if saved(recovered) != saved(self.state):
            found.broken.append(f"recovery at record {self.state.seq} differs from a replay")
        found.in_flight += bool(undone(self.state))
        found.orders += len(sent) - self._told
        self._told = len(sent)
        seen: set[str] = set()
        for order_id in sent:
            if order_id in seen and order_id not in found.doubles:
                found.doubles.append(order_id)
            if order_id not in self._submitted and order_id not in found.orphans:
                found.orphans.append(order_id)
            seen.add(order_id)

    def look_twice(self, found: Findings) -> None:
        """Recover a copy two times over: the repair of the first must not change the second."""
        copy = self._copied()
        states = []
        for _ in range(2):
            journal = self._opened(copy)
            states.append(saved(recover(journal)[0]))
            journal.close()
        if states[0] != states[1]:
            found.broken.append("two recoveries of one journal differ")

    def _sent(self) -> list[str]:
        """Orders that reached the venue, first to last."""
        if not self._order_log.exists():
            return []
        return [line.split()[0] for line in self._order_log.read_text("utf-8").splitlines()]

    def _copied(self) -> Path:
        shutil.rmtree(self._scratch, ignore_errors=True)
        if self._directory.exists():
            shutil.copytree(self._directory, self._scratch)
            for segment in dropped(self._directory).glob("*.seg"):
                shutil.copy(segment, self._scratch)
        return self._scratch

    def _opened(self, copy: Path) -> Journal:
        return open_journal(
            copy, run="audit", at=1, limit_bytes=LIMIT_BYTES, segment_bytes=SEGMENT_BYTES
        )

    def _replay(self, journal: Journal, found: Findings) -> None:
        for record in journal.read(self.state.seq):
            self.state, effects = guarded_step(self.state, record)
            self._submitted |= {
                effect.intent.order_id for effect in effects if isinstance(effect, Submit)
            }
            found.fills += isinstance(record.event, Fill)
