"""What really happened: an exchange of its own, which shares no code with the one under test."""

from decimal import Decimal
from random import Random

from terminal.model.account import AccountSnapshot, Balance, OpenOrder, Position
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate, Side, TimeInForce

FEE = Decimal("0.0005")


class Resting:
    """An order that has arrived."""

    def __init__(self, intent: OrderIntent) -> None:
        self.intent = intent
        self.filled = Decimal(0)
        self.status = OrderStatus.LIVE
        self.reason = ""
        self.fills: list[Fill] = []


class Exchange:
    """One account: orders by client id, positions, cash, and every fill there ever was."""

    def __init__(self, seed: int, positions: dict[str, Decimal], usdc: Decimal) -> None:
        self._draw = Random(f"exchange|{seed}")
        self.positions = positions
        self.entries: dict[str, Decimal] = {}
        self.usdc = usdc
        self.strangers = False  # whether anybody else has ever traded here
        self.elsewhere = Decimal(0)  # all that others traded in the account
        self.orders: dict[str, Resting] = {}
        self.arrivals: list[str] = []
        self.fills: list[Fill] = []
        self.touch: dict[str, tuple[Decimal, Decimal]] = {}  # bid and ask by key
        self.news: list[tuple[str, Fill | OrderUpdate]] = []  # by order, to be told

    def arrive(self, intent: OrderIntent) -> None:
        """Take an order; the same client id twice is refused, and counted."""
        self.arrivals.append(intent.order_id)
        if intent.order_id in self.orders:
            return
        order = self.orders[intent.order_id] = Resting(intent)
        bid, ask = self.touch.get(intent.key, (None, None))
        if bid is None or ask is None:
            self._end(order, OrderStatus.REJECTED, "no market")
            return
        crosses = intent.limit >= ask if intent.side is Side.BUY else intent.limit <= bid
        if intent.tif is TimeInForce.POST_ONLY and crosses:
            self._end(order, OrderStatus.REJECTED, "post-only order would take")
            return
        self._say(order, OrderStatus.LIVE)
        if crosses:
            self._trade(order, ask if intent.side is Side.BUY else bid)
        if intent.tif is TimeInForce.IOC and order.status is OrderStatus.LIVE:
            self._end(order, OrderStatus.CANCELLED, "the rest of it found nobody")

    def cancel(self, order_id: str) -> None:
        """Cancel what is left of an order; one that has ended is answered as it stands."""
        order = self.orders.get(order_id)
        if order is None:
            return
        if order.status is OrderStatus.LIVE:
            self._end(order, OrderStatus.CANCELLED, "")
        else:
            self._say(order, order.status)

    def moved(self, key: str, bid: Decimal, ask: Decimal) -> None:
        """A new touch: resting orders that it meets fill, in parts as often as not."""
        self.touch[key] = bid, ask
        for order in list(self.orders.values()):
            if order.status is not OrderStatus.LIVE or order.intent.key != key:
                continue
            buys = order.intent.side is Side.BUY
            met = ask <= order.intent.limit if buys else bid >= order.intent.limit
            if met or self._draw.random() < 0.02:
                self._trade(order, order.intent.limit)

    def answer(self, order_id: str) -> list[Fill | OrderUpdate] | None:
        """Every fill of an order and how it stands; None of one that never arrived."""
        order = self.orders.get(order_id)
        if order is None:
            return None
        return [*order.fills, _update(order)]

    def statement(self, asked_at: int) -> AccountSnapshot:
        """The account as it is now."""
        resting = tuple(
            OpenOrder(
                venue_id=f"v-{each.intent.order_id}",
                order_id=each.intent.order_id,
                key=each.intent.key,
                side=each.intent.side,
                qty=each.intent.qty - each.filled,
                limit=each.intent.limit,
            )
            for each in self.orders.values()
            if each.status is OrderStatus.LIVE
        )
        held = tuple(
            Position(key, qty, self.entries.get(key, Decimal(50_000)))
            for key, qty in self.positions.items()
            if qty
        )
        cash = (Balance("USDC", self.usdc, Decimal(1)),)
        return AccountSnapshot("sim", held, cash, orders=resting, asked_at=asked_at)

    def trade_elsewhere(self, key: str, qty: Decimal) -> None:
        """Somebody else trades in the same account: no fill of ours, the position moves."""
        bid, ask = self.touch[key]
        self.elsewhere += qty
        self.strangers = True
        self._book(key, qty, ask if qty > 0 else bid)

    def _trade(self, order: Resting, price: Decimal) -> None:
        left = order.intent.qty - order.filled
        lots = int(left / Decimal("0.001"))
        whole = lots < 2 or self._draw.random() < 0.6
        qty = left if whole else Decimal(self._draw.randint(1, lots - 1)) * Decimal("0.001")
        fill = Fill(
            fill_id=f"t{len(self.fills) + 1}",
            order_id=order.intent.order_id,
            key=order.intent.key,
            side=order.intent.side,
            qty=qty,
            price=price,
            fee=qty * price * FEE,
            fee_currency="USDC",
            maker=False,
        )
        order.filled += qty
        order.fills.append(fill)
        self.fills.append(fill)
        self._book(fill.key, qty if fill.side is Side.BUY else -qty, price)
        self.usdc -= fill.fee
        self.news.append((fill.order_id, fill))
        if order.filled == order.intent.qty:
            self._end(order, OrderStatus.FILLED, "")

    def _book(self, key: str, qty: Decimal, price: Decimal) -> None:
        """Average entry for what is added, profit for what is closed."""
        before, entry = self.positions.get(key, Decimal(0)), self.entries.get(key, price)
        after = before + qty
        if before * qty >= 0:
            self.entries[key] = (entry * before + price * qty) / after if after else price
        else:
            closed = min(abs(before), abs(qty)) * (1 if before > 0 else -1)
            self.usdc += closed * (price - entry)
            if after * before < 0:
                self.entries[key] = price
        self.positions[key] = after

    def _end(self, order: Resting, status: OrderStatus, reason: str) -> None:
        order.status, order.reason = status, reason
        self.news.append((order.intent.order_id, _update(order)))

    def _say(self, order: Resting, status: OrderStatus) -> None:
        self.news.append((order.intent.order_id, OrderUpdate(order.intent.order_id, status)))


def _update(order: Resting) -> OrderUpdate:
    return OrderUpdate(order.intent.order_id, order.status, order.reason, order.filled)
