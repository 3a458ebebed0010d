"""Nine Greeks on a spot: exactness, parity, derivatives, agreement with the forward, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing import black_scholes
from terminal.pricing.full_greeks import FullGreeks, full_greeks
from tests.unit.pricing import mp_reference
from tests.unit.pricing.test_black import LARGEST_SCORE, hard_grid

RATE, DIVIDEND = 0.07, 0.11

ratios = st.floats(0.2, 5.0)
tenors = st.floats(1e-4, 5.0)
vols = st.floats(0.05, 3.0)
signs = st.sampled_from([1.0, -1.0])
rates = st.floats(-0.2, 0.5)


def of(*leg: float) -> FullGreeks:
    """Greeks of spot, strike, years, volatility, sign, rate and dividend yield."""
    spot, strike, years, vol, sign, rate, dividend = leg
    return black_scholes.greeks(spot, strike, years, vol, sign, rate=rate, dividend=dividend)


@pytest.mark.parametrize(("rate", "dividend"), [(RATE, DIVIDEND), (0.1, 0.0)])
def test_every_greek_is_exact_to_twelve_digits_on_the_hard_grid(
    rate: float, dividend: float
) -> None:
    carry = rate - dividend
    spots = hard_grid()[::2]
    forwards = spots[:, 0] * np.exp(carry * spots[:, 2])
    with_carry = np.column_stack([forwards, spots[:, 1:]])
    reachable = [
        max(map(abs, mp_reference.scores(*leg[:4]))) <= LARGEST_SCORE for leg in with_carry.tolist()
    ]
    legs = spots[reachable]
    assert len(legs) > 350
    exact = [mp_reference.nine(leg, rate=rate, carry=carry) for leg in legs.tolist()]
    values = np.array([value for value, _ in exact]).T
    scales = np.array([scale for _, scale in exact]).T
    computed = np.array(black_scholes.greeks(*legs.T, rate=rate, dividend=rate - carry))
    wrong = np.abs(computed - values)
    of_spot = 1e-15 * legs[:, 0]
    assert ((wrong[0] < 1e-12 * scales[0]) | (wrong[0] < of_spot)).all()
    assert (wrong[1:] / scales[1:]).max() < 1e-12


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("shift", [-2e-5, -1e-9, 0.0, 3e-9, 1e-5])
def test_next_to_the_strike_a_minute_before_expiry(shift: float, sign: float) -> None:
    leg = (60_000.0, 60_000.0 * (1.0 + shift), 1.0 / 525_600.0, 0.01, sign)
    exact, _ = mp_reference.nine(leg, rate=0.2, carry=0.2)
    assert of(*leg, 0.2, 0.0).price == pytest.approx(exact[0], rel=1e-12)


@settings(max_examples=40)
@given(ratio=ratios, years=tenors, vol=vols, rate=rates, dividend=rates)
def test_put_call_parity(
    *, ratio: float, years: float, vol: float, rate: float, dividend: float
) -> None:
    call, put = (of(1.0, ratio, years, vol, sign, rate, dividend) for sign in (1.0, -1.0))
    discount, yielded = math.exp(-rate * years), math.exp(-dividend * years)
    scale = 1e-14 * (1.0 + ratio * discount + yielded)
    assert call.price - put.price == pytest.approx(yielded - ratio * discount, abs=scale)
    assert call.delta - put.delta == pytest.approx(yielded, rel=1e-14)
    assert call.rho - put.rho == pytest.approx(years * ratio * discount, rel=1e-13)
    for same in ("gamma", "vega", "vanna", "volga"):
        assert getattr(call, same) == getattr(put, same)


@settings(max_examples=40)
@given(ratio=ratios, years=tenors, vol=vols, sign=signs, rate=rates, dividend=rates)
def test_a_spot_is_its_forward_carried_back(
    *, ratio: float, years: float, vol: float, sign: float, rate: float, dividend: float
) -> None:
    growth = math.exp((rate - dividend) * years)
    on_spot = of(100.0, 100.0 * ratio, years, vol, sign, rate, dividend)
    on_forward = full_greeks(100.0 * growth, 100.0 * ratio, years, vol, sign, rate=rate)
    for name, factor in (
        ("price", 1.0), ("delta", growth), ("gamma", growth**2), ("vega", 1.0), ("volga", 1.0),
        ("vanna", growth),
    ):  # fmt: skip
        expected = factor * float(getattr(on_forward, name))
        near = 1e-11 * (1.0 + abs(float(on_forward.vega)) / vol**2)
        assert getattr(on_spot, name) == pytest.approx(expected, rel=1e-8, abs=near)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.6])
def test_greeks_are_derivatives(ratio: float, sign: float) -> None:
    leg = (100.0, 100.0 * ratio, 0.3, 0.7, sign, 0.12, 0.05)
    unit = of(*leg)

    def slope(field: str, position: int, step: float) -> float:
        low, high = list(leg), list(leg)
        low[position] -= step
        high[position] += step
        below, above = of(*low), of(*high)
        return float((getattr(above, field) - getattr(below, field)) / (2.0 * step))

    for greek, field, position, step, factor in (
        ("delta", "price", 0, 1e-3, 1.0),
        ("gamma", "delta", 0, 1e-3, 1.0),
        ("vega", "price", 3, 1e-5, 1.0),
        ("theta", "price", 2, 1e-5, -1.0),
        ("rho", "price", 5, 1e-5, 1.0),
        ("vanna", "delta", 3, 1e-5, 1.0),
        ("volga", "vega", 3, 1e-5, 1.0),
        ("charm", "delta", 2, 1e-5, -1.0),
    ):
        expected = factor * slope(field, position, step)
        assert getattr(unit, greek) == pytest.approx(expected, rel=1e-6, abs=1e-7), greek


def test_the_equation_of_black_and_scholes_holds() -> None:
    spot, vol, rate, dividend = 100.0, 0.6, 0.08, 0.03
    unit = black_scholes.greeks(
        spot, [70.0, 100.0, 140.0], 0.4, vol, -1.0, rate=rate, dividend=dividend
    )
    earned = rate * unit.price - (rate - dividend) * spot * unit.delta
    assert unit.theta == pytest.approx(earned - 0.5 * (vol * spot) ** 2 * unit.gamma, rel=1e-12)


@pytest.mark.parametrize("years", [0.0, -0.5])
def test_at_and_after_expiry_only_intrinsic_is_left(years: float) -> None:
    call = black_scholes.greeks(
        100.0, [90.0, 110.0, 100.0], years, 0.6, 1.0, rate=0.1, dividend=0.3
    )
    assert call.price == pytest.approx([10.0, 0.0, 0.0], rel=1e-15)
    assert call.delta.tolist() == [1.0, 0.0, 0.5]
    assert not np.array(call[2:]).any()


def test_without_volatility_the_forward_is_certain() -> None:
    call = black_scholes.greeks(100.0, [90.0, 110.0], 2.0, 0.0, 1.0, rate=0.1, dividend=0.08)
    discount, yielded = math.exp(-0.2), math.exp(-0.16)
    value = 100.0 * yielded - 90.0 * discount
    assert call.price == pytest.approx([value, 0.0], rel=1e-13)
    assert call.delta == pytest.approx([yielded, 0.0])
    assert call.rho == pytest.approx([2.0 * 90.0 * discount, 0.0])
    assert call.charm == pytest.approx([0.08 * yielded, 0.0])
    assert call.theta == pytest.approx([0.08 * 100.0 * yielded - 0.1 * 90.0 * discount, 0.0])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("position", range(7))
def test_a_bad_number_is_nan_and_spoils_no_neighbour(bad: float, position: int) -> None:
    good = (100.0, 101.0, 0.1, 0.5, 1.0, 0.05, 0.02)
    legs = np.array([good, good])
    legs[1, position] = bad
    result = np.array(black_scholes.greeks(*legs[:, :5].T, rate=legs[:, 5], dividend=legs[:, 6]))
    assert np.isnan(result[:, 1]).all()
    assert result[:, 0] == pytest.approx(np.array(of(*good)), rel=1e-14)


def test_shapes_and_unusable_arguments() -> None:
    grid = black_scholes.greeks([[90.0], [110.0]], [80.0, 100.0, 120.0], 0.5, 0.6, 1.0, rate=0.1)
    assert grid.charm.shape == (2, 3)
    assert grid.price[1, 2] == pytest.approx(of(110.0, 120.0, 0.5, 0.6, 1.0, 0.1, 0.0).price)
    with pytest.raises(TypeError, match="dividend must hold real numbers"):
        black_scholes.greeks(100.0, 110.0, 0.5, 0.6, 1.0, dividend="3%")
