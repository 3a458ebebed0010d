"""Measures the window under load; run with ``python -m tests.bench.window --minutes 1``."""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import psutil
import qasync
from msgspec.structs import replace
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from terminal.core.units import DAY, SECOND
from terminal.model.frame import Frame
from terminal.model.greeks import PositionRisk
from terminal.model.market import Depth, Quote, Trade
from terminal.model.messages import Event
from terminal.model.ports import World
from terminal.runtime.recorder import Curve, Curves
from terminal.runtime.runner import Runner
from ui.assembly import build_panels, furnish, open_runner
from ui.bridge import Bridge
from ui.charts.stack import ChartStack
from ui.options import read_options
from ui.panels.charts import ChartsPanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.window import Window

ROWS = 500
SAMPLES = 1 << 18
"""Room of each measured series: over forty minutes of the busiest."""

SCREEN_MS = 33


class Samples:
    """Numbers in memory taken beforehand, so that measuring does not look like a leak."""

    def __init__(self) -> None:
        self._kept = np.full(SAMPLES, np.nan)
        self._count = 0

    def append(self, value: float) -> None:
        """Keep one more."""
        self._kept[self._count % SAMPLES] = value
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def clear(self) -> None:
        """Forget all."""
        self._count = 0

    def values(self) -> NDArray[np.float64]:
        """What was kept, newest overwriting oldest once the memory is full."""
        return self._kept[: min(self._count, SAMPLES)]


class Clocks:
    """What was measured, milliseconds and bytes."""

    def __init__(self) -> None:
        self.painting = self.painting_cpu = 0.0
        self.frames, self.frames_cpu, self.shows = Samples(), Samples(), Samples()
        self.lags, self.memory_at, self.memory = Samples(), Samples(), Samples()
        self.began = self.cpu = 0.0

    def restart(self) -> None:
        """Forget the warm-up."""
        parts = (self.frames, self.frames_cpu, self.shows, self.lags)
        for samples in (*parts, self.memory_at, self.memory):
            samples.clear()
        self.began, self.cpu = time.perf_counter(), time.process_time()


@contextmanager
def _timed_paint(clocks: Clocks) -> Iterator[None]:
    """Count the painting of the charts to the frame it belongs to."""
    plain = ChartStack.paintEvent

    def paint(self: ChartStack, event: QPaintEvent) -> None:
        began, cpu = time.perf_counter(), time.thread_time()
        plain(self, event)
        clocks.painting += (time.perf_counter() - began) * 1e3
        clocks.painting_cpu += (time.thread_time() - cpu) * 1e3

    ChartStack.paintEvent = paint
    try:
        yield
    finally:
        ChartStack.paintEvent = plain


