"""Model Greeks against finite differences of the model's own prices, and their limits."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from terminal.pricing import black
from terminal.pricing.fourier.cosine import price
from terminal.pricing.fourier.model_greeks import greeks, parameter_sensitivities
from terminal.pricing.fourier.models import Bates, Heston, Merton, Model
from tests.unit.pricing.fourier.strategies import bates, models, scores, signs, tenors

MODELS = (
    Heston(0.36, 3.0, 0.5, 1.5, -0.3),
    Heston(0.04, 1.0, 0.04, 2.0, -0.7),
    Heston(0.36, 3.0, 0.5, 0.0, -0.3),
    Merton(0.5, 6.0, -0.03, 0.1),
    Bates(0.3, 2.0, 0.4, 1.0, -0.25, 8.0, -0.02, 0.07),
)
STRIKES = np.array([70.0, 90.0, 100.0, 110.0, 150.0])
YEARS = np.array([[7.0 / 365.0], [0.25], [2.0]])


def differences(values: list[np.ndarray], step: float) -> np.ndarray:
    """Fourth-order first derivative from values at -2, -1, 1 and 2 steps."""
    far_down, down, up, far_up = values
    slope: np.ndarray = (8.0 * (up - down) - (far_up - far_down)) / (12.0 * step)
    return slope


def bumped(model: Model, name: str, step: float) -> list[Model]:
    """The model with one parameter moved by -2, -1, 1 and 2 steps."""
    middle = getattr(model, name)
    return [msgspec.structs.replace(model, **{name: middle + k * step}) for k in (-2, -1, 1, 2)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_delta_gamma_theta_are_derivatives_of_the_price(model: Model, sign: float) -> None:
    unit = greeks(model, 100.0, STRIKES, YEARS, sign)
    np.testing.assert_allclose(unit.price, price(model, 100.0, STRIKES, YEARS, sign), atol=1e-11)
    ups = [greeks(model, 100.0 + 0.05 * k, STRIKES, YEARS, sign) for k in (-2, -1, 1, 2)]
    np.testing.assert_allclose(unit.delta, differences([g.price for g in ups], 0.05), atol=2e-7)
    np.testing.assert_allclose(unit.gamma, differences([g.delta for g in ups], 0.05), atol=2e-7)
    step = 1e-5
    later = [price(model, 100.0, STRIKES, YEARS + k * step, sign) for k in (-2, -1, 1, 2)]
    np.testing.assert_allclose(-unit.theta, differences(later, step), rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("model", MODELS)
def test_vega_is_the_derivative_by_the_variance_of_today(model: Model) -> None:
    unit = greeks(model, 100.0, STRIKES, YEARS, 1.0)
    name, step = ("vol", 1e-4) if isinstance(model, Merton) else ("v0", 1e-5)
    by_field = differences(
        [price(moved, 100.0, STRIKES, YEARS, 1.0) for moved in bumped(model, name, step)], step
    )
    expected = unit.vega if isinstance(model, Merton) else unit.vega_variance
    np.testing.assert_allclose(expected, by_field, rtol=1e-6, atol=1e-6)
    level = model.vol if isinstance(model, Merton) else math.sqrt(model.v0)
    np.testing.assert_allclose(unit.vega, 2.0 * level * unit.vega_variance, rtol=1e-14)


@pytest.mark.parametrize("model", MODELS)
def test_sensitivities_are_derivatives_by_each_parameter(model: Model) -> None:
    rows = parameter_sensitivities(model, 100.0, STRIKES, YEARS)
    for row, name in zip(rows, model.__struct_fields__, strict=True):
        if getattr(model, name) == 0.0:
            continue
        step = 1e-5 * max(1.0, abs(getattr(model, name)))
        moved = [price(each, 100.0, STRIKES, YEARS, -1.0) for each in bumped(model, name, step)]
        np.testing.assert_allclose(row, differences(moved, step), rtol=2e-6, atol=2e-6)


def test_the_first_grain_of_volatility_of_variance() -> None:
    """At xi = 0 the price still leans on xi, through the correlation; the range ends there."""
    model = Heston(0.36, 3.0, 0.5, 0.0, -0.3)
    row = parameter_sensitivities(model, 100.0, STRIKES, YEARS)[3]
    at, up, far = (
        price(msgspec.structs.replace(model, xi=xi), 100.0, STRIKES, YEARS, 1.0)
        for xi in (0.0, 1e-4, 2e-4)
    )
    np.testing.assert_allclose(row, (4.0 * up - far - 3.0 * at) / 2e-4, rtol=1e-5, atol=1e-5)


def test_the_first_jump_has_room() -> None:
    """Without jumps the interval could end before the first of them does."""
    model = Bates(0.95, 8.0, 0.09, 2.86, 0.96, 0.0, -0.2, 0.22)
    strikes, step = np.array([60.0, 90.0, 100.0, 120.0]), 1e-3
    row = parameter_sensitivities(model, 100.0, strikes, 0.0005)[5]
    at, up, far = (
        price(msgspec.structs.replace(model, jump_rate=rate), 100.0, strikes, 0.0005, -1.0)
        for rate in (0.0, step, 2.0 * step)
    )
    np.testing.assert_allclose(row, (4.0 * up - far - 3.0 * at) / (2.0 * step), atol=1e-8)


@given(models, tenors, scores)
@settings(max_examples=50)
def test_parity_and_signs(model: Model, years: float, score: float) -> None:
    strike = math.exp(score * 0.3 * math.sqrt(years))
    call = greeks(model, 1.0, strike, years, 1.0)
    put = greeks(model, 1.0, strike, years, -1.0)
    assert float(call.delta - put.delta) == pytest.approx(1.0, abs=1e-15)
    assert (call.gamma, call.vega, call.theta) == (put.gamma, put.vega, put.theta)
    assert 0.0 <= float(call.delta) <= 1.0
    assert float(call.gamma) >= 0.0


@given(bates, tenors, scores, signs)
@settings(max_examples=30)
def test_variance_and_time_of_a_still_model_are_black(
    model: Bates, years: float, score: float, sign: float
) -> None:
    vol = math.sqrt(model.v0)
    strike = math.exp(score * vol * math.sqrt(years))
    still = Merton(vol, 0.0, 0.0, 0.0)
    ours, textbook = (
        greeks(still, 1.0, strike, years, sign),
        black.greeks(1.0, strike, years, vol, sign),
    )
    for name in ("price", "delta", "gamma", "vega", "theta"):
        expected = float(getattr(textbook, name))
        assert float(getattr(ours, name)) == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_limits_and_bad_inputs() -> None:
    model = MODELS[0]
    strikes = np.array([90.0, 100.0, 110.0])
    late = greeks(model, 100.0, strikes, 0.0, 1.0)
    assert late.price.tolist() == [10.0, 0.0, 0.0]
    assert late.delta.tolist() == [1.0, 0.5, 0.0]
    assert (late.gamma == 0.0).all()
    assert (parameter_sensitivities(model, 100.0, strikes, 0.0) == 0.0).all()
    for field in greeks(model, math.nan, strikes, 1.0, 1.0):
        assert np.isnan(field).all()
    assert np.isnan(parameter_sensitivities(model, 100.0, -strikes, 1.0)).all()
    assert greeks(model, 100.0, np.empty((2, 0)), 1.0, 1.0).vega.shape == (2, 0)
    far = greeks(model, 100.0, np.array([1e-3, 1e6]), 0.1, -1.0)
    np.testing.assert_allclose(far.delta, [0.0, -1.0], atol=1e-12)
    with pytest.raises(ValueError, match="broadcast"):
        greeks(model, [1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 1.0)
    with pytest.raises(ValueError, match="could not convert"):
        parameter_sensitivities(model, np.array(["x"]), 1.0, 1.0)
