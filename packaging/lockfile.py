"""What a lock names: packages, the hashes that pip may install, and who asked for each."""

import re
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)
_INSTALLED = re.compile(r"^[^\s#]", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(
    r"^    # (?:via )? *([A-Za-z0-9.-]+)(?: \(pyproject\.toml(?::\w+)?\))?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package."""

    name: str
    version: str
    marker: str  # platforms that it is for; empty: all
    hashes: tuple[str, ...]  # SHA-256 of every wheel that may be installed
    wanted_by: tuple[str, ...]  # packages, or the project itself

    @property
    def purl(self) -> str:
        """The package's address in the form that bills of materials use."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(lock: Path) -> tuple[Pin, ...]:
    """Return the packages of a lock file, in its order.

    Raises
    ------
    ValueError
        A line that pip would install is not understood, or has no hash.
    """
    text = lock.read_text("utf-8")
    found = list(_ENTRY.finditer(text))
    if len(found) != len(_INSTALLED.findall(text)):
        raise ValueError(f"{lock.name}: a line is not a package with a version and hashes")
    ends = [*(each.start() for each in found[1:]), len(text)]
    return tuple(
        _pin(each, text[each.end() : end], lock) for each, end in zip(found, ends, strict=True)
    )


def _pin(entry: re.Match[str], rest: str, lock: Path) -> Pin:
    hashes = tuple(_HASH.findall(rest))
    if not hashes:
        raise ValueError(f"{lock.name}: {entry[1]} has no hash")
    return Pin(entry[1], entry[2], entry[3] or "", hashes, tuple(_VIA.findall(rest)))
