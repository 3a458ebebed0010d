"""When a decision is worth a record: whenever what is done changes, and every few minutes."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import DeskState, State
from terminal.hedging.centre import book_vol
from terminal.model.oracle import Sealed
from terminal.model.risk import RiskProfile
from terminal.oracle.chain import GENESIS, sealed
from terminal.oracle.facts import Facts, gather
from terminal.oracle.past import STEP, Past, extended
from terminal.oracle.record import recorded

EVERY = 5 * MINUTE
"""An unchanged decision is recorded anew this often."""

APART = SECOND
"""Time between two records of a coin that differ in their words alone."""

NUMBERS = re.compile(r"[0-9.,+−-]+")
"""What changes in a verdict from one look to the next without another decision."""


class Note(Struct, frozen=True, kw_only=True):
    """What was last recorded of one underlying."""

    at: int = 0
    proposal: tuple[str, int, str] = ("", 0, "")  # id, revision, status
    hedge: str = ""
    stopped: bool = False
    outside: bool | None = None  # of its band; None: delta or band is not known
    verdict: str = ""  # as it was, and
    words: str = ""  # without its numbers
    past: Past = Past()


class Memory(Struct, frozen=True, kw_only=True):
    """Everything that the next record depends on beside the state; it begins anew with each run."""

    run: str = ""
    number: int = 0
    seal: str = GENESIS
    notes: dict[str, Note] = {}
    next_at: int = 0  # no sample and no repetition is due before
    desks: Any = None  # of the state looked at last: nothing can have changed while it is the same


def decisions(
    memory: Memory, state: State, profiles: Mapping[str, RiskProfile]
) -> tuple[Memory, tuple[Sealed, ...]]:
    """Records that are due after a step.

    Parameters
    ----------
    memory : Memory
    state : State
        After one record of the journal; every record must be shown, in order.
    profiles : mapping
        Profiles to compare with, by name.

    Returns
    -------
    memory : Memory
        For the next step.
    entries : tuple of Sealed
        None of most steps.
    """
    if state.desks is memory.desks and state.now < memory.next_at:
        return memory, ()
    if state.run != memory.run:
        memory = Memory(run=state.run)
    made = list[Sealed]()
    for name, desk in state.desks.items():
        note = memory.notes.get(name, Note())
        sampling = state.now - note.past.at >= STEP
        fresh = _noted(note, state, desk)
        due = _due(note, fresh, state.now, repeats=desk.target is not None)
        if not sampling and not due:
            continue
        facts = gather(state, name, note.past, profiles)
        if sampling:
            facts = replace(facts, past=_sampled(facts))
        kept = replace(note, past=facts.past)
        if due:
            kept = replace(fresh, at=state.now, past=facts.past)
            entry = sealed(recorded(facts, memory.number + 1), memory.seal)
            memory = replace(memory, number=memory.number + 1, seal=entry.seal)
            made.append(entry)
        memory = replace(memory, notes={**memory.notes, name: kept})
    return replace(memory, desks=state.desks, next_at=state.now + APART), tuple(made)


def _noted(note: Note, state: State, desk: DeskState) -> Note:
    """What would be noted of a desk now."""
    offer, verdict = desk.proposal, desk.verdict
    same = verdict == note.verdict
    return replace(
        note,
        proposal=(offer.proposal_id, offer.revision, offer.status.value) if offer else ("", 0, ""),
        hedge=desk.hedge.hedge_id if desk.hedge else "",
        stopped=state.stop is not None,
        outside=_outside(desk),
        verdict=verdict,
        words=note.words if same else NUMBERS.sub("", verdict),
    )


def _due(before: Note, after: Note, now: int, *, repeats: bool) -> bool:
    """Whether a record is due; what cannot be decided is not said again and again."""
    if _acts(before) != _acts(after):
        return True
    if before.words != after.words:
        return now - before.at >= APART
    return repeats and now - before.at >= EVERY


def _acts(note: Note) -> tuple[object, ...]:
    """What cannot change without another decision."""
    return note.proposal, note.hedge, note.stopped, note.outside


def _outside(desk: DeskState) -> bool | None:
    if desk.net is None or desk.target is None:
        return None
    return not desk.target.low <= desk.net <= desk.target.high


def _sampled(facts: Facts) -> Past:
    """The past with the prices of now, where they are known."""
    if facts.inputs is None:
        return facts.past
    return extended(facts.past, facts.state.now, facts.inputs.spot, book_vol(facts.inputs))
