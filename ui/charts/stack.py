"""Price, net delta, gamma, vega and funding, one above the other on one time axis."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QResizeEvent

from terminal.model.frame import Desk, Tracks
from terminal.model.hedge import HedgeLadder, Target
from ui.charts.axes import time_places, time_texts
from ui.charts.heights import DELTA, FUNDING, PRICE, SHARES, pane_heights
from ui.charts.keys import take_key
from ui.charts.overlay import AXIS_WIDTH, TIME_AXIS_HEIGHT, Parts, TimeRow
from ui.charts.pane import Pane
from ui.charts.picture import Picture
from ui.charts.time_box import TimeBox
from ui.charts.time_window import WINDOWS, TimeWindow
from ui.theme.qss import chart_colors
from ui.theme.tokens import Tokens

_SIGNED = frozenset({DELTA, FUNDING})

REDRAWS = 30
"""Drawings per second while the mouse moves the picture."""


class ChartStack(pg.GraphicsLayoutWidget):
    """Five linked panes of one underlying; the lower ones are left out when there is no room."""

    bandEdited = Signal(float, float)  # noqa: N815 - Qt's way
    followed = Signal(bool)
    hovered = Signal(object)  # time under the mouse, seconds UTC, or None

    _ready = False   # the base class resizes itself before panes are there, and after they went

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setAccessibleName("Charts of price, net delta, gamma, vega and funding")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.ci.layout.setSpacing(0)
        self.ci.layout.setContentsMargins(0, 0, AXIS_WIDTH, TIME_AXIS_HEIGHT)
        self.time = TimeWindow(WINDOWS["15m"])
        self._focus_color = tokens.acc
        self._moving = False
        self._now = 0.0
        self._desk: Desk | None = None
        self._shown: tuple[bool, ...] = ()
        self._heights: tuple[int, ...] = ()
        self._timed = (0.0, 0.0, 0.0)
        self.panes = tuple(self._pane(row) for row in range(len(SHARES)))
        self.times = TimeRow(self.ci)
        self.picture = Picture(self.panes)
        self.band = self.picture.band
        self.band.edited.connect(self.bandEdited)
        self.picture.rungs.edited.connect(self.bandEdited)
        self._mouse = pg.SignalProxy(
            self.scene().sigMouseMoved, rateLimit=REDRAWS, slot=self._on_mouse
        )
        self._moves = pg.SignalProxy(
            self._box.sigXRangeChanged, rateLimit=REDRAWS, slot=self._on_range
        )
        self._ready = True
        self.retheme(tokens)

    def _pane(self, row: int) -> Pane:
        box = TimeBox()
        self.ci.addItem(box, row=row, col=0)
        if row > 0:
            box.setXLink(self.getItem(0, 0))
        box.zoomed.connect(self._on_wheel)
        box.sigRangeChangedManually.connect(self._on_pan)
        return Pane(box, signed=row in _SIGNED)

    @property
    def _box(self) -> TimeBox:
        """The view that the others follow in time."""
        return self.panes[PRICE].box

    # -- Data ---------------------------------------------------------------------------------

    def show_tracks(self, tracks: Tracks) -> None:
        """Take what is new on the curves of the underlying that is shown."""
        self.picture.take(tracks)

    def show_ladder(self, ladder: HedgeLadder | None, target: Target | None) -> None:
        """Draw the hedges to come, beside the band that brings them."""
        self.picture.rungs.take(ladder, (target.low, target.high) if target else None)

    def forget(self) -> None:
        """Empty every curve, for another underlying."""
        self._desk = None
        self.picture.forget()
        self.follow(True)

    def redraw(self, desk: Desk, now: float) -> None:
        """Draw the state of a desk at a time.

        Parameters
        ----------
        desk : Desk
            Numbers of the band, the lines and the boxes.
        now : float
            Engine time, seconds UTC.
        """
        self._desk, self._now = desk, now
        self.redraw_now()

    def redraw_now(self) -> None:
        """Draw what is visible and has changed; cheap enough for every frame of a screen."""
        seen = self.isVisible() and not self.window().isMinimized()
        if self._desk is None or not any(self._shown) or not seen:
            return
        self.time.advance(self._now)
        if self._box.viewRange()[0] != [self.time.start, self.time.end]:
            self._moving = True
            self._box.setXRange(self.time.start, self.time.end, padding=0)
            self._moving = False
        self.picture.draw(self._desk, self._now, self.time, self._shown)
        self._write_times()

    def _write_times(self) -> None:
        lowest = self.panes[max(row for row, shown in enumerate(self._shown) if shown)].box
        box = lowest.geometry()
        self.times.place(QRectF(0, box.bottom(), box.width() + AXIS_WIDTH, TIME_AXIS_HEIGHT))
        span = (self.time.start, self.time.end, box.width())
        if span != self._timed:
            self._timed = span
            self.times.show_times(list(zip(time_places(*span), time_texts(*span), strict=True)))

    def set_titles(self, titles: tuple[Parts, ...]) -> None:
        """Words over the panes, from the top."""
        for pane, parts in zip(self.panes, titles, strict=True):
            pane.title.say(parts)

    # -- Time ---------------------------------------------------------------------------------

    def set_window(self, name: str) -> None:
        """Show this much time, following the newest point."""
        self.time.show(WINDOWS[name])
        for pane in self.panes:
            pane.refit()
        self._moved()

    def follow(self, on: bool) -> None:
        """Keep the newest point in the picture, or stay where it is."""
        self.time.follow(on=on)
        self._moved()

    @property
    def following(self) -> bool:
        """Whether the newest point is kept in the picture."""
        return self.time.following

    def _moved(self) -> None:
        self.followed.emit(self.following)
        self.redraw_now()

    def _on_pan(self) -> None:
        if not self._moving:
            self.time.take(*self._box.viewRange()[0])
            self.followed.emit(False)

    def _on_range(self, _: object) -> None:
        if not self.following:
            self.redraw_now()

    def _on_wheel(self, factor: float, at: float) -> None:
        self.time.zoom(factor, at)
        self.redraw_now()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, zoom, follow, or change the band."""
        if take_key(event, self.time, self.band):
            self._moved()
            event.accept()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Letting Shift go ends an edit of the band by keys."""
        if event.key() == Qt.Key.Key_Shift:
            self.band.release()
            self.redraw_now()
        event.ignore()

    # -- Mouse and focus ----------------------------------------------------------------------

    def _on_mouse(self, args: tuple[QPointF]) -> None:
        inside = any(
            shown and pane.box.sceneBoundingRect().contains(args[0])
            for pane, shown in zip(self.panes, self._shown, strict=False)
        )
        self.point_at(float(self._box.mapSceneToView(args[0]).x()) if inside else None)

    def point_at(self, time: float | None) -> None:
        """Stand the cross hair at a time, seconds UTC; None takes it away."""
        self.picture.point_at(time)
        self.hovered.emit(time)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cross hair away with the mouse."""
        if self._ready:
            self.point_at(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys are taken here."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys go elsewhere: an edit of the band by keys has ended."""
        super().focusOutEvent(event)
        if self._ready:
            self.band.release()
            self.viewport().update()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Frame the charts while they have the focus."""
        super().drawForeground(painter, rect)
        if self.hasFocus():
            painter.save()
            painter.resetTransform()
            painter.setPen(QColor(self._focus_color))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
            painter.restore()

    # -- Look ---------------------------------------------------------------------------------

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours; a closed view has nothing left to colour."""
        if not self._ready:
            return
        colors = chart_colors(tokens)
        self._focus_color = tokens.acc
        self.setBackground(colors["background"])
        self.picture.retheme(colors)
        self.times.retheme(colors)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the height out among the panes that there is room for."""
        super().resizeEvent(event)
        if self._ready:
            self._arrange(pane_heights(self.viewport().height() - TIME_AXIS_HEIGHT))
            self.redraw_now()

    def close(self) -> bool:
        """Let go of everything drawn; nothing can be shown any more."""
        self._ready = False
        self._shown = ()
        for proxy in (self._mouse, self._moves):
            proxy.timer.stop()
            proxy.disconnect()
        super().close()
        return True

    def _arrange(self, heights: tuple[int, ...]) -> None:
        if heights == self._heights:
            return
        self._heights = heights
        self._shown = tuple(height > 0 for height in heights)
        for row, (pane, height) in enumerate(zip(self.panes, heights, strict=True)):
            pane.show(shown=height > 0)
            self.ci.layout.setRowFixedHeight(row, height)
            pane.refit()
        self.ci.layout.activate()
