"""Sizes, prices and costs against numbers worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.hedging.inputs import Instrumental
from terminal.hedging.legs import (
    Size,
    cost,
    infeasible,
    one_way_cost,
    passive_price,
    size,
    worst_price,
)
from terminal.model.instrument import TickStep
from terminal.model.market import Depth
from terminal.model.order import Side
from tests.helpers.builders import PERP, SPOT, contract, inverse_contract, quote, seen


@given(st.integers(0, 10**7))
def test_whole_lots_survive_the_way_through_floats(lots: int) -> None:
    assert size(contract(), lots * 0.001, SPOT).qty == lots * Decimal("0.001")
    assert size(inverse_contract(), lots * 10 / SPOT, SPOT).qty == lots


@given(st.floats(-1e6, 1e6), st.floats(1.0, 1e6))
def test_size_rounds_toward_zero(amount: float, price: float) -> None:
    for terms in (contract(), inverse_contract()):
        chosen = size(terms, amount, price)
        assert chosen.qty >= 0
        assert chosen.coins <= abs(amount) * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_no_number_no_size(amount: float) -> None:
    assert size(contract(), amount, SPOT) == Size(Decimal(0), 0.0, 0.0)


def test_one_way_cost_is_fee_and_half_spread() -> None:
    assert one_way_cost(contract(), quote(bid=49_990.0, ask=50_010.0)) == pytest.approx(7e-4)
    assert one_way_cost(contract(), quote(bid=None)) is None


def test_cost_parts_by_hand() -> None:
    book = Depth(
        PERP,
        ((49_999.0, 0.5), (49_990.0, 0.3), (49_980.0, 0.1)),
        ((50_001.0, 0.4), (50_011.0, 0.4)),
    )
    hedge = Instrumental(
        contract=contract(),
        book=seen(quote(bid=49_999.0, ask=50_001.0)),
        depth=book,
        position=Decimal(0),
    )
    one = Size(Decimal(1), 1.0, 50_000.0)
    sold = cost(hedge, Side.SELL, one)
    assert sold.fee == pytest.approx(25.0)
    assert sold.spread == pytest.approx(1.0)
    assert sold.impact == pytest.approx(0.3 * 9 + 0.1 * 19 + 0.1 * 19)  # the last at the book's end
    assert cost(hedge, Side.BUY, one).impact == pytest.approx(0.4 * 10 + 0.2 * 10)
    small = Size(Decimal("0.4"), 0.4, 20_000.0)
    assert cost(hedge, Side.BUY, small).impact == 0.0
    assert sold.total == pytest.approx(sold.fee + sold.spread + sold.impact)


def test_cost_of_an_inverse_contract_is_in_dollars() -> None:
    hedge = Instrumental(
        contract=inverse_contract(),
        book=seen(quote(bid=49_990.0, ask=50_010.0)),
        depth=Depth(PERP, ((49_990.0, 2500.0), (49_980.0, 2500.0)), ()),
        position=Decimal(0),
    )
    sold = cost(hedge, Side.SELL, Size(Decimal(5000), 1.0, 50_000.0))
    assert (sold.fee, sold.spread, sold.impact) == pytest.approx((25.0, 10.0, 5.0))


def test_limits_round_inward_to_the_tick() -> None:
    assert worst_price(contract(), Side.BUY, 50_000.0, 15.01) == Decimal("50075.0")
    assert worst_price(contract(), Side.SELL, 50_000.0, 15.01) == Decimal("49925.0")
    assert passive_price(contract(), Side.BUY, quote(bid=49_999.7)) == Decimal("49999.5")
    assert passive_price(contract(), Side.SELL, quote(ask=50_000.3)) == Decimal("50000.5")
    with pytest.raises(ValueError, match="no buy side"):
        passive_price(contract(), Side.BUY, quote(bid=None))


def test_the_tick_is_that_of_the_price() -> None:
    steps = (TickStep(Decimal(0), Decimal("0.5")), TickStep(Decimal(50_000), Decimal(5)))
    terms = contract(ticks=steps)
    assert worst_price(terms, Side.BUY, 50_000.0, 15.0) == Decimal(50_075)
    assert worst_price(terms, Side.SELL, 50_000.0, 15.01) == Decimal("49925.0")


def test_a_band_is_feasible_from_six_tenths_of_a_lot() -> None:
    assert infeasible(contract(), 0.0006, SPOT) == ""
    assert "widen" in infeasible(contract(), 0.00059, SPOT)
    assert infeasible(inverse_contract(), 0.00012, SPOT) == ""
    assert "widen" in infeasible(inverse_contract(), 0.000119, SPOT)
