"""The promises, checked after every record from the checker's own trace and the exchange's truth.

Numbers are those of the list of invariants. Not checked here: I1 (the cap is a limit of a profile
and covered by unit tests), I11 (live arming: tests of arming), I20 (canary tests), I22 (soaks), I23
(decision records), I26 (copies of a directory: crash tests).
"""

import math
from collections import deque
from decimal import Decimal

from terminal.core.units import MINUTE, SECOND, iso_utc
from terminal.engine.attributing import split_pnl
from terminal.engine.state import State
from terminal.model.market import Index, Quote
from terminal.model.messages import Rearm, Record, Stop
from terminal.model.order import FINAL, Fill, Order, OrderIntent, OrderStatus, OrderUpdate
from tests.sim.exchange import Exchange

LEGAL = {
    OrderStatus.SENT: set(OrderStatus),
    OrderStatus.LIVE: set(OrderStatus) - {OrderStatus.SENT},
    OrderStatus.CANCEL_PENDING: set(OrderStatus) - {OrderStatus.SENT},
    OrderStatus.UNKNOWN: set(OrderStatus) - {OrderStatus.SENT},
}
"""Where an order may go; a final state is left by a late fill alone, which fills it."""


CENT = Decimal("0.01")


class Checker:
    """Watches one run through all its lives.

    Parameters
    ----------
    exchange : Exchange
        What really happened.
    key : str
        Instrument that hedges.
    """

    def __init__(self, exchange: Exchange, key: str) -> None:
        self._exchange = exchange
        self._key = key
        self.violations: list[str] = []
        self.records = 0
        self.orders = 0
        self._sent: dict[str, OrderIntent] = {}
        self._asked: dict[str, Decimal] = {}  # approved by proposal or stop
        self._minute: deque[int] = deque()
        self._stopped = False
        self._quote: tuple[int, Quote] | None = None
        self._index: tuple[int, float] | None = None
        self._seq, self._at = 0, 0
        self._now: State | None = None
        self._adopted: dict[int, Decimal] = {}  # contracts, by the record that made them ours

    def begin(self, state: State) -> None:
        """A process took over with this state."""
        self._seq, self._at, self._now = state.seq, state.now, state
        self._stopped = state.stop is not None
        self._adopted = {seq: qty for seq, qty in self._adopted.items() if seq <= state.seq}

    def after(self, before: State, record: Record, state: State) -> None:
        """Check what one record changed."""
        self.records += 1
        event = record.event
        if record.seq != self._seq + 1:
            self._broken(state, "I25", f"record {self._seq} is followed by {record.seq}")
        if record.at < self._at:
            self._broken(state, "I25", "time went back")
        self._seq, self._at, self._now = record.seq, record.at, state
        if isinstance(event, Quote) and event.key == self._key:
            self._quote = record.at, event
        elif isinstance(event, Index):
            self._index = record.at, event.price
        elif isinstance(event, Stop):
            self._stopped = True
        elif isinstance(event, Rearm) and state.stop is None:
            self._stopped = False
        if state.orders is not before.orders:
            self._orders(before, event, state)
        if self._stopped and state.stop is None:
            self._broken(state, "I12", "a stop was lifted without a person")
        if self.records % 500 == 0:
            self._books(state)

    def sending(self, state: State, intent: OrderIntent, at: int, *, durable: bool) -> None:
        """Check an order at the moment it leaves."""
        self.orders += 1
        if intent.order_id in self._sent:
            self._broken(state, "I3", f"{intent.order_id} was sent twice")
        self._sent[intent.order_id] = intent
        if not durable:
            self._broken(state, "I4", f"{intent.order_id} left before its record was durable")
        if self._stopped and not intent.for_stop:
            self._broken(state, "I12", f"{intent.order_id} was sent after a stop")
        if not intent.for_stop:
            self._rate(state, at)
        self._data(state, intent, at)
        self._numbers(state, intent)
        self._whole(state, intent)

    def _rate(self, state: State, at: int) -> None:
        """I13: no storm of orders; a stop's own end as fast as they can."""
        profile = state.profile
        self._minute.append(at)
        while self._minute and at - self._minute[0] >= MINUTE:
            self._minute.popleft()
        if profile is not None and len(self._minute) > profile.orders_per_minute:
            self._broken(state, "I13", f"{len(self._minute)} orders in a minute")

    def _data(self, state: State, intent: OrderIntent, at: int) -> None:
        """I10: nothing leaves on a book that is old, crossed, one-sided or not finite."""
        if self._quote is None or self._index is None or state.profile is None:
            self._broken(state, "I10", f"{intent.order_id} was sent without a quote")
            return
        when, quote = self._quote
        bid, ask = quote.bid, quote.ask
        if bid is None or ask is None or not (math.isfinite(bid) and 0.0 < bid < ask):
            self._broken(state, "I10", f"{intent.order_id} was sent on {bid} / {ask}")
            return
        if (at - when) / SECOND > state.profile.book_age_s and not intent.for_stop:
            old = (at - when) / SECOND
            self._broken(state, "I10", f"{intent.order_id} was sent on a book {old:.1f} s old")

    def _numbers(self, state: State, intent: OrderIntent) -> None:
        """I14: finite, on the grid, within the collar."""
        if intent.qty <= 0 or intent.qty % Decimal("0.001"):
            self._broken(state, "I14", f"{intent.order_id} asks for {intent.qty}")
        if intent.limit <= 0 or intent.limit % Decimal("0.5"):
            self._broken(state, "I14", f"{intent.order_id} is limited to {intent.limit}")
        if self._quote is not None and self._quote[1].bid is not None:
            off = abs(float(intent.limit) / self._quote[1].bid - 1.0) * 1e4
            if off > 200.0:
                self._broken(state, "I14", f"{intent.order_id} is {off:.0f} bp off")

    def _whole(self, state: State, intent: OrderIntent) -> None:
        """I2: what has filled, may fill and is unknown stays within what was approved."""
        for desk in state.desks.values():
            hedge = desk.hedge
            if hedge is not None and hedge.hedge_id == intent.proposal_id:
                self._asked[intent.proposal_id] = hedge.qty
        asked = self._asked.get(intent.proposal_id)
        if asked is None:
            return
        possible = Decimal(0)
        for other in self._sent.values():
            if other.proposal_id != intent.proposal_id:
                continue
            real = self._exchange.orders.get(other.order_id)
            known = state.orders.get(other.order_id)
            ended = known is not None and known.status in FINAL
            possible += (real.filled if real else Decimal(0)) if ended else other.qty
        if possible > asked:
            text = f"{intent.proposal_id} may fill {possible} of {asked} approved"
            self._broken(state, "I2", text)

    def _orders(self, before: State, event: object, state: State) -> None:
        """I6, I7, I16: no overfill, no illegal step, nothing unknown forgotten without proof."""
        for order_id, order in state.orders.items():
            was = before.orders.get(order_id)
            if was is order:
                continue
            if order.filled > order.intent.qty and not any(
                halt.code.value == "OVERFILL" for halt in state.halts
            ):
                self._broken(state, "I6", f"{order_id} filled {order.filled} unnoticed")
            if was is not None:
                self._step(was, order, event, state)

    def _step(self, was: Order, order: Order, event: object, state: State) -> None:
        order_id = order.intent.order_id
        if was.status in FINAL:
            late = order.status is OrderStatus.FILLED or order.filled > was.filled
            if order.status is not was.status and not late:
                self._broken(state, "I7", f"{order_id} went from {was.status} to {order.status}")
        elif order.status not in LEGAL[was.status]:
            self._broken(state, "I7", f"{order_id} went from {was.status} to {order.status}")
        if was.status is OrderStatus.UNKNOWN and order.status in FINAL:
            proof = isinstance(event, OrderUpdate | Fill) and event.order_id == order_id
            real = self._exchange.orders.get(order_id)
            if not proof:
                text = f"{order_id} ended as {order.status} by {type(event).__name__}"
                self._broken(state, "I16", text)
            if order.status is OrderStatus.REJECTED and real is not None and real.filled:
                self._broken(state, "I16", f"{order_id} counts as rejected and has filled")

    def _books(self, state: State) -> None:
        """I15: the parts of P&L sum to the whole."""
        found = split_pnl(state)
        if found is None or found.total is None:
            return
        gap = abs(sum(found.buckets.values()) - found.total)
        if gap > 1e-6 * max(1.0, abs(found.total)):
            self._broken(state, "I15", f"P&L parts miss the whole by {gap}")

    def replayed(self, live: bytes, again: bytes, seq: int) -> None:
        """I8: what a restart recovers is what was lived."""
        if live != again and self._now is not None:
            self._broken(self._now, "I8", f"recovery at record {seq} differs from what was lived")

    def at_rest(self, state: State) -> None:
        """I5, I6, I19: after the quiet tail the books are the exchange's, and nothing hangs."""
        for order_id, order in state.orders.items():
            real = self._exchange.orders.get(order_id)
            filled = real.filled if real else Decimal(0)
            hangs = order.status not in FINAL and state.now - order.changed_at > MINUTE
            if hangs and (real is None or real.status in FINAL):
                self._broken(state, "I19", f"{order_id} is {order.status} after the quiet")
            if order.status in FINAL and order.filled != filled:
                text = f"{order_id} counts {order.filled}, the exchange {filled}"
                self._broken(state, "I6", text)
        seen = set[str]()
        for order_id in self._exchange.arrivals:
            if order_id in seen:
                self._broken(state, "I3", f"{order_id} reached the exchange twice")
            if order_id not in self._sent:
                self._broken(state, "I4", f"{order_id} reached the exchange unsent")
            seen.add(order_id)
        self._resting(state)

    def only_strangers(self, state: State) -> None:
        """I5: when all has been told, the books miss the exchange by what strangers traded."""
        ours = self._held(state)
        theirs = self._exchange.positions.get(self._key, Decimal(0))
        strange = self._exchange.elsewhere - sum(self._adopted.values(), Decimal(0))
        if ours + strange != theirs:
            text = f"the books hold {ours}, the exchange {theirs}, of it {strange} of strangers"
            self._broken(state, "I5", text)
        cash, real = state.ledger.cash.get("USDC", Decimal(0)), self._exchange.usdc
        if not self._exchange.strangers and abs(cash - real) > CENT:
            self._broken(state, "I15", f"the books have {cash} USDC, the exchange {real}")

    def adopted(self, before: State, after: State) -> None:
        """Remember what a person made ours; a restart may forget it with its record."""
        self._adopted[after.seq] = self._held(after) - self._held(before)

    def _held(self, state: State) -> Decimal:
        found = state.ledger.positions.get(self._key)
        return found.qty if found else Decimal(0)

    def _resting(self, state: State) -> None:
        """I19: delta is back in its band, or there is a reason why not."""
        for name, desk in state.desks.items():
            why = bool(state.halts or state.locks or state.feed_locks or state.stop)
            if desk.net is None or desk.target is None:
                if not why:
                    self._broken(state, "I19", f"{name} is blind after the quiet: {desk.verdict}")
            elif not desk.target.low <= desk.net <= desk.target.high:
                works = desk.hedge is not None or desk.proposal is not None
                if not (why or works or desk.verdict):
                    self._broken(state, "I19", f"{name} is outside its band without a reason")

    def _broken(self, state: State, rule: str, text: str) -> None:
        self.violations.append(f"{rule} at record {state.seq}, {iso_utc(state.now)}: {text}")
