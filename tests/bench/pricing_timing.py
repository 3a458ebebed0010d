"""Times taken in turns: every rival runs once in every round, and the median of rounds counts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

from msgspec import Struct

Timer = Callable[[int], float]
"""Runs a job that many times and answers the seconds of one run."""

MOST_CALLS = 20_000


class Effort(Struct, frozen=True):
    """How long to measure.

    Attributes
    ----------
    rounds
        How many times each rival has its turn.
    seconds
        Length of a turn; a job that takes longer runs once.
    """

    rounds: int
    seconds: float


FULL = Effort(15, 0.05)
QUICK = Effort(3, 0.015)


def timer(job: Callable[[], object]) -> Timer:
    """Timer of a job in this process, the collector kept out of it."""

    def run(calls: int) -> float:
        gc.collect()
        gc.disable()
        try:
            begin = time.perf_counter()
            for _ in range(calls):
                job()
            return (time.perf_counter() - begin) / calls
        finally:
            gc.enable()

    return run


def medians(rivals: Mapping[str, Timer], effort: Effort) -> dict[str, float]:
    """Median seconds of one run of each rival, measured in alternation.

    Parameters
    ----------
    rivals : mapping of str to Timer
        Each is run twice unmeasured first, which compiles what must be compiled.
    effort : Effort
        Rounds and length of a turn.
    """
    calls: dict[str, int] = {}
    for name, rival in rivals.items():
        rival(1)
        calls[name] = max(1, min(MOST_CALLS, int(effort.seconds / max(rival(1), 1e-9))))
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for number in range(effort.rounds):
        names = list(rivals) if number % 2 else list(rivals)[::-1]
        for name in names:
            seconds[name].append(rivals[name](calls[name]))
    return {name: median(found) for name, found in seconds.items()}


def latencies(job: Callable[[], object], calls: int) -> list[float]:
    """Seconds of each single run, with the cost of the clock in it."""
    found: list[float] = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(calls):
            begin = time.perf_counter_ns()
            job()
            found.append((time.perf_counter_ns() - begin) * 1e-9)
    finally:
        gc.enable()
    return found
