"""The garbage collector runs in the loop's thread alone: elsewhere it could free widgets."""

import asyncio
import contextlib
import gc
import itertools
import sys
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_depth = [0]
_was_on = [True]

LOOK_S = 0.05
"""Time between two looks at what there is to collect."""

MANY = 20_000
"""Young objects that are collected at the next look, in 2 ms or so: a list of thousands of markets
makes a quarter of a million, and all of them at once would hold the loop for as many times longer.
"""

YOUNG_EVERY = 5
"""Looks to one collection of what is young, however little it is."""

OLD_EVERY = 100
"""Looks to one of the middle generation."""

ALL_EVERY = 1_200
"""Looks to one of everything: once a minute."""


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Collect no garbage meanwhile: in a worker thread it could free widgets, which Qt forbids."""
    with _lock:
        if _depth[0] == 0:
            _was_on[0] = gc.isenabled()
        _depth[0] += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _depth[0] -= 1
            if _depth[0] == 0 and _was_on[0]:
                gc.enable()


@contextlib.contextmanager
def brief_turns() -> Iterator[None]:
    """Let the loop's thread have the interpreter at once while a worker thread computes.

    The loop gives it away at every wait and would stand in line for 5 ms each time it comes back.
    """
    usual = 0.005  # Python's own; what was found may be another worker's
    sys.setswitchinterval(usual / 10.0)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


async def collected_here() -> None:
    """Collect garbage on this loop, and never by itself in whichever thread allocates next.

    A thread that waits for a keychain or reads a list of markets may take minutes: switching the
    collector off for as long would let memory grow.
    """
    with collector_off():
        for look in itertools.count(1):
            await asyncio.sleep(LOOK_S)
            if look % OLD_EVERY == 0:
                gc.collect(2 if look % ALL_EVERY == 0 else 1)
            elif look % YOUNG_EVERY == 0 or gc.get_count()[0] >= MANY:
                gc.collect(0)
