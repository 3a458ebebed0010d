"""Gamma: what it costs today, what hedging has banked, and whether either side has an edge."""

from collections.abc import Iterator

from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from terminal.core.units import SECOND
from terminal.model.frame import Frame
from terminal.model.gamma import GammaView, ScalpRow, Stance
from ui.charts.signature import SignatureChart
from ui.format import duration
from ui.panels.book_cells import desks_of
from ui.panels.gamma_mode import ModeBox
from ui.panels.gamma_words import COLUMNS, FIGURES, NO_SCALPS, figures, heading
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans, semibold
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.rent_bar import RentBar
from ui.widgets.table import Table
from ui.widgets.tip import set_tip

PER_ROW = 4
"""Figures side by side."""


class LedgerLine(Struct, frozen=True):
    """One line of the scalp ledger, and where it stands."""

    place: int
    row: ScalpRow
    now: int


class GammaPage(QWidget):
    """The rent meter, the edge, the signature plot and the scalp ledger of one coin.

    With every coin selected it is the one with the most gamma, and the ledger has all of them.
    """

    name = "Gamma"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[object, str, int] | None = None
        self.setAccessibleName(self.name)
        self.heading = plain_label("", "hi", semibold(), wrap=True)
        self.bar = RentBar()
        self.edge = plain_label("", "tx", wrap=True)
        self.note = plain_label("", "warn", wrap=True)
        self.figures = {name: plain_label("", "hi", semibold()) for name in FIGURES}
        self.chart = SignatureChart()
        self.mode = ModeBox()
        self.measured = plain_label("", "mut", sans(LABEL))
        self.table = Table(COLUMNS, row_id=_line_id, empty=NO_SCALPS)
        self.table.setAccessibleName("Scalp ledger")
        self.table.setMinimumHeight(140)
        self._lay_out()
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(4)
        for part in (self.heading, self.bar, self.edge, self.note):
            said.addWidget(part)
        said.addLayout(self._grid())
        said.addStretch(1)
        drawn = QVBoxLayout()
        drawn.addWidget(self.chart, 1)
        drawn.addWidget(self.measured)
        above = QHBoxLayout()
        above.setContentsMargins(12, 8, 12, 8)
        above.setSpacing(16)
        above.addLayout(said, 3)
        above.addLayout(drawn, 2)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self.mode)
        column.addWidget(self.table, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(inside)
        area.setAccessibleName("Gamma of one coin")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        for place, (name, figure) in enumerate(self.figures.items()):
            row, column = divmod(place, PER_ROW)
            title = plain_label(name, "mut", sans(LABEL))
            for part in (title, figure):
                set_tip(part, FIGURES[name])
            grid.addWidget(title, 2 * row, column)
            grid.addWidget(figure, 2 * row + 1, column)
        return grid

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: nothing here waits for someone."""
        return

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the view of the coin, unless neither it nor the second of the clock changed."""
        second = frame.now // SECOND
        drawn = self._drawn
        if drawn and drawn[0] is frame.gammas and drawn[1:] == (underlying, second):
            return
        self._drawn = (frame.gammas, underlying, second)
        name = underlying or most_gamma(frame)
        self._show(frame.gammas.get(name), name)
        self.table.show_rows(list(ledger_lines(frame, underlying)))

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours of what is drawn here; the book's tables get theirs from it."""
        self.bar.retheme(tokens)
        self.chart.retheme(tokens)
        self.mode.retheme(tokens)

    def _show(self, view: GammaView | None, name: str) -> None:
        rent = view.rent if view else None
        self.heading.setText(heading(view, name))
        if rent is None:
            self.bar.show_rent(None, None, 0.0)
        else:
            self.bar.show_rent(rent.banked_usd, rent.rent_usd, rent.elapsed)
        note = view.note if view and rent else ""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        edge = view.edge if view else None
        self.edge.setText(edge.says if edge else "")
        calm = edge is None or edge.stance is Stance.NONE
        set_property(self.edge, "tone", "tx" if calm else "acc")
        for title, text in figures(rent).items():
            figure = self.figures[title]
            figure.setText(text)
            figure.setAccessibleName(f"{title} {text}")
        points = view.signature if view else ()
        self.chart.show_signature(points, edge.implied if edge else None)
        span = f"Measured over {duration(view.span)}; bars are one standard error" if view else ""
        self.measured.setText(span)
        self.mode.show_mode(view.synthetic if view else None, name)


def most_gamma(frame: Frame) -> str:
    """Coin with the most dollar gamma, the first of equals; empty without desks."""
    desks = desks_of(frame, "")
    best = max(desks, key=lambda each: abs(each.exposure.total.gamma_1pct_usd), default=None)
    return best.underlying if best else ""


def ledger_lines(frame: Frame, underlying: str) -> Iterator[LedgerLine]:
    """Lines of the ledger: the sums of every coin shown, then its latest scalps."""
    names = (desk.underlying for desk in desks_of(frame, underlying))
    rows = [row for name in names if name in frame.gammas for row in frame.gammas[name].scalps]
    sums = [row for row in rows if row.summed]
    pairs = sorted((row for row in rows if not row.summed), key=lambda row: -row.closed)
    for place, row in enumerate((*sums, *pairs)):
        yield LedgerLine(place, row, frame.now)


def _line_id(line: LedgerLine) -> str:
    return f"{line.row.symbol} {line.row.name}"
