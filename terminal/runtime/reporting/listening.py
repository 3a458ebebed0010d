"""A run on a tape, heard while it is made: its report needs no journal."""

import hashlib
from pathlib import Path

from terminal.core.units import iso_utc
from terminal.engine.attributing import attribution_view
from terminal.engine.state import State
from terminal.model.messages import Alert, Record
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.model.report import Origin
from terminal.runtime.recorder import Recorder
from terminal.runtime.reporting.hearing import Hearing
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.margin_path import MarginPath
from terminal.runtime.reporting.span import Span
from terminal.runtime.session import Session

CHUNK = 1 << 20


class Listening(Recorder):
    """Hears every step of a session, and why orders were rejected.

    Parameters
    ----------
    session : Session
        Before the first event of its tape.
    draws : bool
        As of `Recorder`.
    """

    def __init__(self, session: Session, *, draws: bool = True) -> None:
        super().__init__(draws=draws)
        self._first = self._before = session.state
        self._start = attribution_view(session.state)
        self._told: list[Alert] = []
        self.hearing = Hearing(session.state)
        self.margin = MarginPath()
        self.rejected: list[tuple[int, str, str]] = []  # UtcNs, order, reason

    def say(self, at: int, alert: Alert) -> None:
        """Keep an alert for the record that it came of."""
        super().say(at, alert)
        self._told.append(alert)

    def watch(self, state: State, record: Record) -> None:
        """Take one record, just stepped."""
        super().watch(state, record)
        told, self._told = tuple(self._told), []
        self.hearing.hear(self._before, record, state, told)
        self.margin.step(state)
        event = record.event
        if isinstance(event, OrderUpdate) and event.status is OrderStatus.REJECTED:
            self.rejected.append((record.at, event.order_id, event.reason))
        self._before = state

    def lived(self, session: Session, tape: Path, digest: str) -> Lived:
        """The whole run, as a report takes it.

        Parameters
        ----------
        session : Session
            That has come to its end.
        tape : Path
            What it played.
        digest : str
            SHA-256 of the tape.
        """
        state = session.state
        self.hearing.walk.close(state)
        self.margin.look(state)
        first = session.opens_at
        notes = []
        if session.world.next_at() is not None:
            at = iso_utc(state.now)
            notes.append(f"The tape was not played to its end: the run stopped at {at}.")
        return Lived(
            journal=tape,
            span=Span(first, max(state.now, first) + 1),
            before=self._first,
            opened=self.hearing.opened or self._first,
            start=self._start,
            state=state,
            end=attribution_view(state),
            heard=self.hearing,
            tracks=self.tracks(),
            origin=Origin(
                run=state.run,
                mode=state.mode.value,
                first_seq=1,
                last_seq=state.seq,
                link=digest,
                notes=tuple(notes),
            ),
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; read in parts."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            found.update(part)
    return found.hexdigest()
