"""The window: bars above and below, panels in docks between."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.messages import Disturb, DisturbanceKind
from ui.containment import Part, contained
from ui.docks import Docks
from ui.panels.header import ALL, HeaderPanel
from ui.panels.menus import KEYS, Menus
from ui.panels.notices import NoticesPanel
from ui.panels.panel import Panel
from ui.panels.status import StatusPanel
from ui.panels.strip import StripPanel
from ui.panels.transport import TransportPanel
from ui.sheets import Sheets
from ui.theme.tokens import Tokens, theme_names
from ui.widgets.notice_strip import NoticeStrip

log = logging.getLogger(__name__)

EDGES = {"paper": 3, "recording": 3, "live": 6}
"""Width of the frame all around, pixels: what could be mistaken for a simulation has one."""

TURN_MS = 10
"""Between two panels of a frame: the seven of them are through before the next frame is due."""


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
    drawn = Signal()  # the newest frame is in every panel
    themeAsked = Signal(str)  # noqa: N815
    paceAsked = Signal(str)  # noqa: N815
    recordAsked = Signal()  # noqa: N815

    def __init__(self, mode: str, settings: QSettings, tokens: Tokens) -> None:
        super().__init__()
        self.setWindowTitle(f"Gammadesk – {mode.upper()}")
        self.setObjectName("window")
        self.setProperty("kind", "window")
        self.setProperty("mode", mode)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.mode = mode
        self._settings = settings
        self._theme = tokens.name
        self._painted = False
        self._installed: tuple[Panel, ...] = ()
        self._allowed = False
        self._panels: list[Panel] = []
        self._frame: Frame | None = None
        self._shown: Frame | None = None
        self._waiting: list[Panel] = []
        self._turns = QTimer(self)
        self._turns.setInterval(TURN_MS)
        self._turns.timeout.connect(self._show_next)
        self._selected = ALL
        self._live_seen = False
        self._line = QFrame()
        self._line.setFixedHeight(max(3, EDGES.get(mode, 0)))
        self._line.setObjectName("mode-line")
        self.menus = Menus(mode, theme_names())
        self._fault_strip = NoticeStrip()
        self.header, self.transport = HeaderPanel(mode, tokens), TransportPanel(tokens)
        self.notices, self.strip = NoticesPanel(tokens), StripPanel(tokens)
        self.status = StatusPanel(tokens)
        self._bars: list[Panel] = [self.header, self.transport, self.notices]
        self._bars += [self.strip, self.status]
        self._failed: list[Panel] = []
        self.docks = Docks()
        self.sheets = Sheets(self)
        self._lay_out()
        self._wire()
        self.setMinimumSize(1024, 600)
        self.retheme(tokens)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        edge = EDGES.get(self.mode, 0)
        column.setContentsMargins(edge, 0, edge, edge)
        column.setSpacing(0)
        above = (self._line, self.menus, self.header, self.transport, self._fault_strip)
        for part in (*above, self.notices, self.strip):
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
        self.transport.paceAsked.connect(self.paceAsked)
        self.notices.rearmAsked.connect(self.sheets.rearm)
        self._fault_strip.acted.connect(self._reload_bars)
        _connect(self.menus, self)
        self.menus.themeAsked.connect(self._on_theme)
        self.menus.disturbed.connect(self._disturb)

    def _disturb(self, kind: DisturbanceKind, value: float, seconds: float) -> None:
        coin = "" if self._selected == ALL else self._selected
        self.command.emit(Disturb(kind, coin, value, seconds))

    def _on_theme(self, name: str) -> None:
        names = theme_names()
        following = names[(names.index(self._theme) + 1) % len(names)]
        self.themeAsked.emit(name or following)

    # -- Panels and frames --------------------------------------------------------------------

    def install(self, panels: Sequence[Panel]) -> None:
        """Put the panels in: the first in the middle, the others in docks."""
        self._installed = tuple(panels)
        self._panels = list(panels)
        for panel in panels:
            panel.command.connect(self.command)
        self.menus.add_panels(self.docks.install(panels, self._settings))

    def show_frame(self, frame: Frame) -> None:
        """Show a frame in every panel; one that fails shows its error and leaves the others.

        The bars are drawn at once, then a panel at a time: work and painting of all of them
        together would keep the loop from the market for too long. Panels that a frame did not
        reach are the first to get the next one.
        """
        if frame.desks:
            self._frame = frame
            self.menus.show_books((ALL, *(desk.underlying for desk in frame.desks)))
        for bar in tuple(self._bars):
            self._render(bar, frame)
        self.sheets.show_frame(frame)
        if frame.live is not None and not self._live_seen:
            self._live_seen = True
            self.sheets.arm()  # by its first frame a live run asks to be armed
        self._shown = frame
        late = [panel for panel in self._waiting if panel in self._panels]
        self._waiting = late + [panel for panel in self._panels if panel not in late]
        if not self._turns.isActive():
            self._turns.start()

    def _show_next(self) -> None:
        """Show the frame in the next panel that has not got it."""
        panel = self._waiting.pop(0) if self._waiting else None
        if panel in self._panels and self._shown is not None:  # not one that has failed meanwhile
            self._render(panel, self._shown)
        if not self._waiting:
            self._turns.stop()
            self.drawn.emit()

    def _render(self, panel: Panel, frame: Frame) -> None:
        with self._contained(panel):
            panel.render_frame(frame)

    def _fault(self, panel: Panel, error: Exception) -> None:
        if panel in self._panels:
            self._panels.remove(panel)
            self.docks.put_fault(panel, error, partial(self._take_back, panel, self._panels))
            return
        if panel not in self._bars:
            return  # failed already while another book was being chosen
        self._bars.remove(panel)
        self._failed.append(panel)
        if panel is not self.header:
            panel.setEnabled(False)  # greyed: what it says is old
        names = ", ".join(each.title for each in self._failed)
        words = f"{names} could not be drawn and may be old: {type(error).__name__}: {error}"
        self._fault_strip.show_notice(words, "crit", "Reload", dismissible=False)

    def mishap(self, part: Part | None, error: Exception) -> None:
        """Show an error of a slot or a painting where it happened.

        A panel is replaced by its error, as if a frame had failed. A sheet stays, since the stop
        is one; what is in no part is said in the strip.
        """
        if isinstance(part, Panel) and (part in self._panels or part in self._bars):
            self._fault(part, error)
            return
        if part in self._failed or part in self._installed:
            return  # its error is shown already
        name = part.windowTitle() if part is not None else "Part of the window"
        words = f"{name} failed, the engine goes on: {type(error).__name__}: {error}"
        if not self._failed:
            self._fault_strip.show_notice(words, "crit")

    def _reload_bars(self) -> None:
        failed, self._failed = self._failed, []
        self._fault_strip.clear()
        for bar in failed:
            bar.setEnabled(True)
            self._take_back(bar, self._bars)

    def _take_back(self, panel: Panel, where: list[Panel]) -> None:
        """Show frames again in what has failed, of the book that is shown by now."""
        where.append(panel)
        self._choose(panel)

    def select(self, underlying: str) -> None:
        """Show another book everywhere."""
        self._selected = underlying
        for panel in (*self._bars, *self._panels):
            self._choose(panel)
        if self._frame is not None:
            self.show_frame(self._frame)

    def _choose(self, panel: Panel) -> None:
        choose = getattr(panel, "select", None)
        if choose is None:
            return
        with self._contained(panel):
            choose(self._selected)

    def _contained(self, panel: Panel) -> AbstractContextManager[None]:
        return contained(f"panel {panel.objectName()}", partial(self._fault, panel))

    # -- Life ---------------------------------------------------------------------------------

    def restore_size(self, default: tuple[int, int]) -> None:
        """Take the size of the last time, or the default."""
        size = self._settings.value("geometry")
        self.resize(*default)
        if isinstance(size, QByteArray):
            self.restoreGeometry(size)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._theme = tokens.name
        color = getattr(tokens, self.mode, tokens.acc)
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
        self._turns.stop()
        if self._installed:  # a start that failed has no layout worth keeping
            self._settings.setValue("geometry", self.saveGeometry())
            self.docks.keep(self._settings)
            self._settings.sync()
        for panel in self._installed:
            shut = getattr(panel, "shut", None)
            if shut is not None:
                shut()  # views of charts must be closed before they are deleted
        self._installed = ()
        event.accept()


def _connect(menus: Menus, window: Window) -> None:
    """Have the menus open sheets, move docks and ask what the window is asked."""
    menus.stopAsked.connect(window.sheets.stop)
    menus.rearmAsked.connect(window.sheets.rearm)
    menus.armAsked.connect(window.sheets.arm)
    menus.liftAsked.connect(window.sheets.lift)
    menus.keysAsked.connect(partial(window.sheets.keys, KEYS))
    menus.paceAsked.connect(window.paceAsked)
    menus.recordAsked.connect(window.recordAsked)
    menus.resetAsked.connect(window.docks.arrange)
    menus.panelAsked.connect(window.docks.reveal)
    menus.bookAsked.connect(window.header.choose)
