"""What keys do to the charts."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ui.charts.band import Band
from ui.charts.time_window import TimeWindow

PANS = {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}
ZOOMS = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}
WIDENS = {Qt.Key.Key_Up: 0.05, Qt.Key.Key_Down: -0.05}


def take_key(event: QKeyEvent, time: TimeWindow, band: Band) -> bool:
    """Move, zoom, follow, or change the band; whether the key means anything here.

    Left and Right move in time, + and - zoom, End follows the newest point, Shift+Up and
    Shift+Down widen and narrow the band by 5 %.
    """
    key = Qt.Key(event.key())
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key in WIDENS:
        band.widen(WIDENS[key])
    elif key in PANS:
        time.pan(PANS[key])
    elif key in ZOOMS:
        time.zoom(ZOOMS[key])
    elif key == Qt.Key.Key_End:
        time.follow(on=True)
    else:
        return False
    return True
