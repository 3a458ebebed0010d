"""Where the time goes, in the words of the architecture: a profile folded to floors."""

import cProfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import terminal

_ROOT = Path(terminal.__file__).parent


def shares(run: Callable[[], object]) -> dict[str, float]:
    """Part of the processor time spent in each floor's own code, largest first.

    Parameters
    ----------
    run : callable
        What to profile; its answer is dropped.

    Returns
    -------
    dict of str to float
        Floor to its part of 1. What is written in C (msgspec, numpy, dict copies) is counted
        where it was called from.
    """
    profile = cProfile.Profile()
    profile.enable()
    run()
    profile.disable()
    spent: defaultdict[str, float] = defaultdict(float)
    for entry in profile.getstats():
        if isinstance(entry.code, str):
            continue  # built in: counted where it was called from
        floor = _floor(entry.code.co_filename)
        spent[floor] += entry.inlinetime
        for called in entry.calls or ():
            if isinstance(called.code, str):
                spent[floor] += called.inlinetime
    total = sum(spent.values())
    largest = sorted(spent.items(), key=lambda each: -each[1])
    return {floor: part / total for floor, part in largest if part / total >= 0.005}


def _floor(file: str) -> str:
    path = Path(file)
    if _ROOT in path.parents:
        return path.relative_to(_ROOT).parts[0]
    return "libraries"


def in_words(found: dict[str, float]) -> str:
    """One line of the shares."""
    return ", ".join(f"{floor} {part:.0%}" for floor, part in found.items())
