"""The no-trade band on the delta pane: shaded, and movable by its two edges."""

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor

from ui.charts.time_box import TimeBox


class Band(QObject):
    """Two movable edges, the shade between them and the target.

    Setting the band from a frame emits nothing; letting go of a dragged edge does, and so does
    each ``widen``. While an edge is held, by the mouse or by the keyboard, frames do not move it.
    """

    edited = Signal(float, float)  # low, high in coin

    def __init__(self, box: TimeBox) -> None:
        super().__init__()
        self._shade = pg.LinearRegionItem(
            values=(0, 0), orientation="horizontal", movable=False, pen=pg.mkPen(None)
        )
        self._shade.setZValue(-100)
        self._target = pg.InfiniteLine(angle=0, movable=False)
        self._low = pg.InfiniteLine(angle=0, movable=True)
        self._high = pg.InfiniteLine(angle=0, movable=True)
        for item in (self._shade, self._target, self._low, self._high):
            box.addItem(item, ignoreBounds=True)
            item.setVisible(False)
        for edge in (self._low, self._high):
            edge.setCursor(Qt.CursorShape.SizeVerCursor)
            edge.sigDragged.connect(self._on_drag)
            edge.sigPositionChangeFinished.connect(self._on_done)
        self._dragging = False
        self._held = False
        self._shown: tuple[float | None, float | None, float | None] = (None, None, None)

    @property
    def known(self) -> bool:
        """Whether there is a band to show."""
        return self._shown[0] is not None and self._shown[1] is not None

    @property
    def edges(self) -> tuple[float, float]:
        """Low and high edge as drawn, coin."""
        low, high = sorted((float(self._low.value()), float(self._high.value())))
        return low, high

    @property
    def fitted(self) -> tuple[float, ...]:
        """Values to keep in the picture; a range that followed the mouse would run away."""
        low, high, _ = self._shown
        if low is None or high is None:
            return ()
        return (low, high) if self._dragging else self.edges

    @property
    def lines(self) -> tuple[pg.InfiniteLine, pg.InfiniteLine]:
        """The two edges, low first."""
        return self._low, self._high

    def show_band(self, low: float | None, high: float | None, target: float | None) -> None:
        """Draw the band of a frame; None hides it."""
        if (low, high, target) == self._shown:
            return
        self._shown = (low, high, target)
        known = low is not None and high is not None
        for item in (self._shade, self._low, self._high):
            item.setVisible(known)
        self._target.setVisible(target is not None)
        if target is not None:
            self._target.setValue(target)
        if not known:
            self._held = self._dragging = False
        elif not self._held and not self._dragging:
            self._place(low, high)

    def widen(self, share: float) -> None:
        """Move both edges away from the middle by a share of the width, hold and emit.

        Edges stay where they were put until ``release``: several steps add up.
        """
        if not self.known:
            return
        low, high = self.edges
        move = 0.5 * share * (high - low)
        self._held = True
        self._place(low - move, high + move)
        self.edited.emit(low - move, high + move)

    def release(self) -> None:
        """Let frames move the edges again, and show the band in force at once."""
        if self._held:
            self._held = False
            self._restore()

    def _restore(self) -> None:
        low, high, _ = self._shown
        if low is not None and high is not None and not self._held and not self._dragging:
            self._place(low, high)

    def _place(self, low: float | None, high: float | None) -> None:
        for edge, value in ((self._low, low), (self._high, high)):
            if edge.value() != value:
                edge.setValue(value)
        self._shade.setRegion((low, high))

    def _on_drag(self) -> None:
        self._dragging = True
        self._shade.setRegion(self.edges)

    def _on_done(self) -> None:
        if not self._dragging:
            return
        self._dragging = False
        low, high = self.edges
        if self.known:
            self.edited.emit(low, high)
        self._restore()

    def retheme(self, colors: dict[str, str]) -> None:
        """Take other colours."""
        shade = QColor(colors["delta"])
        shade.setAlpha(34)
        self._shade.setBrush(pg.mkBrush(shade))
        self._target.setPen(pg.mkPen(colors["muted"], style=Qt.PenStyle.DotLine))
        for edge in (self._low, self._high):
            edge.setPen(pg.mkPen(colors["delta"], width=1))
            edge.setHoverPen(pg.mkPen(colors["strong"], width=1))
