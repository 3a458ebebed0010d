"""Picture of the frontier: cost ratio of every policy over risk, each with its band, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from terminal.core.words import amount
from terminal.lab.compare import Cell

WIDTH, HEIGHT = 900, 480
LEFT, RIGHT, TOP, BOTTOM = 60, 250, 34, 40
MOST: Final = 3.0
"""Ratios above are drawn at the upper edge: they would flatten all others."""

RATIOS: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


class _Place(NamedTuple):
    """Logarithmic axes: risk across, ratio up."""

    low: float
    high: float

    def x(self, risk: float) -> float:
        """Pixels from the left of a risk, USD."""
        room = math.log(self.high / self.low) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(risk / self.low) / room

    def y(self, ratio: float) -> float:
        """Pixels from the top of a cost ratio, held inside the picture."""
        least = RATIOS[0]
        held = min(max(ratio, least), MOST)
        part = math.log(held / least) / math.log(MOST / least)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part


def frontier_svg(title: str, cells: Sequence[Cell]) -> str:
    """Draw policies at risks that they carry; what does not reach a risk is not drawn there.

    Parameters
    ----------
    title : str
    cells : sequence of Cell
        Of one measure, at least one; risks above 0.

    Returns
    -------
    str
        The same cells are always the same text.
    """
    risks = sorted({cell.risk for cell in cells})
    place = _Place(risks[0], risks[-1])
    policies = list(dict.fromkeys(cell.policy for cell in cells))
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 18, title, "start", "#1c2126"),
        *_axes(place, risks),
    ]
    for number, policy in enumerate(policies):
        ink = f"hsl({360 * number // len(policies)},65%,38%)"
        held = sorted(
            (cell for cell in cells if cell.policy == policy and cell.reached),
            key=lambda cell: cell.risk,
        )
        parts += _policy(place, held, ink)
        y = TOP + 12 + 20 * number
        x = WIDTH - RIGHT + 16
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{ink}"/>')
        parts.append(_text(x + 16, y, policy, "start", "#1c2126"))
    return "\n".join([*parts, "</svg>", ""])


def _axes(place: _Place, risks: Sequence[float]) -> list[str]:
    parts = []
    for ratio in RATIOS:
        y = place.y(ratio)
        ink = "#4a5158" if ratio == 1.0 else "#d5d9de"
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{ink}"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{ratio:g}", "end", "#4a5158"))
    under = HEIGHT - BOTTOM + 16
    parts += [_text(place.x(each), under, amount(each), "middle", "#4a5158") for each in risks]
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    return [*parts, _text(middle, HEIGHT - 6, "risk of a window, USD", "middle", "#4a5158")]


def _policy(place: _Place, held: Sequence[Cell], ink: str) -> list[str]:
    """Band and line of one policy; a dot where it reaches a single risk."""
    if not held:
        return []
    line = [(place.x(cell.risk), place.y(cell.ratio)) for cell in held]
    above = [(place.x(cell.risk), place.y(cell.ratio_band[1])) for cell in held]
    below = [(place.x(cell.risk), place.y(cell.ratio_band[0])) for cell in reversed(held)]
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ink}"/>' for x, y in line]
    return [
        f'<polygon points="{_points([*above, *below])}" fill="{ink}" fill-opacity="0.08"/>',
        f'<polyline points="{_points(line)}" fill="none" stroke="{ink}" stroke-width="1.6"/>',
        *dots,
    ]


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def _text(x: float, y: float, text: str, anchor: str, ink: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>'
    )
