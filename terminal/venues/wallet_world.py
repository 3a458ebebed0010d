"""A run's world with the positions of a Jupiter wallet in it."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final, Protocol

from terminal.model.account import OpenOrder
from terminal.model.dead_man import DeadManView
from terminal.model.messages import Disturb, Event
from terminal.model.order import OrderIntent, OrderStatus, OrderUpdate
from terminal.model.ports import BarredWorld, LastHop, LiveWorld
from terminal.model.reconcile import Changes
from terminal.portfolio.accounts import venue_of
from terminal.venues.jupiter.feed import WalletFeed
from terminal.venues.jupiter.holdings import VENUE

READ_ONLY: Final = "Jupiter positions are only read: change them at jup.ag"


class ExchangeWorld(BarredWorld, LiveWorld, Protocol):
    """A world of live data that asks before it lets an order out."""


class WalletWorld:
    """An exchange's world, and a wallet whose positions count in the same book.

    Orders go to the exchange. One of a Jupiter position is rejected, with the reason.

    Parameters
    ----------
    exchange : ExchangeWorld
    wallet : WalletFeed
        On the exchange's clock.
    """

    def __init__(self, exchange: ExchangeWorld, wallet: WalletFeed) -> None:
        self.title = f"{exchange.title} with the Jupiter wallet {wallet.address[:4]}…"
        self._exchange = exchange
        self._wallet = wallet
        self._orders: set[str] = set()
        self._last = 0

    def report_to(self, report: Callable[[str], None]) -> None:
        """Tell ``report`` from here on what could not be used or done."""
        self._exchange.report_to(report)

    # -- Orders --------------------------------------------------------------------------------

    def ask_before_orders(self, last_hop: LastHop) -> None:
        """Ask ``last_hop`` from here on before an order would go on the wire."""
        self._exchange.ask_before_orders(last_hop)

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order; reject one of a Jupiter position."""
        if venue_of(intent.key) != VENUE:
            self._exchange.submit(intent, at)
            return
        self._orders.add(intent.order_id)
        self._reject(intent.order_id)

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel."""
        if order_id not in self._orders:
            self._exchange.cancel(order_id, at)

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order."""
        if order_id in self._orders:
            self._reject(order_id)
        else:
            self._exchange.query(order_id, at)

    def ask_account(self, venue: str, at: int) -> None:
        """Ask for the account, of the exchange or of the wallet."""
        if venue == VENUE:
            self._wallet.ask_account(at)
        else:
            self._exchange.ask_account(venue, at)

    def withdraw(self, venue: str, order: OpenOrder, at: int) -> None:
        """Cancel an order of somebody else's, where it rests at the exchange."""
        if venue != VENUE:
            self._exchange.withdraw(venue, order, at)

    def adopted(self, venue: str, changes: Changes, at: int) -> None:
        """Tell the exchange what was taken over from it; from a wallet no order ever went."""
        if venue != VENUE:
            self._exchange.adopted(venue, changes, at)

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told, where the exchange can; raises ConfigError where not."""
        self._exchange.disturb(disturb, at)

    def _reject(self, order_id: str) -> None:
        self._wallet.say(OrderUpdate(order_id, OrderStatus.REJECTED, READ_ONLY, Decimal(0)))

    @property
    def apart(self) -> object | None:
        """Cancels without the loop, where the exchange has them."""
        return getattr(self._exchange, "apart", None)

    @property
    def switches(self) -> tuple[DeadManView, ...]:
        """How the exchange's own switch stands."""
        found: tuple[DeadManView, ...] = getattr(self._exchange, "switches", ())
        return found

    # -- Events --------------------------------------------------------------------------------

    def clock(self) -> int:
        """Engine time now, UtcNs."""
        return self._exchange.clock()

    def doubt(self, why: str) -> None:
        """Take nothing of either side for known until it has been told anew."""
        self._exchange.doubt(why)
        self._wallet.doubt(why)

    async def run(self) -> None:
        """Keep both sides coming until cancelled; the end of one ends both."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._exchange.run(), name="exchange")
            group.create_task(self._wallet.run(), name="wallet")

    def next_at(self) -> int | None:
        """Engine time of the next event, in the far future while nothing waits."""
        first = self._exchange.next_at()
        of_wallet = self._wallet.next_at()
        return of_wallet if first is None else min(first, of_wallet)

    def pop(self) -> tuple[int, Event]:
        """Take the next event; times never go back."""
        first = self._exchange.next_at()
        of_exchange = first is not None and first <= self._wallet.next_at()
        at, event = self._exchange.pop() if of_exchange else self._wallet.pop()
        self._last = max(self._last, at)
        return self._last, event

    def progress(self) -> float | None:
        """As the exchange's."""
        return self._exchange.progress()
