"""A gateway at work against a local server, and ways to wait for what it says."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

from terminal.core.ids import client_order_id
from terminal.core.secret import Secret
from terminal.model.instrument import Payoff
from terminal.model.messages import Event, LinkUp
from terminal.model.order import Fill, OrderIntent, OrderUpdate, Side, TimeInForce
from terminal.venues.gateway.catalogue import asks_of
from terminal.venues.gateway.gateway import Earlier, Gateway
from terminal.venues.gateway.line import Line, Terms
from terminal.venues.redaction import Redactor
from tests.contracts.trading.venues import Tradable, dialler
from tests.venue_servers.account import Order
from tests.venue_servers.server import VenueServer

PATIENCE_S = 12.0


class Trader:
    """Sends orders by a gateway and listens."""

    def __init__(self, venue: Tradable, server: VenueServer, gateway: Gateway) -> None:
        self.venue = venue
        self.server = server
        self.gateway = gateway
        self.heard: list[Event] = []
        self._count = 0

    @property
    def line(self) -> Line:
        """Return what the gateway's jobs share."""
        return self.gateway._line

    def listen(self) -> list[Event]:
        """Take what has been said."""
        while self.gateway.next_at() is not None:
            self.heard.append(self.gateway.pop()[1])
        return self.heard

    def statuses(self, order_id: str) -> list[str]:
        """Return what was said of an order, without repeats."""
        told = [
            each.status.value
            for each in self.listen()
            if isinstance(each, OrderUpdate) and each.order_id == order_id
        ]
        return [each for at, each in enumerate(told) if at == 0 or told[at - 1] != each]

    def fills(self, order_id: str) -> list[Fill]:
        """Return the fills of an order."""
        found = (each for each in self.listen() if isinstance(each, Fill))
        return [each for each in found if each.order_id == order_id]

    async def until(self, told: Callable[[], object]) -> None:
        """Wait until something has been said."""
        deadline = time.monotonic() + PATIENCE_S
        while not told():
            assert time.monotonic() < deadline, (self.heard, self.gateway.notes)
            await asyncio.sleep(0.01)

    async def hears(self, order_id: str, status: str) -> None:
        """Wait for a status to be the last one said."""
        await self.until(lambda: self.statuses(order_id)[-1:] == [status])

    def price(self, away: int) -> Decimal:
        """Return a price so many percent below the best bid (above it when negative)."""
        book = self.server.exchange.books[self.venue.symbol]
        tick = self.server.exchange.listed[self.venue.symbol].tick
        return book.best("bid") * (100 - away) / 100 // tick * tick

    def send(
        self,
        *,
        away: int = 5,
        lots: int = 10,
        tif: TimeInForce = TimeInForce.GTC,
        side: Side = Side.BUY,
    ) -> str:
        """Send an order; its id."""
        self._count += 1
        instrument = self.line.known.by_key[self.venue.key]
        contract = instrument.contract
        least = max(contract.min_qty, contract.lot)
        if contract.payoff is Payoff.LINEAR:  # a USD each where it is inverse
            worth = least * contract.multiplier * self.price(50)
            least *= max(math.ceil(contract.min_notional / worth), 1)
        order = OrderIntent(
            order_id=client_order_id("run", "contract", self._count),
            proposal_id="p",
            attempt=1,
            key=self.venue.key,
            side=side,
            qty=least * lots,
            limit=self.price(away),
            tif=tif,
            reduce_only=False,
            decision_mid=float(self.price(0)),
        )
        self.gateway.submit(order, 0)
        return order.order_id

    async def rests(self) -> str:
        """Send an order that rests, and wait for it."""
        order_id = self.send()
        await self.hears(order_id, "live")
        return order_id

    def at_server(self, order_id: str) -> Order:
        """Return the order as the server has it."""
        client_id = self.venue.dialect.client_id(order_id)
        (found,) = self.server.exchange.account.by_client_id(client_id)
        return found

    def arrived(self, order_id: str) -> int:
        """How many orders with this id really arrived."""
        return self.server.exchange.arrivals[self.venue.dialect.client_id(order_id)]


@asynccontextmanager
async def trader(venue: Tradable) -> AsyncIterator[Trader]:
    """Serve a venue and trade on it, from when the account has been read."""
    async with venue.serve() as server, trading(venue, server) as at_work:
        yield at_work


@asynccontextmanager
async def trading(
    venue: Tradable, server: VenueServer, *, earlier: Sequence[Earlier] = (), since: int = 0
) -> AsyncIterator[Trader]:
    """Trade on a venue that is served already, with orders of before; trades told from now on."""
    async with started(venue, server, earlier=earlier, since=since) as at_work:
        await at_work.until(lambda: any(isinstance(x, LinkUp) for x in at_work.listen()))
        yield at_work


@asynccontextmanager
async def started(
    venue: Tradable, server: VenueServer, *, earlier: Sequence[Earlier] = (), since: int = 0
) -> AsyncIterator[Trader]:
    """Start a gateway, whether it comes to trade or not."""
    redactor = Redactor()
    redactor.learn(Secret(each) for each in server.credentials.values())
    terms = Terms(
        dialect=venue.dialect,
        asks=asks_of(venue.dialect),
        dial=dialler(venue, server),
        redactor=redactor,
        now=time.time_ns,
        clock=time.monotonic_ns,
        since=since or time.time_ns(),
        paid_since=since or time.time_ns(),
    )
    at_work = Trader(venue, server, Gateway(terms, earlier))
    running = asyncio.get_running_loop().create_task(at_work.gateway.run())
    try:
        yield at_work
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        at_work.listen()
