"""What if: positions that are not there, their Greeks, hedges and a map of what price could do."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from terminal.model.frame import Frame
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Ticket
from terminal.model.messages import SendTickets
from terminal.model.order import Side
from terminal.model.what_if import SupposedLeg, WhatIf, WhatIfView
from ui.charts.heat_map import HeatMap
from ui.format import coin, number, usd
from ui.panels.book_cells import desks_of
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Column, Table

MEASURES = {"pnl_usd": "P&L $", "delta": "Δ coin", "gamma": "Γ $/1 %"}
DAYS = {"0": "now", "1": "1 d", "2": "3 d", "3": "7 d", "4": "14 d"}
SENDING = (
    "The supposed positions and the selected hedge, each as a proposal of its own that waits for"
    " approval. Options rest first and take only up to a limit; a refusal is in the log."
)
EMPTY = "Choose an instrument, type a size in contracts (−2 is short) and add it."


class Line(Struct, frozen=True):
    """A number before and after, in words."""

    name: str
    before: str
    after: str
    key: str = ""  # instrument of a hedge; empty on any other line


class WhatIfPage(QWidget):
    """Supposed positions of one coin.

    Emits ``asked`` with a question whenever it changes, with one about nothing when hidden, and
    with the tickets that are sent.
    """

    asked = Signal(object)
    name = "What if"

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setAccessibleName(self.name)
        self._underlying = ""
        self._question: WhatIf | None = None
        self._legs: tuple[SupposedLeg, ...] = ()
        self._view: WhatIfView | None = None
        self._listed: tuple[str, ...] = ()
        self.instrument, self.qty = QComboBox(), QLineEdit()
        self.add, self.remove = QPushButton("Add"), QPushButton("Remove")
        self.send = QPushButton("Send as tickets")
        self.measure, self.day = Segmented(MEASURES), Segmented(DAYS)
        self.legs = Table(_LEGS, row_id=lambda leg: str(leg.key), empty=EMPTY)
        self.numbers = Table(
            _NUMBERS, row_id=lambda line: str(line.key or line.name), empty="No answer yet."
        )
        self.map = HeatMap(tokens, self)
        self.told = plain_label("", "mut")
        self._name_all()
        self._lay_out()
        self.add.clicked.connect(self._on_add)
        self.qty.returnPressed.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.send.clicked.connect(self._on_send)
        self.numbers.selected.connect(self._offer_to_send)
        self.measure.chosen.connect(self._draw)
        self.day.chosen.connect(self._draw)
        self.map.hovered.connect(self._on_hover)

    def _name_all(self) -> None:
        self.instrument.setAccessibleName("Instrument to suppose")
        self.instrument.setEditable(True)
        self.instrument.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        found = QCompleter(self.instrument.model(), self)
        found.setFilterMode(Qt.MatchFlag.MatchContains)
        found.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.instrument.setCompleter(found)
        self.instrument.setMinimumWidth(220)
        self.qty.setAccessibleName("Size in contracts, negative for short")
        self.qty.setPlaceholderText("contracts")
        self.qty.setFixedWidth(92)
        self.add.setAccessibleName("Suppose this position")
        self.remove.setAccessibleName("Remove supposed positions")
        self.remove.setToolTip("Remove the selected leg, or all of them when none is selected")
        self.send.setAccessibleName("Send as tickets")
        self.send.setToolTip(SENDING)
        self.send.setEnabled(False)
        self.measure.setAccessibleName("What the map shows")
        self.day.setAccessibleName("Days ahead")
        self.legs.setAccessibleName("Supposed positions")
        self.numbers.setAccessibleName("Greeks before and after, and hedges")

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(8)
        for part in (self.instrument, self.qty, self.add, self.remove):
            bar.addWidget(part)
        bar.addStretch(1)
        bar.addWidget(self.send)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.legs, 3)
        row.addWidget(self.map, 5)
        row.addWidget(self.numbers, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(row, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 2)
        foot.setSpacing(8)
        foot.addWidget(self.measure)
        foot.addWidget(self.day)
        foot.addWidget(self.told, 1)
        column.addLayout(foot)

    def count(self, _frame: Frame, _underlying: str) -> int | None:
        """Number of supposed positions, while there are any."""
        return len(self._legs) or None

    # -- Question -----------------------------------------------------------------------------

    def _ask(self) -> None:
        question = WhatIf(self._underlying if self.isVisible() else "", self._legs)
        if question != self._question:
            self._question = question
            self.asked.emit(question)

    def _on_add(self) -> None:
        key = self.instrument.currentText().strip()
        try:
            qty = Decimal(self.qty.text().strip().replace("−", "-").replace(",", ""))
        except InvalidOperation:
            qty = Decimal(0)
        if not qty.is_finite() or qty == 0:
            self._tell(f"Size {self.qty.text()!r} is no number of contracts: 5, or -2 for short")
            return
        if key not in self._listed:
            self._tell(f"{key or 'Nothing'} is not in the list: choose an instrument of it")
            return
        others = tuple(leg for leg in self._legs if leg.key != key)
        self._suppose((*others, SupposedLeg(key, qty)))
        self.qty.clear()

    def _on_remove(self) -> None:
        chosen = self.legs.selected_id()
        left = (leg for leg in self._legs if leg.key != chosen)
        self._suppose(tuple(left) if chosen else ())

    def _suppose(self, legs: tuple[SupposedLeg, ...]) -> None:
        self._legs = legs
        self.legs.show_rows(legs)
        self._offer_to_send()
        self._ask()

    def tickets(self) -> tuple[Ticket, ...]:
        """What would be sent: the supposed positions, then the selected hedge."""
        chosen, view = self.numbers.selected_id(), self._view
        legs = [Ticket(leg.key, leg.qty) for leg in self._legs]
        if view is not None and view.question == self._question:
            legs += [
                Ticket(each.key, each.qty if each.side is Side.BUY else -each.qty)
                for each in view.candidates
                if each.key == chosen
            ]
        return tuple(legs)

    def _offer_to_send(self, _row: object = None) -> None:
        self.send.setEnabled(bool(self.tickets()))

    def _on_send(self) -> None:
        tickets = self.tickets()
        if not tickets:
            return
        self.asked.emit(SendTickets(self._underlying, tickets))
        self._suppose(())
        self._tell(f"{len(tickets)} sent: see the proposals, or the log where they are refused")

    def showEvent(self, event: QShowEvent) -> None:
        """Ask while somebody looks."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more: a map costs the machine some work."""
        super().hideEvent(event)
        self._ask()

    # -- Answer -------------------------------------------------------------------------------

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the newest answer; another coin begins with nothing supposed."""
        desk = next(iter(desks_of(frame, underlying)), None)
        if desk is not None and desk.underlying != self._underlying:
            self._underlying = desk.underlying
            self._suppose(())
        self._ask()
        view = frame.what_if
        if view is not None and view is not self._view and view.question == self._question:
            self._view = view
            self._list(view.listed)
            self.numbers.show_rows(list(lines_of(view)))
            self._draw()

    def _list(self, listed: tuple[str, ...]) -> None:
        if listed != self._listed:
            self._listed, typed = listed, self.instrument.currentText()
            self.instrument.clear()
            self.instrument.addItems(list(listed))
            self.instrument.setCurrentText(typed if typed in listed else "")

    def _draw(self, _: str = "") -> None:
        view = self._view
        values = self._values(view) if view is not None else None
        if view is None or values is None:
            self.map.clear_values()
        else:
            self.map.show_values(values, 100.0 * np.array(view.vols), 100.0 * np.array(view.spots))
        self._on_hover(None)

    def _values(self, view: WhatIfView) -> NDArray[np.float64] | None:
        cube = getattr(view, self.measure.current())
        if cube is None:
            return None
        values: NDArray[np.float64] = cube[int(self.day.current())]
        if self.measure.current() == "gamma" and view.spot is not None:
            return values * 0.01 * (view.spot * (1.0 + np.array(view.spots))) ** 2
        return values

    def _on_hover(self, cell: tuple[int, int] | None) -> None:
        view = self._view
        if view is None:
            self._tell("")
        elif view.fault:
            self._tell(view.fault)
        elif cell is None:
            self._tell(_summary(view))
        else:
            values = self._values(view)
            row, place = cell
            if values is not None:
                price, vol = 100.0 * view.spots[place], 100.0 * view.vols[row]
                told = number(float(values[row, place]), 2, signed=True)
                words = MEASURES[self.measure.current()]
                self._tell(f"price {price:+.0f} %, vol {vol:+.0f} %: {words} {told}")

    def _tell(self, words: str) -> None:
        self.told.setText(words)

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self.map.retheme(tokens)


def _summary(view: WhatIfView) -> str:
    left = f" · left out, a number is unknown: {', '.join(view.missing)}" if view.missing else ""
    return f"priced anew in {view.took_ms:.0f} ms, beside the market{left}"


def lines_of(view: WhatIfView) -> Iterator[Line]:
    """Greeks before and after, what entering costs, and the hedges, cheapest first."""
    before, after, name = view.before, view.after, view.question.underlying
    if before is None or after is None:
        return
    yield Line("Net Δ", coin(before.delta, name), coin(after.delta, name))
    yield from _usd_lines(before, after)
    if view.question.legs:
        yield Line("Cost to enter", "", "unknown" if view.cost_usd is None else usd(view.cost_usd))
    for each in view.candidates:
        paid = "cost unknown" if each.cost_usd is None else f"costs {usd(each.cost_usd)}"
        size = f"{each.side.upper()} {number(each.coins, 4)}"
        yield Line(f"Hedge in {each.symbol}", size, paid, each.key)


def _usd_lines(before: Sensitivity, after: Sensitivity) -> Iterator[Line]:
    for name, field in (
        ("Γ $/1 %", "gamma_1pct_usd"),
        ("Vega $/pt", "vega_usd"),
        ("Θ $/day", "theta_usd_day"),
        ("Value $", "value_usd"),
    ):
        was, is_now = (usd(getattr(each, field), 0, signed=True) for each in (before, after))
        yield Line(name, was, is_now)


_LEGS = (
    Column(
        title="Supposed",
        get=lambda leg: leg.key,
        show=lambda leg: str(leg.key),
        align="left",
        width=150,
    ),
    Column(title="Contracts", get=lambda leg: leg.qty, show=lambda leg: f"{leg.qty:+}", width=78),
)

_NUMBERS = (
    Column(
        title="",
        get=lambda line: line.name,
        show=lambda line: str(line.name),
        align="left",
        sort=False,
        width=142,
    ),
    Column(
        title="Now",
        get=lambda line: line.before,
        show=lambda line: str(line.before),
        sort=False,
        width=96,
    ),
    Column(
        title="With",
        get=lambda line: line.after,
        show=lambda line: str(line.after),
        sort=False,
        width=96,
    ),
)
