"""The window: bars above and below, panels in docks between."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QMenuBar, QVBoxLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.messages import Disturb, DisturbanceKind, Mode
from ui.docks import Docks
from ui.panels.header import ALL, HeaderPanel
from ui.panels.notices import NoticesPanel
from ui.panels.panel import Panel
from ui.panels.status import StatusPanel
from ui.panels.strip import StripPanel
from ui.sheets import Sheets
from ui.theme.tokens import Tokens, theme_names

log = logging.getLogger(__name__)

SPEEDS = ("1", "5", "20", "100", "600")
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
        self._mode = mode
        self._settings = settings
        self._painted = False
        self._allowed = False
        self._panels: list[Panel] = []
        self._frame: Frame | None = None
        self._selected = ALL
        self._line = QFrame()
        self._line.setFixedHeight(3)
        self._menu = QMenuBar()
        self.header = HeaderPanel(mode, tokens)
        self.notices = NoticesPanel(tokens)
        self.strip = StripPanel(tokens)
        self.status = StatusPanel(tokens)
        self._bars: list[Panel] = [self.header, self.notices, self.strip, self.status]
        self.docks = Docks()
        self.sheets = Sheets(self)
        self._lay_out()
        self._wire()
        self._build_menus()
        self.setMinimumSize(1024, 600)
        self.retheme(tokens)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._line, self._menu, self.header, self.notices, self.strip):
            column.addWidget(part)
        column.addWidget(self.docks, 1)
        column.addWidget(self.status)

    def _wire(self) -> None:
        for bar in self._bars:
            bar.command.connect(self.command)
        self.sheets.command.connect(self.command)
        self.header.selected.connect(self.select)
        self.header.stopAsked.connect(self.sheets.stop)
        self.header.rearmAsked.connect(self.sheets.rearm)
        self.header.paceAsked.connect(self.paceAsked)
        self.notices.rearmAsked.connect(self.sheets.rearm)
        QShortcut(QKeySequence("Ctrl+Shift+K"), self, self.sheets.stop)
        QShortcut(QKeySequence("F9"), self, partial(self.paceAsked.emit, "toggle"))

    # -- Menus --------------------------------------------------------------------------------

    def _build_menus(self) -> None:
        self._view = self._menu.addMenu("&View")
        themes = self._view.addMenu("Theme")
        for name in theme_names():
            label = name.replace("_", " ").capitalize()
            themes.addAction(label, partial(self.themeAsked.emit, name))
        self._view.addAction("Reset layout", self.docks.arrange)
        self._view.addSeparator()
        if self._mode in (Mode.SIM, Mode.REPLAY):
            self._build_simulation()
        self._book_menu = self._menu.addMenu("&Book")

    def _build_simulation(self) -> None:
        menu = self._menu.addMenu("&Simulation")
        for label, kind, value, seconds in DISTURBANCES:
            if self._mode == Mode.REPLAY and kind is DisturbanceKind.JUMP:
                continue  # what a tape says cannot be changed
            menu.addAction(label, partial(self._disturb, kind, value, seconds))
        menu.addSeparator()
        for speed in SPEEDS:
            menu.addAction(f"Speed {speed}×", partial(self.paceAsked.emit, speed))

    def _disturb(self, kind: DisturbanceKind, value: float, seconds: float) -> None:
        coin = "" if self._selected == ALL else self._selected
        self.command.emit(Disturb(kind, coin, value, seconds))

    def _fill_book_menu(self, frame: Frame) -> None:
        for place, name in enumerate((ALL, *(desk.underlying for desk in frame.desks))):
            action = self._book_menu.addAction(name, partial(self.header.choose, name))
            action.setShortcut(QKeySequence(f"Ctrl+{place}"))

    # -- Panels and frames --------------------------------------------------------------------

    def install(self, panels: Sequence[Panel]) -> None:
        """Put the panels in: the first in the middle, the others in docks."""
        self._panels = list(panels)
        for panel in panels:
            panel.command.connect(self.command)
        for action in self.docks.install(panels, self._settings):
            self._view.addAction(action)

    def show_frame(self, frame: Frame) -> None:
        """Show a frame in every panel; one that fails shows its error and leaves the others."""
        if self._frame is None and frame.desks:
            self._fill_book_menu(frame)
        if frame.desks:
            self._frame = frame
        for panel in (*self._bars, *self._panels):
            try:
                panel.render_frame(frame)
            except Exception as error:  # one panel's bug must not take the stop button away
                log.exception("panel %s failed", panel.objectName())
                self._fault(panel, error)
        self.sheets.show_frame(frame)

    def _fault(self, panel: Panel, error: Exception) -> None:
        if panel in self._panels:
            self._panels.remove(panel)
            self.docks.put_fault(panel, error, lambda: self._panels.append(panel))
        else:
            self._bars.remove(panel)  # a bar keeps its last picture

    def select(self, underlying: str) -> None:
        """Show another book everywhere."""
        self._selected = underlying
        for panel in (*self._bars, *self._panels):
            choose = getattr(panel, "select", None)
            if choose is not None:
                choose(underlying)
        if self._frame is not None:
            self.show_frame(self._frame)

    # -- Life ---------------------------------------------------------------------------------

    def restore_size(self, default: tuple[int, int]) -> None:
        """Take the size of the last time, or the default."""
        size = self._settings.value("geometry")
        self.resize(*default)
        if isinstance(size, QByteArray):
            self.restoreGeometry(size)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        color = getattr(tokens, self._mode, tokens.acc)
        self._line.setStyleSheet(f"background: {color};")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first painting: what takes long may be loaded from then on."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.firstPainted.emit()

    def ask_leave(self, answer: Callable[[bool], None]) -> None:
        """Say what leaving would do while orders work, and pass the answer on."""
        self.sheets.leave(answer)

    def allow_close(self) -> None:
        """Let the next close through."""
        self._allowed = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the application to leave in order; close only when it says so."""
        if not self._allowed:
            event.ignore()
            self.closing.emit()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self.docks.keep(self._settings)
        self._settings.sync()
        event.accept()
