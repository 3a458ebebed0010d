"""The one place where any failure of the engine is caught: it halts, and the window stays up."""

import logging

from terminal.core.errors import InvariantError
from terminal.engine.commands import obey
from terminal.engine.state import State, Step
from terminal.engine.step import step
from terminal.model.messages import CancelAll, CancelHedge, CancelOrder, Fault, Record, Stop
from terminal.risk.halts import HaltCode

log = logging.getLogger(__name__)


def guarded_step(state: State, record: Record) -> Step:
    """Step, or halt all trading when stepping fails.

    A failing record leaves the state as it was but for a latched halt that names it. Live and
    in recovery the same record fails the same way, so a replay stays equal.
    """
    try:
        return step(state, record)
    except Exception as error:  # a bug must not take the desk's screen and stop away
        if not any(halt.code is HaltCode.FAULT for halt in state.halts):
            log.exception("record %d failed", record.seq)
        reason = f"record {record.seq} failed: {type(error).__name__}: {error}"
        if isinstance(record.event, Fault):
            raise InvariantError(reason) from error
        halted, alerts = step(state, Record(record.seq, record.at, "runtime", Fault("BUG", reason)))
        if not isinstance(record.event, Stop | CancelAll | CancelOrder | CancelHedge):
            return halted, alerts
        # Looking at the book anew is what failed; stopping and cancelling do not need it.
        stopped, effects = obey(halted, record.event)
        return stopped, (*alerts, *effects)
