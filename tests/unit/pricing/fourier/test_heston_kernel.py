"""The compiled twin: the numbers of the numpy path to 1e-12, and its elementary functions."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.fourier import cosine
from terminal.pricing.fourier.calibration import Calibration, calibrate
from terminal.pricing.fourier.chain import chain_of_prices
from terminal.pricing.fourier.models import Bates, Heston, Merton, Model, coefficients
from terminal.pricing.fourier.slices import Slices
from tests.unit.pricing.fourier.strategies import models

pytest.importorskip("numba", reason="numba is not installed: the compiled twin is an extra")

from terminal.pricing.compiled import angles, heston_exponent, heston_kernel

YEARS = np.array([1.0, 7.0, 30.0, 90.0, 270.0, 1000.0]) / 365.0
PER_EXPIRY = 11
MODELS = (
    Heston(0.04, 4.0, 0.25, 1.0, -0.5),
    Heston(0.0175, 1.5768, 0.0398, 0.5751, -0.5711),
    Heston(0.36, 3.0, 0.5, 0.0, -0.3),
    Heston(0.36, 3.0, 0.5, 0.001, -0.3),
    Merton(0.5, 6.0, -0.03, 0.1),
    Bates(0.3, 2.0, 0.4, 1.0, -0.25, 8.0, -0.02, 0.07),
)


def surface(model: Model, reach: float) -> Slices:
    """Strikes within `reach` deviations of the variance of today, several to an expiry."""
    deviation = math.sqrt(coefficients(model).v0) * np.sqrt(YEARS)
    strikes = (np.linspace(-reach, reach, PER_EXPIRY) * deviation[:, None]).reshape(-1)
    return Slices(YEARS, np.arange(YEARS.size + 1) * PER_EXPIRY, strikes)


@given(models, st.floats(0.1, 6.0))
@settings(max_examples=60)
def test_puts_are_those_of_the_numpy_twin(model: Model, reach: float) -> None:
    slices, c = surface(model, reach), coefficients(model)
    compiled, plain = heston_kernel.put_values(c, slices), cosine.put_values(c, slices)
    assert (np.abs(compiled - plain) <= 1e-12 * np.maximum(1.0, np.exp(slices.log_strike))).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("jumps", [True, False])
def test_gradients_are_those_of_the_numpy_twin(model: Model, jumps: bool) -> None:
    slices, c = surface(model, 2.5), coefficients(model)
    compiled = heston_kernel.put_gradients(c, slices, jumps=jumps)
    plain = cosine.put_gradients(c, slices, jumps=jumps)
    assert compiled.shape == plain.shape == ((9 if jumps else 6), 66)
    np.testing.assert_allclose(compiled, plain, rtol=1e-10, atol=1e-11)


def test_lewis_2012() -> None:
    puts = cosine.price_on_spot(
        MODELS[0],
        100.0,
        [80.0, 100.0, 120.0],
        1.0,
        -1.0,
        rate=0.01,
        dividend_yield=0.02,
        kernel=heston_kernel.put_values,
    )
    expected = [7.9588781132567682852, 17.055270961270109414, 29.811026202682471843]
    np.testing.assert_allclose(puts, expected, rtol=0.0, atol=1e-12)


def test_calibration_ends_where_the_numpy_path_does() -> None:
    model = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
    strikes, years = np.linspace(70.0, 140.0, 10), np.array([[0.05], [0.2], [0.7]])
    chain = chain_of_prices(
        100.0, strikes, years, cosine.price(model, 100.0, strikes, years, 1.0), 1.0
    )
    start = Heston(0.1, 1.0, 0.1, 0.3, 0.0)
    result = calibrate(chain, Heston, start=start, kernel=heston_kernel.put_gradients)
    assert isinstance(result, Calibration)
    assert isinstance(result.model, Heston)
    assert result.rmse_points < 1e-5
    assert result.model.kappa == pytest.approx(3.0, rel=1e-4)


def test_whole_numbers_odd_sizes_and_strikes_out_of_reach() -> None:
    model = Heston(1, 2, 1, 1, 0)
    for size in (1, 7, 8, 9):
        strikes = np.linspace(-30.0, 30.0, size)
        slices = Slices(np.array([0.5]), np.array([0, size]), strikes)
        compiled = heston_kernel.put_values(coefficients(model), slices)
        plain = cosine.put_values(coefficients(model), slices)
        np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-12)


def test_read_only_strikes() -> None:
    slices = surface(MODELS[0], 1.0)
    slices.log_strike.flags.writeable = False
    slices.years.flags.writeable = False
    assert heston_kernel.put_values(coefficients(MODELS[0]), slices).shape == (66,)


def test_extreme_models_stay_inside_the_bounds() -> None:
    for model in (
        Heston(1e-8, 1e-4, 1e-8, 100.0, 0.9999),
        Heston(100.0, 1000.0, 100.0, 100.0, -0.9999),
        Bates(0.3, 2.0, 0.3, 1.0, 0.0, 1000.0, 5.0, 5.0),
        Merton(1e-4, 1000.0, -5.0, 0.0),
    ):
        slices = Slices(np.array([30.0]), np.array([0, 3]), np.log([0.5, 1.0, 2.0]))
        puts = heston_kernel.put_values(coefficients(model), slices)
        assert ((puts >= [0.0, 0.0, 1.0 - 1e-15]) & (puts <= [0.5, 1.0, 2.0 + 1e-15])).all()


@given(st.floats(-1e6, 1e6))
@settings(max_examples=200)
def test_sine_and_cosine(angle: float) -> None:
    sine, cosine_ = angles.sine_cosine(angle)
    assert sine == pytest.approx(math.sin(angle), abs=4e-16)
    assert cosine_ == pytest.approx(math.cos(angle), abs=4e-16)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
@settings(max_examples=200)
def test_arc_tangent(y: float, x: float) -> None:
    if math.hypot(x, y) < 1e-100:
        return
    # Like atan2 for all but the sign of a zero.
    assert abs(angles.arc_tangent(y, x)) == pytest.approx(abs(math.atan2(y, x)), abs=1e-15)
    assert y == 0.0 or math.copysign(1.0, angles.arc_tangent(y, x)) == math.copysign(1.0, y)


@given(st.complex_numbers(max_magnitude=0.9, allow_nan=False))
@settings(max_examples=200)
def test_logarithm_near_one(z: complex) -> None:
    logarithm = heston_exponent.log_of_sum(z)
    if abs(z) > 1e-8:
        # 1 + z is rounded before the reference takes its logarithm.
        allowed = 1e-15 * (1.0 + 1.0 / abs(1.0 + z))
        assert logarithm == pytest.approx(cmath.log(1.0 + z), abs=allowed)
    else:
        assert logarithm == pytest.approx(z - 0.5 * z * z, rel=1e-15, abs=1e-300)
