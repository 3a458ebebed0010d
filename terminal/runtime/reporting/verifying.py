"""Whether a report is as it was written, and by whom."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import ConfigError, DataError
from terminal.runtime.reporting.files import OURS, SUMS
from terminal.runtime.reporting.signing import SIGNATURE, is_good, read_signature

PRINT = "report.pdf"
"""Made from the page later: no part of what is signed."""

LINE = re.compile(r"([0-9a-f]{64})  ([a-z0-9_.]+)")


class Verified(Struct, frozen=True):
    """What a look at a report's folder found."""

    faults: tuple[str, ...]  # empty: every file is as it was written
    signer: str  # fingerprint of a key whose signature is good; empty without
    notes: tuple[str, ...] = ()


def verified(folder: Path) -> Verified:
    """Hold a report's files against their hashes, and those against their signature.

    Raises
    ------
    ConfigError
        The folder holds no report.
    """
    sums = _bytes(folder / SUMS)
    if sums is None:
        msg = f"{folder} holds no {SUMS}: name the folder of a report, 2026-01-05-end"
        raise ConfigError(msg)
    faults = list(_changed(folder, sums.decode("utf-8", "replace")))
    signer = ""
    signature = _bytes(folder / SIGNATURE)
    if signature is None:
        faults.append(f"{SIGNATURE} is missing: the report is not signed")
    else:
        try:
            found = read_signature(signature.decode("utf-8", "replace"))
        except DataError as error:
            faults.append(str(error))
        else:
            if is_good(found, sums):
                signer = found.fingerprint
            else:
                faults.append(f"{SIGNATURE} does not fit {SUMS}: one of them was changed")
    notes = []
    if (folder / PRINT).exists():
        notes.append(f"{PRINT} is a print of report.html and is not signed: make it again")
    return Verified(tuple(faults), signer, tuple(notes))


def _changed(folder: Path, sums: str) -> Iterator[str]:
    """Files that are not what their hash says, not there, or not in the list."""
    listed = set()
    for line in sums.splitlines():
        match = LINE.fullmatch(line)
        if match is None or not OURS.fullmatch(match[2]):
            yield f"{SUMS} is damaged: {line[:80]!r} is no hash of a report's file"
            continue
        digest, name = match[1], match[2]
        listed.add(name)
        content = _bytes(folder / name)
        if content is None:
            yield f"{name} is missing"
        elif hashlib.sha256(content).hexdigest() != digest:
            yield f"{name} was changed"
    for each in sorted(folder.iterdir()):
        if each.name not in {*listed, SUMS, SIGNATURE, PRINT}:
            yield f"{each.name} was added: it is no part of the report"


def _bytes(path: Path) -> bytes | None:
    """Content of a file; None where there is none.

    Raises
    ------
    ConfigError
        It is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
