"""Working orders and those that just ended, and the button that cancels one."""

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from terminal.model.frame import Frame, OrderRow
from terminal.model.order import OrderStatus
from ui.format import age
from ui.panels.book_cells import coin_of, coins_by_symbol, exact, side_role, side_text
from ui.theme.fonts import LABEL, sans
from ui.widgets.label import plain_label
from ui.widgets.table import Column, Table


class _Drawn(Struct, frozen=True):
    """What is on the screen."""

    orders: tuple[OrderRow, ...]
    underlying: str


class OrdersPage(QWidget):
    """Orders, working ones first."""

    name = "Orders"
    cancelled = Signal(str)  # id of the order to cancel

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, OrderRow] = {}
        self._drawn: _Drawn | None = None
        self.setAccessibleName(self.name)
        self.table = Table(
            _COLUMNS, row_id=lambda row: row.order_id, empty="No orders are working."
        )
        self.table.setAccessibleName(self.name)
        self.table.selected.connect(self._follow_selection)
        self.cancel = QPushButton("Cancel order")
        self.cancel.setAccessibleName("Cancel the selected order")
        self.cancel.setToolTip("Cancel the selected order (Del)")
        self.cancel.clicked.connect(self._cancel)
        key = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self._cancel)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 4)
        hint = plain_label("Select an order; Del cancels it.", "mut", sans(LABEL))
        foot.addWidget(hint, 1)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
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
        self._rows = {row.order_id: row for row in rows}
        self.table.show_rows(rows)
        self._follow_selection()

    def _selected(self) -> OrderRow | None:
        """Selected order, if cancelling it makes sense."""
        row = self._rows.get(self.table.selected_id() or "")
        can = row and row.working and row.status != OrderStatus.CANCEL_PENDING.value
        return row if can else None

    def _follow_selection(self) -> None:
        self.cancel.setEnabled(self._selected() is not None)

    def _cancel(self) -> None:
        row = self._selected()
        if row is not None:
            self.cancelled.emit(row.order_id)


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


_COLUMNS = (
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
        show=lambda row: exact(row.limit),
        width=104,
        tooltip="Worst price, in the currency that the instrument is quoted in",
        role=_role,
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
