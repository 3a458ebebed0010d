"""The frontier: monotone, read exactly at its knots, geometric between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from terminal.lab.frontier import Frontier, cost_at, frontier, isotonic, position, reaches

values = arrays.arrays(np.float64, st.integers(1, 8), elements=st.floats(0.1, 1e4))


@given(values)
def test_isotonic_never_falls_and_keeps_the_sum(given_values: np.ndarray) -> None:
    fitted = isotonic(given_values)
    assert (np.diff(fitted) >= -1e-9 * given_values.max()).all()
    assert fitted.sum() == pytest.approx(given_values.sum(), rel=1e-9)


@given(values)
def test_isotonic_leaves_what_is_in_order(given_values: np.ndarray) -> None:
    ordered = np.sort(given_values)
    assert isotonic(ordered) == pytest.approx(ordered, rel=1e-12)


@given(values, st.data())
def test_no_other_rising_numbers_are_nearer(given_values: np.ndarray, data: st.DataObject) -> None:
    steps = data.draw(arrays.arrays(np.float64, given_values.size, elements=st.floats(0, 1e3)))
    other = np.cumsum(steps)
    mine = np.sum((isotonic(given_values) - given_values) ** 2)
    assert mine <= np.sum((other - given_values) ** 2) * (1.0 + 1e-9) + 1e-9


def test_isotonic_pools_what_is_out_of_order_along_the_last_axis() -> None:
    assert isotonic(np.array([[1.0, 3.0, 2.0, 4.0], [3.0, 2.0, 1.0, 1.0]])).tolist() == [
        [1.0, 2.5, 2.5, 4.0],
        [1.75, 1.75, 1.75, 1.75],
    ]


CURVE = Frontier(np.array([10.0, 20.0, 40.0]), np.array([800.0, 400.0, 100.0]))


@pytest.mark.parametrize(
    ("risk", "cost", "place"),
    [(10.0, 800.0, 0.0), (20.0, 400.0, 1.0), (30.0, 200.0, 1.5), (40.0, 100.0, 2.0)],
)
def test_cost_of_a_risk(risk: float, cost: float, place: float) -> None:
    asked = np.array(risk)
    assert cost_at(CURVE, asked) == pytest.approx(cost)
    assert position(CURVE, asked) == pytest.approx(place)
    assert reaches(CURVE, asked) == 1.0


@pytest.mark.parametrize(("risk", "cost"), [(9.0, 800.0), (41.0, 100.0)])
def test_outside_what_was_tried_it_is_the_outermost_and_says_so(risk: float, cost: float) -> None:
    assert cost_at(CURVE, np.array(risk)) == pytest.approx(cost)
    assert reaches(CURVE, np.array(risk)) == 0.0


def test_of_settings_with_one_risk_the_widest_is_taken() -> None:
    curve = frontier(np.array([10.0, 21.0, 19.0, 40.0]), np.array([800.0, 400.0, 300.0, 100.0]))
    assert cost_at(curve, np.array(20.0)) == pytest.approx(300.0)


def test_a_setting_that_never_traded_costs_a_cent() -> None:
    curve = frontier(np.array([1.0, 2.0]), np.array([4.0, 0.0]))
    assert cost_at(curve, np.array(2.0)) == pytest.approx(0.01)


@given(st.floats(10.0, 40.0), st.floats(10.0, 40.0))
def test_more_risk_never_costs_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert cost_at(CURVE, np.array(low)) >= cost_at(CURVE, np.array(high)) * (1.0 - 1e-12)


def test_many_frontiers_are_read_at_once() -> None:
    curves = Frontier(np.stack([CURVE.risk, 2.0 * CURVE.risk]), np.stack([CURVE.cost, CURVE.cost]))
    assert cost_at(curves, np.array([30.0, 60.0])) == pytest.approx([200.0, 200.0])
