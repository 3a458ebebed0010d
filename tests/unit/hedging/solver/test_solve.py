"""Hedges that can be worked out by hand, and what the answer says about them."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Outlook, Status, Terms
from terminal.hedging.solver.solve import solve
from terminal.model.order import Side
from tests.unit.hedging.solver.builders import instrument, question, traded

CENTI = Decimal("0.01")
OUTLOOK = Outlook(spot=60_000.0, vol=0.6, vol_of_vol=0.9)


@given(
    st.integers(-10_000, 10_000),
    st.integers(0, 500),
    st.sampled_from([Decimal("0.001"), Decimal("0.01"), Decimal("0.5"), Decimal(1)]),
)
def test_delta_with_one_perpetual_goes_to_the_nearest_edge(
    present: int, width: int, lot: Decimal
) -> None:
    net, band = present * CENTI, width * CENTI
    perpetual = instrument("PERP", 1.0, most=1000.0, lot=lot)
    problem = question((float(net),), ((-float(band), float(band)),), perpetual)
    away = max(abs(net) - band, Decimal(0))
    lots = math.ceil(away / lot)
    if lots * lot - away > 2 * band:
        assert solve(problem).status is Status.NEAREST
        return
    size = -lots * lot if net > 0 else lots * lot
    assert traded(problem) == ({"PERP": size} if size else {})


def test_delta_gamma_with_perpetual_and_option_in_closed_form() -> None:
    option = instrument("CALL", 0.5, 2.0, most=1000.0, lot=Decimal("0.1"))
    perpetual = instrument("PERP", 1.0, 0.0, most=1000.0, lot=Decimal("0.001"))
    problem = question((10.0, -100.0), ((0.0, 0.0), (0.0, 0.0)), option, perpetual)
    assert traded(problem) == {"CALL": Decimal("50.0"), "PERP": Decimal("-35.000")}


def test_delta_gamma_vega_solves_the_square_system() -> None:
    near = instrument("NEAR", 0.5, 4.0, 1.0, most=100.0)
    far = instrument("FAR", 0.4, 1.0, 3.0, most=100.0)
    perpetual = instrument("PERP", 1.0, 0.0, 0.0, most=100.0, lot=Decimal("0.1"))
    problem = question((1.0, -47.0, 7.0), ((0.0, 0.0),) * 3, near, far, perpetual)
    # 4 n + f = 47 and n + 3 f = -7 give n = 148/11: no whole lots; shift vega until they fit.
    moved = structs.replace(problem, net=problem.net | {VEGA: 2.0})
    assert solve(problem).status is Status.NEAREST
    # 4 n + f = 47 and n + 3 f = -2 give n = 13, f = -5; delta 1 + 6.5 - 2 leaves -5.5 to sell.
    assert traded(moved) == {"FAR": Decimal(-5), "NEAR": Decimal(13), "PERP": Decimal("-5.5")}


def test_cheaper_instrument_is_taken_and_depth_spills_over() -> None:
    cheap = instrument("A", 1.0, most=3.0, sell=Terms(max_qty=3.0, impact=1.0))
    dear = instrument("B", 1.0, most=9.0, sell=Terms(max_qty=9.0, impact=2.0))
    assert traded(question((3.0,), ((-1.0, 1.0),), cheap, dear)) == {"A": Decimal(-2)}
    spilled = question((6.0,), ((-1.0, 1.0),), cheap, dear)
    assert traded(spilled) == {"A": Decimal(-3), "B": Decimal(-2)}
    assert traded(structs.replace(spilled, most_instruments=1)) == {"B": Decimal(-5)}


def test_fixed_cost_makes_one_order_of_two() -> None:
    cheap = instrument("A", 1.0, most=3.0, order_cost=5.0)
    dear = instrument("B", 1.0, order_cost=5.0, sell=Terms(max_qty=9.0, impact=1.5))
    assert traded(question((6.0,), ((-1.0, 1.0),), cheap, dear)) == {"B": Decimal(-5)}


def test_rising_impact_spreads_the_order_over_books() -> None:
    thin = Terms(max_qty=10.0, convexity=1.0)
    books = [instrument(key, 1.0, sell=thin) for key in ("A", "B", "C")]
    problem = question((9.0,), ((0.0, 0.0),), *books)
    assert traded(problem) == {"A": Decimal(-3), "B": Decimal(-3), "C": Decimal(-3)}


def test_equals_are_told_apart_by_position_then_key() -> None:
    first, second = instrument("A", 1.0), instrument("B", 1.0)
    assert traded(question((3.0,), ((-1.0, 1.0),), second, first)) == {"A": Decimal(-2)}
    held = structs.replace(second, position=Decimal(4))
    assert traded(question((3.0,), ((-1.0, 1.0),), first, held)) == {"B": Decimal(-2)}


def test_reduce_only_never_opens() -> None:
    held = instrument("A", 1.0, position=Decimal(1), reduce_only=True)
    answer = solve(question((3.0,), ((-1.0, 1.0),), held))
    assert answer.status is Status.NEAREST
    assert answer.hedge is not None
    assert [(each.qty, each.reduces) for each in answer.hedge.trades] == [(Decimal(1), True)]


def test_carry_tips_the_choice_but_is_never_earned_by_size() -> None:
    paid = instrument("A", 1.0, carry=50.0)  # a short is paid 50 per contract
    plain = instrument("B", 1.0, sell=Terms(max_qty=9.0, impact=0.5))
    problem = question((3.0,), ((-1.0, 1.0),), paid, plain)
    assert traded(problem) == {"A": Decimal(-2)}
    hedge = solve(problem).hedge
    assert hedge is not None
    assert hedge.cost == 0.0
    assert hedge.trades[0].carry == -hedge.trades[0].cost.total


def test_infeasible_names_the_greek_and_the_distance() -> None:
    perpetual = instrument("PERP", 1.0, 0.0, most=100.0)
    option = instrument("CALL", 0.5, 2.0, most=5.0)
    answer = solve(question((10.0, -100.0), ((-1.0, 1.0), (-20.0, 20.0)), perpetual, option))
    assert answer.status is Status.NEAREST
    assert answer.hedge is not None
    assert answer.hedge.outside == {DELTA: 0.0, GAMMA: -70.0}
    assert len(answer.reasons) == 1
    assert "Gamma stays 70.00 USD per 1 % below its band" in answer.reasons[0]
    assert "80.00 is needed" in answer.reasons[0]
    assert "can move it by 10.00" in answer.reasons[0]
    assert answer.reasons[0] in answer.words


def test_coarse_lots_are_named_when_they_are_what_stands_in_the_way() -> None:
    answer = solve(question((2.5,), ((-0.1, 0.1),), instrument("PERP", 1.0)))
    assert answer.status is Status.NEAREST
    assert answer.hedge is not None
    assert abs(answer.hedge.outside[DELTA]) == pytest.approx(0.4)
    assert "whole lots" in answer.reasons[0]


def test_greek_pushed_out_by_the_others_is_explained() -> None:
    option = instrument("CALL", 10.0, 1.0)
    answer = solve(question((0.0, -3.0), ((-1.0, 1.0), (-0.5, 0.5)), option))
    assert answer.status is Status.NEAREST
    assert answer.reasons


def test_inside_every_band_nothing_is_traded() -> None:
    answer = solve(question((0.5, 1.0), ((-1.0, 1.0), (-2.0, math.inf)), instrument("A", 1.0, 1.0)))
    assert answer.status is Status.OPTIMAL
    assert answer.hedge is not None
    assert answer.hedge.trades == ()
    assert answer.hedge.cost == 0.0
    assert "Trade nothing" in answer.words
    assert "open" in answer.words


def test_answer_says_costs_risk_and_alternatives_in_the_same_numbers() -> None:
    near = instrument("NEAR", 0.5, 400.0, 10.0, most=100.0)
    far = instrument("FAR", 0.4, 300.0, 10.0, buy=Terms(max_qty=100.0, impact=1.5))
    perpetual = instrument("PERP", 1.0, 0.0, 0.0, most=100.0)
    problem = question((1.0, -4000.0), ((-1.0, 1.0), (-200.0, 200.0)), near, far, perpetual)
    problem = structs.replace(
        problem, net=problem.net | {VEGA: -100.0}, outlook=OUTLOOK, alternatives=3
    )
    answer = solve(problem)
    hedge = answer.hedge
    assert hedge is not None
    assert [(each.key, each.side, each.qty) for each in hedge.trades] == [
        ("NEAR", Side.BUY, Decimal(10)),
        ("PERP", Side.SELL, Decimal(5)),
    ]
    assert hedge.cost == pytest.approx(15.0)
    assert hedge.after == pytest.approx({DELTA: 1.0, GAMMA: 0.0, VEGA: 0.0})
    assert answer.before is not None
    assert hedge.risk is not None
    assert hedge.risk.total < answer.before.total
    assert "Buy 10 NEAR" in answer.words
    assert "Sell 5 PERP" in answer.words
    assert "USD 15.00 in all" in answer.words
    assert "Nothing cheaper meets the bands" in answer.words
    costs = [row.cost for row in answer.alternatives[:-1]]
    assert costs == sorted(costs)
    assert all(cost >= hedge.cost - 1e-9 for cost in costs)
    assert answer.alternatives[0].reason in {"best without NEAR", "best without PERP"}
    assert answer.alternatives[-1].reason == "doing nothing"
    assert answer.alternatives[-1].after == problem.net
    assert answer.alternatives[-1].risk == answer.before


def test_greek_that_a_traded_instrument_does_not_state_is_unknown() -> None:
    problem = question((3.0,), ((-1.0, 1.0),), instrument("PERP", 1.0))
    answer = solve(structs.replace(problem, net=problem.net | {VEGA: 5.0}, outlook=OUTLOOK))
    assert answer.hedge is not None
    assert answer.hedge.after == {DELTA: 1.0}
    assert answer.hedge.risk is None
