"""The book panel: what is held, working and done, and what the numbers behind it say."""

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from terminal.model.frame import Frame
from ui.panels.book_alerts import AlertsPage
from ui.panels.book_carry import CarryPage
from ui.panels.book_cells import Page
from ui.panels.book_fills import FillsPage
from ui.panels.book_gamma import GammaPage
from ui.panels.book_ladder import LadderPage
from ui.panels.book_legs import LegsPage
from ui.panels.book_orders import OrdersPage
from ui.panels.book_pnl import PnlPage
from ui.panels.book_positions import PositionsPage
from ui.panels.book_scenarios import ScenariosPage, StressPage
from ui.panels.book_tca import TcaPage
from ui.panels.book_vols import VolsPage
from ui.panels.book_what_if import WhatIfPage
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.table import Table

FRAMES_PER_DRAWING = 3
"""Frames come ten times a second; text that changes more than four times cannot be read."""


class BookPanel(Panel):
    """Everything held, working and done.

    Emits ``command`` with what is asked of the selected order and its hedge, and of alerts.
    """

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("book", "Book", tokens)
        self._underlying = ""
        self._frame: Frame | None = None
        self._waited = FRAMES_PER_DRAWING
        self.positions = PositionsPage()
        self.orders = OrdersPage()
        self.fills = FillsPage()
        self.ladder = LadderPage()
        self.pnl, self.gamma, self.carry = PnlPage(), GammaPage(), CarryPage()
        self.tca, self.legs = TcaPage(), LegsPage()
        self.vols, self.scenarios, self.stress = VolsPage(), ScenariosPage(), StressPage()
        self.alerts = AlertsPage()
        self.what_if = WhatIfPage(tokens)
        self.tabs = QTabWidget()
        pages = (
            self.positions,
            self.orders,
            self.fills,
            self.ladder,
            self.pnl,
            self.gamma,
            self.carry,
            self.tca,
            self.legs,
            self.vols,
            self.scenarios,
            self.what_if,
            self.stress,
            self.alerts,
        )
        self._pages: tuple[Page, ...] = pages
        for page in pages:
            self.tabs.addTab(page, page.name.replace("&", "&&"))
        self._lay_out()
        self.tabs.currentChanged.connect(self._draw)
        self.alerts.asked.connect(self.command)
        self.orders.asked.connect(self.command)
        self.what_if.asked.connect(self.command)

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
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
        self.gamma.retheme(tokens)
        self.what_if.retheme(tokens)
        self.tca.retheme(tokens)
        self.pnl.retheme(tokens)

    def _draw(self) -> None:
        frame = self._frame
        if frame is None or not self.isVisible():
            return
        self._waited = 0
        for place, page in enumerate(self._pages):
            count = page.count(frame, self._underlying)
            title = page.name.replace("&", "&&")
            text = title if count is None else f"{title} {count}"
            if self.tabs.tabText(place) != text:
                self.tabs.setTabText(place, text)
        self._pages[self.tabs.currentIndex()].show_frame(frame, self._underlying)
