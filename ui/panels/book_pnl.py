"""Where the result came from: causes or days, with their total, and what is not explained."""

from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from terminal.core.units import DAY
from terminal.model.attribution import AttributionView
from terminal.model.frame import Frame, Pnl
from ui.charts.attribution_bars import AttributionBars
from ui.format import UNKNOWN, percent, usd
from ui.panels.attribution_words import (
    ALL,
    EPISODE_HELP,
    SPANS,
    BucketLine,
    Choice,
    bucket_lines,
    chosen,
    day_lines,
    options_of,
    residual_text,
)
from ui.panels.book_cells import sign_role
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans, semibold
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Column, Table
from ui.widgets.tip import set_tip

FILTERS = ("Coin shown", "Expiry shown", "Venue shown", "Episode shown")


class PnlPage(QWidget):
    """Result of the run by cause; it has filters of its own, whatever coin the book shows."""

    name = "P&L"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Pnl | None = None
        self._view: AttributionView | None = None
        self.setAccessibleName(self.name)
        self.table = Table(
            _COLUMNS,
            row_id=lambda line: line.key,
            is_total=lambda line: line.total,
            empty="No result yet: it starts once everything held has a price.",
        )
        self.table.setAccessibleName("P&L by bucket")
        self.figures = {
            name: plain_label(UNKNOWN, "hi", semibold())
            for name in ("Day P&L", "Hedge cost today", "Equity")
        }
        self.span = Segmented(SPANS)
        self.span.setAccessibleName("Time that is shown")
        self.filters = tuple(_filter(name) for name in FILTERS)
        self.filters[3].setToolTip(EPISODE_HELP)
        self.residual = plain_label("", "mut", sans(LABEL), wrap=True)
        self.bars = AttributionBars()
        self._lay_out()
        self.span.chosen.connect(self._draw)
        for each in self.filters:
            each.activated.connect(self._draw)
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        head = QGridLayout()
        head.setContentsMargins(12, 4, 12, 4)
        head.setHorizontalSpacing(24)
        for place, (name, figure) in enumerate(self.figures.items()):
            head.addWidget(plain_label(name, "mut", sans(LABEL)), 0, place)
            head.addWidget(figure, 1, place)
        head.addWidget(self.residual, 0, len(self.figures), 2, 1)
        head.setColumnStretch(len(self.figures), 1)
        choices = QHBoxLayout()
        choices.setContentsMargins(12, 0, 12, 4)
        choices.setSpacing(8)
        for part in (self.span, *self.filters):
            choices.addWidget(part)
        choices.addStretch(1)
        shown = QHBoxLayout()
        shown.setSpacing(0)
        shown.addWidget(self.table, 3)
        shown.addWidget(self.bars, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(choices)
        column.addLayout(shown, 1)

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: the result is no list."""
        return

    def show_frame(self, frame: Frame, _underlying: str) -> None:
        """Show the result if it changed."""
        if self._view is not frame.attribution:
            self._view = frame.attribution
            self._offer(frame.attribution)
            self._draw()
        if self._drawn is frame.pnl:
            return
        pnl = self._drawn = frame.pnl
        day, cost, equity = self.figures.values()
        _show(day, usd(pnl.day, 2, signed=True), sign_role(pnl.day))
        _show(cost, usd(pnl.hedge_cost_day), "hi")
        _show(equity, usd(pnl.equity), "hi")
        for name, figure in self.figures.items():
            figure.setAccessibleName(f"{name} {figure.text()}")

    def retheme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self.bars.retheme(tokens)

    def choice(self) -> Choice:
        """What the filters leave in."""
        return Choice(*(each.currentData() or ALL for each in self.filters))

    def _offer(self, view: AttributionView) -> None:
        """Fill the filters anew where there is more to choose from; keep what was chosen."""
        for box, options in zip(self.filters, options_of(view), strict=True):
            if [box.itemData(place) for place in range(box.count())] == [*options]:
                continue
            kept = box.currentData()
            box.clear()
            for value, label in options.items():
                box.addItem(label, value)
            box.setCurrentIndex(max(box.findData(kept), 0))

    def _draw(self) -> None:
        view = self._view
        if view is None:
            return
        span, today = self.span.current(), view.at // DAY
        cells = chosen(view.cells, self.choice())
        if span == "today":
            cells = [cell for cell in cells if cell.day == today]
        known = view.total is not None
        lines = (day_lines if span == "days" else bucket_lines)(cells, known=known)
        self.table.show_rows(lines)
        self.bars.show_bars([(each.name, each.usd or 0.0) for each in lines if not each.total])
        strays = [each for each in view.worst if span != "today" or each.at // DAY == today]
        text, high = residual_text(cells, strays if self.choice() == Choice() else ())
        if view.missing:
            text = f"Total unknown: {view.missing}. {text}"
        _show(self.residual, text, "warn" if high or view.missing else "mut")


def _filter(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    set_tip(box, name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    return box


def _show(label: QLabel, text: str, tone: str) -> None:
    if label.text() != text:
        label.setText(text)
    set_property(label, "tone", tone)


def _meaning(line: BucketLine) -> str:
    return line.meaning


_COLUMNS = (
    Column(
        title="Cause or day",
        get=lambda line: line.name,
        show=lambda line: line.name,
        align="left",
        width=112,
    ),
    Column(
        title="USD",
        get=lambda line: line.usd,
        show=lambda line: usd(line.usd, 2, signed=True),
        width=116,
        role=lambda line: sign_role(line.usd),
    ),
    Column(
        title="Share",
        get=lambda line: line.share,
        show=lambda line: "" if line.total else percent(line.share, 0),
        width=64,
        tooltip="Share of all that moved, gains and losses counted alike",
    ),
    Column(title="What it is", get=_meaning, show=_meaning, align="left", sort=False, width=420),
)
