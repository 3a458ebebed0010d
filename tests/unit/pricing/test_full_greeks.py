"""Nine Greeks on a forward: exactness, parity, derivatives, limits, bad input."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.black import greeks_with_rho
from terminal.pricing.black_block import BLOCK
from terminal.pricing.full_greeks import FullGreeks, full_greeks
from tests.unit.pricing import mp_reference
from tests.unit.pricing.test_black import hard_grid

RATE = 0.07

forwards = st.floats(1e-3, 1e6)
ratios = st.floats(0.2, 5.0)
tenors = st.floats(1e-4, 5.0)
vols = st.floats(0.05, 3.0)
signs = st.sampled_from([1.0, -1.0])
rates = st.floats(-0.2, 0.5)


def of(*leg: float) -> FullGreeks:
    """Greeks of forward, strike, years, volatility, sign and rate."""
    forward, strike, years, vol, sign, rate = leg
    return full_greeks(forward, strike, years, vol, sign, rate=rate)


def test_every_greek_is_exact_to_twelve_digits_on_the_hard_grid() -> None:
    legs = hard_grid()
    exact = [mp_reference.nine(leg, rate=RATE) for leg in legs.tolist()]
    values = np.array([value for value, _ in exact]).T
    scales = np.array([scale for _, scale in exact]).T
    assert len(legs) > 900
    computed = np.array(full_greeks(*legs.T, rate=RATE))
    assert (np.abs(computed - values) / scales).max() < 1e-12


@settings(max_examples=40)
@given(forward=forwards, ratio=ratios, years=tenors, vol=vols, rate=rates)
def test_put_call_parity(
    *, forward: float, ratio: float, years: float, vol: float, rate: float
) -> None:
    strike = forward * ratio
    call, put = (of(forward, strike, years, vol, sign, rate) for sign in (1.0, -1.0))
    discount = math.exp(-rate * years)
    scale = 1e-14 * max(forward, strike) * max(1.0, discount)
    paid = discount * (forward - strike)
    assert call.price - put.price == pytest.approx(paid, abs=scale)
    assert call.delta - put.delta == pytest.approx(discount, rel=1e-14)
    assert call.theta - put.theta == pytest.approx(
        rate * paid, abs=scale + 1e-13 * abs(float(call.theta))
    )
    assert call.rho - put.rho == pytest.approx(-years * paid, abs=scale * years)
    decay = abs(float(call.charm)) + abs(float(put.charm))
    assert call.charm - put.charm == pytest.approx(rate * discount, abs=1e-14 * (1 + decay))
    for same in ("gamma", "vega", "vanna", "volga"):
        assert getattr(call, same) == getattr(put, same)


@settings(max_examples=40)
@given(ratio=ratios, years=tenors, vol=vols, sign=signs, rate=rates)
def test_mirror_of_forward_and_strike(
    *, ratio: float, years: float, vol: float, sign: float, rate: float
) -> None:
    one = of(1.0, ratio, years, vol, sign, rate)
    other = of(ratio, 1.0, years, vol, -sign, rate)
    for mirrored in ("price", "vega", "rho", "volga"):
        assert getattr(one, mirrored) == pytest.approx(
            getattr(other, mirrored), rel=1e-9, abs=1e-13 * (1.0 + abs(float(one.vega)) / vol)
        )


@pytest.mark.parametrize("rate", [0.0, 0.3])
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [0.7, 0.95, 1.0, 1.1, 1.6])
def test_greeks_are_derivatives(ratio: float, sign: float, rate: float) -> None:
    leg = (100.0, 100.0 * ratio, 0.3, 0.7, sign, rate)
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


@settings(max_examples=40)
@given(ratio=ratios, years=tenors, vol=vols, sign=signs, rate=rates)
def test_six_of_them_are_those_of_the_shorter_pass(
    *, ratio: float, years: float, vol: float, sign: float, rate: float
) -> None:
    full = of(100.0, 100.0 * ratio, years, vol, sign, rate)
    short = greeks_with_rho(100.0, 100.0 * ratio, years, vol, sign, rate=rate)
    for name, value in short._asdict().items():
        assert getattr(full, name) == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("years", [0.0, -0.5])
def test_at_and_after_expiry_only_intrinsic_is_left(years: float) -> None:
    strikes = np.array([90.0, 110.0, 100.0])
    call = full_greeks(100.0, strikes, years, 0.6, 1.0, rate=0.1)
    put = full_greeks(100.0, strikes, years, 0.6, -1.0, rate=0.1)
    assert call.price.tolist() == [10.0, 0.0, 0.0]
    assert put.price.tolist() == [0.0, 10.0, 0.0]
    assert call.delta.tolist() == [1.0, 0.0, 0.5]
    assert put.delta.tolist() == [0.0, -1.0, -0.5]
    assert not np.array(call[2:]).any()
    assert not np.array(put[2:]).any()


def test_without_volatility_the_intrinsic_value_is_discounted() -> None:
    unit = full_greeks(100.0, [90.0, 110.0], 2.0, 0.0, 1.0, rate=0.1)
    discount = math.exp(-0.2)
    assert unit.price == pytest.approx([10.0 * discount, 0.0])
    assert unit.delta == pytest.approx([discount, 0.0])
    assert unit.theta == pytest.approx([discount, 0.0])
    assert unit.rho == pytest.approx([-20.0 * discount, 0.0])
    assert unit.charm == pytest.approx([0.1 * discount, 0.0])
    for gone in (unit.gamma, unit.vega, unit.vanna, unit.volga):
        assert not gone.any()


@settings(max_examples=40)
@given(ratio=st.floats(0.5, 2.0), sign=signs)
def test_limits_are_reached_from_inside(ratio: float, sign: float) -> None:
    strike = 100.0 * ratio
    intrinsic = max(sign * (100.0 - strike), 0.0)
    assert of(100.0, strike, 1e-14, 0.5, sign, 0.1).price == pytest.approx(intrinsic, abs=1e-5)
    assert of(100.0, strike, 1.0, 1e-12, sign, 0.0).price == pytest.approx(intrinsic, abs=1e-9)
    ceiling = 100.0 if sign > 0.0 else strike
    assert of(100.0, strike, 1.0, 100.0, sign, 0.0).price == pytest.approx(ceiling, rel=1e-12)


@settings(max_examples=40)
@given(ratio=ratios, years=tenors, sign=signs)
def test_price_rises_with_volatility_and_falls_with_strike(
    ratio: float, years: float, sign: float
) -> None:
    ladder = np.linspace(0.05, 3.0, 40)
    by_vol = full_greeks(100.0, 100.0 * ratio, years, ladder, sign).price
    assert (np.diff(by_vol) >= -1e-13 * by_vol[1:]).all()
    by_strike = full_greeks(100.0, 100.0 * (ratio + ladder), years, 0.6, sign).price
    assert (sign * np.diff(by_strike) <= 1e-13 * by_strike[1:]).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("position", range(6))
def test_a_bad_number_is_nan_and_spoils_no_neighbour(bad: float, position: int) -> None:
    good = (100.0, 101.0, 0.1, 0.5, 1.0, 0.05)
    legs = np.array([good, good, good])
    legs[1, position] = bad
    result = np.array(full_greeks(*legs[:, :5].T, rate=legs[:, 5]))
    assert np.isnan(result[:, 1]).all()
    alone = np.array(of(*good))
    assert result[:, 0] == pytest.approx(alone, rel=1e-14)
    assert result[:, 2] == pytest.approx(alone, rel=1e-14)


@pytest.mark.parametrize(
    "leg",
    [
        (-100.0, 100.0, 1.0, 0.5, 1.0),
        (100.0, 0.0, 1.0, 0.5, 1.0),
        (100.0, 100.0, 1.0, -0.5, 1.0),
        (100.0, 100.0, 1.0, 0.5, 0.0),
    ],
)
def test_an_impossible_option_is_nan(leg: tuple[float, ...]) -> None:
    assert np.isnan(np.array(of(*leg, 0.05))).all()


def test_far_beyond_the_density_everything_is_quietly_zero() -> None:
    unit = full_greeks(100.0, [1e200, 1e-200], 1e-6, 1e-6, [1.0, -1.0], rate=0.05)
    assert not np.array(unit).any()


@settings(max_examples=40)
@given(data=st.data())
def test_broadcasting_is_the_same_as_one_by_one(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 3))
    columns = data.draw(st.integers(1, 4))
    strikes = data.draw(st.lists(st.floats(50.0, 200.0), min_size=columns, max_size=columns))
    years = data.draw(st.lists(tenors, min_size=rows, max_size=rows))
    whole = full_greeks(100.0, strikes, np.array(years)[:, None], 0.6, -1.0, rate=0.02)
    assert all(field.shape == (rows, columns) for field in whole)
    for row, column in np.ndindex(rows, columns):
        alone = of(100.0, strikes[column], years[row], 0.6, -1.0, 0.02)
        together = np.array([field[row, column] for field in whole])
        assert together == pytest.approx(np.array(alone), rel=1e-13, abs=1e-300)


def test_blocks_do_not_show_and_inputs_are_left_alone() -> None:
    strikes = np.linspace(50.0, 200.0, 2 * BLOCK + 7)
    before = strikes.copy()
    whole = np.array(full_greeks(100.0, strikes, 0.5, 0.6, -1.0, rate=0.1))
    assert (strikes == before).all()
    parts: list[npt.NDArray[np.float64]] = [
        np.array(full_greeks(100.0, part, 0.5, 0.6, -1.0, rate=0.1))
        for part in np.array_split(strikes, 5)
    ]
    assert whole == pytest.approx(np.concatenate(parts, axis=1), rel=1e-12)


def test_unusable_arguments_are_named() -> None:
    assert full_greeks([], 100.0, 0.5, 0.6, 1.0).price.shape == (0,)
    with pytest.raises(TypeError, match="strike must hold real numbers"):
        full_greeks(100.0, "110", 0.5, 0.6, 1.0)
    with pytest.raises(TypeError, match="vol must hold real numbers"):
        full_greeks(100.0, 110.0, 0.5, np.array([None]), 1.0)
    with pytest.raises(ValueError, match=r"do not broadcast: .*strike \(3,\)"):
        full_greeks([1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 0.6, 1.0)
    with pytest.raises(ValueError, match="years is no rectangular array"):
        full_greeks(100.0, 110.0, [[0.5], [0.5, 1.0]], 0.6, 1.0)
