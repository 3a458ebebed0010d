"""A hedge at work, its orders and the clock, for tests that play its venue."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.execution.at_work import Action, Hedge, Venture
from terminal.execution.hedges import advance, start
from terminal.execution.orders import apply_fill, apply_update, asked_to_cancel, done, new_order
from terminal.model.hedge import Approved, Plan
from terminal.model.messages import Cancel, Submit
from terminal.model.order import Order, OrderStatus, OrderUpdate, Side
from terminal.model.risk import Style
from tests.helpers.builders import NOW, contract, fill, profile, proposal, quote, seen


class Play:
    """A hedge, its orders and the clock."""

    def __init__(self, *, urgent: bool = False, qty: str = "1", **terms: Any) -> None:
        plan = terms.pop("plan", Plan(style=Style.MARKET if urgent else Style.POST_ONLY))
        side = terms.pop("side", Side.SELL)
        offer = proposal(urgent=urgent, qty=Decimal(qty), plan=plan, side=side)
        by = terms.pop("by", "user")
        self.hedge: Hedge = start(Approved(offer, Decimal(qty), by, NOW), NOW)
        self.orders: list[Order] = []
        self.now = NOW
        self.rules = terms.pop("rules", profile())
        self.contract = terms.pop("contract", contract())
        self.book = seen(quote(), NOW)
        self.stopped = False
        self.crowded = ""
        self.unfit = ""
        self.fills = 0

    def step(self, seconds: float = 0.0) -> Action:
        self.now += round(seconds * SECOND)
        if not seconds:
            self.book = replace(self.book, at=self.now)
        current = next(
            (each for each in self.orders if each.intent.order_id == self.hedge.order_id), None
        )
        at = Venture(
            now=self.now,
            run="run",
            profile=self.rules,
            contract=self.contract,
            book=self.book,
            position=Decimal(0),
            order=current,
            stopped=self.stopped,
            crowded=self.crowded,
            unfit=self.unfit,
        )
        self.hedge, action = advance(self.hedge, at)
        if isinstance(action, Submit):
            self.orders.append(new_order(action.intent, self.now))
        if isinstance(action, Cancel):
            self.orders[-1] = asked_to_cancel(self.orders[-1], self.now)
        return action

    def price(self, middle: float) -> None:
        """Move the market, a dollar wide."""
        self.book = seen(quote(bid=middle - 0.5, ask=middle + 0.5), self.now)

    def hear(self, status: OrderStatus, filled: Decimal | None = None) -> None:
        word = OrderUpdate(self.orders[-1].intent.order_id, status, "said so", filled)
        self.orders[-1] = apply_update(self.orders[-1], word, self.now)

    def fill(self, qty: Decimal) -> None:
        self.fills += 1
        self.orders[-1] = apply_fill(self.orders[-1], fill(self.fills, str(qty)), self.now)

    @property
    def possible(self) -> Decimal:
        """Everything that has filled or may still fill."""
        return sum(
            (
                each.filled if done(each) else max(each.intent.qty, each.filled)
                for each in self.orders
            ),
            Decimal(0),
        )
