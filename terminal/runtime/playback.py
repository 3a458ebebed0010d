"""A journal seen again in the window: the same steps, nothing sent, nothing written."""

import contextlib
import time
from bisect import bisect_right
from pathlib import Path

from msgspec.structs import replace

from terminal.core.errors import ConfigError, JournalError
from terminal.core.moment import read_moment
from terminal.core.units import HOUR, MINUTE, iso_utc
from terminal.engine.state import State
from terminal.model.account import OpenOrder
from terminal.model.frame import Frame, JournalHealth, Machine, Notice
from terminal.model.messages import Disturb, Event, Fault, Mode
from terminal.model.order import OrderIntent
from terminal.model.playback import PlaybackView
from terminal.model.reconcile import Changes
from terminal.runtime.journal_reader import Start, end_of, engines_of, opened, starts_of
from terminal.runtime.kernels import ready_engine
from terminal.runtime.memory import MemoryJournal
from terminal.runtime.profiles import load
from terminal.runtime.recorded_decisions import RecordedDecisions, marks_of
from terminal.runtime.relived import BATCH, Relived
from terminal.runtime.session import Session

PAST = HOUR // 2
"""Curves go back at least this far before a moment that was gone to."""

WINDING_S = 0.025
"""Wall time taken at once on the way to a moment: nothing else is being waited for."""

REFUSAL = "this is a recording; nothing can be sent"
REMEDY = "To trade, start the terminal without --recording"
RESTORE = "What follows can be seen in a copy of the journal that is whole"
CHECK = "Check the disk, then open the recording again"


