"""More fills missed than a page of any history holds: all of them are told, once."""

import time
from decimal import Decimal

import pytest

from terminal.venues.gateway.limiter import Budget, Turnstile
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import Tradable

MISSED = {"hyperliquid": 2_050}
"""Its pages hold 2,000 fills; those of the others a thousand at most."""


@pytest.fixture
def missed(venue: Tradable) -> int:
    """Return more than a page of this venue's history."""
    return MISSED.get(venue.dialect.venue, 1_050)


async def test_every_fill_of_a_long_gap_is_told_once(venue: Tradable, missed: int) -> None:
    async with trader(venue) as desk:
        order_id = desk.send(lots=2 * missed)
        await desk.hears(order_id, "live")
        _in_a_hurry(desk)
        parts = _fill_unheard(desk, order_id, missed)
        desk.server.drop_sockets()
        await desk.until(lambda: len(desk.fills(order_id)) >= missed)
        await desk.until(lambda: desk.gateway._stream.linked)
        told = desk.fills(order_id)
        assert len(told) == len({each.fill_id for each in told}) == missed
        half = desk.line.slips[order_id].intent.qty / 2
        assert sum((each.qty for each in told), Decimal()) == half
        assert parts * missed * 2 == desk.at_server(order_id).ask.quantity


def _fill_unheard(desk: Trader, order_id: str, count: int) -> Decimal:
    """Fill half of an order in so many parts of which no stream tells; the size of a part."""
    order, exchange = desk.at_server(order_id), desk.server.exchange
    part = order.ask.quantity / (2 * count)
    exchange.listener = _Deaf()  # type: ignore[assignment]
    for _ in range(count):
        exchange.fill(order.number, part)
    exchange.listener = desk.server
    return part


def _in_a_hurry(desk: Trader) -> None:
    """Take the brake off: budgets have tests of their own."""
    budget = Budget(per_second=1e4, burst=1e4, for_cancels=10.0, for_orders=10.0)
    desk.line.turnstile = Turnstile(budget, time.monotonic_ns)


class _Deaf:
    """Hears of nothing: what happens while the socket is gone."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None
