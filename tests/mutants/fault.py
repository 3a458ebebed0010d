"""A deliberate fault: lines of the program that are replaced, and where it should be noticed."""

import ast
from pathlib import Path

from msgspec import Struct


class Edit(Struct, frozen=True):
    """Text of a file, there exactly once, and what stands in its place."""

    file: str
    find: str
    put: str


class Fault(Struct, frozen=True):
    """One planted bug.

    ``kind`` is its class in the list of the reliability rules; ``near`` says why that class cannot
    exist here as it is written, and what stands in for it. ``tests`` are tried first.
    """

    kind: str
    says: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    near: str = ""


def rot(fault: Fault, root: Path) -> str:
    """Why a fault cannot be planted in a tree any more; empty while it can."""
    missing = [each for each in fault.tests if not (root / each.partition("::")[0]).exists()]
    if missing:
        return f"{missing[0]} is gone"
    for edit in fault.edits:
        path = root / edit.file
        count = path.read_text("utf-8").count(edit.find) if path.exists() else 0
        if count != 1:
            return f"{edit.file} holds {count} times: {edit.find.strip()[:60]}"
    return "" if fault.edits else "it changes nothing"


def planted(fault: Fault, root: Path) -> dict[str, str]:
    """Contents of the files that a fault changes, as they are with it.

    Raises
    ------
    SyntaxError
        The fault is no program: it would be caught by anything, and prove nothing.
    """
    contents: dict[str, str] = {}
    for edit in fault.edits:
        before = contents.get(edit.file) or (root / edit.file).read_text("utf-8")
        contents[edit.file] = before.replace(edit.find, edit.put)
    for content in contents.values():
        ast.parse(content)
    return contents
