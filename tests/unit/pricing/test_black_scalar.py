"""The scalar path is the array path for one option."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import FEW, greeks
from terminal.pricing.black_scalar import greeks_scalar
from tests.unit.pricing import mp_reference

REASONABLE_SCORE = 10.0


def in_a_book(leg: tuple[float, ...]) -> tuple[float, ...]:
    """The leg priced by the array path: in a book too large for the scalar one."""
    return tuple(float(field[0]) for field in greeks(*np.tile(leg, (FEW + 1, 1)).T))


@given(
    st.floats(1e-3, 1e6),
    st.floats(-REASONABLE_SCORE, REASONABLE_SCORE),
    st.floats(2e-6, 10.0),
    st.floats(0.01, 5.0),
    st.sampled_from([1.0, -1.0]),
)
def test_both_paths_agree(forward: float, z: float, years: float, vol: float, sign: float) -> None:
    strike = forward * math.exp(-z * vol * math.sqrt(years))
    arrays = in_a_book((forward, strike, years, vol, sign))
    # Exponents of the density are rounded by each path on its own: up to d^2 / 2 ulps apart.
    distance = abs(z) + vol * math.sqrt(years)
    tolerance = max(1e-13, distance**2 * 5e-16)
    scalars = greeks_scalar(forward, strike, years, vol, sign)
    assert scalars == pytest.approx(arrays, rel=tolerance)


@pytest.mark.parametrize(
    "leg",
    [
        (100.0, 90.0, 0.0, 0.5, 1.0),
        (100.0, 90.0, 0.0, 0.5, -1.0),
        (100.0, 110.0, -1.0, 0.5, -1.0),
        (100.0, 100.0, 1.0, 0.0, 1.0),
        (100.0, 100.0, 1.0, 0.0, -1.0),
    ],
)
def test_limits_are_the_same(leg: tuple[float, float, float, float, float]) -> None:
    assert greeks_scalar(*leg) == in_a_book(leg)


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_bad_numbers_are_nan(position: int, bad: float) -> None:
    leg = [100.0, 100.0, 1.0, 0.5, 1.0]
    leg[position] = bad
    forward, strike, years, vol, sign = leg
    assert np.isnan(greeks_scalar(forward, strike, years, vol, sign)).all()


@pytest.mark.parametrize("vol", [-0.5, -1e-9])
def test_negative_volatility_is_nan(vol: float) -> None:
    assert np.isnan(greeks_scalar(100.0, 100.0, 1.0, vol, 1.0)).all()


def test_small_books_take_the_scalar_path_and_keep_their_shape() -> None:
    strikes = np.array([[90.0, 100.0], [110.0, 120.0]])
    unit = greeks(100.0, strikes, 0.3, 0.6, -1.0)
    for place in np.ndindex(2, 2):
        alone = greeks_scalar(100.0, float(strikes[place]), 0.3, 0.6, -1.0)
        assert tuple(float(field[place]) for field in unit) == alone


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("strike", [40.0, 200.0])
def test_a_small_delta_keeps_its_digits(strike: float, sign: float) -> None:
    leg = (100.0, strike, 1.0, 0.125, sign)
    expected = mp_reference.black(*leg)
    assert greeks_scalar(*leg)[1] == pytest.approx(expected[1], rel=1e-12)
