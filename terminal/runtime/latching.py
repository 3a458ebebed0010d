"""The stop outside the engine: a flag in memory, a file beside the journal, asked at the last hop.

The engine stops by a record like any other. But an engine may be busy, its journal full or its
loop held up, and a stop must not wait for any of them: from the moment the latch is pulled, by
whomever, no order passes the last hop. The engine hears of it when it next looks.
"""

import logging
import threading
import time
from typing import Final, Protocol

from terminal.engine.state import State
from terminal.journal.alive import ended, touch
from terminal.journal.latch import STAGES, Latched, LatchFile, further
from terminal.model.frame import Notice
from terminal.model.messages import Alert, Event, Rearm, Stop, StopStage
from terminal.model.order import OrderIntent
from terminal.runtime.recorder import Recorder

log = logging.getLogger(__name__)

WRITE_S: Final = 0.05
"""Longest wait for the drive: the stop holds in memory already, and its cancels are on the way."""


class StopLatch:
    """Whether this run is stopped, whatever the engine knows.

    Parameters
    ----------
    file : LatchFile, optional
        Of the data directory; without one the latch ends with the process.
    """

    def __init__(self, file: LatchFile | None = None) -> None:
        self._file = file
        self._held: Latched | None = None
        self._writer: threading.Thread | None = None
        self._trouble = ""
        self.heard_at = 0.0  # when the engine last looked, seconds of time.monotonic

    def found(self) -> Latched | None:
        """Stop that stands: the one in memory or in the file, whichever goes further."""
        return further(self._held, self.on_disk())

    def on_disk(self) -> Latched | None:
        """Stop in the file."""
        return self._file.read() if self._file is not None else None

    def bars(self, intent: OrderIntent) -> str:
        """Why an order must not leave; empty lets it go. The last hop of every order."""
        stop = self.found()
        if stop is None:
            return ""
        if stop.stage is not StopStage.FREEZE and intent.for_stop:
            return ""
        return f"trading is stopped ({stop.stage.value}: {stop.reason})"

    def pull(self, stop: Latched) -> None:
        """Stop from this moment on; the file is written beside, for a drive may take long."""
        self._held = further(self._held, stop)
        if self._file is not None:
            self._writer = threading.Thread(
                target=self._write, args=(self._file, stop), name="stop latch", daemon=True
            )
            self._writer.start()

    def _write(self, file: LatchFile, stop: Latched) -> None:
        try:
            file.pull(stop)
            self._trouble = ""
        except OSError as error:
            self._trouble = f"{file.path} cannot be written: {error.strerror or error}"

    def say_alive(self) -> None:
        """Tell whoever watches from outside that the engine lives."""
        if self._file is not None:
            touch(self._file.path.parent)

    def say_ended(self) -> None:
        """Tell whoever watches from outside that the engine has ended in order."""
        if self._file is not None:
            ended(self._file.path.parent)

    def trouble(self) -> str:
        """Why the file does not hold the stop that was pulled; empty when it does."""
        if self._writer is None:
            return ""
        self._writer.join(WRITE_S)
        if self._writer.is_alive():
            return f"the drive has not taken it for {WRITE_S * 1e3:.0f} ms"
        return self._trouble

    def lift(self, answered: Latched | None) -> None:
        """Let orders go again.

        Parameters
        ----------
        answered : Latched or None
            What was on disk when the person was asked.

        Raises
        ------
        OSError
            The file is still there: the stop stands.
        """
        if self._writer is not None:
            self._writer.join(WRITE_S)
        if self._file is not None:
            self._file.lift(answered)
        self._held = None


class Stoppable(Protocol):
    """What a session shows of itself to its latch."""

    latch: StopLatch
    state: State
    broken: str
    recorder: Recorder
    notes: list[Notice]

    def process(self, at: int, source: str, event: Event) -> None:
        """Take one event."""
        ...


def heed(desk: Stoppable) -> bool:
    """Have the engine hear of a stop that it has not heard of; whether there was one."""
    desk.latch.heard_at = time.monotonic()
    found, known = desk.latch.found(), desk.state.stop
    if found is None:
        return False
    if known is not None and STAGES.index(known.stage) >= STAGES.index(found.stage):
        return False
    stop = Stop(found.stage, f"{found.reason} ({found.by})")
    desk.process(desk.state.now, "latch", stop)
    return True


def take_up(desk: Stoppable) -> None:
    """After a start: what either the journal or the latch says is stopped stays stopped."""
    known = desk.state.stop
    if known is not None and desk.latch.on_disk() is None:
        desk.latch.pull(
            Latched(stage=known.stage, reason=known.reason, at=known.since, by="journal")
        )
        _say_trouble(desk)
    heed(desk)


def carry_out(desk: Stoppable, command: Stop | Rearm) -> None:
    """Stop or re-arm: the latch closes before the engine hears of it, and opens after."""
    if isinstance(command, Stop):
        latched = Latched(
            stage=command.stage, reason=command.reason, at=desk.state.now, by="window"
        )
        desk.latch.pull(latched)
        desk.process(desk.state.now, "user", command)
        _say_trouble(desk)
        return
    if desk.broken:
        _say(desk, f"not re-armed, for orders could not be journaled: {desk.broken}")
        return
    answered = desk.latch.on_disk()
    if heed(desk):
        _say(desk, "not re-armed: another stop has just come in, look at it first")
        return
    desk.process(desk.state.now, "user", command)
    if desk.state.stop is None:
        _lift(desk, answered)


def _lift(desk: Stoppable, answered: Latched | None) -> None:
    try:
        desk.latch.lift(answered)
    except OSError as error:
        _say(desk, f"the stop stands, its latch could not be removed: {error}")


def _say(desk: Stoppable, text: str) -> None:
    desk.recorder.say(desk.state.now, Alert("warn", "REARM", text))


def _say_trouble(desk: Stoppable) -> None:
    """Tell that a stop would not outlive the process, where that is so."""
    trouble = desk.latch.trouble()
    if trouble:
        log.error("the stop is in memory only: %s", trouble)
        cause = f"The stop holds in the memory of this process only: {trouble}"
        step = "Do not restart before the account is flat or the drive works"
        desk.notes.append(Notice("crit", cause, desk.state.now, step))
