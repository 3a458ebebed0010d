"""The frontier: each policy's cost over the reference by risk, a line and its band of chance."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem

from terminal.core.plain import plain
from terminal.model.frontier import FrontierCell
from ui.charts.plain_plot import PlainPlot
from ui.format import number
from ui.theme.fonts import LABEL, sans
from ui.theme.tokens import Tokens, current_tokens, role_color

LEAST, MOST = 0.25, 4.0
"""Ratios between which a line can widen the picture: one far policy would flatten all others."""

FLOOR: Final = 0.01
"""Where a band that reaches down to nothing is drawn to, out of sight."""

RATIOS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
ROLES: Final = ("dn", "warn", "mut", "up", "acc", "sim", "tx")
"""Colours of families of policies, in the order in which they come."""

STYLES: Final = {
    "to centre": Qt.PenStyle.DotLine,
    "half-way": Qt.PenStyle.DashLine,
    "to edge": Qt.PenStyle.SolidLine,
}
"""Lines by how far a policy hedges, for eyes that tell no colours apart."""

SHADE, STRONG, FAINT = 18, 80, 70
LONGEST_NAME = 40
GAP = 13.0
"""Pixels between two names."""

APART = 0.09
"""Least distance of two risks that are both written, a part of their span."""

EDGE = 26.0
"""Pixels beside the lowest risk: half of its number."""


class _Drawn(NamedTuple):
    """Line and band of one policy."""

    line: pg.PlotDataItem
    low: pg.PlotCurveItem
    high: pg.PlotCurveItem
    shade: pg.FillBetweenItem
    name: QGraphicsSimpleTextItem
    end: float  # logarithm of the last ratio


class FrontierChart(PlainPlot):
    """Cost ratio by risk, both on logarithmic scales."""

    def __init__(self) -> None:
        self.drawn: dict[str, _Drawn] = {}
        self._span = (0.0, 1.0)
        self._chosen = ""
        self._tokens = current_tokens()
        super().__init__("Cost over the reference by risk", "cost ratio", "risk of a window, USD")
        self.one = pg.PlotCurveItem()
        self.box.addItem(self.one, ignoreBounds=True)
        self.axes["left"].setTicks([[(math.log(each), f"{each:g}") for each in RATIOS]])
        self.retheme(self._tokens)

    def show_cells(self, cells: Sequence[FrontierCell], reference: str) -> None:
        """Draw the policies of one measure; what no setting reaches is left out."""
        for each in self.drawn.values():
            for item in each[:5]:
                self.box.removeItem(item)
        lines = lines_of(cells)
        self.drawn = {name: self._add(name, line) for name, line in lines.items()}
        self._fit([cell for line in lines.values() for cell in line])
        self.choose("")
        self.say(frontier_words(cells, reference))

    def choose(self, policy: str) -> None:
        """Let one policy stand out; an empty name lets all be equal."""
        self._chosen = policy if policy in self.drawn else ""
        self._colour()
        self._place_names()

    def sizeHint(self) -> QSize:
        """As low as it may be: what it would like more would make the page scroll."""
        return QSize(self.minimumWidth(), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Find the names other places."""
        super().resizeEvent(event)
        if self.drawn:
            self._place_names()

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self._tokens = tokens
        self.dress(tokens)
        self.one.setPen(pg.mkPen(tokens.line2, width=1))
        self._colour()

    def _add(self, name: str, line: Sequence[FrontierCell]) -> _Drawn:
        across = [math.log(cell.risk) for cell in line]
        middle = [_height(cell.ratio) for cell in line]
        low, high = (
            pg.PlotCurveItem(across, [_edge(cell, side) for cell in line], pen=None)
            for side in (0, 1)
        )
        made = _Drawn(
            pg.PlotDataItem(across, middle, symbol="o", symbolSize=4),
            *(low, high, pg.FillBetweenItem(low, high)),
            _name_item(name),
            middle[-1],
        )
        for item in (made.shade, low, high, made.line, made.name):
            self.box.addItem(item, ignoreBounds=True)
        return made

    def _fit(self, cells: Sequence[FrontierCell]) -> None:
        risks = sorted({cell.risk for cell in cells})
        heights = [_height(cell.ratio) for cell in cells]
        if not risks:
            return
        low = max(min(heights), math.log(LEAST)) - 0.15
        high = min(max(heights), math.log(MOST)) + 0.15
        self.box.setYRange(min(low, -0.2), max(high, 0.2), padding=0)
        self._span = math.log(risks[0]), math.log(risks[-1])
        self.one.setData(list(self._span), [0.0, 0.0])
        written, least = list[tuple[float, str]](), APART * (self._span[1] - self._span[0])
        for risk in risks:
            if not written or math.log(risk) - written[-1][0] >= least:
                written.append((math.log(risk), number(risk, 0)))
        self.axes["bottom"].setTicks([written])

    def _colour(self) -> None:
        tokens, roles = self._tokens, roles_of(list(self.drawn))
        for name, each in self.drawn.items():
            aside = self._chosen not in ("", name)
            ink = QColor(role_color(tokens, roles[name]))
            shade = QColor(ink)
            shade.setAlpha(0 if aside else STRONG if self._chosen else SHADE)
            each.shade.setBrush(shade)
            each.name.setBrush(ink if not aside else QColor(tokens.mut))
            ink.setAlpha(FAINT if aside else 255)
            style = STYLES.get(name.rpartition(", ")[2], Qt.PenStyle.SolidLine)
            width = 2.5 if name == self._chosen else 1.5
            each.line.setPen(pg.mkPen(ink, width=width, style=style))
            each.line.setSymbolBrush(ink)
            each.line.setSymbolPen(None)

    def _place_names(self) -> None:
        """Write names at the right, none over another; of all or of one, as there is room."""
        high = max(self.height() - (52.0 if self.axes["bottom"].label.isVisible() else 34.0), 1.0)
        shown = list(self.drawn) if high >= GAP * len(self.drawn) else [self._chosen]
        shown = [name for name in shown if name]
        metrics = QFontMetricsF(sans(LABEL))
        widths = [metrics.horizontalAdvance(plain(name, LONGEST_NAME)) + 14.0 for name in shown]
        wide = max(self.width() - 56.0, 4.0 * EDGE)
        share = min(max(widths, default=0.0) / wide, 0.5)
        left, right = self._span
        span = (right - left) or 1.0
        edge = span * EDGE / (wide * (1.0 - share) - EDGE)
        names = (span + edge) * share / (1.0 - share)
        self.box.setXRange(left - edge, right + names + edge * (not shown), padding=0)
        bottom, top = self.box.viewRange()[1]
        gap = GAP * (top - bottom) / high
        ends = [self.drawn[name].end for name in shown]
        places = dict(zip(shown, spread(ends, gap, (bottom + gap / 2, top - gap / 2)), strict=True))
        for name, each in self.drawn.items():
            each.name.setVisible(name in places)
            if name in places:
                each.name.setPos(right + 0.25 * edge, places[name])


