"""The window: bars above and below, panels in docks between."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QLabel,
    QMainWindow,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from terminal.model.frame import Frame
from terminal.model.messages import Disturb, DisturbanceKind, Mode, Rearm
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.stop import StopDialog
from ui.panels.header import ALL, HeaderPanel
from ui.panels.notices import NoticesPanel
from ui.panels.panel import Panel
from ui.panels.status import StatusPanel
from ui.panels.strip import StripPanel
from ui.theme.tokens import Tokens, theme_names
from ui.widgets.dock_title import DockTitle
from ui.widgets.panel_fault import PanelFault

log = logging.getLogger(__name__)

LAYOUT_VERSION = 1
WIDE = 1500
ICONS = {
    "queue": "list-checks",
    "profile": "sliders-horizontal",
    "book": "table-2",
    "log": "scroll-text",
    "charts": "chart-line",
}
DISTURBANCES = (
    ("Jump +3 %", DisturbanceKind.JUMP, 0.03, 0.0),
    ("Jump −3 %", DisturbanceKind.JUMP, -0.03, 0.0),
    ("Delay orders 2 s for 30 s", DisturbanceKind.DELAY, 2.0, 30.0),
    ("Reject orders for 30 s", DisturbanceKind.REJECT, 0.0, 30.0),
    ("Fill in quarters for 60 s", DisturbanceKind.PARTIAL, 0.25, 60.0),
    ("Drop the feed for 20 s", DisturbanceKind.DROP_FEED, 0.0, 20.0),
    ("Lose replies for 20 s", DisturbanceKind.LOSE_REPLY, 0.0, 20.0),
)


class Window(QWidget):
    """Paints at once with its bars; panels are installed when they are ready.

    Parameters
    ----------
    mode : str
        sim, replay, paper or live: its colour frames the window.
    settings : QSettings
        Where the layout is kept.
    tokens : Tokens
    """

    command = Signal(object)
    closing = Signal()
    firstPainted = Signal()  # noqa: N815 - Qt's way
    themeAsked = Signal(str)  # noqa: N815
    paceAsked = Signal(str)  # noqa: N815

    def __init__(self, mode: str, settings: QSettings, tokens: Tokens) -> None:
        super().__init__()
        self.setWindowTitle(f"Gammadesk – {mode.upper()}")
        self.setObjectName("window")
        self.setProperty("kind", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.painted = False
        self._mode = mode
        self._settings = settings
        self._allowed = False
        self._panels: list[Panel] = []
        self._docks: dict[str, QDockWidget] = {}
        self._frame: Frame | None = None
        self._selected = ALL
        self._stop_sheet: StopDialog | None = None
        self._line = QFrame()
        self._line.setFixedHeight(3)
        self._menu = QMenuBar()
        self.header = HeaderPanel(mode, tokens)
        self.notices = NoticesPanel(tokens)
        self.strip = StripPanel(tokens)
        self.status = StatusPanel(tokens)
        self._inner = QMainWindow()
        self._inner.setWindowFlags(Qt.WindowType.Widget)
        self._inner.setDockNestingEnabled(True)
        self._wait = QLabel("Starting the engine…")
        self._wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._wait.setProperty("tone", "mut")
        self._inner.setCentralWidget(self._wait)
        self._lay_out()
        self._bars: tuple[Panel, ...] = (self.header, self.notices, self.strip, self.status)
        self._wire()
        self._build_menus()
        self.setMinimumSize(1024, 600)
        self.resize(1600, 900)
        self.retheme(tokens)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._line, self._menu, self.header, self.notices, self.strip):
            column.addWidget(part)
        column.addWidget(self._inner, 1)
        column.addWidget(self.status)

    def _wire(self) -> None:
        for bar in self._bars:
            bar.command.connect(self.command)
        self.header.selected.connect(self.select)
        self.header.stopAsked.connect(self.ask_stop)
        self.header.rearmAsked.connect(self.ask_rearm)
        self.header.paceAsked.connect(self.paceAsked)
        self.notices.rearmAsked.connect(self.ask_rearm)
        for keys, act in (
            ("Ctrl+Shift+K", self.ask_stop),
            ("F9", partial(self.paceAsked.emit, "toggle")),
        ):
            QShortcut(QKeySequence(keys), self, act)

    # -- Menus --------------------------------------------------------------------------------

    def _build_menus(self) -> None:
        self._view = self._menu.addMenu("&View")
        themes = self._view.addMenu("Theme")
        for name in theme_names():
            label = name.replace("_", " ").capitalize()
            themes.addAction(label, partial(self.themeAsked.emit, name))
        self._view.addAction("Reset layout", self.reset_layout)
        self._view.addSeparator()
        if self._mode in (Mode.SIM, Mode.REPLAY):
            self._build_simulation()
        self._book_menu = self._menu.addMenu("&Book")

    def _build_simulation(self) -> None:
        menu = self._menu.addMenu("&Simulation")
        for label, kind, value, seconds in DISTURBANCES:
            if self._mode == Mode.REPLAY and kind is DisturbanceKind.JUMP:
                continue
            menu.addAction(label, partial(self._disturb, kind, value, seconds))
        menu.addSeparator()
        for speed in ("1", "5", "20", "100", "600"):
            menu.addAction(f"Speed {speed}×", partial(self.paceAsked.emit, speed))

    def _disturb(self, kind: DisturbanceKind, value: float, seconds: float) -> None:
        coin = "" if self._selected == ALL else self._selected
        self.command.emit(Disturb(kind, coin, value, seconds))

    # -- Panels -------------------------------------------------------------------------------

    def install(self, panels: Sequence[Panel]) -> None:
        """Put the panels in: the first in the middle, the others in docks."""
        self._panels = list(panels)
        self._inner.setCentralWidget(panels[0])
        for panel in panels:
            panel.command.connect(self.command)
        for panel in panels[1:]:
            self._add_dock(panel)
        self._arrange()
        self._restore()

    def _add_dock(self, panel: Panel) -> None:
        dock = QDockWidget(panel.title)
        dock.setObjectName(f"dock-{panel.objectName()}")
        title = DockTitle(panel.title, ICONS.get(panel.objectName(), ""))
        title.float_asked.connect(lambda: dock.setFloating(not dock.isFloating()))
        title.close_asked.connect(dock.close)
        dock.setTitleBarWidget(title)
        dock.setWidget(panel)
        self._docks[panel.objectName()] = dock
        self._inner.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        action: QAction = dock.toggleViewAction()
        action.setText(f"Show {panel.title}")
        self._view.addAction(action)

    def _arrange(self) -> None:
        """Default places: queue and profile at the right, book and log below."""
        right, below = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        areas = {"queue": right, "profile": right, "book": below, "log": below}
        self._inner.setCorner(Qt.Corner.BottomRightCorner, right)
        for name, dock in self._docks.items():
            dock.setFloating(False)
            dock.show()
            self._inner.addDockWidget(areas.get(name, right), dock)
        queue, profile = self._docks.get("queue"), self._docks.get("profile")
        book, lines = self._docks.get("book"), self._docks.get("log")
        if queue is not None and profile is not None:
            if self.width() >= WIDE:
                self._inner.splitDockWidget(queue, profile, Qt.Orientation.Vertical)
            else:
                self._inner.tabifyDockWidget(queue, profile)
            queue.raise_()
        if book is not None and lines is not None:
            if self.width() >= WIDE:
                self._inner.splitDockWidget(book, lines, Qt.Orientation.Horizontal)
            else:
                self._inner.tabifyDockWidget(book, lines)
            book.raise_()
        QTimer.singleShot(0, self, self._proportions)

    def _proportions(self) -> None:
        names = [n for n in ("queue", "profile") if n in self._docks]
        if names and self.width() >= WIDE:
            docks = [self._docks[name] for name in names]
            self._inner.resizeDocks(docks, [380] * len(docks), Qt.Orientation.Horizontal)
            heights = [int(self.height() * share) for share in (0.62, 0.38)][: len(docks)]
            self._inner.resizeDocks(docks, heights, Qt.Orientation.Vertical)
            if "book" in self._docks and "log" in self._docks:
                pair = [self._docks["book"], self._docks["log"]]
                wide = self.width() - 380
                sizes = [int(wide * 0.68), int(wide * 0.32)]
                self._inner.resizeDocks(pair, sizes, Qt.Orientation.Horizontal)
        elif names:
            self._inner.resizeDocks([self._docks[names[0]]], [330], Qt.Orientation.Horizontal)
        if "book" in self._docks:
            tall = int(self.height() * 0.28)
            self._inner.resizeDocks([self._docks["book"]], [tall], Qt.Orientation.Vertical)

    def reveal(self, name: str) -> None:
        """Bring a dock to the front."""
        dock = self._docks.get(name)
        if dock is not None:
            dock.show()
            dock.raise_()

    def reset_layout(self) -> None:
        """Put every panel back to its default place."""
        self._arrange()

    def _restore(self) -> None:
        size = self._settings.value("geometry")
        state = self._settings.value("layout")
        if isinstance(size, QByteArray):
            self.restoreGeometry(size)
        if isinstance(state, QByteArray) and not self._inner.restoreState(state, LAYOUT_VERSION):
            log.info("the saved layout does not fit this version: defaults are used")

    def save_layout(self) -> None:
        """Keep size and places for the next start."""
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("layout", self._inner.saveState(LAYOUT_VERSION))
        self._settings.sync()

    # -- Frames -------------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        """Show a frame in every panel; one that fails shows its error and leaves the others."""
        if self._frame is None:
            self._fill_book_menu(frame)
        self._frame = frame
        for panel in (*self._bars, *self._panels):
            try:
                panel.render_frame(frame)
            except Exception as error:
                log.exception("panel %s failed", panel.objectName())
                self._replace(panel, error)
        if self._stop_sheet is not None:
            self._stop_sheet.show_frame(frame)

    def _replace(self, panel: Panel, error: Exception) -> None:
        """Show the error where the panel was; reloading tries the panel again."""
        fault = PanelFault(panel.title, f"{type(error).__name__}: {error}")
        if panel in self._panels:
            self._panels.remove(panel)
        else:
            self._bars = tuple(bar for bar in self._bars if bar is not panel)
            return
        dock = self._docks.get(panel.objectName())
        if dock is not None:
            dock.setWidget(fault)
        else:
            self._inner.takeCentralWidget()
            self._inner.setCentralWidget(fault)
        fault.reloaded.connect(partial(self._reload, panel, fault))

    def _reload(self, panel: Panel, fault: PanelFault) -> None:
        dock = self._docks.get(panel.objectName())
        if dock is not None:
            dock.setWidget(panel)
        else:
            self._inner.setCentralWidget(panel)
        panel.show()
        self._panels.append(panel)
        fault.deleteLater()

    def _fill_book_menu(self, frame: Frame) -> None:
        for place, name in enumerate((ALL, *(desk.underlying for desk in frame.desks))):
            action = self._book_menu.addAction(name, partial(self.header.choose, name))
            action.setShortcut(QKeySequence(f"Ctrl+{place}"))

    def select(self, underlying: str) -> None:
        """Show another book everywhere."""
        self._selected = underlying
        for panel in (*self._bars, *self._panels):
            choose = getattr(panel, "select", None)
            if choose is not None:
                choose(underlying)
        if self._frame is not None:
            self.show_frame(self._frame)

    # -- Sheets -------------------------------------------------------------------------------

    def ask_stop(self) -> None:
        """Open the staged stop."""
        if self._stop_sheet is not None or self._frame is None:
            return
        sheet = self._stop_sheet = StopDialog(self)
        sheet.stopped.connect(self.command)
        sheet.finished.connect(self._stop_closed)
        sheet.show_frame(self._frame)
        sheet.open()

    def _stop_closed(self) -> None:
        if self._stop_sheet is not None:
            self._stop_sheet.deleteLater()
        self._stop_sheet = None

    def ask_rearm(self) -> None:
        """Ask for the reason to trade again."""
        if self._frame is None:
            return
        sheet = RearmDialog(self._frame, self)
        sheet.rearmed.connect(lambda reason: self.command.emit(Rearm(reason)))
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def ask_leave(self, answer: Callable[[bool], None]) -> None:
        """Say what leaving would do while orders work, and pass the answer on."""
        if self._frame is None:
            answer(True)
            return
        sheet = ClosingDialog(self._frame, self)
        sheet.leaving.connect(answer)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    # -- Life ---------------------------------------------------------------------------------

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        color = getattr(tokens, self._mode, tokens.acc)
        self._line.setStyleSheet(f"background: {color};")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first painting: what takes long may be loaded from then on."""
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            self.firstPainted.emit()

    def allow_close(self) -> None:
        """Let the next close through."""
        self._allowed = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the application to leave in order; close only when it says so."""
        if self._allowed:
            self.save_layout()
            event.accept()
            return
        event.ignore()
        self.closing.emit()

