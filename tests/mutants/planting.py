"""Plants faults in scratch copies of the tree, one at a time, and says which test noticed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from msgspec import Struct

from tests.mutants.fault import Fault, planted

ROOT: Final = Path(__file__).resolve().parents[2]
EVERYTHING: Final = ("tests/unit", "tests/contracts", "tests/test_architecture.py")
PATIENCE_S: Final = 900.0
MOST_UNSTEADY: Final = 5
LEFT_OUT: Final = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")

_FAILED: Final = re.compile(r"^FAILED (\S+)", re.MULTILINE)


class Verdict(Struct, frozen=True):
    """What became of a fault: the test that failed, or why none did."""

    fault: Fault
    caught_by: str
    trouble: str = ""


def scratch(folder: Path, number: int) -> Path:
    """Copy of the tree for one worker, with the recorded data beside it where there is any."""
    place = folder / f"worker-{number}"
    copy = place / ROOT.name
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    data = ROOT.parent / "shared"
    if data.exists():
        (place / "shared").symlink_to(data.resolve(), target_is_directory=True)
    return copy


def trial(fault: Fault, copy: Path, *, everything: bool) -> Verdict:
    """Plant a fault, run its tests (then all of them, if wanted), and take it out again."""
    kept = {edit.file: (copy / edit.file).read_text("utf-8") for edit in fault.edits}
    changed = planted(fault, copy)
    _write(copy, changed)
    unsteady: list[str] = []
    rounds = (fault.tests, EVERYTHING) if everything else (fault.tests,)
    try:
        for tests in rounds:
            while len(unsteady) < MOST_UNSTEADY:
                verdict = _tested(fault, (*tests, *unsteady), copy)
                if verdict.trouble or _proven(verdict, copy, kept, changed):
                    return verdict
                if not verdict.caught_by:
                    break
                unsteady.append(f"--deselect={verdict.caught_by}")
        return Verdict(fault, "")
    finally:
        _write(copy, kept)


def _proven(
    verdict: Verdict, copy: Path, kept: Mapping[str, str], changed: Mapping[str, str]
) -> bool:
    """Whether a test fails because of a fault: again with it, and never without.

    On a busy machine a test may fail by itself, and would pass for one that has noticed.
    """
    if not verdict.caught_by:
        return False
    again = _tested(verdict.fault, (verdict.caught_by,), copy)
    _write(copy, kept)
    without = _tested(verdict.fault, (verdict.caught_by,), copy)
    _write(copy, changed)
    return bool(again.caught_by) and not without.caught_by


def _write(copy: Path, contents: Mapping[str, str]) -> None:
    for name, content in contents.items():
        (copy / name).write_text(content, "utf-8")


def _tested(fault: Fault, tests: Sequence[str], copy: Path) -> Verdict:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    # Bytecode is told stale by time and size, and a fault may change neither.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "QT_QPA_PLATFORM": "offscreen"}
    try:
        ended = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict(fault, "", f"no end within {PATIENCE_S:.0f} s of {' '.join(tests)}")
    failed = _FAILED.search(ended.stdout)
    if ended.returncode == 1 and failed is not None:
        return Verdict(fault, failed[1])
    if ended.returncode == 0:
        return Verdict(fault, "")
    return Verdict(fault, "", f"pytest ended with {ended.returncode}: {ended.stdout[-500:]}")


def verdicts(
    faults: Sequence[Fault], folder: Path, *, workers: int, everything: bool
) -> Iterator[Verdict]:
    """Try faults side by side, each worker in a copy of its own."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(workers):
        copies.put(scratch(folder, number))

    def tried(fault: Fault) -> Verdict:
        copy = copies.get()
        try:
            return trial(fault, copy, everything=everything)
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(tried, faults)
