"""Decisions in a chain: each seal covers the one before, so none can be changed or left out."""

import hashlib
from collections.abc import Iterable

import msgspec

from terminal.core.errors import DataError
from terminal.model.oracle import Decision, Sealed

GENESIS = "0" * 64
"""What the first decision of a run follows."""


def sealed(decision: Decision, previous: str) -> Sealed:
    """Seal a decision behind the one whose seal is ``previous``."""
    content = msgspec.json.encode(decision)
    return Sealed(decision, previous, _seal(previous, content))


def line(entry: Sealed) -> bytes:
    """One line of a file of decisions, without its end."""
    return msgspec.json.encode(entry)


def read(lines: Iterable[bytes]) -> tuple[Sealed, ...]:
    """Read a chain.

    Parameters
    ----------
    lines : iterable of bytes
        Of one run, in order. A last line without its end was being written when the process died,
        and must be left out by the caller.

    Raises
    ------
    DataError
        A line cannot be read, or its seal does not follow from what is before it: the message
        names the line.
    """
    found, previous = list[Sealed](), GENESIS
    for number, content in enumerate(lines, start=1):
        try:
            entry = msgspec.json.decode(content, type=Sealed)
        except msgspec.MsgspecError as error:
            raise DataError(f"decision in line {number} cannot be read: {error}") from error
        again = _seal(previous, msgspec.json.encode(entry.decision))
        if entry.previous != previous or entry.seal != again:
            msg = f"line {number} does not follow from the lines before it: it was changed"
            raise DataError(msg)
        found.append(entry)
        previous = entry.seal
    return tuple(found)


def _seal(previous: str, content: bytes) -> str:
    return hashlib.sha256(previous.encode() + content).hexdigest()
