"""What windows leave behind is freed by the thread that may free it."""

import gc

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMenu


def swept(qapp: QApplication) -> None:
    """Free closed windows and all that hangs on them, here and now.

    Widgets that wait for the garbage collector would be freed wherever it next runs. In a worker
    thread Qt cannot take their timers back, and the next one that runs out ends the process.
    """
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for menu in qapp.topLevelWidgets():
        if isinstance(menu, QMenu):  # made by pyqtgraph for every plot, without a parent
            menu.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
