"""Working orders and those that just ended, with how the hedges behind them stand."""

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.order import OrderStatus
from terminal.model.order_row import OrderRow
from ui.format import UNKNOWN, age, number, percent
from ui.panels.book_cells import coin_of, coins_by_symbol, exact, side_role, side_text
from ui.panels.hedge_hand import HedgeHand, controller, next_step
from ui.widgets.table import Column, Table


class _Drawn(Struct, frozen=True):
    """What is on the screen."""

    orders: tuple[OrderRow, ...]
    underlying: str


class OrdersPage(QWidget):
    """Orders, working ones first, and what a hand can do about the hedge of the selected one."""

    name = "Orders"
    asked = Signal(object)  # a command

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, OrderRow] = {}
        self._drawn: _Drawn | None = None
        self.setAccessibleName(self.name)
        self.table = Table(
            COLUMNS,
            row_id=_row_id,
            is_shaded=lambda row: row.hedge is not None and row.hedge.by_hand,
            empty="No orders are working.",
        )
        self.table.setAccessibleName(self.name)
        self.table.selected.connect(self._follow_selection)
        self.hand = HedgeHand(self.table)
        self.hand.asked.connect(self.asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.hand)
        self.setFocusProxy(self.table)
        self._follow_selection()

    def count(self, frame: Frame, underlying: str) -> int:
        """Number of orders that are still working."""
        return sum(row.working for row in orders_of(frame, underlying))

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the orders if they changed."""
        drawn = self._drawn
        if drawn and drawn.orders is frame.orders and drawn.underlying == underlying:
            return
        self._drawn = _Drawn(frame.orders, underlying)
        rows = sorted(orders_of(frame, underlying), key=lambda row: not row.working)
        self._rows = {_row_id(row): row for row in rows}
        self.table.show_rows(rows)
        self._follow_selection()

    def _follow_selection(self) -> None:
        self.hand.show_row(self._rows.get(self.table.selected_id() or ""))


def _row_id(row: OrderRow) -> str:
    """A working hedge keeps its row, and the selection, while its orders follow one another."""
    return row.hedge.hedge_id if row.hedge else row.order_id


def orders_of(frame: Frame, underlying: str) -> tuple[OrderRow, ...]:
    """Orders of one coin, or all of them if ``underlying`` is empty."""
    if not underlying:
        return frame.orders
    known = coins_by_symbol(frame)
    return tuple(row for row in frame.orders if coin_of(row.symbol, known, frame) == underlying)


def _role(row: OrderRow) -> str:
    if row.status == OrderStatus.UNKNOWN.value:
        return "warn"
    return "tx" if row.working else "mut"


def _status(row: OrderRow) -> str:
    return row.status.replace("_", " ")


COLUMNS = (
    Column(
        title="Instrument",
        get=lambda row: row.symbol,
        show=lambda row: row.symbol,
        align="left",
        width=216,
        role=_role,
    ),
    Column(
        title="Side",
        get=lambda row: row.side.value,
        show=lambda row: side_text(row.side),
        align="left",
        width=76,
        role=lambda row: side_role(row.side) if row.working else "mut",
    ),
    Column(
        title="Size",
        get=lambda row: row.qty,
        show=lambda row: exact(row.qty),
        width=96,
        tooltip="Contracts",
        role=_role,
    ),
    Column(
        title="Filled",
        get=lambda row: row.filled,
        show=lambda row: exact(row.filled),
        width=96,
        tooltip="Contracts filled so far",
        role=_role,
    ),
    Column(
        title="Limit",
        get=lambda row: row.limit,
        show=lambda row: UNKNOWN if row.limit is None else exact(row.limit),
        width=104,
        tooltip="Worst price, in the currency that the instrument is quoted in",
        role=_role,
    ),
    Column(
        title="Ticks away",
        get=lambda row: row.hedge.ticks_away if row.hedge else None,
        show=lambda row: number(row.hedge.ticks_away, 0) if row.hedge else "",
        width=96,
        tooltip="Ticks from the own touch; negative inside the spread or beyond it",
        role=_role,
    ),
    Column(
        title="Hedge done",
        get=lambda row: row.hedge.share if row.hedge else None,
        show=lambda row: percent(row.hedge.share, 0) if row.hedge else "",
        width=96,
        tooltip="Filled part of the whole hedge that the order works for",
        role=_role,
    ),
    Column(
        title="Control",
        get=controller,
        show=controller,
        align="left",
        width=80,
        tooltip="Who decides its next step: the rule, you (shaded), or the stop",
        role=lambda row: "acc" if row.hedge and row.hedge.by_hand else _role(row),
    ),
    Column(
        title="Next",
        get=next_step,
        show=next_step,
        align="left",
        width=232,
        tooltip="What comes next, and in how long",
        role=lambda row: "warn" if row.hedge and row.hedge.asks else _role(row),
    ),
    Column(title="Status", get=_status, show=_status, align="left", width=120, role=_role),
    Column(
        title="Age",
        get=lambda row: row.age,
        show=lambda row: age(row.age),
        width=72,
        tooltip="Since it was sent; of an ended order, how long it lived",
        role=_role,
    ),
    Column(
        title="Rule",
        get=lambda row: row.rule,
        show=lambda row: row.rule,
        align="left",
        width=160,
        tooltip="What asked for the hedge",
        role=_role,
    ),
    Column(
        title="Reason",
        get=lambda row: row.reason,
        show=lambda row: row.reason,
        align="left",
        width=320,
        tooltip="What the venue said about it",
        role=_role,
    ),
)