class _Past:
    """A world in which everything has happened: it takes no order and makes no event."""

    def __init__(self, title: str, first: int, last: int) -> None:
        self.title = title
        self._first, self._last = first, last
        self.now = first

    def next_at(self) -> int | None:
        """Never over: whoever looks at the end may go back."""
        return self._last + 1

    def pop(self) -> tuple[int, Event]:
        """Events come from the journal."""
        raise JournalError("a recording makes no events of its own")

    def progress(self) -> float | None:
        """Part of the recording that lies behind."""
        whole = max(self._last - self._first, 1)
        return min(max((self.now - self._first) / whole, 0.0), 1.0)

    def disturb(self, disturb: Disturb, at: int) -> None:
        """What happened stays as it was."""

    def submit(self, intent: OrderIntent, at: int) -> None:
        """No order leaves."""

    def cancel(self, order_id: str, at: int) -> None:
        """No cancel leaves."""

    def query(self, order_id: str, at: int) -> None:
        """Nobody is asked."""

    def ask_account(self, venue: str, at: int) -> None:
        """Nobody is asked."""

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """No cancel leaves."""

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Nobody listens."""


class Playback(Session):
    """Lives a journal again, from any moment of it, at any speed.

    Parameters
    ----------
    directory : Path
        Of the journal: read beside whoever writes it, and not changed.
    at : str
        Moment to begin at, ``03:12`` (of its last day) or ``2026-01-05T03:12``; empty is its first
        record.

    Raises
    ------
    JournalError
        There is no journal that can be read, or one of another version of the program, or no
        snapshot of it is whole.
    ConfigError
        The moment is none, or is not in it; the message says what is.
    """

    def __init__(self, directory: Path, at: str = "") -> None:
        source = opened(directory)
        self._starts = starts_of(source)
        self._first, self._last = self._starts[0].at, end_of(source)
        moment = read_moment(at, self._last) if at else self._first
        if not self._first <= moment <= self._last + MINUTE:
            span = f"{iso_utc(self._first)} to {iso_utc(self._last)}"
            raise ConfigError(f"{iso_utc(moment)} is not in {directory}: it holds {span}")
        self._past = _Past(directory.name, self._first, self._last)
        super().__init__(self._past, MemoryJournal(), State(), load("balanced"), tick=0)
        self._directory, self._source = directory, source
        for name in engines_of(source):  # now, beside the loop: on it nothing may take seconds
            ready_engine(name)
        self._marks = marks_of(directory, self._first, self._last)
        self._refused = ""
        self.notes += [Notice("warn", each, self._last, RESTORE) for each in source.notes]
        self.views.oracle = RecordedDecisions(directory)
        self._longer: Relived | None = None
        self._shown: Frame | None = None
        self.goal = 0  # UtcNs that is being gone to; 0: none
        self.opens_at = min(moment, self._last)
        self._begin(self._start_before(self.opens_at))
        self.seek(self.opens_at)

    def seek(self, at: int) -> None:
        """Go to a moment: from the last snapshot before it, in pieces, as `advance` goes.

        Where that cannot be read any more the picture stays, and why is said.
        """
        at = min(max(at, self._first), self._last)
        start = self._start_before(at)
        if self.state.now > at or self.state.seq < start.seq:
            try:
                self._begin(start)  # else on from here: no snapshot is nearer
            except (JournalError, OSError) as error:
                self._tell(Notice("crit", str(error), self.state.now, CHECK))
                return
        self.goal = at

    def _start_before(self, at: int) -> Start:
        place = bisect_right(self._starts, at, key=lambda each: each.at) - 1
        return self._starts[max(place, 0)]

    def _begin(self, start: Start) -> None:
        self._line, self._longer, self.goal = Relived(self._source, start.held), None, 0
        self.state, self.recorder = self._line.state, self._line.recorder
        self._renew()

    def _renew(self) -> None:
        """Have everything that only a screen shows made of this moment alone."""
        self.views = self.views.anew()

    def advance(self, to: int, *, budget_s: float = float("inf")) -> bool:
        """Live the records up to ``to`` (UtcNs), or first up to where `seek` wants to be.

        What is left of a limited time goes into the curves before.
        """
        goal, line = max(to, self.goal), self._line
        deadline = time.perf_counter() + max(budget_s, WINDING_S if self.goal else 0.0)
        count = 0
        while line.upcoming is not None and line.upcoming.at <= goal:
            self._live_again()
            count += 1
            if count % BATCH == 0 and time.perf_counter() > deadline:
                return False
        if self.goal:
            self._arrive()
        elif self._longer is not None and budget_s < float("inf"):
            self.lengthen(deadline - time.perf_counter())
        return True

    def _live_again(self) -> None:
        record = self._line.step()
        self.state = self._line.state
        self.records += 1
        self.views.hear(self.state, record)
        self._past.now = self.state.now

    def _arrive(self) -> None:
        """Show this moment alone: frames on the way have kept pieces of others."""
        start = self._start_before(self.goal - PAST)
        self.goal = 0
        self._renew()
        if self._line.began > start.seq:  # the curves do not go back as far as they should
            with contextlib.suppress(JournalError, OSError):  # what is gone leaves them short
                self._longer = Relived(self._source, start.held)

    def lengthen(self, budget_s: float) -> bool:
        """Live the time before again beside the recording, for its curves and its log.

        Returns
        -------
        bool
            Whether they go back that far now.
        """
        longer = self._longer
        if longer is None:
            return True
        try:
            if not longer.go(self.state.seq, budget_s):
                return False
        except JournalError:  # an old segment was dropped meanwhile: they stay as short as they are
            self._longer = None
            return True
        self.recorder = self._line.recorder = longer.recorder
        self._line.began, self._longer = longer.began, None
        return True

    def command(self, event: Event) -> None:
        """Refuse, and say so: nobody can act in the past."""
        if isinstance(event, Fault):
            self._refused = f"{event.code}: {event.reason}"
            self._tell(Notice("crit", self._refused, self.state.now, CHECK))
        else:
            self._refused = f"{type(event).__name__} was not carried out: {REFUSAL}"
            self._tell(Notice("warn", REFUSAL, self.state.now, REMEDY))

    def _tell(self, notice: Notice) -> None:
        """Show a notice, once for each cause."""
        if not any(each.cause == notice.cause for each in self.notes):
            self.notes.append(notice)

    def process(self, at: int, source: str, event: Event) -> None:
        """Refuse what the runtime would put in, too."""
        del at, source
        self.command(event)

    def frame(self, machine: Machine) -> Frame:
        """The picture of this moment, marked as a recording; the last one until it is reached."""
        view = self._view()
        if self.goal and self._shown is not None:
            if self._shown.playback != view:  # the same frame is not drawn again
                self._shown = replace(self._shown, playback=view)
            return self._shown
        shown = super().frame(machine)
        self._shown = replace(shown, mode=Mode.RECORDING, live=None, playback=view)
        return self._shown

    def _view(self) -> PlaybackView:
        return PlaybackView(
            path=str(self._directory),
            first=self._first,
            last=self._last,
            lived=self.state.mode.value,
            seeking=self.goal,
            marks=self._marks,
            note=" ".join(self._source.notes),
            refused=self._refused,
        )

    def _journal_health(self) -> JournalHealth:
        size = sum(each.end for each in self._source.found.held)
        return JournalHealth(
            path=str(self._directory),
            bytes=size,
            limit=0,  # nothing is written to it: it cannot fill the disk
            last_seq=self.state.seq,
            durable_seq=self.state.seq,
            sync_ms=0.0,
            read_only=True,
            note="",
        )