def _name_item(name: str) -> QGraphicsSimpleTextItem:
    """Plain text of the screen's size whatever the scales, its left middle at its place."""
    item = QGraphicsSimpleTextItem(plain(name, LONGEST_NAME))
    item.setFont(sans(LABEL))
    item.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
    item.setTransform(QTransform.fromTranslate(0.0, -0.5 * item.boundingRect().height()))
    return item


def lines_of(cells: Sequence[FrontierCell]) -> dict[str, list[FrontierCell]]:
    """Cells that are drawn, of each policy by rising risk."""
    found: dict[str, list[FrontierCell]] = {}
    for cell in sorted(cells, key=lambda each: each.risk):
        if cell.reached and cell.ratio is not None:
            found.setdefault(cell.policy, []).append(cell)
    order = dict.fromkeys(cell.policy for cell in cells)
    return {name: found[name] for name in order if name in found}


def roles_of(policies: Sequence[str]) -> dict[str, str]:
    """Colour role of each policy: one for each family, which is the name before its comma."""
    families = list(dict.fromkeys(name.partition(",")[0] for name in policies))
    roles = {family: ROLES[place % len(ROLES)] for place, family in enumerate(families)}
    return {name: roles[name.partition(",")[0]] for name in policies}


def spread(wanted: Sequence[float], gap: float, room: tuple[float, float]) -> list[float]:
    """Places near those wanted, in their order and ``gap`` apart, inside the room if it holds them.

    Parameters
    ----------
    wanted : sequence of float
    gap : float
        Least distance of two places, > 0.
    room : (float, float)
        Lowest and highest place.
    """
    order = sorted(range(len(wanted)), key=lambda each: wanted[each])
    places, low = [0.0] * len(wanted), room[0]
    for each in order:
        places[each] = max(wanted[each], low)
        low = places[each] + gap
    high = room[1]
    for each in reversed(order):
        places[each] = min(places[each], high)
        high = places[each] - gap
    return places


def frontier_words(cells: Sequence[FrontierCell], reference: str) -> str:
    """Write the picture: at each risk the cheapest policy, with its band."""
    best: dict[float, FrontierCell] = {}
    for line in lines_of(cells).values():
        for cell in line:
            if cell.risk not in best or _height(cell.ratio) < _height(best[cell.risk].ratio):
                best[cell.risk] = cell
    told = (
        f"{number(risk, 0)} USD: {cell.policy} {number(cell.ratio, 2)}{band_text(cell)}"
        for risk, cell in sorted(best.items())
    )
    return f"Cheapest at each risk, cost over {reference}: " + "; ".join(told)


def band_text(cell: FrontierCell) -> str:
    """Write the band of a ratio: `` [0.72 0.86]``."""
    low, high = cell.ratio_band
    return f" [{number(low, 2)} {number(high, 2)}]"


def _height(ratio: float | None) -> float:
    return math.log(max(FLOOR, FLOOR if ratio is None else ratio))


def _edge(cell: FrontierCell, side: int) -> float:
    """Edge of a band; the line itself where it is not known."""
    value = cell.ratio_band[side]
    return _height(cell.ratio if value is None else value)
