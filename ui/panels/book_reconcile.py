"""The books beside the venues': what differs, why hedging is locked, and others' orders."""

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from terminal.core.units import SECOND
from terminal.model.dead_man import DeadManView
from terminal.model.frame import Frame
from terminal.model.messages import AdoptVenue, CancelForeign
from terminal.model.reconcile import AccountView, Discord, ForeignOrder
from ui.format import UNKNOWN, age, number
from ui.panels.book_cells import exact, side_role, side_text
from ui.theme.fonts import LABEL, sans
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented
from ui.widgets.table import Column, Table
from ui.widgets.tip import set_tip

DIFFERENCES, FOREIGN = "Differences", "Foreign orders"
NOBODY = "No account has been stated yet: its venue does so when it is connected."


class DiscordLine(Struct, frozen=True):
    """One difference, with its venue."""

    venue: str
    row: Discord


class ReconcilePage(QWidget):
    """Accounts of every venue, whatever coin is selected.

    Emits ``asked`` with the command to adopt a venue's numbers or to cancel a foreign order.
    """

    asked = Signal(object)
    name = "Reconcile"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[tuple[AccountView, ...], int] | None = None
        self._accounts: tuple[AccountView, ...] = ()
        self.setAccessibleName(self.name)
        self.tables = {
            DIFFERENCES: Table(_DIFFERENCES, row_id=_line_id, empty=NOBODY),
            FOREIGN: Table(
                _FOREIGN,
                row_id=_foreign_id,
                empty="No order of anybody else rests in these accounts.",
            ),
        }
        self.choice = Segmented(tuple(self.tables))
        self.choice.setAccessibleName("Part of the reconciliation")
        self.choice.chosen.connect(self._choose)
        self.state = plain_label("", "mut", sans(LABEL), wrap=True)
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.reason.setPlaceholderText("Reason (kept in the journal)")
        self.reason.setAccessibleName("Reason for adopting the venue's numbers")
        self.reason.textChanged.connect(self._follow)
        self.adopt = _button("Adopt", "Make the numbers of the selected row's venue ours")
        self.adopt.clicked.connect(self._adopt)
        self.cancel = _button("Cancel order", "Cancel the selected order of somebody else")
        self.cancel.clicked.connect(self._cancel)
        self._lay_out()

    def _lay_out(self) -> None:
        self.stack = QStackedWidget()
        for name, table in self.tables.items():
            table.setAccessibleName(f"Reconcile: {name.lower()}")
            table.selected.connect(self._follow)
            self.stack.addWidget(table)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.reason, 2)
        head.addWidget(self.adopt)
        head.addWidget(self.cancel)
        said = QHBoxLayout()
        said.setContentsMargins(8, 0, 8, 4)
        said.addWidget(self.state, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(said)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.choice)
        self._follow()

    def count(self, frame: Frame, _underlying: str) -> int | None:
        """How many lines differ, and foreign orders; nothing while all agree."""
        return sum(len(each.rows) + len(each.foreign) for each in frame.accounts) or None

    def show_frame(self, frame: Frame, _underlying: str) -> None:
        """Show the accounts, unless neither they nor the second of the clock changed."""
        accounts, second = frame.accounts, frame.now // SECOND
        steady = self._drawn is not None and self._drawn[1] == second
        if steady and _content(self._accounts) == _content(accounts):
            return
        self._drawn, self._accounts = (accounts, second), accounts
        lines = [DiscordLine(each.venue, row) for each in accounts for row in each.rows]
        self.tables[DIFFERENCES].set_empty_text(EMPTY if accounts else NOBODY)
        self.tables[DIFFERENCES].show_rows(lines)
        self.tables[FOREIGN].show_rows([order for each in accounts for order in each.foreign])
        said = [*map(account_words, accounts), *map(switch_words, frame.switches)]
        self.state.setText("\n".join(said))
        self._follow()

    def _choose(self, part: str) -> None:
        self.stack.setCurrentWidget(self.tables[part])
        self._follow()

    def _venue(self) -> str:
        """Venue that Adopt is about: of the selected row, or the only one that differs."""
        differing = [each.venue for each in self._accounts if each.rows]
        chosen = (self.tables[DIFFERENCES].selected_id() or "").partition(" ")[0]
        if chosen in differing:
            return chosen
        return differing[0] if len(differing) == 1 else ""

    def _follow(self) -> None:
        on_orders = self.choice.current() == FOREIGN
        venue = self._venue()
        self.adopt.setText(f"Adopt {venue}".strip())
        self.adopt.setEnabled(bool(venue and self.reason.text().strip()) and not on_orders)
        self.reason.setEnabled(bool(venue) and not on_orders)
        self.cancel.setEnabled(on_orders and self._order() is not None)

    def _order(self) -> ForeignOrder | None:
        chosen = self.tables[FOREIGN].selected_id()
        orders = (order for each in self._accounts for order in each.foreign)
        return next((each for each in orders if _foreign_id(each) == chosen), None)

    def _adopt(self) -> None:
        venue, reason = self._venue(), self.reason.text().strip()
        if venue and reason:
            self.reason.clear()
            self.asked.emit(AdoptVenue(venue, reason))

    def _cancel(self) -> None:
        order = self._order()
        if order is not None:
            self.asked.emit(CancelForeign(order.venue, order.order.venue_id))


