"""Open orders as a venue lists them, held against ours."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.execution.stated_orders import at_odds, reach, strangers
from terminal.model.account import OpenOrder
from terminal.model.instrument import Option, Right
from terminal.model.order import Order, OrderStatus, Side
from tests.helpers.builders import EXPIRY, NOW, PERP, contract, instruments, intent, order

LATER = NOW + 1
PERPETUAL = instruments()[0]


def stated(qty: str = "10", order_id: str = "o1") -> OpenOrder:
    return OpenOrder(
        venue_id="v1",
        key=PERP,
        side=Side.BUY,
        qty=Decimal(qty),
        limit=Decimal(50_000),
        order_id=order_id,
    )


def odds(
    mine: Order, listed: tuple[OpenOrder, ...] | None, before: int = LATER
) -> list[tuple[int, int]]:
    found = at_odds({"o1": mine}, "sim", listed, before=before)
    return [(int(ours), int(theirs)) for _, ours, theirs in found]


@pytest.mark.parametrize(
    ("status", "listed", "expected"),
    [
        (OrderStatus.LIVE, (stated(),), []),
        (OrderStatus.LIVE, (stated("4"),), [(10, 4)]),
        (OrderStatus.CANCEL_PENDING, (), [(10, 0)]),
        (OrderStatus.CANCELLED, (), []),
        (OrderStatus.CANCELLED, (stated("4"),), [(0, 4)]),
        (OrderStatus.UNKNOWN, (), []),  # asked about by itself
        (OrderStatus.SENT, (stated("4"),), []),
        (OrderStatus.LIVE, None, []),  # a venue that says nothing of orders
        (OrderStatus.LIVE, (stated(order_id=""),), [(10, 0)]),
    ],
)
def test_a_list_is_at_odds_with_what_rests_or_has_ended(
    status: OrderStatus, listed: tuple[OpenOrder, ...] | None, expected: list[tuple[int, int]]
) -> None:
    assert odds(order(status), listed) == expected


def test_a_list_older_than_a_change_or_of_another_venue_says_nothing() -> None:
    assert odds(order(OrderStatus.LIVE), (), before=NOW) == []
    elsewhere = order(OrderStatus.LIVE, intent=intent(key="BTC@other"))
    assert odds(elsewhere, ()) == []


def test_strangers_are_orders_of_no_id_of_ours() -> None:
    mine, other, nameless = stated(), stated(order_id="x"), stated(order_id="")
    assert strangers({"o1": order()}, (mine, other, nameless)) == (other, nameless)
    assert strangers({}, None) == ()


def reached(stranger: OpenOrder, held: str = "0", middle: float | None = 50_000.0) -> object:
    return reach(stranger, PERPETUAL, held=Decimal(held), middle=middle, collar_bps=50.0)[0]


def test_a_strangers_order_counts_as_far_as_it_may_fill() -> None:
    assert reached(stated("2")) == 2.0
    assert reached(replace(stated("2"), side=Side.SELL)) == -2.0
    assert reached(replace(stated("2"), limit=None)) == 2.0
    assert reached(replace(stated("2"), limit=None), middle=None) is None
    assert reached(stated("2"), middle=None) == 2.0
    assert reached(replace(stated("2"), limit=Decimal(40_000))) is None
    reducing = replace(stated("2"), side=Side.SELL, reduce_only=True)
    assert reached(reducing, held="0.5") == -0.5
    assert reached(reducing, held="-3") is None


def test_an_order_on_an_option_or_on_nothing_known_is_not_counted() -> None:
    call = Option(contract("C"), EXPIRY, Decimal(1), Right.CALL)
    for instrument, why in ((call, "on an option"), (None, "not known here")):
        coins, said = reach(stated(), instrument, held=Decimal(0), middle=50_000.0, collar_bps=50.0)
        assert coins is None
        assert why in said
