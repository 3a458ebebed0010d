"""The book panel: what is held, working and done, and what the numbers behind it say."""

from collections.abc import Iterator
from typing import Protocol, TypeVar, runtime_checkable

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from terminal.core.errors import InvariantError
from terminal.model.frame import Frame
from ui.panels.book_alerts import AlertsPage
from ui.panels.book_carry import CarryPage
from ui.panels.book_cells import Page
from ui.panels.book_fills import FillsPage
from ui.panels.book_frontier import FrontierPage
from ui.panels.book_gamma import GammaPage
from ui.panels.book_ladder import LadderPage
from ui.panels.book_legs import LegsPage
from ui.panels.book_oracle import OraclePage
from ui.panels.book_orders import OrdersPage
from ui.panels.book_pnl import PnlPage
from ui.panels.book_positions import PositionsPage
from ui.panels.book_reconcile import ReconcilePage
from ui.panels.book_scenarios import ScenariosPage, StressPage
from ui.panels.book_shadows import ShadowsPage
from ui.panels.book_tca import TcaPage
from ui.panels.book_vols import VolsPage
from ui.panels.book_what_if import WhatIfPage
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.scrolled_tabs import ScrolledTabs
from ui.widgets.table import Table

FRAMES_PER_DRAWING = 3
"""Frames come ten times a second; text that changes more than four times cannot be read."""


Kind = TypeVar("Kind", bound=QWidget)


@runtime_checkable
class Asking(Protocol):
    """A page with buttons: emits ``asked`` with a command."""

    asked: SignalInstance


@runtime_checkable
class Keeping(Protocol):
    """A page with something to be written to a file: emits ``kept`` with it."""

    kept: SignalInstance


@runtime_checkable
class Reviewing(Protocol):
    """A page that proposes profiles: emits ``reviewed`` with one to be looked at as a change."""

    reviewed: SignalInstance


@runtime_checkable
class Themed(Protocol):
    """A page with colours of its own."""

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""


def book_pages(tokens: Tokens) -> Iterator[QWidget]:
    """Every tab in its order, one made at a time: a window that opens breathes between two."""
    yield PositionsPage()
    yield OrdersPage()
    yield FillsPage()
    yield LadderPage()
    yield PnlPage()
    yield GammaPage()
    yield OraclePage()
    yield ShadowsPage()
    yield FrontierPage()
    yield CarryPage()
    yield TcaPage()
    yield LegsPage()
    yield VolsPage()
    yield ScenariosPage()
    yield WhatIfPage(tokens)
    yield StressPage()
    yield ReconcilePage()
    yield AlertsPage()


class BookPanel(Panel):
    """Everything held, working and done, in the tabs that are put in.

    Emits ``command`` with what the tabs ask.
    """

    kept = Signal(object)  # what a tab wants written to a file
    reviewed = Signal(object)  # a profile that a tab proposes

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("book", "Book", tokens)
        self._underlying = ""
        self._frame: Frame | None = None
        self._waited = FRAMES_PER_DRAWING
        self._pages: list[Page] = []
        self.tabs = ScrolledTabs()
        self._lay_out()
        self.tabs.currentChanged.connect(self._draw)

    def add(self, page: QWidget) -> None:
        """Put a tab in, after the others; raises InvariantError for what is no page."""
        if not isinstance(page, Page):
            msg = f"{type(page).__name__} is not a page of the book"
            raise InvariantError(msg)
        self._pages.append(page)
        self.tabs.addTab(page, page.name.replace("&", "&&"))
        if isinstance(page, Asking):
            page.asked.connect(self.command)
        if isinstance(page, Keeping):
            page.kept.connect(self.kept)
        if isinstance(page, Reviewing):
            page.reviewed.connect(self.reviewed)

    def page(self, kind: type[Kind]) -> Kind:
        """Tab of a kind; raises LookupError where it has not been put in."""
        for place in range(self.tabs.count()):
            page = self.tabs.widget(place)
            if isinstance(page, kind):
                return page
        raise LookupError(f"the book has no {kind.__name__}")

    def _lay_out(self) -> None:
        self.tabs.setAccessibleName("Parts of the book")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.setFocusProxy(self.tabs)

    def select(self, underlying: str) -> None:
        """Show one coin; an empty name or ``All`` shows every coin."""
        name = "" if underlying == "All" else underlying
        if name != self._underlying:
            self._underlying = name
            self._draw()

    def render_frame(self, frame: Frame) -> None:
        """Keep the frame, and show it if the last drawing was long enough ago."""
        self._frame = frame
        self._waited += 1
        if self._waited >= FRAMES_PER_DRAWING:
            self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while the panel was hidden."""
        super().showEvent(event)
        self._draw()

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        super().retheme(tokens)
        for table in self.findChildren(Table):
            table.retheme(tokens)
        for page in self._pages:
            if isinstance(page, Themed):
                page.retheme(tokens)

    def _draw(self) -> None:
        frame = self._frame
        if frame is None or not self._pages or not self.isVisible():
            return
        self._waited = 0
        for place, page in enumerate(self._pages):
            count = page.count(frame, self._underlying)
            title = page.name.replace("&", "&&")
            text = title if count is None else f"{title} {count}"
            if self.tabs.tabText(place) != text:
                self.tabs.setTabText(place, text)
        self._pages[self.tabs.currentIndex()].show_frame(frame, self._underlying)
