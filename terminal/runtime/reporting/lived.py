"""A span of a journal lived again: the states at both ends, and what was heard between them."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.engine.attributing import attribution_view
from terminal.engine.state import State
from terminal.model.attribution import AttributionView
from terminal.model.frame import Tracks
from terminal.model.report import Origin
from terminal.runtime.guard import guarded_step
from terminal.runtime.journal_reader import Source, opened, state_before
from terminal.runtime.opening import ready
from terminal.runtime.recorder import Recorder
from terminal.runtime.reporting.hearing import Hearing, priced
from terminal.runtime.reporting.span import Span


class Lived(Struct, frozen=True, kw_only=True):
    """What a report is made of."""

    journal: Path
    span: Span
    before: State  # at the last record before the span, or nothing yet
    opened: State  # where everything held first has a price, at that record or after it
    start: AttributionView  # P&L by cause, then
    state: State  # at the last record of the span
    end: AttributionView
    heard: Hearing
    tracks: Mapping[str, Tracks]
    origin: Origin


def lived(journal: Path, span: Span, *, until_priced: bool = False) -> Lived:
    """Live a span of a journal again.

    Parameters
    ----------
    journal : Path
        Its directory: read beside whoever writes it, and not changed.
    span : Span
    until_priced : bool
        Whether to end at the first moment from which on everything held has a price.

    Raises
    ------
    JournalError
        There is no journal that can be read.
    DataError
        No record of it is in the span.
    """
    source = opened(journal)
    state = state_before(source, span.first)
    recorder = Recorder()
    hearing: Hearing | None = None
    before, start, first_seq = state, attribution_view(state), 0
    for record in source.records(state.seq):
        if record.at >= span.last:
            break
        if hearing is None and record.at >= span.first:
            before, start, first_seq = state, attribution_view(state), record.seq
            hearing = Hearing(before)
        ready(record)
        earlier = state
        state, effects = guarded_step(state, record)
        recorder.watch(state, record)
        if hearing is not None:
            hearing.hear(earlier, record, state, effects)
            if until_priced and priced(state):
                break
    if hearing is None:
        raise DataError(_outside(source, span))
    hearing.walk.close(state)
    return Lived(
        journal=journal,
        span=span,
        before=before,
        opened=hearing.opened or before,
        start=start,
        state=state,
        end=attribution_view(state),
        heard=hearing,
        tracks=recorder.tracks(),
        origin=_origin(source, span, before, state, first_seq),
    )


def _origin(source: Source, span: Span, before: State, state: State, first_seq: int) -> Origin:
    return Origin(
        run=state.run,
        mode=state.mode.value,
        first_seq=first_seq,
        last_seq=state.seq,
        link=source.link,
        notes=(*source.notes, *_partly(span, before, state)),
    )


def _partly(span: Span, before: State, state: State) -> tuple[str, ...]:
    """Say where the records do not cover the span."""
    notes = []
    if not before.now:
        notes.append("The journal begins inside this span: P&L is counted from its opening.")
    elif before.now >= span.first:
        since = iso_utc(before.now)
        notes.append(f"Older records of the journal are gone: all is counted from {since}.")
    minute = 60_000_000_000
    if state.now < span.last - minute:
        notes.append(f"The records end before the span does, at {iso_utc(state.now)}.")
    return tuple(notes)


def _outside(source: Source, span: Span) -> str:
    """Say which days the journal has instead."""
    state = state_before(source, 0)
    times = [record.at for record in source.records(state.seq)]
    held = f"it holds {iso_utc(min(times))} to {iso_utc(max(times))}" if times else "it is empty"
    return (
        f"no record between {iso_utc(span.first)} and {iso_utc(span.last)}: {held};"
        " choose a day of it with --day"
    )
