"""The menus: everything a key does can be found and clicked here too."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from terminal.model.messages import DisturbanceKind, Mode
from ui.panels.hedge_hand import KEYS as HAND_KEYS

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
PANELS = (
    ("queue", "Proposals", "F2"),
    ("book", "Book", "F3"),
    ("profile", "Risk profile", "F4"),
    ("log", "Log", "F6"),
)
KEYS = (
    ("Ctrl+Return", "Approve the first proposal"),
    ("Alt+R", "Reject the first proposal"),
    ("Ctrl+Shift+K", "Open the stop; once more: freeze"),
    ("F9", "Pause or resume market time"),
    ("Ctrl+0", "Show all books"),
    ("Ctrl+1 … Ctrl+9", "Show one book"),
    *((key, f"Go to: {title}") for _, title, key in PANELS),
    ("Ctrl+T", "Next theme"),
    ("Ctrl+Shift+L", "Reset the layout"),
    *HAND_KEYS,
    ("F1", "Show these keys"),
)
"""Keys of the window, in the order of their weight."""

REPORTS = (
    ("Start of day", "start"),
    ("End of day, so far", "end"),
    ("Hand-over note", "handover"),
)
"""What is written of the day that is shown, and the name of its kind."""

LAST_BOOK = 9
"""Books beyond this one have no digit of their own."""


class Menus(QMenuBar):
    """Menu bar of the window.

    Parameters
    ----------
    mode : str
        Only sim and replay can be disturbed and sped up.
    themes : iterable of str
        Names of the themes.
    """

    themeAsked = Signal(str)  # noqa: N815 - Qt's way; an empty name is the next one
    paceAsked = Signal(str)  # noqa: N815
    resetAsked = Signal()  # noqa: N815
    panelAsked = Signal(str)  # noqa: N815 - object name
    bookAsked = Signal(str)  # noqa: N815 - underlying or All
    stopAsked = Signal()  # noqa: N815
    rearmAsked = Signal()  # noqa: N815
    rehearseAsked = Signal()  # noqa: N815 - a stop, on a market of its own
    recordAsked = Signal()  # noqa: N815 - begin to record the feed, or end it
    reportAsked = Signal(str)  # noqa: N815 - of this kind
    giveAsked = Signal()  # noqa: N815 - a key of an exchange
    armAsked = Signal()  # noqa: N815
    liftAsked = Signal()  # noqa: N815
    keysAsked = Signal()  # noqa: N815
    disturbed = Signal(object, float, float)  # kind, value, seconds

    def __init__(self, mode: str, themes: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Menus")
        self._build_trading(mode)
        self._build_view(themes)
        if mode in (Mode.SIM, Mode.REPLAY):
            self._build_simulation(mode)
        self._books: tuple[str, ...] = ()
        self._book = self.addMenu("&Book")
        _add(self.addMenu("&Help"), "Keys…", self.keysAsked.emit, "F1")

    def _build_trading(self, mode: str) -> None:
        menu = self.addMenu("&Trading")
        _add(menu, "Stop…", self.stopAsked.emit, "Ctrl+Shift+K")
        _add(menu, "Re-arm…", self.rearmAsked.emit)
        _add(menu, "Rehearse a stop", self.rehearseAsked.emit)
        menu.addSeparator()
        _add(menu, "Exchange key…", self.giveAsked.emit)
        if mode != Mode.RECORDING:  # which has no feed
            _add(menu, "Record the feed, or end it", self.recordAsked.emit)
        reports = menu.addMenu("Write a report")
        for title, kind in REPORTS:
            _add(reports, title, partial(self.reportAsked.emit, kind))
        if mode == Mode.LIVE:
            _add(menu, "Arm live trading…", self.armAsked.emit)
            _add(menu, "Trade whole sizes…", self.liftAsked.emit)
        if mode in (Mode.SIM, Mode.REPLAY, Mode.RECORDING):
            menu.addSeparator()
            _add(menu, "Pause or resume", partial(self.paceAsked.emit, "toggle"), "F9")

    def _build_view(self, themes: Iterable[str]) -> None:
        self._view = self.addMenu("&View")
        choices = self._view.addMenu("Theme")
        for name in themes:
            label = name.replace("_", " ").capitalize()
            _add(choices, label, partial(self.themeAsked.emit, name))
        _add(self._view, "Next theme", partial(self.themeAsked.emit, ""), "Ctrl+T")
        _add(self._view, "Reset layout", self.resetAsked.emit, "Ctrl+Shift+L")
        self._view.addSeparator()
        for name, title, key in PANELS:
            _add(self._view, f"Go to {title}", partial(self.panelAsked.emit, name), key)
        self._view.addSeparator()

    def _build_simulation(self, mode: str) -> None:
        menu = self.addMenu("&Simulation")
        for label, kind, value, seconds in DISTURBANCES:
            if mode == Mode.REPLAY and kind is DisturbanceKind.JUMP:
                continue  # what a tape says cannot be changed
            _add(menu, label, partial(self.disturbed.emit, kind, value, seconds))
        menu.addSeparator()
        for speed in SPEEDS:
            _add(menu, f"Speed {speed}×", partial(self.paceAsked.emit, speed))

    def add_panels(self, actions: Iterable[QAction]) -> None:
        """Add what shows and hides the docks."""
        for action in actions:
            self._view.addAction(action)

    def show_books(self, names: tuple[str, ...]) -> None:
        """List the books, with a digit for each of the first."""
        if names == self._books:
            return
        self._books = names
        self._book.clear()
        for place, name in enumerate(names):
            key = f"Ctrl+{place}" if place <= LAST_BOOK else ""
            _add(self._book, name, partial(self.bookAsked.emit, name), key)


def _add(menu: QMenu, text: str, slot: Callable[[], None], key: str = "") -> None:
    action = menu.addAction(text, slot)
    action.setAutoRepeat(False)  # a key that is held down asks once
    if key:
        action.setShortcut(QKeySequence(key))
