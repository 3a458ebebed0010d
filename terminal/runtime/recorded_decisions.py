"""The decisions that a run recorded beside its journal, shown up to the moment that is seen."""

from bisect import bisect_right
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.engine.state import State
from terminal.model.messages import Record
from terminal.model.oracle import OracleView, Sealed
from terminal.model.playback import Mark
from terminal.oracle.chain import read
from terminal.runtime.oracle import KEEP, SUFFIX, folder_of

NONE_KEPT = "no decisions were recorded beside this journal"


class _Glance(Struct):
    """The few fields of a decision that a time line needs."""

    at: int
    underlying: str
    proposal_id: str
    headline: str


class _Line(Struct):
    decision: _Glance


class RecordedDecisions:
    """In the place of the Oracle of a run that is seen again: it reads what was written then.

    Parameters
    ----------
    journal : Path
        Directory of the journal.
    """

    def __init__(self, journal: Path) -> None:
        self._folder = folder_of(journal)
        self._run = ""
        self._entries: tuple[Sealed, ...] = ()
        self._times: list[int] = []
        self._now = 0
        self._view = OracleView()
        self._shown = -1
        self._fault = ""

    def see(self, state: State, record: Record) -> None:
        """Follow the time of the run, and read the decisions of another one."""
        del record
        self._now = state.now
        if state.run != self._run:
            self._run = state.run
            self._open(state)

    def view(self) -> OracleView:
        """What a screen shows; the same value until another decision has been reached."""
        count = bisect_right(self._times, self._now)
        if count != self._shown:
            self._shown = count
            taken = self._entries[:count]
            latest = {each.decision.underlying: each for each in taken}
            self._view = OracleView(latest, taken[-KEEP:], self._fault)
        return self._view

    def close(self) -> None:
        """Nothing is open."""

    def _open(self, state: State) -> None:
        found: list[Sealed] = []
        self._fault = ""
        paths = sorted(self._folder.glob(f"{state.run}-*{SUFFIX}"))
        for path in paths:
            try:
                found += read(path.read_bytes().split(b"\n")[:-1])
            except (OSError, DataError) as error:
                self._fault = f"{path.name}: {error}"
        found.sort(key=lambda each: each.decision.at)
        self._entries = tuple(found)
        self._times = [each.decision.at for each in found]
        self._fault = self._fault or ("" if paths else NONE_KEPT)
        self._shown = -1


def marks_of(journal: Path, first: int, last: int) -> tuple[Mark, ...]:
    """First decision about every proposal of every run of a journal, by time.

    Those from outside its span, UtcNs, are of a journal that was there before or is written on.

    Lines that cannot be read are passed over here; the decisions themselves say so when they are
    shown.
    """
    decoder = msgspec.json.Decoder(_Line)
    found, known = [], set[str]()
    for path in sorted(folder_of(journal).glob(f"*{SUFFIX}")):
        try:
            lines = path.read_bytes().split(b"\n")[:-1]
        except OSError:
            continue
        for line in lines:
            try:
                glance = decoder.decode(line).decision
            except msgspec.MsgspecError:
                continue
            fresh = glance.proposal_id and glance.proposal_id not in known
            if fresh and first <= glance.at <= last:
                known.add(glance.proposal_id)
                found.append(Mark(glance.at, glance.underlying, glance.headline))
    return tuple(sorted(found, key=lambda each: each.at))
