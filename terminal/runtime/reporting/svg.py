"""Charts as SVG: lines over hours, or one bar a label. The same chart is always the same text."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from terminal.core.plain import plain
from terminal.core.words import amount
from terminal.model.report import Chart, Curve

WIDTH, HEIGHT = 720, 190
LEFT, RIGHT, TOP, BOTTOM = 74, 12, 10, 26
BAR = 18
NAME_WIDTH = 150
MOST_POINTS = 720
"""Points of a line: one for each pixel across."""

LEAST_SPAN = 1e-280
"""Below this, ticks would be too close for a double to tell them apart."""

INKS = ("#1f5fa8", "#b3541e", "#3d7a3a", "#7a3d7a")
UP, DOWN, GRID, TEXT = "#2f7d4f", "#b23b3b", "#d5d9de", "#4a5158"


def drawn(chart: Chart) -> str:
    """Draw a chart; one without any number says so."""
    known = [y for curve in chart.curves for _, y in curve.points if y is not None]
    if not known:
        return f'<p class="note">{escape(plain(chart.title))}: nothing is known to draw.</p>'
    return _bars(chart) if chart.labels else _lines(chart, known)


def _lines(chart: Chart, known: Sequence[float]) -> str:
    xs = [x for curve in chart.curves for x, _ in curve.points]
    across = _Scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    ticks = nice(min(known), max(known))
    up = _Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [_opening(chart, HEIGHT)]
    for tick in ticks:
        y = up.at(tick)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, GRID))
        parts.append(_text(LEFT - 6, y + 3.5, amount(tick), "end"))
    for tick in nice(across.low, across.high):
        if across.low <= tick <= across.high:
            x = across.at(tick)
            parts.append(_line(x, TOP, x, HEIGHT - BOTTOM, GRID))
            parts.append(_text(x, HEIGHT - BOTTOM + 14, f"{tick:g}", "middle"))
    for ink, curve in zip(INKS, chart.curves, strict=False):
        parts += [_polyline(each, ink) for each in _runs(curve, across, up)]
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, chart.x_unit, "end"))
    return "".join([*parts, "</svg>"])


def _bars(chart: Chart) -> str:
    values = [y for _, y in chart.curves[0].points]
    height = TOP + BAR * len(values) + 6
    known = [each for each in values if each is not None]
    across = _Scale(min(0.0, *known), max(0.0, *known), NAME_WIDTH + 80, WIDTH - 90)
    zero = across.at(0.0)
    parts = [_opening(chart, height), _line(zero, TOP, zero, height - 6, TEXT)]
    for place, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        y = TOP + BAR * place
        parts.append(_text(NAME_WIDTH, y + 12, label, "end"))
        if value is None:
            parts.append(_text(zero + 4, y + 12, "unknown", "start"))
            continue
        x = across.at(value)
        ink = UP if value >= 0.0 else DOWN
        size = f'x="{_n(min(x, zero))}" y="{y + 2}" width="{_n(abs(x - zero))}" height="{BAR - 5}"'
        parts.append(f'<rect {size} fill="{ink}"/>')
        side = (x + 4, "start") if value >= 0.0 else (x - 4, "end")
        parts.append(_text(side[0], y + 12, amount(value), side[1]))
    return "".join([*parts, "</svg>"])


class _Scale:
    """Maps numbers onto pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1.0
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        """Pixel of a value."""
        part = (value - self.low) / (self.high - self.low)
        return self._start + part * (self._end - self._start)


def nice(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Round numbers that enclose a range, at equal steps of 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    low, high : float
        Finite, ``low <= high``.
    about : int
        Steps wanted, at least 1.
    """
    span = next(each for each in (high - low, abs(high), 1.0) if each > LEAST_SPAN)
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= 0.999 * raw)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if first == last:
        last += 1
    return tuple(each * step for each in range(first, last + 1))


def _runs(curve: Curve, across: _Scale, up: _Scale) -> Iterator[list[tuple[float, float]]]:
    """Pieces of a line between what is unknown, with no more points than pixels."""
    every = max(1, math.ceil(len(curve.points) / MOST_POINTS))
    run: list[tuple[float, float]] = []
    last = len(curve.points) - 1
    for place, (x, y) in enumerate(curve.points):
        if y is None:
            if run:
                yield run
            run = []
        elif place % every == 0 or place == last:
            run.append((across.at(x), up.at(y)))
    if run:
        yield run


def _opening(chart: Chart, height: float) -> str:
    box = f'viewBox="0 0 {WIDTH} {_n(height)}" width="{WIDTH}" height="{_n(height)}"'
    name = escape(plain(f"{chart.title}, {chart.unit}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{name}"'
        f' font-family="sans-serif" font-size="10">'
    )


def _polyline(points: list[tuple[float, float]], ink: str) -> str:
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="1.4"/>'


def _line(x1: float, y1: float, x2: float, y2: float, ink: str) -> str:
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line {ends} stroke="{ink}" stroke-width="1"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    where = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"'
    return f'<text {where} fill="{TEXT}">{escape(plain(text))}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}"
