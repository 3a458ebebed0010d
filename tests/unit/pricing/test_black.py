"""Black-76 arrays: exactness, parity, derivatives, symmetry, limits and bad input."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import FEW, BlackGreeks, greeks, greeks_with_rho, price
from terminal.pricing.black_block import BLOCK
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

MINUTE = 1.0 / (365 * 24 * 60)
FORWARD = 60_000.0
TENORS = (MINUTE, 60 * MINUTE, 1 / 365, 7 / 365, 30 / 365, 1.0, 10.0)
VOLS = (0.01, 0.1, 0.6, 1.5, 5.0)
STANDARD_DEVIATIONS = (-36.5, -20, -8, -3, -1, -0.1, -1e-4, 0, 1e-7, 0.05, 0.5, 2, 5, 12, 28, 36.5)
LARGEST_SCORE = 37.0

# A single option takes the scalar path, a book the array path: every law holds on both.
COPIES = [1, FEW + 1]

forwards = st.floats(1e-3, 1e6)
ratios = st.floats(0.2, 5.0)
tenors = st.floats(1e-4, 5.0)
vols = st.floats(0.05, 3.0)
signs = st.sampled_from([1.0, -1.0])


def first_of(copies: int, *leg: float) -> BlackGreeks:
    """Greeks of a leg priced in a book of so many copies of it."""
    unit = greeks(*np.tile(leg, (copies, 1)).T)
    return BlackGreeks(*(field[0] for field in unit))


def hard_grid() -> npt.NDArray[np.float64]:
    """Rows of forward, strike, years, vol, sign with both scores inside +/- 37."""
    legs = [
        (FORWARD, FORWARD * math.exp(-z * vol * math.sqrt(years)), years, vol, sign)
        for years in TENORS
        for vol in VOLS
        for z in STANDARD_DEVIATIONS
        for sign in (1.0, -1.0)
    ]
    kept = [leg for leg in legs if max(map(abs, mp_reference.scores(*leg[:4]))) <= LARGEST_SCORE]
    return np.array(kept)


def test_every_greek_is_exact_to_twelve_digits_on_the_hard_grid() -> None:
    legs = hard_grid()
    expected = np.array([mp_reference.black(*leg) for leg in legs.tolist()]).T
    assert len(legs) > 900
    assert relative_error(np.array(greeks(*legs.T)), expected).max() < 1e-12


@pytest.mark.parametrize("copies", COPIES)
@given(forward=forwards, ratio=ratios, years=tenors, vol=vols)
def test_put_call_parity(
    *, copies: int, forward: float, ratio: float, years: float, vol: float
) -> None:
    strike = forward * ratio
    call, put = (first_of(copies, forward, strike, years, vol, sign) for sign in (1.0, -1.0))
    scale = 1e-15 * 4 * max(forward, strike)
    assert call.price - put.price == pytest.approx(forward - strike, abs=scale)
    assert call.delta - put.delta == pytest.approx(1.0, abs=1e-15)
    assert call.gamma == put.gamma
    assert call.vega == put.vega
    assert call.theta == put.theta


@pytest.mark.parametrize("copies", COPIES)
@given(forward=forwards, ratio=ratios, years=tenors, vol=vols, sign=signs)
def test_price_lies_between_intrinsic_and_maximum(
    *, copies: int, forward: float, ratio: float, years: float, vol: float, sign: float
) -> None:
    strike = forward * ratio
    value = first_of(copies, forward, strike, years, vol, sign).price
    ceiling = forward if sign > 0 else strike
    assert max(sign * (forward - strike), 0.0) <= value <= ceiling * (1 + 1e-15)


@pytest.mark.parametrize("copies", COPIES)
@given(ratio=ratios, years=tenors, vol=vols, sign=signs, factor=st.floats(1e-3, 1e3))
def test_scaling_the_currency_scales_price_and_leaves_delta(
    *, copies: int, ratio: float, years: float, vol: float, sign: float, factor: float
) -> None:
    one = first_of(copies, 100.0, 100.0 * ratio, years, vol, sign)
    other = first_of(copies, 100.0 * factor, 100.0 * ratio * factor, years, vol, sign)
    assert other.price == pytest.approx(one.price * factor, rel=1e-9, abs=1e-280)
    assert other.delta == pytest.approx(one.delta, rel=1e-9, abs=1e-280)
    assert other.gamma == pytest.approx(one.gamma / factor, rel=1e-9, abs=1e-280)


@pytest.mark.parametrize("copies", COPIES)
@given(ratio=ratios, years=tenors, vol=vols)
def test_call_and_put_mirror_each_other(
    copies: int, ratio: float, years: float, vol: float
) -> None:
    call = first_of(copies, 1.0, ratio, years, vol, 1.0).price
    put = first_of(copies, ratio, 1.0, years, vol, -1.0).price
    assert call == pytest.approx(put, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [0.7, 0.95, 1.0, 1.1, 1.6])
def test_greeks_are_derivatives_of_the_price(sign: float, ratio: float) -> None:
    forward, strike, years, vol = 100.0, 100.0 * ratio, 0.3, 0.7
    unit = greeks(forward, strike, years, vol, sign)

    def slope(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], step: float) -> float:
        return float((high - low) / (2 * step))

    step = 1e-3
    below = greeks(forward - step, strike, years, vol, sign)
    above = greeks(forward + step, strike, years, vol, sign)
    assert slope(below.price, above.price, step) == pytest.approx(unit.delta, rel=1e-7)
    assert slope(below.delta, above.delta, step) == pytest.approx(unit.gamma, rel=1e-7)
    step = 1e-4
    low, high = (price(forward, strike, years, vol + s, sign) for s in (-step, step))
    assert slope(low, high, step) == pytest.approx(unit.vega, rel=1e-6)
    low, high = (price(forward, strike, years + s, vol, sign) for s in (-step, step))
    assert -slope(low, high, step) == pytest.approx(unit.theta, rel=1e-6)


def test_theta_pays_for_gamma() -> None:
    unit = greeks(100.0, [80.0, 100.0, 130.0], 0.4, 0.6, 1.0)
    assert unit.theta == pytest.approx(-0.5 * 0.6**2 * 100.0**2 * unit.gamma, rel=1e-14)


@pytest.mark.parametrize("copies", COPIES)
@pytest.mark.parametrize(("years", "vol"), [(0.0, 0.6), (-0.01, 0.6), (0.5, 0.0), (1e-300, 1e-200)])
def test_without_time_or_volatility_only_intrinsic_is_left(
    copies: int, years: float, vol: float
) -> None:
    strikes = np.tile([90.0, 110.0, 100.0, 90.0, 110.0, 100.0], copies)
    signs = np.tile([1.0, 1.0, 1.0, -1.0, -1.0, -1.0], copies)
    unit = greeks(100.0, strikes, years, vol, signs)
    assert unit.price.tolist() == [10.0, 0.0, 0.0, 0.0, 10.0, 0.0] * copies
    assert unit.delta.tolist() == [1.0, 0.0, 0.5, 0.0, -1.0, -0.5] * copies
    for other in (unit.gamma, unit.vega, unit.theta):
        assert other.tolist() == [0.0] * 6 * copies


@pytest.mark.parametrize("size", [3, FEW + 1])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("position", range(5))
def test_a_bad_number_is_nan_and_spoils_no_neighbour(size: int, bad: float, position: int) -> None:
    good = (100.0, 101.0, 1e-4, 0.5, 1.0)
    legs = np.array([good] * size)
    legs[1, position] = bad
    result = np.array(greeks(*legs.T))
    assert np.isnan(result[:, 1]).all()
    others = np.delete(result, 1, axis=1)
    assert relative_error(others.T, mp_reference.black(*good)).max() < 1e-13


@pytest.mark.parametrize("copies", COPIES)
@pytest.mark.parametrize(
    "leg",
    [
        (-100.0, 100.0, 1.0, 0.5, 1.0),
        (0.0, 100.0, 1.0, 0.5, 1.0),
        (100.0, -100.0, 1.0, 0.5, 1.0),
        (-100.0, -100.0, 1.0, 0.5, 1.0),
        (-100.0, -100.0, 1.0, -0.5, 1.0),
        (100.0, 0.0, 1.0, 0.5, 1.0),
        (100.0, 100.0, 1.0, -0.5, 1.0),
        (100.0, 100.0, 0.0, -0.5, 1.0),
        (100.0, 100.0, 1.0, 0.5, 0.0),
        (100.0, 100.0, 1.0, 0.5, 2.0),
    ],
)
def test_an_impossible_option_is_nan(copies: int, leg: tuple[float, ...]) -> None:
    assert np.isnan(np.array(first_of(copies, *leg))).all()


@pytest.mark.parametrize("copies", COPIES)
def test_extreme_inputs_reach_their_limits_quietly(copies: int) -> None:
    strikes = np.tile([1e-200, 1e200, 100.0, 100.0], copies)
    spreads = np.tile([0.5, 0.5, 1e200, 1e-120], copies)
    unit = greeks(100.0, strikes, 1.0, spreads, 1.0)
    assert unit.price.tolist() == pytest.approx([100.0, 0.0, 100.0, 0.0] * copies)
    assert unit.delta.tolist() == pytest.approx([1.0, 0.0, 1.0, 0.5] * copies)


def test_shapes_follow_broadcasting() -> None:
    strikes = np.array([90.0, 100.0, 110.0])
    unit = greeks(100.0, strikes, np.array([[0.1], [0.5]]), 0.6, 1.0)
    assert all(field.shape == (2, 3) for field in unit)
    assert unit.price[1, 2] == price(100.0, 110.0, 0.5, 0.6, 1.0)
    assert price(100.0, 100.0, 0.5, 0.6, 1.0).shape == ()
    assert price([], 100.0, 0.5, 0.6, 1.0).shape == (0,)
    with pytest.raises(ValueError, match="broadcast"):
        greeks([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 0.5, 1.0)


def test_inputs_are_left_alone_and_blocks_do_not_show() -> None:
    strikes = np.linspace(50.0, 200.0, 2 * BLOCK + 7)
    before = strikes.copy()
    whole = price(100.0, strikes, 0.5, 0.6, -1.0)
    assert (strikes == before).all()
    pieces = [price(100.0, part, 0.5, 0.6, -1.0) for part in np.array_split(strikes, 5)]
    assert relative_error(whole, np.concatenate(pieces)).max() < 1e-14


@pytest.mark.parametrize("rate", [0.0, 0.07, -0.02])
def test_discounted_greeks_are_exact_on_the_hard_grid(rate: float) -> None:
    legs = hard_grid()[::3]
    exact = [mp_reference.nine(leg, rate=rate) for leg in legs.tolist()]
    values = np.array([value[:6] for value, _ in exact]).T
    scales = np.array([scale[:6] for _, scale in exact]).T
    computed = np.array(greeks_with_rho(*legs.T, rate=rate))
    assert (np.abs(computed - values) / scales).max() < 1e-12


def test_without_a_rate_rho_is_all_that_is_added() -> None:
    strikes = np.linspace(50.0, 200.0, 2 * BLOCK + 7)
    six = greeks_with_rho(100.0, strikes, 0.5, 0.6, -1.0)
    five = greeks(100.0, strikes, 0.5, 0.6, -1.0)
    assert (np.array(six[:5]) == np.array(five)).all()
    assert (six.rho == -0.5 * five.price).all()


@given(forward=forwards, ratio=ratios, years=tenors, vol=vols, rate=st.floats(-0.2, 0.5))
def test_discounted_put_call_parity(
    *, forward: float, ratio: float, years: float, vol: float, rate: float
) -> None:
    strike = forward * ratio
    call, put = (
        greeks_with_rho(forward, strike, years, vol, sign, rate=rate) for sign in (1.0, -1.0)
    )
    discount = math.exp(-rate * years)
    scale = 1e-14 * max(forward, strike) * max(1.0, discount)
    paid = discount * (forward - strike)
    assert call.price - put.price == pytest.approx(paid, abs=scale)
    assert call.rho - put.rho == pytest.approx(-years * paid, abs=scale * years)


def test_a_rate_broadcasts_even_where_it_is_zero() -> None:
    by_rate = greeks_with_rho(100.0, [90.0, 110.0], 0.5, 0.6, 1.0, rate=[[0.0], [0.0], [0.1]])
    assert all(field.shape == (3, 2) for field in by_rate)
    plain = np.array(greeks_with_rho(100.0, [90.0, 110.0], 0.5, 0.6, 1.0))
    assert np.array(by_rate)[:, 1] == pytest.approx(plain, rel=1e-15)
    with pytest.raises(TypeError, match="rate must hold real numbers"):
        greeks_with_rho(100.0, 90.0, 0.5, 0.6, 1.0, rate=None)  # type: ignore[arg-type]


def test_expiry_and_bad_rates() -> None:
    expired = greeks_with_rho(100.0, [90.0, 110.0], [0.0, -1.0], 0.6, [1.0, -1.0], rate=0.1)
    assert expired.price.tolist() == [10.0, 10.0]
    assert expired.theta.tolist() == expired.rho.tolist() == [0.0, 0.0]
    for bad in (math.nan, math.inf, -math.inf):
        flagged = np.array(greeks_with_rho(100.0, 90.0, 0.5, 0.6, 1.0, rate=[bad, 0.1]))
        assert np.isnan(flagged[:, 0]).all()
        assert np.isfinite(flagged[:, 1]).all()


@given(sign=signs, ratio=st.floats(0.5, 2.0))
def test_limits_are_reached_from_inside(sign: float, ratio: float) -> None:
    strike = 100.0 * ratio
    intrinsic = max(sign * (100.0 - strike), 0.0)
    ceiling = 100.0 if sign > 0.0 else strike
    assert price(100.0, strike, 1e-14, 0.5, sign) == pytest.approx(intrinsic, abs=1e-5)
    assert price(100.0, strike, 1.0, 1e-12, sign) == pytest.approx(intrinsic, abs=1e-9)
    assert price(100.0, strike, 1.0, 100.0, sign) == pytest.approx(ceiling, rel=1e-12)


@given(ratio=ratios, years=tenors, sign=signs)
def test_price_rises_with_volatility(ratio: float, years: float, sign: float) -> None:
    values = price(100.0, 100.0 * ratio, years, np.linspace(0.05, 3.0, 40), sign)
    assert (np.diff(values) >= -1e-13 * values[1:]).all()


@pytest.mark.parametrize("wrong", ["100", [None, 1.0], [True], [1j], np.array([object()])])
@pytest.mark.parametrize("name", ["forward", "strike", "years", "vol", "sign"])
def test_what_is_no_real_number_is_named(wrong: npt.ArrayLike, name: str) -> None:
    leg: dict[str, npt.ArrayLike] = {
        "forward": 100.0, "strike": 100.0, "years": 0.5, "vol": 0.6, "sign": 1.0,
    }  # fmt: skip
    leg[name] = wrong
    with pytest.raises(TypeError, match=f"{name} must hold real numbers"):
        greeks(**leg)


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"do not broadcast: forward \(2,\), strike \(3,\)"):
        greeks([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 0.5, 1.0)
    with pytest.raises(ValueError, match="strike is no rectangular array"):
        greeks(100.0, [[1.0], [1.0, 2.0]], 1.0, 0.5, 1.0)
