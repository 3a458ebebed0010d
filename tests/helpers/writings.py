"""Every writing in which a key could leave a program, and where a folder holds one."""

import base64
import codecs
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import msgspec

from terminal.journal.tape import read_header, read_tape

PIECE = 12
"""Characters of a key by which a part of it is recognised."""


@cache
def writings(canary: str) -> frozenset[str]:
    """Return how a key could be written: as it is, encoded in any usual way, reversed, in pieces.

    Text in base 64 differs by what stands in front of it, so each of its three phases is looked
    for, without the characters that a neighbour has a share in.
    """
    raw = canary.encode()
    found = {canary, canary[::-1], repr(canary)[1:-1], msgspec.json.encode(canary).decode()[1:-1]}
    found |= {quote(canary, safe=""), quote_plus(canary), quote(quote(canary, safe=""), safe="")}
    found |= {raw.hex(), raw.hex().upper(), raw.hex(" "), codecs.encode(canary, "rot13")}
    for phase in range(3):
        inside = base64.b64encode(b"\0" * phase + raw)[4 if phase else 0 :]
        text = inside.rstrip(b"=")[:-1].decode()
        found |= {text, text.replace("+", "-").replace("/", "_"), text[::-1]}
    found |= {canary[at : at + PIECE] for at in range(0, len(canary) - PIECE + 1, PIECE // 2)}
    return frozenset(found)


def hits_in(where: str, text: str, canaries: Iterable[str]) -> list[str]:
    """Return a line for each writing of a canary in a text."""
    return [f"{where}: {each}" for canary in canaries for each in writings(canary) if each in text]


def hits_in_folder(folder: Path, canaries: Iterable[str]) -> list[str]:
    """Return a line for each writing of a canary in any file, in its name, or packed in a tape."""
    found: list[str] = []
    known = tuple(canaries)
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found += hits_in("name of a file", name, known)
        if not path.is_file():
            continue
        content = path.read_bytes()
        if not content.strip(b"\0"):  # room kept for later
            continue
        # In one byte for each character, and in two as some systems write text.
        found += hits_in(name, content.decode("latin-1"), known)
        found += hits_in(name, content.replace(b"\0", b"").decode("latin-1"), known)
        if path.suffix == ".tape":
            packed = f"{read_header(path)} {list(read_tape(path))}"
            found += hits_in(f"events of {name}", packed, known)
    return found
