"""An exchange without a language: books, one account, matching, and a record of what arrived."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from tests.venue_servers.account import (
    FEE,
    LEVERAGE,
    Account,
    Ask,
    Fill,
    FundingPayment,
    Order,
    value,
)
from tests.venue_servers.books import BookChange, Taken
from tests.venue_servers.faults import Fault, Faults
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Listener, Market


class Refusal(StrEnum):
    """Why an order or a cancel was refused."""

    INSTRUMENT = "unknown instrument"
    AMOUNT = "illegal amount"
    TICK = "price off the grid"
    PRICE = "illegal price"
    NOTIONAL = "too small a value"
    FUNDS = "not enough funds"
    POST_ONLY = "would have taken"
    REDUCE_ONLY = "would not reduce"
    DUPLICATE = "client id of an open order"
    NOT_FOUND = "no such order"
    CLOSED = "order is already closed"


class RefusedError(Exception):
    """The exchange refuses an order or a cancel."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


class Exchange(Market):
    """Books that move when told to, matching, and one account.

    ``arrivals`` counts the orders that really arrived, by client id (an empty id stands for none),
    accepted or not: the proof that nothing was sent twice.
    """

    def __init__(
        self,
        listed: Iterable[Terms],
        balances: dict[str, Decimal],
        faults: Faults,
        listener: Listener,
    ) -> None:
        super().__init__(listed, faults, listener)
        self.account = Account(balances)
        self.arrivals: Counter[str] = Counter()
        self.asked: list[Ask] = []
        self.unique_client_ids = True
        self.cancels_post_only = False  # instead of refusing what would take

    def _changed(self, change: BookChange) -> None:
        super()._changed(change)
        book = self.books[change.name]
        for order in self.account.open_orders(change.name):
            price = order.ask.price
            assert price is not None
            buy = order.ask.side == "buy"
            if price >= book.best("ask") if buy else price <= book.best("bid"):
                self._execute(order, [Taken(price, order.left)], maker=True)

    def place(self, ask: Ask) -> Order:
        """Accept and match an order.

        Raises
        ------
        RefusedError
            If the exchange does not take it; it is counted as arrived all the same.
        """
        self.arrivals[ask.client_id] += 1
        self.asked.append(ask)
        self._check(ask)
        now = self.now_ms()
        order = Order(number=self.number(), ask=ask, created_ms=now, updated_ms=now, fills=[])
        self.account.orders[order.number] = order
        if ask.post_only and self._takes(ask):
            self._close(order, "cancelled", "post_only")
            return order
        book = self.books[ask.name]
        taken = book.take(ask.side, ask.quantity, ask.price)
        short = sum((each.quantity for each in taken), Decimal(0)) < ask.quantity
        if ask.tif == "fok" and short:
            taken = []
        if taken:
            self._take(order, taken)
        if order.left and (ask.price is None or ask.tif in ("ioc", "fok")):
            self._close(order, "cancelled", "immediate_or_cancel")
        elif not taken:
            self.listener.order_changed(order)
        return order

    def _take(self, order: Order, taken: list[Taken]) -> None:
        self._execute(order, taken, maker=False)
        terms = self.listed[order.ask.name]
        for each in taken:
            self._print(terms, order.ask.side, each)
        book = self.books[order.ask.name]
        self._changed(book.without(order.ask.side, taken, self.now_ms()))

    def _check(self, ask: Ask) -> None:
        why = self._fault_of(ask)
        if why is not None:
            raise RefusedError(why)

    def _fault_of(self, ask: Ask) -> Refusal | None:
        terms = self.listed.get(ask.name)
        if terms is None:
            return Refusal.INSTRUMENT
        if ask.quantity < terms.minimum or ask.quantity % terms.lot:
            return Refusal.AMOUNT
        if ask.price is not None:
            if ask.price <= 0:
                return Refusal.PRICE
            if ask.price % terms.tick_at(ask.price):
                return Refusal.TICK
        if ask.reduce_only and not self._reduces(ask):
            return Refusal.REDUCE_ONLY
        if ask.client_id and self.unique_client_ids and self._taken_id(ask):
            return Refusal.DUPLICATE
        if ask.post_only and not self.cancels_post_only and self._takes(ask):
            return Refusal.POST_ONLY
        return self._money_fault(terms, ask)

    def _money_fault(self, terms: Terms, ask: Ask) -> Refusal | None:
        price = ask.price or self.books[ask.name].best("ask" if ask.side == "buy" else "bid")
        worth = value(terms, ask.quantity, price)
        if not ask.reduce_only and worth < terms.min_notional:
            return Refusal.NOTIONAL
        if worth > self.account.balances.get(terms.settle, Decimal(0)) * LEVERAGE:
            return Refusal.FUNDS
        return None

    def _takes(self, ask: Ask) -> bool:
        return bool(self.books[ask.name].take(ask.side, ask.quantity, ask.price))

    def _reduces(self, ask: Ask) -> bool:
        held = self.account.held(ask.name).quantity
        signed = ask.quantity if ask.side == "buy" else -ask.quantity
        return held * signed < 0 and abs(signed) <= abs(held)

    def _taken_id(self, ask: Ask) -> bool:
        return any(each.status == "open" for each in self.account.by_client_id(ask.client_id))

    def _execute(self, order: Order, taken: Iterable[Taken], *, maker: bool) -> None:
        terms = self.listed[order.ask.name]
        parts = self._parts(terms.name, taken)
        fills = [self._fill(order, part, maker=maker) for part in parts]
        order.status = "open" if order.left else "filled"
        self.listener.order_changed(order)
        for fill in fills:
            self.listener.filled(order, fill)
        self.listener.account_changed(terms)

    def _parts(self, name: str, taken: Iterable[Taken]) -> list[Taken]:
        """Divide what was taken into as many fills as a fault asks for, the largest part first."""
        parts = list(taken)
        planned = self.faults.take(name, Fault.SPLIT_FILLS)
        largest = max(parts, key=lambda each: each.quantity)
        lot = self.listed[name].lot
        count = (planned.count if planned else 0) - len(parts) + 1
        count = max(min(count, int(largest.quantity / lot)), 1)
        share = largest.quantity / count // lot * lot
        parts.remove(largest)
        rest = Taken(largest.price, largest.quantity - share * (count - 1))
        return [*([Taken(largest.price, share)] * (count - 1)), rest, *parts]

    def _fill(self, order: Order, part: Taken, *, maker: bool) -> Fill:
        terms = self.listed[order.ask.name]
        now = self.now_ms()
        rate = Decimal(0) if maker else FEE
        fill = Fill(
            number=self.number(),
            order=order.number,
            name=terms.name,
            side=order.ask.side,
            price=part.price,
            quantity=part.quantity,
            fee=value(terms, part.quantity, part.price) * rate,
            maker=maker,
            at_ms=now,
            before=self.account.held(terms.name).quantity,
        )
        self.account.book(terms, fill)
        order.filled += part.quantity
        order.cost += part.quantity * part.price
        order.updated_ms = now
        order.fills.append(fill)
        return fill

    def fill(self, number: int, quantity: Decimal | None = None) -> None:
        """Fill a resting order, wholly or in part, at its own price."""
        order = self.account.orders[number]
        assert order.ask.price is not None
        part = Taken(order.ask.price, order.left if quantity is None else quantity)
        self._execute(order, [part], maker=True)

    def cancel(self, number: int) -> Order:
        """Cancel an order.

        Raises
        ------
        RefusedError
            If there is no such order, or it is not open.
        """
        order = self.account.orders.get(number)
        if order is None:
            raise RefusedError(Refusal.NOT_FOUND)
        if order.status != "open":
            raise RefusedError(Refusal.CLOSED)
        self._close(order, "cancelled", "user_request")
        return order

    def _close(self, order: Order, status: str, why: str) -> None:
        order.status = status
        order.why = why
        order.updated_ms = self.now_ms()
        self.listener.order_changed(order)

    def pay_funding(self, name: str, rate: Decimal) -> FundingPayment:
        """Book a funding payment; with a positive rate longs pay shorts."""
        terms = self.listed[name]
        held = self.account.held(name).quantity
        amount = -value(terms, held, self.mark(terms)) * rate
        paid = FundingPayment(self.number(), name, terms.settle, amount, rate, self.now_ms())
        self.account.balances[terms.settle] += amount
        self.account.fundings.append(paid)
        self.listener.account_changed(terms)
        return paid
