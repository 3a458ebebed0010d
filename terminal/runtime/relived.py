"""A stretch of a journal stepped through again: its state, its curves and its log."""

import time

from terminal.core.errors import InvariantError
from terminal.engine.state import State
from terminal.journal.recover import Held
from terminal.model.messages import Alert, Record
from terminal.runtime.guard import guarded_step
from terminal.runtime.journal_reader import Source, state_of
from terminal.runtime.kernels import ready_engine
from terminal.runtime.recorder import Recorder

BATCH = 32
"""Records between two looks at the clock of the machine."""


class Relived:
    """Goes from the snapshot of a segment, record by record.

    Parameters
    ----------
    source : Source
    segment : Held
        Where it begins; its snapshot is whole.

    Attributes
    ----------
    state : State
    recorder : Recorder
        Curves and lines from that snapshot on.
    began : int
        Number of the last record before its curves.
    upcoming : Record or None
        What is stepped next; None at the end.

    Raises
    ------
    JournalError
        The snapshot is of another version of the program.
    """

    def __init__(self, source: Source, segment: Held) -> None:
        self.state: State = state_of(segment)
        ready_engine(self.state.pricing)
        self.recorder = Recorder()
        self.began = self.state.seq
        self._records = source.records(self.state.seq)
        self.upcoming: Record | None = next(self._records, None)

    def step(self) -> Record:
        """Take the upcoming record; of what the engine answers only the lines of the log are kept.

        Returns
        -------
        Record
            The one that was taken.

        Raises
        ------
        JournalError
            The one after it cannot be read any more: the stretch ends here.
        InvariantError
            There is none.
        """
        record, self.upcoming = self.upcoming, None
        if record is None:
            raise InvariantError("nothing follows the last record of a journal")
        self.state, effects = guarded_step(self.state, record)
        for effect in effects:
            if isinstance(effect, Alert):  # everything else was carried out then
                self.recorder.say(self.state.now, effect)
        self.recorder.watch(self.state, record)
        self.upcoming = next(self._records, None)
        return record

    def go(self, seq: int, budget_s: float) -> bool:
        """Step up to record ``seq``; whether that was done in the given wall time."""
        deadline = time.perf_counter() + budget_s
        count = 0
        while self.upcoming is not None and self.state.seq < seq:
            self.step()
            count += 1
            if count % BATCH == 0 and time.perf_counter() > deadline:
                return False
        return True
