"""What a hand can do about a working hedge: re-price, cross, give back, cancel."""

import re
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from terminal.model.messages import (
    CancelHedge,
    CancelOrder,
    CrossHedge,
    ReleaseHedge,
    RepriceHedge,
)
from terminal.model.order import OrderStatus
from terminal.model.order_row import OrderRow
from ui.format import countdown
from ui.theme.fonts import LABEL, sans
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

_PRICE = re.compile(r"[0-9]+(\.[0-9]+)?|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")

KEYS = (
    ("R", "Orders: re-price the selected hedge to its own touch"),
    ("L", "Orders: type a limit; Return re-prices to it"),
    ("Shift+X", "Orders: cross what is left of the selected hedge"),
    ("G", "Orders: give the selected hedge back to its rule"),
    ("Del", "Orders: cancel the selected hedge or order"),
)
"""Keys of the page, while it has the focus."""


class HedgeHand(QWidget):
    """Buttons below the orders, for the selected row.

    Parameters
    ----------
    where : QWidget
        Where the keys work.
    """

    asked = Signal(object)  # a command

    def __init__(self, where: QWidget) -> None:
        super().__init__()
        self._row: OrderRow | None = None
        self._problem = ""  # with what was typed, until it is typed anew
        self.setAccessibleName("Hand on the selected order")
        self.hint = plain_label("", "mut", sans(LABEL), wrap=True)
        self.limit = QLineEdit()
        self.limit.setMaxLength(24)
        self.limit.setMinimumWidth(80)
        self.limit.setPlaceholderText("Limit")
        self.limit.setAccessibleName("Limit to re-price the selected hedge to")
        self.limit.returnPressed.connect(self._reprice)
        self.limit.textChanged.connect(self._on_typed)
        self.touch = _button("To touch", "Re-price the selected hedge to its own touch", "R")
        self.reprice = _button("Re-price", "Re-price the selected hedge to the typed limit", "")
        self.cross = _button("Cross", "Cross what is left of the selected hedge now", "Shift+X")
        self.release = _button("Give back", "Give the selected hedge back to its rule", "G")
        self.cancel = _button("Cancel", "Cancel the selected hedge or order", "Del")
        acts = (
            (self.touch, self._to_touch, "R"),
            (self.cross, self._cross, "Shift+X"),
            (self.release, self._release, "G"),
            (self.cancel, self._cancel, "Del"),
        )
        for button, act, keys in acts:
            button.clicked.connect(act)
            _key(keys, where).activated.connect(button.click)
        self.reprice.clicked.connect(self._reprice)
        _key("L", where).activated.connect(self.limit.setFocus)
        self._lay_out()

    def _lay_out(self) -> None:
        parts = (self.touch, self.limit, self.reprice, self.cross, self.release, self.cancel)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for part in parts:
            buttons.addWidget(part)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.hint)
        column.addLayout(buttons)

    def show_row(self, row: OrderRow | None) -> None:
        """Follow the selected row; what makes no sense for it rests."""
        before = self._row.hedge if self._row else None
        after = row.hedge if row else None
        if (before and before.hedge_id) != (after and after.hedge_id):
            self.limit.clear()
        self._row = row
        mine = after is not None and not after.by_stop
        for part in (self.touch, self.limit, self.reprice, self.cross):
            part.setEnabled(mine)
        self.release.setEnabled(after is not None and after.by_hand)
        pending = row is not None and row.status == OrderStatus.CANCEL_PENDING.value
        self.cancel.setEnabled(row is not None and row.working and not pending)
        self._say()

    def _say(self) -> None:
        text = self._problem or _hint(self._row)
        if self.hint.text() != text:
            self.hint.setText(text)

    def _on_typed(self) -> None:
        self._problem = ""
        self._say()

    def _hedge_id(self) -> str:
        hedge = self._row.hedge if self._row else None
        return hedge.hedge_id if hedge and not hedge.by_stop else ""

    def _to_touch(self) -> None:
        if name := self._hedge_id():
            self.asked.emit(RepriceHedge(name))

    def _reprice(self) -> None:
        name, text = self._hedge_id(), self.limit.text().strip()
        if not name:
            return
        if not _PRICE.fullmatch(text):
            wrong = f"“{text}” is not a price: nothing was sent."
            self._problem = wrong if text else "Write a limit first: nothing was sent."
            self._say()
            self.limit.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.asked.emit(RepriceHedge(name, Decimal(text.replace(",", ""))))

    def _cross(self) -> None:
        if name := self._hedge_id():
            self.asked.emit(CrossHedge(name))

    def _release(self) -> None:
        if name := self._hedge_id():
            self.asked.emit(ReleaseHedge(name))

    def _cancel(self) -> None:
        if self._row is None or not self.cancel.isEnabled():
            return
        name = self._hedge_id()
        self.asked.emit(CancelHedge(name) if name else CancelOrder(self._row.order_id))


def controller(row: OrderRow) -> str:
    """Who decides the next step of a row's hedge."""
    hedge = row.hedge
    if hedge is None:
        return ""
    if hedge.by_stop:
        return "stop"
    return "you" if hedge.by_hand else "rule"


def next_step(row: OrderRow) -> str:
    """What comes next for a row's hedge, and in how long."""
    hedge = row.hedge
    if hedge is None:
        return ""
    if hedge.asks:
        left = "" if hedge.follows_in is None else f" · {countdown(hedge.follows_in)}"
        return f"asks you{left}"
    if hedge.follows_in is None:
        return hedge.follows
    return f"{hedge.follows} in {countdown(hedge.follows_in)}"


def _hint(row: OrderRow | None) -> str:
    if row is None:
        return "Select an order: its hedge can be re-priced, crossed, given back or cancelled."
    hedge = row.hedge
    if hedge is None:
        return "No working hedge stands behind this order." if row.working else "It has ended."
    if hedge.asks:
        return f"It asks: {hedge.asks}"
    if hedge.by_stop:
        return "The stop works this hedge: it cannot be taken over."
    if hedge.by_hand:
        waits = f" {hedge.waits}." if hedge.waits else ""
        return f"Yours: its rule is detached until you give it back.{waits}"
    return "Its rule works it. To re-price or cross it by hand detaches the rule."


def _button(text: str, what: str, key: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(what)
    set_tip(button, f"{what} ({key})" if key else what)
    return button


def _key(keys: str, where: QWidget) -> QShortcut:
    shortcut = QShortcut(QKeySequence(keys), where)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.setAutoRepeat(False)  # a key that is held down asks once
    return shortcut
