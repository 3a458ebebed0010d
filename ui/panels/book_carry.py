"""Carry: what perpetuals pay and receive, where it is best held, what was paid, what comes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from terminal.core.units import SECOND
from terminal.model.carry import CarryView, FundingDay, Realised
from terminal.model.frame import Frame
from ui.panels.book_cells import coin_of, coins_by_symbol, sign_role
from ui.panels.carry_tables import (
    ClockLine,
    HeldLine,
    PaidLine,
    clock_table,
    held_table,
    matrix_table,
    paid_table,
)
from ui.panels.carry_words import headline
from ui.theme.apply import set_property
from ui.theme.tokens import current_tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Table

HELD, MATRIX, PAID, CLOCK = "Positions", "By venue", "Realised", "Clock"


class CarryPage(QWidget):
    """Four tables of which one is shown, under the next payment in words."""

    name = "Carry"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[CarryView, str, int, str] | None = None
        self._frame: tuple[Frame, str] | None = None
        self.tables = {
            HELD: held_table(),
            MATRIX: matrix_table(()),
            PAID: paid_table(),
            CLOCK: clock_table(),
        }
        self._columns: tuple[str, ...] = ()
        self.setAccessibleName(self.name)
        self.choice = Segmented(tuple(self.tables))
        self.choice.setAccessibleName("Part of carry")
        self.choice.chosen.connect(self._choose)
        self.headline = plain_label("", "tx", wrap=True)
        self.note = plain_label("", "mut", wrap=True)
        self.note.setContentsMargins(8, 2, 8, 4)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(12)
        head.addWidget(self.choice)
        head.addWidget(self.headline, 1)
        self.stack = QStackedWidget()
        for name, table in self.tables.items():
            table.setAccessibleName(f"Carry: {name.lower()}")
            self.stack.addWidget(table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.note)
        self.setFocusProxy(self.choice)

    def count(self, _frame: Frame, _underlying: str) -> int | None:
        """No number: nothing here waits for someone."""
        return None

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the carry, unless neither it nor the second of the clock changed."""
        self._frame = frame, underlying
        view, part = frame.carry, self.choice.current()
        second = frame.now // SECOND
        drawn = self._drawn
        if drawn and drawn[0] is view and drawn[1:] == (underlying, second, part):
            return
        self._drawn = view, underlying, second, part
        held = [row for row in view.rows if underlying in ("", row.underlying)]
        text, money = headline(held, frame.now)
        self.headline.setText(text)
        set_property(self.headline, "tone", sign_role(money))
        self._fit(view.columns)
        table, note = self.tables[part], ""
        if part == HELD:
            table.show_rows([HeldLine(row, frame.now) for row in held])
        elif part == MATRIX:
            table.show_rows([each for each in view.coins if underlying in ("", each.underlying)])
            if len(view.columns) == 1:
                note = f"Only {view.columns[0]} is listed: there is no other venue to compare."
        elif part == PAID:
            table.show_rows(list(paid_lines(view.realised, frame, underlying)))
            note = _tie(view.realised)
        else:
            stamps = (each for each in view.stamps if underlying in ("", each.underlying))
            table.show_rows([ClockLine(each, frame.now) for each in stamps])
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _choose(self, part: str) -> None:
        self.stack.setCurrentWidget(self.tables[part])
        if self._frame is not None:
            self.show_frame(*self._frame)

    def _fit(self, columns: tuple[str, ...]) -> None:
        """Give the matrix the columns of the venues that are listed now."""
        if columns == self._columns:
            return
        self._columns = columns
        old, new = self.tables[MATRIX], matrix_table(columns)
        new.setAccessibleName(f"Carry: {MATRIX.lower()}")
        new.retheme(current_tokens())
        self.tables[MATRIX] = new
        self.stack.addWidget(new)
        if self.stack.currentWidget() is old:
            self.stack.setCurrentWidget(new)
        self.stack.removeWidget(old)
        old.deleteLater()

    def table(self) -> Table:
        """Return the table that is shown."""
        return self.tables[self.choice.current()]


def paid_lines(realised: Realised, frame: Frame, underlying: str) -> Iterator[PaidLine]:
    """Lines of the funding ledger, latest first, then the sum of each currency.

    Of one coin only what is kept by the day is shown, for what is older is known by currency only.
    """
    known = coins_by_symbol(frame)
    days = [
        each
        for each in realised.days
        if underlying in ("", coin_of(each.key.partition("@")[0], known, frame))
    ]
    for each in days:
        name = f"{each.day} {each.key} {each.currency}"
        yield PaidLine(name, each, each.currency, each.amount, each.usd)
    earlier = () if underlying else realised.earlier
    for currency, amount in earlier:
        yield PaidLine(f"Earlier {currency}", None, currency, amount, None)
    sums = dict(earlier)
    for each in days:
        sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.amount
    for currency, amount in sums.items():
        worth = _worth(each for each in days if each.currency == currency)
        whole = worth if currency not in dict(earlier) else None
        yield PaidLine(f"Total {currency}", None, currency, amount, whole)


def _worth(days: Iterable[FundingDay]) -> float | None:
    """Sum in USD; None when a payment had no price."""
    total = 0.0
    for each in days:
        if each.usd is None:
            return None
        total += each.usd
    return total


def _tie(realised: Realised) -> str:
    if not realised.booked:
        return ""
    if realised.ties:
        return "Sums to the funding of the account's ledger, to the last digit."
    return "Does not sum to the funding of the account's ledger: payments older than these days."
