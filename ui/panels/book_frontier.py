"""The lab's frontier: what every policy costs at equal risk, in a chart and a table."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from terminal.model.frame import Frame
from terminal.model.frontier import ERROR, NET, Frontier
from ui.charts.frontier import FrontierChart
from ui.format import date
from ui.panels.frontier_table import cells_table
from ui.theme.apply import set_property
from ui.theme.tokens import Tokens
from ui.widgets.chart_box import ChartBox
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Table
from ui.widgets.tip import set_tip

MEASURES = {NET: "Net P&L", ERROR: "Hedging error"}
RISKS = {
    NET: "net P&L varies as much (same standard deviation of a window)",
    ERROR: "hedging error varies as much (same standard deviation of a window)",
}
EMPTY = (
    "No frontier is open. Run… hedges every week of five-minute bars of a perpetual with every"
    " policy, which takes ten seconds to a minute; Open… shows one that was made before, also by"
    " python -m terminal lab frontier BARS --out FOLDER."
)
KEY = "Dotted: to centre, dashed: half-way, solid: to edge; shaded: 95 % of the resamples"


def equal_risk(measure: str, reference: str) -> str:
    """Say what is compared, in plain words."""
    return (
        f"At equal risk: each policy is set so that its {RISKS[measure]} as with the reference,"
        f" {reference}; then their costs are compared. Under 1 is cheaper. Where a band holds 1,"
        " the difference may be chance."
    )


class FrontierPage(QWidget):
    """Cost of every policy over the reference's, at equal risks.

    Emits ``open_asked``, ``run_asked`` with a coin (empty: that of the bars) and ``cancel_asked``.
    """

    name = "Frontier"
    open_asked = Signal()
    run_asked = Signal(str)
    cancel_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.name)
        self._found: Frontier | None = None
        self._coins: tuple[str, ...] = ()
        self.measure = Segmented(MEASURES)
        self.coin = QComboBox()
        self.open, self.run, self.cancel = (
            _button(text, name)
            for text, name in (
                ("Open…", "Open a frontier that was made before"),
                ("Run…", "Make a frontier of bars"),
                ("Cancel", "Cancel the run"),
            )
        )
        self.bar = QProgressBar()
        self.said = plain_label("", "mut", wrap=True)
        self.words = plain_label("", "mut", wrap=True)
        self.empty = plain_label(EMPTY, "mut", wrap=True)
        self.chart = FrontierChart()
        self.box = ChartBox("Cost at equal risk", self.chart, KEY)
        self.table: Table = cells_table()
        self.stack = QStackedWidget()
        self._name_all()
        self._lay_out()
        self._connect()
        self.show_run(None)
        self.show_coins(())

    def _name_all(self) -> None:
        self.measure.setAccessibleName("Risk that is equal")
        self.coin.setAccessibleName("Coin of the bars that are run")
        self.bar.setAccessibleName("Part of the run that is done")
        self.table.setAccessibleName("Every policy at every risk")
        set_tip(self.open, "Open a frontier.json that the lab has written")
        set_tip(
            self.run,
            "Choose five-minute bars of a perpetual, named like"
            " binance_usdm_BTCUSDT_5m_2025.parquet; the lab runs beside the desk",
        )
        set_tip(self.coin, "Of bars of several coins, the one to run")
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(88, 8)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        for part in (self.measure, self.open, self.run, self.coin, self.cancel, self.bar):
            head.addWidget(part)
        head.addWidget(self.said, 1)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.box, 1)
        row.addWidget(self.table, 1)
        self.empty.setContentsMargins(24, 12, 24, 12)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setContentsMargins(8, 2, 8, 4)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(both)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.words)
        self.setFocusProxy(self.measure)

    def _connect(self) -> None:
        self.open.clicked.connect(self.open_asked)
        self.run.clicked.connect(lambda: self.run_asked.emit(self.coin.currentData() or ""))
        self.cancel.clicked.connect(self.cancel_asked)
        self.measure.chosen.connect(self._draw)
        self.table.selected.connect(lambda name: self.chart.choose(name.partition("\n")[2]))

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: nothing here waits for someone."""
        return

    def show_frame(self, frame: Frame, _underlying: str) -> None:
        """Offer the coins of the desk; the frontier is of bars, not of the market now."""
        self.show_coins(tuple(desk.underlying for desk in frame.desks))

    def show_coins(self, coins: Sequence[str]) -> None:
        """Offer these coins, keeping the one that is chosen."""
        if tuple(coins) == self._coins and self.coin.count():
            return
        self._coins, kept = tuple(coins), self.coin.currentData()
        self.coin.clear()
        self.coin.addItem("the bars' coin", "")
        for each in coins:
            self.coin.addItem(each, each)
        self.coin.setCurrentIndex(max(self.coin.findData(kept), 0))

    def show_frontier(self, found: Frontier, where: str) -> None:
        """Show a frontier that was read from a place."""
        self._found = found
        first, last = (date(each) for each in found.opened)
        gaps = f", {found.left_out:,} days left out for gaps" if found.left_out else ""
        self._say(f"{found.name}, {found.windows:,} windows of {first} to {last}{gaps}", "mut")
        set_tip(self.said, where)
        self._draw()

    def show_fault(self, words: str) -> None:
        """Say what went wrong; what was shown before stays."""
        self._say(words, "warn")

    def show_run(self, part: float | None, words: str = "") -> None:
        """Show how far a run is (0 to 1), or that none is on."""
        on = part is not None
        self.bar.setVisible(on)
        self.cancel.setVisible(on)
        self.run.setEnabled(not on)
        self.coin.setEnabled(not on)
        if part is not None:
            self.bar.setValue(round(100.0 * part))
        if words:
            self._say(words, "mut")

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours of the chart; the book's tables get theirs from it."""
        self.chart.retheme(tokens)

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        set_tip(self.said, words)
        set_property(self.said, "tone", tone)

    def _draw(self) -> None:
        found, measure = self._found, self.measure.current()
        if found is None:
            return
        cells, reference = found.of(measure), found.reference()
        self.box.title.setText(f"{found.name}: cost over {reference} at equal risk")
        self.table.show_rows(cells)
        if any(cell.reached for cell in cells):
            self.box.show_chart()
            self.chart.show_cells(cells, reference)
        else:
            self.box.show_reason("No policy reaches a risk in this file: run the lab on more bars.")
        self.words.setText(equal_risk(measure, reference))
        self.stack.setCurrentIndex(1)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(name)
    return button