EMPTY = "Books and venues agree."


def _content(accounts: tuple[AccountView, ...]) -> list[tuple[object, ...]]:
    """What is drawn of accounts beside their ages."""
    return [(each.venue, each.compared, each.rows, each.foreign) for each in accounts]


def switch_words(switch: DeadManView) -> str:
    """What happens to the orders at a venue when this program falls silent."""
    name = f"{switch.venue}: dead-man's switch"
    if not switch.armed:
        return f"{name} NOT armed ({switch.why}): orders stay when this program is gone"
    if switch.kind == "countdown":
        return f"{name} armed: the venue cancels orders {switch.seconds} s after we fall silent"
    return f"{name} armed: the venue cancels orders when the connection is lost"


def account_words(account: AccountView) -> str:
    """Say how an account stands: how old its word is, and why hedging is locked."""
    words = f"{account.venue}: stated {age(account.age)} ago"
    if not account.asked:
        words = f"{account.venue}: stated at the start; a simulation is not asked again"
    if account.waiting:
        words += ", compared as soon as nothing can be under way"
    if account.locked:
        return f"{words}. LOCKED, {'; '.join(account.locked)}"
    return f"{words}. Hedging is not locked by it"


def _button(text: str, about: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(about)
    set_tip(button, about)
    return button


def _line_id(line: DiscordLine) -> str:
    return f"{line.venue} {line.row.subject.value} {line.row.name}"


def _foreign_id(order: ForeignOrder) -> str:
    return f"{order.venue} {order.order.venue_id}"


def _role(line: DiscordLine) -> str:
    return "crit" if line.row.locks else "warn"


def _gap(line: DiscordLine) -> float:
    return float(line.row.theirs - line.row.ours)


def _verdict(line: DiscordLine) -> str:
    if not line.row.locks:
        return "within tolerance"
    return f"locks {line.row.underlying or 'everything'}"


_DIFFERENCES = (
    Column(
        title="Venue",
        get=lambda line: line.venue,
        show=lambda line: line.venue,
        align="left",
        width=112,
    ),
    Column(
        title="What",
        get=lambda line: line.row.subject.value,
        show=lambda line: line.row.subject.value,
        align="left",
        width=88,
    ),
    Column(
        title="Name",
        get=lambda line: line.row.name,
        show=lambda line: line.row.name.partition("@")[0],
        align="left",
        width=216,
    ),
    Column(
        title="Ours",
        get=lambda line: line.row.ours,
        show=lambda line: exact(line.row.ours),
        width=136,
        tooltip="Contracts, cash in its currency, or contracts left of an order",
    ),
    Column(
        title="Theirs",
        get=lambda line: line.row.theirs,
        show=lambda line: exact(line.row.theirs),
        width=136,
        tooltip="As the venue states it, in the same unit",
        role=_role,
    ),
    Column(
        title="Difference",
        get=_gap,
        show=lambda line: exact(line.row.theirs - line.row.ours),
        width=136,
        role=_role,
    ),
    Column(
        title="Effect",
        get=_verdict,
        show=_verdict,
        align="left",
        width=176,
        tooltip="Beyond the profile's tolerance hedging is locked until both agree",
        role=_role,
    ),
)
_FOREIGN = (
    Column(
        title="Venue",
        get=lambda row: row.venue,
        show=lambda row: row.venue,
        align="left",
        width=112,
    ),
    Column(
        title="Instrument",
        get=lambda row: row.order.key,
        show=lambda row: row.order.key.partition("@")[0],
        align="left",
        width=216,
    ),
    Column(
        title="Side",
        get=lambda row: row.order.side.value,
        show=lambda row: side_text(row.order.side),
        align="left",
        width=76,
        role=lambda row: side_role(row.order.side),
    ),
    Column(
        title="Left",
        get=lambda row: row.order.qty,
        show=lambda row: exact(row.order.qty),
        width=96,
        tooltip="Contracts that may still fill",
    ),
    Column(
        title="Limit",
        get=lambda row: row.order.limit,
        show=lambda row: UNKNOWN if row.order.limit is None else exact(row.order.limit),
        width=104,
        tooltip="In the currency that the instrument is quoted in",
    ),
    Column(
        title="Delta coin",
        get=lambda row: row.coins,
        show=lambda row: number(row.coins, 4),
        width=104,
        tooltip="Counted in the net delta as in flight, signed",
        role=lambda row: "mut" if row.coins is None else "warn",
    ),
    Column(
        title="Why",
        get=lambda row: row.why,
        show=lambda row: row.why,
        align="left",
        width=320,
    ),
)
