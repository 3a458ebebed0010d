"""Implied volatility: the inverse of the price where there is one, a reason where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import greeks, price
from terminal.pricing.implied import BLOCK, QuoteStatus, implied_vol
from tests.unit.pricing import mp_reference
from tests.unit.pricing.mp_reference import relative_error

HOUR = 1.0 / 8760
TENORS = (HOUR, 1 / 365, 7 / 365, 0.25, 2.0)
VOLS = (0.05, 0.2, 0.6, 1.0, 4.0)
STANDARD_DEVIATIONS = (-6, -4, -2, -1, -0.3, -0.01, 0, 1e-4, 0.1, 0.7, 1.5, 3, 4.5, 6)
EPSILON = float(np.finfo(np.float64).eps)


def test_exact_prices_give_their_volatility_back() -> None:
    legs = np.array(
        [
            (60_000.0, 60_000.0 * math.exp(-z * vol * math.sqrt(years)), years, vol, sign)
            for years in TENORS
            for vol in VOLS
            for z in STANDARD_DEVIATIONS
            for sign in (1.0, -1.0)
        ]
    )
    forward, strike, years, vol, sign = legs.T
    exact = np.array([mp_reference.black(*leg) for leg in legs.tolist()])
    found, status = implied_vol(exact[:, 0], forward, strike, years, sign)
    out_of_the_money = sign * (forward - strike) <= 0.0
    assert (status[out_of_the_money] == QuoteStatus.OK).all()
    assert relative_error(found, vol)[out_of_the_money].max() < 1e-13
    # In the money the price itself is rounded to eps * max(F, K), which vega turns into volatility.
    inside = ~out_of_the_money & (status == QuoteStatus.OK)
    attainable = EPSILON * np.maximum(forward, strike) / exact[:, 3]
    assert (np.abs(found - vol)[inside] <= 4.0 * attainable[inside]).all()
    lost = ~out_of_the_money & (status != QuoteStatus.OK)
    time_value = exact[:, 0] - np.maximum(sign * (forward - strike), 0.0)
    assert (status[lost] == QuoteStatus.NO_TIME_VALUE).all()
    assert (time_value[lost] <= 4.0 * EPSILON * exact[lost, 0]).all()


def test_far_wings_of_every_width_are_solved() -> None:
    random = np.random.default_rng(11)
    deviation = 10.0 ** random.uniform(-5.0, 1.25, 20_000)
    strike = np.exp(random.uniform(-20.0, 20.0, deviation.size) * deviation)
    sign = np.where(strike >= 1.0, 1.0, -1.0)
    unit = greeks(1.0, strike, 1.0, deviation, sign)
    ceiling = np.minimum(1.0, strike)
    quoted = (unit.price > 1e-290) & (unit.price < 0.999 * ceiling)
    assert quoted.sum() > 10_000
    found, status = implied_vol(unit.price[quoted], 1.0, strike[quoted], 1.0, sign[quoted])
    assert (status == QuoteStatus.OK).all()
    assert relative_error(found, deviation[quoted]).max() < 2e-12


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK + 1, 3 * BLOCK])
def test_blocks_do_not_show(size: int) -> None:
    strikes = np.linspace(40.0, 250.0, size)
    sides = np.where(strikes >= 100.0, 1.0, -1.0)
    vol, status = implied_vol(price(100.0, strikes, 0.5, 0.6, sides), 100.0, strikes, 0.5, sides)
    assert (status == QuoteStatus.OK).all()
    assert relative_error(vol, 0.6).max() < 1e-13


def test_unusable_arguments_are_named() -> None:
    with pytest.raises(TypeError, match="price must hold real numbers"):
        implied_vol("5", 100.0, 100.0, 0.5, 1.0)
    with pytest.raises(TypeError, match="sign must hold real numbers, not object"):
        implied_vol(5.0, 100.0, 100.0, 0.5, np.array([None, 1.0]))
    with pytest.raises(ValueError, match=r"do not broadcast: price \(2,\)"):
        implied_vol([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 0.5, 1.0)


@given(
    st.floats(-4.8, 0.85).map(lambda exponent: 10.0**exponent),
    st.floats(-20.0, 20.0),
)
def test_round_trip_far_into_the_wings(deviation: float, z: float) -> None:
    strike = math.exp(-z * deviation)
    sign = 1.0 if strike >= 1.0 else -1.0
    unit = greeks(1.0, strike, 1.0, deviation, sign)
    ceiling = min(1.0, strike)
    if not 1e-290 < unit.price < 0.999 * ceiling:
        return
    found, status = implied_vol(unit.price, 1.0, strike, 1.0, sign)
    assert status == QuoteStatus.OK
    rounding = 3e-12 * unit.price + 4.0 * EPSILON * ceiling * (unit.price > 0.5 * ceiling)
    assert abs(found - deviation) <= 1e-13 * deviation + rounding / unit.vega


@pytest.mark.parametrize(
    ("quote", "strike", "sign", "reason"),
    [
        (9.0, 90.0, 1.0, QuoteStatus.BELOW_INTRINSIC),
        (19.0, 120.0, -1.0, QuoteStatus.BELOW_INTRINSIC),
        (0.0, 90.0, 1.0, QuoteStatus.BELOW_INTRINSIC),
        (10.0, 90.0, 1.0, QuoteStatus.NO_TIME_VALUE),
        (0.0, 110.0, 1.0, QuoteStatus.NO_TIME_VALUE),
        (10.0 + 1e-15, 90.0, 1.0, QuoteStatus.NO_TIME_VALUE),
        (100.0, 90.0, 1.0, QuoteStatus.ABOVE_MAXIMUM),
        (100.0, 110.0, 1.0, QuoteStatus.ABOVE_MAXIMUM),
        (250.0, 110.0, 1.0, QuoteStatus.ABOVE_MAXIMUM),
        (110.0, 110.0, -1.0, QuoteStatus.ABOVE_MAXIMUM),
        (-1.0, 110.0, 1.0, QuoteStatus.BAD_INPUT),
        (math.nan, 110.0, 1.0, QuoteStatus.BAD_INPUT),
        (math.inf, 110.0, 1.0, QuoteStatus.BAD_INPUT),
        (5.0, -1.0, 1.0, QuoteStatus.BAD_INPUT),
        (5.0, 110.0, 0.0, QuoteStatus.BAD_INPUT),
    ],
)
def test_a_quote_without_volatility_says_why(
    quote: float, strike: float, sign: float, reason: QuoteStatus
) -> None:
    vol, status = implied_vol([quote, 5.0], 100.0, [strike, 100.0], 0.5, [sign, 1.0])
    assert status[0] == reason
    assert np.isnan(vol[0])
    assert status[1] == QuoteStatus.OK
    assert price(100.0, 100.0, 0.5, vol[1], 1.0) == pytest.approx(5.0, rel=1e-14)


@pytest.mark.parametrize("years", [0.0, -0.1, math.nan, math.inf])
def test_an_expired_quote_is_bad_input(years: float) -> None:
    vol, status = implied_vol(5.0, 100.0, 100.0, years, 1.0)
    assert status == QuoteStatus.BAD_INPUT
    assert np.isnan(vol)


def test_volatility_grows_with_price() -> None:
    quotes = np.geomspace(1e-12, 99.9, 400)
    vol, status = implied_vol(quotes, 100.0, 120.0, 0.3, 1.0)
    assert (status == QuoteStatus.OK).all()
    assert (np.diff(vol) > 0.0).all()


def test_shapes_and_types() -> None:
    vol, status = implied_vol([[1.0], [2.0]], 100.0, [100.0, 101.0, 102.0], 0.5, 1.0)
    assert vol.shape == status.shape == (2, 3)
    assert status.dtype == np.int8
    empty, _ = implied_vol([], 100.0, 100.0, 0.5, 1.0)
    assert empty.shape == (0,)
