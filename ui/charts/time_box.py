"""The view of a pane: the mouse moves and zooms time, never values."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

NOTCH = 1.25
"""Zoom of one notch of the wheel."""


class TimeBox(pg.ViewBox):
    """A view box whose wheel asks its owner to zoom."""

    zoomed = Signal(float, float)  # factor of the span, time under the mouse

    def __init__(self) -> None:
        super().__init__(enableMenu=False)

    def wheelEvent(
        self, ev: QGraphicsSceneWheelEvent, axis: int | None = None
    ) -> None:
        """Ask for a zoom in time; the wheel over the values does nothing."""
        if axis == 1 or not ev.delta():
            ev.ignore()
            return
        ev.accept()
        self.zoomed.emit(NOTCH ** (-ev.delta() / 120), float(self.mapToView(ev.pos()).x()))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Move in time with the left or middle button."""
        if axis == 1 or ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        super().mouseDragEvent(ev, axis=0)
