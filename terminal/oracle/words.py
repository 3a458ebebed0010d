"""An answer of a language model: read strictly, its numbers checked, its proposals bounded.

What is not of the schema is refused whole. Words with a number that the record does not know are
dropped, and so is a proposal outside its bounds or without good evidence; the rest stands, and
what was dropped is said.
"""

import unicodedata
from typing import Annotated, Final

from msgspec import Meta, Struct

from terminal.model.advice import Agreement, Concern, Suggestion
from terminal.model.oracle import Decision
from terminal.model.risk import RiskProfile
from terminal.oracle.words_json import read_strictly
from terminal.oracle.words_numbers import foreign, numbers_of
from terminal.oracle.words_parameters import Bound, drafted, refusal
from terminal.oracle.words_snapshot import Snapshot

LONGEST: Final = 8192
"""Bytes of an answer."""

Proposed = Annotated[str, Meta(min_length=1, max_length=32)]


class Proposal(Struct, frozen=True, forbid_unknown_fields=True):
    """One proposal as it came."""

    parameter: Proposed
    value: float
    evidence: Annotated[str, Meta(min_length=1, max_length=240)]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as it came: of the schema, and nothing else is known of it."""

    summary: Annotated[str, Meta(max_length=600)]
    agreement: Agreement
    concerns: Annotated[tuple[Concern, ...], Meta(max_length=5)]
    proposals: Annotated[tuple[Proposal, ...], Meta(max_length=3)]


class Checked(Struct, frozen=True, kw_only=True):
    """What is left of an answer."""

    summary: str
    agreement: Agreement
    concerns: tuple[Concern, ...]
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...]  # what was dropped, and why


def read_answer(text: str) -> Answer:
    """Read an answer; raises DataError, with our words only, for what is not of the schema."""
    return read_strictly(text.encode("utf-8", "surrogatepass"), Answer, LONGEST)


def checked(answer: Answer, decision: Decision, seen: Snapshot, profile: RiskProfile) -> Checked:
    """Keep of an answer what can be stood for.

    Parameters
    ----------
    answer : Answer
    decision : Decision
        That was asked about: its numbers, and those of ``seen`` that were made of them, are known.
    seen : Snapshot
        As it was sent.
    profile : RiskProfile
        That ``seen`` was made with.
    """
    known = known_numbers(decision, seen)
    notes = list[str]()
    why = unfit(answer.summary, known)
    if why:
        notes.append(f"The summary was dropped: {why}.")
    suggestions = list[Suggestion]()
    taken = set[str]()
    for each in answer.proposals:
        made = _suggestion(each, decision.underlying, seen, profile, known)
        if isinstance(made, str):
            notes.append(f"A proposal was dropped: {made}.")
        elif made.parameter in taken:
            notes.append(f"A proposal was dropped: {made.parameter} was proposed already.")
        else:
            taken.add(made.parameter)
            suggestions.append(made)
    return Checked(
        summary="" if why else " ".join(answer.summary.split()),
        agreement=answer.agreement,
        concerns=tuple(dict.fromkeys(answer.concerns)),
        suggestions=tuple(suggestions),
        notes=tuple(notes),
    )


def known_numbers(decision: Decision, seen: Snapshot) -> tuple[float, ...]:
    """Every number that was measured or decided; those that only name the record are none."""
    return numbers_of(
        decision.inputs,
        decision.band,
        decision.candidates,
        decision.confidence,
        decision.factors,
        decision.flips,
        (decision.next_up, decision.next_down),
        seen,
    )


def _suggestion(
    each: Proposal,
    underlying: str,
    seen: Snapshot,
    profile: RiskProfile,
    known: tuple[float, ...],
) -> Suggestion | str:
    """A proposal that may be shown, or why it may not."""
    bound: Bound | None = next((b for b in seen.parameters if b.name == each.parameter), None)
    if bound is None:
        return "it names what can not be proposed"
    why = refusal(bound, each.value)
    if why:
        return why
    why = unfit(each.evidence, (*known, each.value))
    if why:
        return f"{bound.name}: its evidence fails, {why}"
    draft = drafted(profile, underlying, bound.name, each.value)
    if isinstance(draft, str):
        return draft
    return Suggestion(
        parameter=bound.name,
        label=bound.label,
        unit=bound.unit,
        before=bound.now,
        after=each.value,
        evidence=" ".join(each.evidence.split()),
        draft=draft,
    )


def unfit(text: str, known: tuple[float, ...]) -> str:
    """Why words are not shown; empty when they are."""
    for letter in text:
        if letter != "\n" and unicodedata.category(letter)[0] == "C":
            return "it holds a hidden or control character"
    low = unicodedata.normalize("NFKC", text).casefold()
    if any(each in low for each in _LINKS):
        return "it holds a link or markup"
    if any(each in low for each in _KEYS):
        return "it speaks of keys or passwords"
    strange = foreign(text, known)
    return f"{_quoted(strange)} does not occur in the record" if strange else ""


_LINKS: Final = ("://", "www.", "http", "](", "<", "```", "javascript:", "mailto:")
_KEYS: Final = (
    "api key",
    "api-key",
    "api_key",
    "apikey",
    "password",
    "passphrase",
    "private key",
    "seed phrase",
    "secret key",
    "withdraw",
)
"""Nothing about a hedge needs these words, and whoever asks for keys does."""


def _quoted(text: str) -> str:
    return repr(text[:24])
