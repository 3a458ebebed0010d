"""The hedges to come on the price pane: a line and its words where the book will trade."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal

from terminal.model.hedge import HedgeLadder, Rung
from terminal.model.order import Side
from ui.charts.time_box import TimeBox
from ui.format import number
from ui.theme.fonts import LABEL, sans

MOST = 10
PLACE = 0.99
"""Where the words end, as a share of the pane's width: its left has the title."""


class Rungs(QObject):
    """Lines at the prices where hedges will be due; the nearest on each side can be dragged.

    Letting go of a dragged line emits the band that would put it there. Frames do not move a line
    while it is held, and put it back afterwards: a band changes only when its profile does.
    """

    edited = Signal(float, float)  # low, high in coin

    def __init__(self, box: TimeBox) -> None:
        super().__init__()
        self._ladder: HedgeLadder | None = None
        self._band: tuple[float, float] | None = None
        self._drawn: tuple[Rung, ...] = ()
        self._held = False
        self._asked = True
        self._colors: dict[str, str] = {}
        self._lines = [self._line(box) for _ in range(MOST)]

    def _line(self, box: TimeBox) -> pg.InfiniteLine:
        place = {"position": PLACE, "anchors": [(1, 0.5), (1, 0.5)]}
        line = pg.InfiniteLine(angle=0, movable=True, label="", labelOpts=place)
        line.label.setFont(sans(LABEL))
        line.setVisible(False)
        line.sigDragged.connect(self._on_drag)
        line.sigPositionChangeFinished.connect(self._on_done)
        box.addItem(line, ignoreBounds=True)
        return line

    @property
    def lines(self) -> list[pg.InfiniteLine]:
        """Those that are shown, highest first."""
        return [line for line in self._lines if line.isVisible()]

    def ask(self, *, shown: bool) -> None:
        """Show the ladder, or leave it out."""
        self._asked = shown
        self._draw()

    def take(self, ladder: HedgeLadder | None, band: tuple[float, float] | None) -> None:
        """Show another ladder; ``band`` is the one in force, coin."""
        if (ladder, band) != (self._ladder, self._band):
            self._ladder, self._band = ladder, band
            self._draw()

    def _draw(self) -> None:
        if self._held:
            return
        ladder = self._ladder if self._asked else None
        above, below = (ladder.above, ladder.below) if ladder is not None else ((), ())
        self._drawn = rungs = (*reversed(above), *below)
        for index, line in enumerate(self._lines):
            line.setVisible(index < len(rungs))
            if index < len(rungs):
                mode = ladder.mode if ladder is not None else ""
                # A band is no price where the target moves along: there is nothing to drag.
                nearest = not mode and index in {len(above) - 1, len(above)}
                self._place(line, rungs[index], movable=nearest, mode=mode)

    def _place(self, line: pg.InfiniteLine, rung: Rung, *, movable: bool, mode: str = "") -> None:
        buys = rung.side is Side.BUY
        side = "▲ BUY" if buys else "▼ SELL"
        words = f"{side} {number(rung.coins, 4)} at {number(rung.price, 2)}"
        if mode:
            words = f"{mode} · {words}"
        line.setValue(rung.price)
        line.setMovable(movable)
        line.setCursor(Qt.CursorShape.SizeVerCursor if movable else Qt.CursorShape.ArrowCursor)
        line.label.setFormat(words)
        color = self._colors["up" if buys else "down"]
        line.setPen(pg.mkPen(color, width=1, style=Qt.PenStyle.DotLine))
        line.setHoverPen(pg.mkPen(self._colors["strong"], width=1))
        line.label.setColor(color)
        line.label.fill = pg.mkBrush(self._colors["background"])

    def _on_drag(self) -> None:
        self._held = True

    def _on_done(self, line: pg.InfiniteLine) -> None:
        if not self._held:
            return
        self._held = False
        ladder, band = self._ladder, self._band
        if ladder is not None and band is not None:
            rung = self._drawn[self._lines.index(line)]  # frames may have brought others since
            prices, deltas = np.array(ladder.curve).T
            edge = float(np.interp(float(line.value()), prices, deltas))
            low, high = band
            if rung.side is Side.SELL and edge > low:
                self.edited.emit(low, edge)
            elif rung.side is Side.BUY and edge < high:
                self.edited.emit(edge, high)
        self._draw()

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        self._colors = colors
        self._draw()
