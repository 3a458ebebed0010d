"""Volatility: the smile of an expiry, the term structure, the cone, and the numbers in a table."""

from operator import is_

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from terminal.core.units import SECOND
from terminal.model.frame import Frame, VolView
from terminal.model.smile import ConeBand, SmileAt, SmileView
from ui.charts.cone import ConeChart, empty_cone
from ui.charts.smile import SmileChart
from ui.charts.term import TermChart, term_words
from ui.format import percent
from ui.panels.book_cells import desks_of, expiry_text
from ui.panels.vol_table import COLUMNS, vol_lines
from ui.theme.tokens import Tokens
from ui.widgets.chart_box import ChartBox
from ui.widgets.segmented import Segmented
from ui.widgets.table import Table

CHARTS, TABLE = "Charts", "Table"
NOBODY = SmileAt("", 0)


class VolsPage(QWidget):
    """Implied and realised volatility of one coin in three charts, of every coin in a table.

    Emits ``asked`` with the expiry whose smile is looked at, so that it is renewed first.
    """

    asked = Signal(object)
    name = "Volatility"

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.name)
        self._drawn: tuple[object, ...] = ()
        self._frame: tuple[Frame, str] | None = None
        self._wish = NOBODY
        self._coin = ""
        self.part = Segmented((CHARTS, TABLE))
        self.part.setAccessibleName("Volatility in charts or in a table")
        self.expiry = QComboBox()
        self.expiry.setAccessibleName("Expiry of the smile")
        self.expiry.setMinimumWidth(176)
        self.smile, self.term, self.cone = SmileChart(), TermChart(), ConeChart()
        self.smile_box = ChartBox("Smile", self.smile, "▲ bid, ▼ ask, ● mark, line SVI")
        self.term_box = ChartBox(
            "Term structure", self.term, "● at the money, dashed between expiries, ◆ 30-day index"
        )
        self.cone_box = ChartBox(
            "Realised volatility",
            self.cone,
            "● now, ◆ implied, shaded 5-95 and 25-75 of 100 windows",
        )
        self.table = Table(
            COLUMNS,
            row_id=lambda line: f"{line.underlying} {line.name}",
            is_total=lambda line: line.expiry is None,
            empty="No volatility yet: no option of this coin is quoted on both sides.",
        )
        self.table.setAccessibleName(self.name)
        self.stack = QStackedWidget()
        self._lay_out()
        self.part.chosen.connect(self._on_part)
        self.expiry.activated.connect(self._on_expiry)
        self.setFocusProxy(self.part)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self.part)
        head.addWidget(self.expiry)
        head.addStretch(1)
        charts = QWidget()
        row = QHBoxLayout(charts)
        row.setContentsMargins(8, 0, 8, 4)
        row.setSpacing(8)
        for box in (self.smile_box, self.term_box, self.cone_box):
            row.addWidget(box, 1)
        self.stack.addWidget(charts)
        self.stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: nothing here waits for someone."""
        return

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the volatilities, unless neither they nor the second of the clock changed."""
        self._frame = frame, underlying
        names = [desk.underlying for desk in desks_of(frame, underlying)]
        drawn = (frame.vols, frame.smiles, frame.cones, names, frame.now // SECOND)
        if self._drawn[3:] == drawn[3:] and all(map(is_, self._drawn, drawn[:3])):
            return
        self._drawn = drawn
        if self.part.current() == TABLE:
            views = [frame.vols[name] for name in names if name in frame.vols]
            self.table.show_rows([line for view in views for line in vol_lines(view, frame.now)])
            return
        self._coin = next((name for name in names if name in frame.vols), "".join(names[:1]))
        self._charts(frame)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours of the charts; the book's tables get theirs from it."""
        for chart in (self.smile, self.term, self.cone):
            chart.retheme(tokens)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the chosen expiry while somebody looks."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more."""
        super().hideEvent(event)
        self._ask()

    def _charts(self, frame: Frame) -> None:
        coin, vols = self._coin, frame.vols.get(self._coin)
        self._offer(frame, vols)
        self._ask()
        self._show_smile(frame, frame.smiles.get(coin, {}).get(self.expiry.currentData() or 0))
        self._show_term(vols, frame.now)
        self._show_cone(frame.cones.get(coin, ()))

    def _offer(self, frame: Frame, vols: VolView | None) -> None:
        """Fill the list of expiries anew where it changed; keep what was chosen."""
        expiries = [each.expiry for each in vols.expiries] if vols else []
        if expiries != [self.expiry.itemData(place) for place in range(self.expiry.count())]:
            kept = self.expiry.currentData()
            self.expiry.clear()
            for each in expiries:
                self.expiry.addItem("", each)
            self.expiry.setCurrentIndex(max(self.expiry.findData(kept), 0) if expiries else -1)
        for place, each in enumerate(expiries):
            text = f"{self._coin} {expiry_text(each, frame.now)}"
            if self.expiry.itemText(place) != text:
                self.expiry.setItemText(place, text)
        self.expiry.setEnabled(bool(expiries))

    def _show_smile(self, frame: Frame, view: SmileView | None) -> None:
        box = self.smile_box
        coin = self._coin or "this book"
        if self.expiry.currentIndex() < 0:
            box.title.setText("Smile")
            box.show_reason(f"No smile: no option of {coin} is quoted with its forward.")
            return
        box.title.setText(f"Smile of {self.expiry.currentText()}")
        if view is None:
            box.show_reason("The quotes of this expiry are being looked at.")
        elif all(each.bid is each.ask is each.mark is None for each in view.points):
            why = "" if view.points else f" {view.model_note}."
            box.show_reason(f"No smile: no quote of this expiry has an implied volatility.{why}")
        else:
            self.smile.show_smile(view)
            old = (frame.now - view.at) // SECOND
            missed = f" ± {percent(view.model_error, 2)}" if view.model_error is not None else ""
            box.show_chart(f"{view.model_note}{missed}; {old} s ago")

    def _show_term(self, vols: VolView | None, now: int) -> None:
        coin = self._coin or "this book"
        if vols is None or not vols.expiries:
            self.term_box.show_reason(f"No term structure: no option of {coin} is quoted.")
        elif all(each.vol is None for each in vols.expiries):
            self.term_box.show_reason(f"{term_words(vols, now)}.")
        else:
            self.term.show_term(vols, now)
            self.term_box.show_chart(vols.shape)

    def _show_cone(self, bands: tuple[ConeBand, ...]) -> None:
        if any(each.quantiles for each in bands):
            self.cone.show_cone(bands)
            known = [each.independent for each in bands if each.quantiles]
            self.cone_box.show_chart(f"the longest saw {min(known):.0f} windows apart")
        else:
            self.cone_box.show_reason(f"{empty_cone(bands)}.")

    def _ask(self) -> None:
        chosen = self.expiry.currentData()
        looked_at = self.isVisible() and chosen and self.part.current() == CHARTS
        wish = SmileAt(self._coin, chosen) if looked_at else NOBODY
        if wish != self._wish:
            self._wish = wish
            self.asked.emit(wish)

    def _on_part(self, part: str) -> None:
        self.stack.setCurrentIndex(0 if part == CHARTS else 1)
        self.expiry.setVisible(part == CHARTS)
        self._again()

    def _on_expiry(self, _place: int) -> None:
        self._again()

    def _again(self) -> None:
        self._drawn = ()
        self._ask()
        if self._frame is not None:
            self.show_frame(*self._frame)
