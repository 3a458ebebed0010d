"""Measures drawing: blocks against all points; run with ``python -m tests.bench.charts``."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from ui.charts.pane import Curve, Pane
from ui.charts.series import Series
from ui.charts.time_box import TimeBox
from ui.theme.apply import apply_theme
from ui.theme.qss import chart_colors
from ui.theme.tokens import load_tokens

SIZES = (5_000, 50_000, 500_000, 5_000_000)
PLOTS = 5
WINDOW_S = 2000.0
SIZE = (1300, 900)


def _view() -> tuple[pg.GraphicsLayoutWidget, list[Pane]]:
    view = pg.GraphicsLayoutWidget()
    panes = []
    for row in range(PLOTS):
        box = TimeBox()
        view.ci.addItem(box, row=row, col=0)
        if row:
            box.setXLink(view.getItem(0, 0))
        panes.append(Pane(box))
    colors = chart_colors(load_tokens("dark"))
    view.setBackground(colors["background"])
    for pane in panes:
        pane.retheme(colors)
    view.resize(*SIZE)
    view.show()
    return view, panes


def _walks(count: int) -> tuple[np.ndarray[Any, Any], list[np.ndarray[Any, Any]]]:
    chance = np.random.default_rng(1)
    times = 1.7e9 + np.arange(count, dtype=float)
    return times, [np.cumsum(chance.normal(size=count)) for _ in range(PLOTS)]


def _cpu_ms(app: QApplication, frames: int, draw: Callable[[int], None]) -> float:
    """Processor time of a frame, the first two left out."""
    began = 0.0
    for index in range(frames + 2):
        if index == 2:
            began = time.process_time()
        draw(index)
        app.processEvents()
    return (time.process_time() - began) / frames * 1e3


def _blocks(app: QApplication, count: int, span: float | None, frames: int) -> float:
    view, panes = _view()
    times, walks = _walks(count)
    every = [Series(2 * count) for _ in panes]
    for pane, series, values in zip(panes, every, walks, strict=True):
        series.extend(times, values)
        curve = Curve(pane.box, series)
        curve.retheme("#C5CFDA")
        pane.add(curve)

    def draw(index: int) -> None:
        end = times[-1] + index + 1.0
        for series, values in zip(every, walks, strict=True):
            series.extend(np.array([end]), values[-1:] + index % 3)
        start = times[0] if span is None else end - span
        panes[0].box.setXRange(start, end, padding=0)
        for pane in panes:
            pane.redraw(start, end, SIZE[0])

    try:
        return _cpu_ms(app, frames, draw)
    finally:
        view.close()


def _naive(app: QApplication, count: int, span: float | None, frames: int) -> float:
    """Every point handed to the plotting library at every frame."""
    view, panes = _view()
    times, walks = _walks(count)
    lines = [pg.PlotDataItem(pen=pg.mkPen("#C5CFDA")) for _ in panes]
    for pane, line in zip(panes, lines, strict=True):
        pane.box.addItem(line)

    def draw(index: int) -> None:
        end = times[-1] + index + 1.0
        panes[0].box.setXRange(times[0] if span is None else end - span, end, padding=0)
        for pane, line, values in zip(panes, lines, walks, strict=True):
            values[-1] += index % 3
            line.setData(times, values)
            pane.box.setYRange(float(values.min()), float(values.max()))

    try:
        return _cpu_ms(app, frames, draw)
    finally:
        view.close()


def main() -> None:
    """Print milliseconds of processor time per frame, and what they are to each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    frames = parser.parse_args().frames
    app = QApplication(sys.argv[:1])
    apply_theme(app, load_tokens("dark"))
    tell = sys.stdout.write
    for words, span in (("all history", None), (f"{WINDOW_S:.0f} s window", WINDOW_S)):
        tell(f"{words}: {PLOTS} linked plots, CPU ms per frame\n")
        tell(f"{'points':>10} {'blocks':>8} {'naive':>9} {'naive/blocks':>13}\n")
        found = {}
        for count in SIZES:
            ours = found[count] = _blocks(app, count, span, frames)
            few = frames if count <= 50_000 else max(3, frames // 20)
            naive = _naive(app, count, span, few)
            tell(f"{count:10,} {ours:8.2f} {naive:9.1f} {naive / ours:13.1f}\n")
            sys.stdout.flush()
        ratio = found[SIZES[-1]] / found[50_000]
        tell(f"5M against 50k: {ratio:.2f} (target: at most 1.50)\n\n")


if __name__ == "__main__":
    main()
