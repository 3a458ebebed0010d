"""Short ways to make orders, worlds and lists of events."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest

from terminal.core.units import SECOND
from terminal.model.account import AccountSnapshot, Balance, Position
from terminal.model.instrument import Instrument
from terminal.model.market import Quote
from terminal.model.messages import Event, Listing, MarketEvent
from terminal.model.order import Fill, OrderIntent, OrderUpdate, Side, TimeInForce
from terminal.model.ports import World
from terminal.portfolio.ledger import Ledger
from terminal.venues.message_queue import NO_LATENCY
from terminal.venues.sim_listing import perpetuals
from terminal.venues.sim_world import SimWorld
from terminal.venues.simulated import SimulatedVenue, VenueTerms

START = 1_764_000_000 * SECOND  # 2025-11-24 16:00 UTC
PERP = "BTC-PERPETUAL@sim"
LINEAR = "SOL_USDC-PERPETUAL@sim"
BY_KEY: dict[str, Instrument] = {each.contract.key: each for each in perpetuals()}


def order(
    order_id: str = "o1",
    *,
    key: str = PERP,
    side: Side = Side.BUY,
    qty: str = "100",
    limit: str = "86000",
    tif: TimeInForce = TimeInForce.IOC,
    reduce_only: bool = False,
) -> OrderIntent:
    """Make an order that takes liquidity unless told otherwise."""
    return OrderIntent(
        order_id=order_id,
        proposal_id="p1",
        attempt=1,
        key=key,
        side=side,
        qty=Decimal(qty),
        limit=Decimal(limit),
        tif=tif,
        reduce_only=reduce_only,
        decision_mid=85_000.0,
    )


def world(seed: int = 7, **terms: object) -> SimWorld:
    """Make a simulated world at the usual start."""
    return SimWorld(seed=seed, start_at=START, **terms)  # type: ignore[arg-type]


def play(live: World, until: int) -> list[tuple[int, Event]]:
    """Take every event up to ``until``."""
    seen = []
    while (at := live.next_at()) is not None and at <= until:
        seen.append(live.pop())
    return seen


def updates(events: Iterable[tuple[int, Event]], order_id: str) -> list[OrderUpdate]:
    """Words about one order."""
    return [e for _, e in events if isinstance(e, OrderUpdate) and e.order_id == order_id]


def fills(events: Iterable[tuple[int, Event]], order_id: str = "") -> list[Fill]:
    """Fills, of one order or of all."""
    found = [e for _, e in events if isinstance(e, Fill)]
    return [each for each in found if order_id in ("", each.order_id)]


def venue(
    *shown: MarketEvent,
    positions: tuple[Position, ...] = (),
    balances: tuple[Balance, ...] = (),
    order_log: Callable[[OrderIntent], None] | None = None,
) -> SimulatedVenue:
    """Make a venue without latency that lists the perpetuals and has seen some events."""
    made = SimulatedVenue(
        VenueTerms(name="sim", latency=NO_LATENCY, order_log=order_log), positions, balances
    )
    made.on_market(START, Listing("sim", tuple(BY_KEY.values())))
    for event in shown:
        made.on_market(START, event)
    return made


def said(made: SimulatedVenue, to: int = START + 1) -> list[tuple[int, Event]]:
    """Let the venue work and take what it has to say."""
    made.advance(to)
    found: list[tuple[int, Event]] = []
    while made.next_at() is not None:
        found.append(made.pop())
    return found


def quote(bid: float = 84_999.5, ask: float = 85_000.5, *, size: float = 1000.0) -> Quote:
    """Make a quote of the perpetual."""
    return Quote(PERP, bid, ask, size, size, mark=0.5 * (bid + ask))


def agree(ledger: Ledger, snapshot: AccountSnapshot) -> None:
    """The venue's account and the ledger, two implementations, say the same."""
    theirs = {each.key: each for each in snapshot.positions}
    for key, position in ledger.positions.items():
        assert position.qty == (theirs[key].qty if key in theirs else 0)
        if key in theirs:
            assert float(position.entry) == pytest.approx(float(theirs[key].entry))
    cash = {each.currency: each.amount for each in snapshot.balances}
    for currency, amount in ledger.cash.items():
        assert amount == pytest.approx(cash.get(currency, Decimal(0)), abs=Decimal("1e-8"))