class Source:
    """The engine's frames with as many positions as the bench asks for."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._last: Frame | None = None
        self._shown: Frame | None = None
        self._turn = 0
        self._books: list[tuple[PositionRisk, ...]] = []

    def latest(self) -> Frame | None:
        """Newest frame; every value of the table changes from one to the next."""
        frame = self._runner.latest
        if frame is None or frame is self._last:
            return self._shown
        desk, *others = frame.desks
        if not self._books and desk.rows:
            self._books = [self._book(desk.rows, factor) for factor in (1.0, 1.01)]
        self._last, self._turn = frame, 1 - self._turn
        rows = self._books[self._turn] if self._books else desk.rows
        self._shown = replace(frame, desks=(replace(desk, rows=rows), *others))
        return self._shown

    def _book(self, rows: Sequence[PositionRisk], factor: float) -> tuple[PositionRisk, ...]:
        return tuple(
            replace(
                (row := rows[index % len(rows)]),
                key=f"{row.key}-{index}",
                coins=row.coins * factor,
                upnl_usd=row.upnl_usd * factor + index,
                mark=None if row.mark is None else row.mark * factor,
                risk=row.risk + row.risk if factor > 1 else row.risk,
            )
            for index in range(ROWS)
        )


def _day_of_seconds(curves: Curves, now: int) -> None:
    """Put a day of points, one a second, in front of each curve."""
    chance = np.random.default_rng(3)
    count = DAY // SECOND
    for name, level, step in (
        ("price", 94_000.0, 3.0),
        ("delta", 0.0, 0.005),
        ("low", -0.5, 0.0),
        ("high", 0.5, 0.0),
        ("gamma", 90_000.0, 20.0),
        ("vega", 500.0, 0.5),
        ("funding", 1.0, 0.01),
    ):
        walk = (level + np.cumsum(chance.normal(scale=step, size=count))).tolist()
        curve = Curve()
        for index, value in enumerate(walk):
            curve.add(now - (count - index) * SECOND, value)
        setattr(curves, name, curve)


async def _watch_loop(clocks: Clocks) -> None:
    while True:
        due = time.perf_counter() + 0.010
        await asyncio.sleep(0.010)
        clocks.lags.append(max(time.perf_counter() - due, 0.0) * 1e3)


async def _watch_memory(clocks: Clocks) -> None:
    process = psutil.Process()
    while True:
        clocks.memory_at.append(time.perf_counter())
        clocks.memory.append(process.memory_info().rss / 1e6)
        await asyncio.sleep(1.0)


def _screen(clocks: Clocks, charts: ChartsPanel, *, pan: bool) -> QTimer:
    """Draw thirty times a second, while the mouse is over the charts or drags them."""
    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)
    turn = 0

    def beat() -> None:
        nonlocal turn
        turn += 1
        if turn > 1:
            clocks.frames.append(clocks.painting + spent[0])
            clocks.frames_cpu.append(clocks.painting_cpu + spent[1])
        clocks.painting = clocks.painting_cpu = 0.0
        began, cpu = time.perf_counter(), time.thread_time()
        window = charts.stack.time
        if pan:
            window.pan(-0.002 if turn % 200 < 100 else 0.002)
        if np.isfinite(window.end):
            charts.stack.point_at(window.end - window.span * (0.1 + 0.001 * (turn % 800)))
        charts.redraw_now()
        spent[0] = (time.perf_counter() - began) * 1e3
        spent[1] = (time.thread_time() - cpu) * 1e3

    spent = [0.0, 0.0]
    timer.timeout.connect(beat)
    timer.start(SCREEN_MS)
    return timer


def _spread(samples: Samples) -> str:
    if not len(samples):
        return "none"
    values = samples.values()
    p50, p99 = np.percentile(values, [50, 99])
    return f"p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   max {values.max():6.2f} ms"


def _tell(clocks: Clocks, records: int) -> None:
    wall = time.perf_counter() - clocks.began
    cpu = (time.process_time() - clocks.cpu) / wall * 100
    at, size = clocks.memory_at.values(), clocks.memory.values()
    slope = float(np.polyfit(at, size, 1)[0]) * 3600 if len(at) > 2 else float("nan")
    for line in (
        f"measured          {wall:.0f} s",
        f"records           {records / wall:,.0f} /s",
        f"screen            {len(clocks.frames) / wall:.1f} frames/s (target 30)",
        f"chart frame       {_spread(clocks.frames)} (target p99 < 25)",
        f"  processor time  {_spread(clocks.frames_cpu)}",
        f"bars of a frame   {_spread(clocks.shows)} at {len(clocks.shows) / wall:.1f} /s",
        f"loop lag          {_spread(clocks.lags)} (target p99 < 20)",
        f"CPU               {cpu:.0f} % of one core (target < 60)",
        f"memory            {size[-1]:.0f} MB (target < 450), {slope:+.1f} MB/h (target < 5)",
    ):
        sys.stdout.write(line + "\n")


class Dense:
    """A market whose every quote, trade and book is told several times over.

    So that a thousand messages a second come in real time: what follows time, curves and views
    and decisions, then has the pace that a person's day has.
    """

    def __init__(self, world: World, copies: int) -> None:
        self._world = world
        self._copies = copies
        self._again: list[tuple[int, Event]] = []
        self.title = world.title
        self.submit, self.cancel = world.submit, world.cancel
        self.query, self.disturb, self.progress = world.query, world.disturb, world.progress
        self.ask_account, self.withdraw = world.ask_account, world.withdraw
        self.adopted = world.adopted

    def next_at(self) -> int | None:
        """Of the copies first."""
        return self._again[-1][0] if self._again else self._world.next_at()

    def pop(self) -> tuple[int, Event]:
        """Take a copy, or the next event."""
        if self._again:
            return self._again.pop()
        taken = self._world.pop()
        if isinstance(taken[1], Quote | Trade | Depth):
            self._again = [taken] * (self._copies - 1)
        return taken


async def _measure(
    app: QApplication, given: argparse.Namespace, folder: Path, clocks: Clocks
) -> None:
    options = read_options(["--data", str(folder), "--size", given.size])
    tokens = load_tokens("dark")
    apply_theme(app, tokens)
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = Window("sim", settings, tokens)
    window.resize(*options.size)
    window.show()
    session, presets = open_runner(options)
    session.world = Dense(session.world, given.copies)
    runner = Runner(session, given.speed)
    running = asyncio.ensure_future(runner.run())
    for _ in range(400):
        await asyncio.sleep(0.05)
        if runner.latest is not None:
            break
    _day_of_seconds(session.recorder.curves["BTC"], session.state.now)
    panels = await build_panels(presets, folder, window, lambda _: None)
    window.install(panels)
    await furnish(panels, options, lambda *_: None)
    charts: Any = panels[0]
    charts.stack.set_window("24h")
    bridge = Bridge(Source(runner).latest, runner.send)

    def show(frame: object) -> None:
        began = time.perf_counter()
        window.show_frame(frame)  # type: ignore[arg-type]
        clocks.shows.append((time.perf_counter() - began) * 1e3)

    bridge.frame.connect(show)
    gc.collect()
    gc.freeze()
    bridge.start()
    timer = _screen(clocks, charts, pan=given.pan)
    watches = (_watch_loop(clocks), _watch_memory(clocks))
    watchers = [asyncio.ensure_future(each) for each in watches]
    await asyncio.sleep(given.warm_up)
    clocks.restart()
    before = session.records
    await asyncio.sleep(given.minutes * 60)
    _tell(clocks, session.records - before)
    timer.stop()
    bridge.stop()
    runner.stop()
    for watcher in watchers:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
    await running
    window.allow_close()
    session.close()


def main() -> None:
    """Print frames per second, frame time, loop lag, CPU and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--speed", type=float, default=1.0, help="market seconds per second")
    parser.add_argument("--copies", type=int, default=11, help="times each quote is told")
    parser.add_argument("--warm-up", type=float, default=30.0, help="seconds before measuring")
    parser.add_argument("--size", default="1600x900")
    parser.add_argument("--pan", action="store_true", help="move the charts at every frame")
    given = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    clocks = Clocks()
    with tempfile.TemporaryDirectory() as folder, _timed_paint(clocks):
        qasync.run(_measure(app, given, Path(folder), clocks))


if __name__ == "__main__":
    main()
