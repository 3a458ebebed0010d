"""Where the result came from: buckets, their total, and the figures of the day."""

from msgspec import Struct
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from terminal.model.attribution import AttributionView, Bucket
from terminal.model.frame import Frame, Pnl
from ui.format import UNKNOWN, percent, usd
from ui.panels.book_cells import sign_role
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans, semibold
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table


class BucketLine(Struct, frozen=True):
    """One bucket, or the total."""

    name: str
    usd: float | None
    share: float | None  # of everything that moved, 0 to 1
    total: bool


class PnlPage(QWidget):
    """Result of the run by bucket; it is of the whole account whatever coin is selected."""

    name = "P&L"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Pnl | None = None
        self._split: AttributionView | None = None
        self.setAccessibleName(self.name)
        self.table = Table(
            _COLUMNS,
            row_id=lambda line: line.name,
            is_total=lambda line: line.total,
            empty="No result yet: it starts once everything held has a price.",
        )
        self.table.setAccessibleName("P&L by bucket")
        self.figures = {
            name: plain_label(UNKNOWN, "hi", semibold())
            for name in ("Day P&L", "Hedge cost today", "Equity")
        }
        head = QGridLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.setHorizontalSpacing(24)
        for place, (name, figure) in enumerate(self.figures.items()):
            head.addWidget(plain_label(name, "mut", sans(LABEL)), 0, place)
            head.addWidget(figure, 1, place)
        note = plain_label("All coins, since the start of the run", "mut", sans(LABEL))
        head.addWidget(note, 0, len(self.figures), 2, 1)
        head.setColumnStretch(len(self.figures), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def count(self, _frame: Frame, _underlying: str) -> None:
        """No number: the result is no list."""
        return

    def show_frame(self, frame: Frame, _underlying: str) -> None:
        """Show the result if it changed."""
        if self._split is not frame.attribution:
            self._split = frame.attribution
            self.table.show_rows(bucket_lines(frame.attribution))
        if self._drawn is frame.pnl:
            return
        pnl = self._drawn = frame.pnl
        day, cost, equity = self.figures.values()
        _show(day, usd(pnl.day, 2, signed=True), sign_role(pnl.day))
        _show(cost, usd(pnl.hedge_cost_day), "hi")
        _show(equity, usd(pnl.equity), "hi")
        for name, figure in self.figures.items():
            figure.setAccessibleName(f"{name} {figure.text()}")


def bucket_lines(view: AttributionView) -> list[BucketLine]:
    """Rows of the result, the total last; nothing while nothing is known."""
    if not view.cells and view.total is None:
        return []
    totals = dict.fromkeys(Bucket, 0.0)
    for cell in view.cells:
        for bucket, amount in cell.usd.items():
            totals[bucket] += amount
    moved = sum(abs(amount) for amount in totals.values())
    lines = [
        BucketLine(bucket.value, amount, abs(amount) / moved if moved else None, total=False)
        for bucket, amount in totals.items()
        if amount
    ]
    return [*lines, BucketLine("Total", view.total, None, total=True)]


def _show(label: QLabel, text: str, tone: str) -> None:
    if label.text() != text:
        label.setText(text)
    set_property(label, "tone", tone)


def _name(line: BucketLine) -> str:
    return line.name.replace("_", " ").capitalize()


_COLUMNS = (
    Column(title="Bucket", get=_name, show=_name, align="left", width=200),
    Column(
        title="USD",
        get=lambda line: line.usd,
        show=lambda line: usd(line.usd, 2, signed=True),
        width=144,
        role=lambda line: sign_role(line.usd),
    ),
    Column(
        title="Share",
        get=lambda line: line.share,
        show=lambda line: "" if line.total else percent(line.share, 0),
        width=88,
        tooltip="Share of all that moved, gains and losses counted alike",
    ),
    Column(title="", get=lambda _line: None, show=lambda _line: "", sort=False, width=32),
)
