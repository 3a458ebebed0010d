"""Whether anything grows: ``python -m tests.soak --minutes 120``.

Runs the whole application offscreen on the simulated market, with somebody at it who changes
books, tabs and sizes and opens sheets, and writes down every ten seconds what it holds: memory,
tasks, file handles, threads, timers, Qt objects and Python objects. At the end it prints how each
went after the warm-up and ends with 1 when one of them grew beyond its limit. What is remembered
for hours of market time (decisions, alerts, lines of the log) is full by then: the market runs at
twenty times its speed while it warms up. Memory is held to
its limit as it is after a collection of garbage: in between it goes up and down by ten megabytes.
"""

import argparse
import asyncio
import csv
import ctypes
import gc
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import numpy as np
import psutil
import qasync
from msgspec import Struct
from msgspec.structs import asdict
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from tests.soak_hands import MOVES, SIZES, Hands
from ui.app import Application
from ui.options import read_options

EVERY_S: Final = 10.0

ROUND: Final = len(SIZES) * MOVES
"""Readings in which the hands do everything once, at every size."""

WARM_UP_SPEED: Final = 20.0
"""Market seconds per second while it warms up."""

GROWTH_MB_H: Final = 1.0
"""Most that memory may grow by after the warm-up."""

SLACK: Final = {"tasks": 2, "handles": 2, "threads": 2, "timers": 2, "qobjects": 120}
"""Counts come and go: a segment of the journal, a reply under way, the rows of a table. A card has
37 objects, and each of three coins may have a proposal or none.
"""


class Reading(Struct, frozen=True):
    """What the process holds at one moment."""

    at_s: float
    rss_mb: float  # as it is
    kept_mb: float  # once garbage is collected and free pages are given back
    tasks: int
    handles: int
    threads: int
    timers: int
    qobjects: int
    objects: int
    records: int


class Growth(Struct, frozen=True):
    """How one quantity went after the warm-up."""

    name: str
    first: float
    last: float
    per_hour: float
    allowed: bool


def reading(application: Application, began: float) -> Reading:
    """Read this process and its window."""
    process = psutil.Process()
    resident = process.memory_info().rss
    _give_back()
    window = application.window
    runner = application.runner
    return Reading(
        at_s=round(time.monotonic() - began, 1),
        rss_mb=round(resident / 1e6, 3),
        kept_mb=round(process.memory_info().rss / 1e6, 3),
        tasks=len(asyncio.all_tasks()),
        handles=process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
        threads=process.num_threads(),
        timers=sum(each.isActive() for each in window.findChildren(QTimer)),
        qobjects=len(window.findChildren(QObject)),
        objects=len(gc.get_objects()),
        records=runner.session.records if runner is not None else 0,
    )


def _give_back() -> None:
    """Collect garbage and return free pages, so that what is left is what is kept."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def growths(readings: Sequence[Reading]) -> tuple[Growth, ...]:
    """How each quantity went from round to round of the hands.

    Within a round everything goes up and down with what is shown; its median does not.
    """
    whole = len(readings) // ROUND * ROUND
    rounds = [readings[start : start + ROUND] for start in range(0, whole, ROUND)]
    at = [float(np.median([each.at_s for each in some])) for some in rounds]
    found = []
    for name in ("rss_mb", "kept_mb", *SLACK, "objects"):
        values = [float(np.median([getattr(each, name) for each in some])) for some in rounds]
        slope = float(np.polyfit(at, values, 1)[0]) * 3600.0
        first, last = values[0], values[-1]
        allowed = True
        if name == "kept_mb":
            allowed = slope <= GROWTH_MB_H
        elif name in SLACK:
            allowed = last - first <= SLACK[name]
        found.append(Growth(name, first, last, slope, allowed))
    return tuple(found)


def _pace(application: Application, speed: float) -> None:
    """Let the market run at a speed, once it is there."""
    runner = application.runner
    if runner is not None and runner.clock.speed != speed:
        runner.clock.set_speed(speed)


async def _watch(
    application: Application, given: argparse.Namespace, readings: list[Reading]
) -> None:
    """Read every ten seconds until the time is over, then leave."""
    began = time.monotonic()
    hands = Hands(application.window, application.settings) if given.hands else None
    with given.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, Reading.__struct_fields__)
        writer.writeheader()
        while (passed := time.monotonic() - began) < given.minutes * 60.0:
            _pace(application, WARM_UP_SPEED if passed < given.warm_up * 60.0 else 1.0)
            await asyncio.sleep(EVERY_S)
            if hands is not None:
                await hands.act()
            readings.append(reading(application, began))
            writer.writerow(asdict(readings[-1]))
            file.flush()
    application.leave()


async def _soak(app: QApplication, given: argparse.Namespace, folder: Path) -> list[Reading]:
    options = read_options(["--data", str(folder), "--size", "1600x900", "--engine", "numpy"])
    application = Application(options, app)
    readings: list[Reading] = []
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(_watch(application, given, readings))
        try:
            await application.run()
        finally:
            watch.cancel()
            application.window.deleteLater()
    return readings


def report(readings: Sequence[Reading], warm_up_s: float) -> tuple[str, bool]:
    """Table of what grew, and whether nothing grew beyond its limit."""
    after = [each for each in readings if each.at_s >= warm_up_s]
    if len(after) < 2 * ROUND:
        return f"too short: {len(after)} readings after the warm-up, of {2 * ROUND}\n", False
    rows = growths(after)
    span = (after[-1].at_s - after[0].at_s) / 60.0
    lines = [f"{span:.0f} minutes after a warm-up of {warm_up_s / 60.0:.0f}"]
    lines += [
        f"{row.name:<10}{row.first:>12,.1f}{row.last:>12,.1f}{row.per_hour:>+12.2f} /h"
        f"   {'' if row.allowed else 'TOO MUCH'}".rstrip()
        for row in rows
    ]
    return "\n".join([*lines, ""]), all(row.allowed for row in rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Soak, and print what grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--warm-up", type=float, default=20.0, help="minutes")
    parser.add_argument("--csv", type=Path, default=Path("soak.csv"))
    parser.add_argument(
        "--no-hands", dest="hands", action="store_false", help="leave the window alone"
    )
    given = parser.parse_args(argv)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory(prefix="gammadesk-soak-") as folder:
        readings = qasync.run(_soak(app, given, Path(folder)))
    text, sound = report(readings, given.warm_up * 60.0)
    sys.stdout.write(text)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
