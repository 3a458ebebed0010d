"""The middle of the window: one panel in the centre, the others in docks that move and float."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from ui.panels.panel import Panel
from ui.widgets.dock_title import DockTitle
from ui.widgets.label import plain_label
from ui.widgets.panel_fault import PanelFault

log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
WIDE = 1500
"""Width from which the docks stand beside each other instead of in tabs."""

SIDE = 380
BOOK = 230
"""Height that the book takes of a low window's charts: a few rows under its tabs."""

WIDEST = 16_777_215
"""Qt's largest size: no limit."""

BELOW = "book"
"""The dock that may take the room of the panel in the centre."""

ICONS = {
    "queue": "list-checks",
    "profile": "sliders-horizontal",
    "book": "table-2",
    "log": "scroll-text",
}


class Docks(QMainWindow):
    """Panels in their places; what the person moves is kept and restored."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self._docks: dict[str, QDockWidget] = {}
        self._low = 0  # height of the book before it took that of the centre; 0: it never did
        wait = plain_label("Starting the engine…", "mut")
        wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCentralWidget(wait)

    def install(self, panels: Sequence[Panel], settings: QSettings) -> tuple[QAction, ...]:
        """Put panels in, the first in the centre, where they were the last time.

        Returns
        -------
        tuple of QAction
            One per dock: shows and hides it.
        """
        self.setCentralWidget(panels[0])
        actions = tuple(self._add(panel) for panel in panels[1:])
        if not self._restore(settings):
            self.arrange()
        return actions

    def _add(self, panel: Panel) -> QAction:
        dock = QDockWidget(panel.title)
        dock.setObjectName(f"dock-{panel.objectName()}")
        title = DockTitle(panel.title, ICONS.get(panel.objectName(), ""))
        title.float_asked.connect(lambda: dock.setFloating(not dock.isFloating()))
        title.close_asked.connect(dock.close)
        if panel.objectName() == BELOW:
            title.room_asked.connect(self._exchange_room)
            dock.visibilityChanged.connect(self._leave_no_gap)
            dock.topLevelChanged.connect(self._leave_no_gap)
            title.show_room(taken=False)
        dock.setTitleBarWidget(title)
        dock.setWidget(panel)
        self._docks[panel.objectName()] = dock
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        dock.show()  # what a layout hides stays hidden only if it has been shown before
        action = dock.toggleViewAction()
        action.setText(f"Show {panel.title}")
        return action

    def title_of(self, name: str) -> DockTitle | None:
        """Title bar of a dock, to show a count in."""
        dock = self._docks.get(name)
        bar = dock.titleBarWidget() if dock is not None else None
        return bar if isinstance(bar, DockTitle) else None

    def reveal(self, name: str) -> None:
        """Bring a dock to the front, closed or in a tab as it may be, and the keyboard to it."""
        dock = self._docks.get(name)
        if dock is None:
            return
        dock.show()
        dock.raise_()
        dock.activateWindow()
        stop = _first_stop(dock.widget())
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _exchange_room(self) -> None:
        """Give the book the height of the panel in the centre, or give it back."""
        self._show_middle(shown=self._middle_is_shut())

    def _leave_no_gap(self) -> None:
        """Open the centre again when what had its height has left the window."""
        dock = self._docks[BELOW]
        if self._middle_is_shut() and (dock.isHidden() or dock.isFloating()):
            self._show_middle(shown=True)

    def _middle_is_shut(self) -> bool:
        middle = self.centralWidget()
        return middle is not None and middle.maximumHeight() == 0

    def _show_middle(self, *, shown: bool) -> None:
        middle = self.centralWidget()
        if middle is None:
            return
        if not shown:
            self._low = self._docks[BELOW].height()
        # Not hidden: then the docks at the right would take its width.
        middle.setMaximumHeight(WIDEST if shown else 0)
        if shown and self._low:
            self.resizeDocks([self._docks[BELOW]], [self._low], Qt.Orientation.Vertical)
        middle.setEnabled(shown)  # the keyboard does not stop where nothing is seen
        title = self.title_of(BELOW)
        if title is not None:
            title.show_room(taken=not shown)

    # -- Places -------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Default places: queue and profile at the right, book and log below."""
        right = Qt.DockWidgetArea.RightDockWidgetArea
        below = Qt.DockWidgetArea.BottomDockWidgetArea
        areas = {"queue": right, "profile": right, "book": below, "log": below}
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self._show_middle(shown=True)
        for name, dock in self._docks.items():
            dock.setFloating(False)
            dock.show()
            self.addDockWidget(areas.get(name, right), dock)
        self._pair("queue", "profile", Qt.Orientation.Vertical)
        self._pair("book", "log", Qt.Orientation.Horizontal)
        QTimer.singleShot(0, self, self._proportions)

    def _pair(self, first: str, second: str, way: Qt.Orientation) -> None:
        """Two docks of one area: beside each other where there is room, else in tabs."""
        one, other = self._docks.get(first), self._docks.get(second)
        if one is None or other is None:
            return
        if self.window().width() >= WIDE:
            self.splitDockWidget(one, other, way)
        else:
            self.tabifyDockWidget(one, other)
        one.raise_()

    def _proportions(self) -> None:
        if not {"queue", "profile", "book", "log"} <= set(self._docks):
            return
        queue, profile = self._docks["queue"], self._docks["profile"]
        book, lines = self._docks["book"], self._docks["log"]
        across, along = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        wide, tall = self.width(), self.height()
        if self.window().width() >= WIDE:
            self.resizeDocks([queue, profile], [SIDE, SIDE], across)
            self.resizeDocks([queue, profile], [int(tall * 0.64), int(tall * 0.36)], along)
            rest = wide - SIDE
            self.resizeDocks([book, lines], [int(rest * 0.68), int(rest * 0.32)], across)
        else:
            self.resizeDocks([queue], [330], across)
        self.resizeDocks([book], [int(max(tall * 0.34, min(BOOK, tall * 0.45)))], along)

    def _restore(self, settings: QSettings) -> bool:
        """Put everything where it was; False for a layout that is missing or does not fit."""
        state = settings.value("layout")
        if not isinstance(state, QByteArray) or state.isEmpty():
            return False
        fits = self.restoreState(state, LAYOUT_VERSION)
        if fits:
            # Sizes are kept only by docks that have been laid out, so once more when they are.
            QTimer.singleShot(0, self, partial(self.restoreState, state, LAYOUT_VERSION))
        else:
            log.info("the saved layout does not fit this version: defaults are used")
        return fits

    def keep(self, settings: QSettings) -> None:
        """Remember where everything is, once there is something to place."""
        if self._docks:
            if self._middle_is_shut():
                self._show_middle(shown=True)
            settings.setValue("layout", self.saveState(LAYOUT_VERSION))

    # -- Failure ------------------------------------------------------------------------------

    def put_fault(self, panel: Panel, error: Exception, reloaded: Callable[[], None]) -> None:
        """Show a panel's error in its place, with a button that puts the panel back."""
        fault = PanelFault(panel.title, f"{type(error).__name__}: {error}")
        fault.reloaded.connect(partial(self._put_back, panel, fault, reloaded))
        self._put(panel, fault)

    def _put_back(self, panel: Panel, fault: PanelFault, reloaded: Callable[[], None]) -> None:
        self._put(panel, panel)
        panel.show()
        fault.deleteLater()
        reloaded()

    def _put(self, panel: Panel, widget: QWidget) -> None:
        dock = self._docks.get(panel.objectName())
        if dock is not None:
            dock.setWidget(widget)
        else:
            before = self.takeCentralWidget()
            self.setCentralWidget(widget)
            if before is panel:
                before.setParent(self)  # else it would be a window of its own, and outlive this one
                before.hide()


def _first_stop(panel: QWidget) -> QWidget | None:
    """First widget of a panel that the Tab key would reach."""
    every = [panel, *panel.findChildren(QWidget)]
    stops = [each for each in every if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    return next((each for each in stops if each.isEnabled() and not each.isHidden()), None)
