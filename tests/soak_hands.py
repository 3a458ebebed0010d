"""Somebody at the window of a soak: other books, tabs and sizes, sheets opened and closed."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialog, QTabWidget

from ui.panels.menus import KEYS
from ui.window import Window

SIZES = ((1600, 900), (1024, 600), (1280, 720), (1920, 1080))
"""The first is the usual one."""

BOOKS = ("BTC", "ETH", "SOL", "All")
MOVES = 6
"""Things that are done in turn."""

OPEN_S = 0.5
"""Time a sheet stays open."""


class Hands:
    """Does one thing at a time, the same ones in turn.

    Parameters
    ----------
    window : Window
    settings : QSettings
        Where the window keeps its layout.
    """

    def __init__(self, window: Window, settings: QSettings) -> None:
        self._window = window
        self._settings = settings
        self._turn = 0

    async def act(self) -> None:
        """Do what is next."""
        moves: tuple[Callable[[], None], ...] = (
            self._book,
            self._tab,
            self._size,
            self._window.sheets.stop,
            self._window.sheets.rearm,
            lambda: self._window.sheets.keys(KEYS),
        )
        moves[self._turn % MOVES]()
        self._turn += 1
        await asyncio.sleep(OPEN_S)
        for sheet in self._window.findChildren(QDialog):
            if sheet.isVisible():
                sheet.reject()
        self._window.resize(*SIZES[0])  # what is held is to be compared, not how large it is drawn

    def _book(self) -> None:
        self._window.select(BOOKS[self._turn // MOVES % len(BOOKS)])

    def _tab(self) -> None:
        for tabs in self._window.findChildren(QTabWidget):
            if tabs.count():
                tabs.setCurrentIndex((tabs.currentIndex() + 1) % tabs.count())

    def _size(self) -> None:
        self._window.resize(*SIZES[self._turn // MOVES % len(SIZES)])
