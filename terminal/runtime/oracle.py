"""The Oracle beside the engine: records its decisions, keeps them in files, shows the latest."""

import logging
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from terminal.engine.state import State
from terminal.journal.disk import open_private
from terminal.model.messages import Record, Started
from terminal.model.oracle import OracleView, Sealed
from terminal.model.risk import RiskProfile
from terminal.oracle.chain import line
from terminal.oracle.regret import Regret, regretted, rows
from terminal.oracle.watch import Memory, decisions

log = logging.getLogger(__name__)

KEEP = 200
"""Decisions that the screen can look back on; the files have them all."""

KEEP_BYTES = 256 << 20
"""Files of decisions beyond this are dropped at the next start, the oldest first."""

SUFFIX = ".jsonl"


def folder_of(journal: Path) -> Path:
    """Folder of the decisions that belong to a journal, beside it."""
    return journal.with_name(f"{journal.name}-decisions")


class Oracle:
    """Sees every record after the engine has; advice only, so no fault of it stops the engine.

    Parameters
    ----------
    folder : Path or None
        Where decisions are kept; None keeps none.
    profiles : mapping
        Profiles that the one in use is compared with, by name.
    """

    def __init__(self, folder: Path | None, profiles: Mapping[str, RiskProfile]) -> None:
        self._folder = folder
        self._profiles = profiles
        self._memory: Memory | None = None
        self._file: BinaryIO | None = None
        self._recent: deque[Sealed] = deque(maxlen=KEEP)
        self._latest: dict[str, Sealed] = {}
        self._regret = Regret()
        self._view = OracleView()
        self._fault = ""

    def see(self, state: State, record: Record) -> None:
        """Record what the engine has decided after a record."""
        if isinstance(record.event, Started):
            self._begin(state, record)
        if self._memory is None:
            return
        try:
            self._memory, made = decisions(self._memory, state, self._profiles)
            self._regret = regretted(self._regret, state, record)
        except Exception as error:  # advice must never take the engine with it
            log.exception("the Oracle failed at record %d", record.seq)
            self._memory = None
            self._fault = f"the Oracle stopped at record {record.seq}: {error}. Hedging goes on"
            return
        for entry in made:
            self._keep(entry)

    def view(self) -> OracleView:
        """What a screen shows; the same value until a decision is added."""
        last = self._recent[-1] if self._recent else None
        shown = self._view.recent[-1] if self._view.recent else None
        if last is not shown or self._fault != self._view.fault:
            found = rows(self._regret)
            self._view = OracleView(dict(self._latest), tuple(self._recent), self._fault, found)
        return self._view

    def close(self) -> None:
        """Finish the file."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begin(self, state: State, record: Record) -> None:
        """Begin a chain: one for each start of an engine."""
        self._memory, self._regret = Memory(run=state.run), Regret()
        self.close()
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _drop_old(self._folder)
            path = self._folder / f"{state.run}-{record.seq:012d}{SUFFIX}"
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
            self._file = os.fdopen(open_private(path, flags), "wb")
        except OSError as error:
            self._unkept(error)

    def _keep(self, entry: Sealed) -> None:
        self._recent.append(entry)
        self._latest[entry.decision.underlying] = entry
        if self._file is None:
            return
        try:
            self._file.write(line(entry) + b"\n")
            self._file.flush()
        except OSError as error:
            self._unkept(error)

    def _unkept(self, error: OSError) -> None:
        """Go on without a file: what is decided is still shown."""
        reason = error.strerror or str(error)
        self._fault = f"decisions are not kept in {self._folder}: {reason}. Free the disk, restart"
        log.warning("%s", self._fault)
        self.close()


def _drop_old(folder: Path) -> None:
    """Drop the oldest files until the others fit."""
    files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda each: each.stat().st_mtime_ns)
    total = sum(each.stat().st_size for each in files)
    for each in files:
        if total <= KEEP_BYTES:
            break
        total -= each.stat().st_size
        each.unlink()
