"""Parameters of the models: their ranges, their common form, their moments."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.fourier.characteristic import (
    expected_variance,
    log_characteristic,
    log_gradient,
    log_moment,
    log_time_derivative,
    riccati,
)
from terminal.pricing.fourier.intervals import intervals
from terminal.pricing.fourier.models import (
    RANGES,
    Bates,
    Coefficients,
    Heston,
    Merton,
    Model,
    coefficients,
    feller_holds,
    jump_drift,
)
from tests.unit.pricing.fourier.lewis import characteristic
from tests.unit.pricing.fourier.strategies import bates, mertons, models, tenors

HESTON = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
NODES = np.array([0.0, 0.5, 3.0, 20.0, 90.0])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -7.0, 1e9])
@pytest.mark.parametrize("name", ["v0", "kappa", "theta", "xi", "rho"])
def test_a_parameter_out_of_range_is_named(name: str, bad: float) -> None:
    low, high = RANGES[name]
    with pytest.raises(ValueError, match=rf"Heston\.{name} is .*between {low} and {high}"):
        msgspec.structs.replace(HESTON, **{name: bad}).__post_init__()


def test_other_models_check_themselves() -> None:
    with pytest.raises(ValueError, match=r"Merton\.vol"):
        Merton(0.0, 1.0, 0.0, 0.1)
    with pytest.raises(ValueError, match=r"Bates\.jump_rate"):
        Bates(0.3, 2.0, 0.4, 1.0, -0.25, -8.0, -0.02, 0.07)
    with pytest.raises(TypeError):
        Heston("0.36", 3.0, 0.5, 1.5, -0.3)  # type: ignore[arg-type]


@given(models)
@settings(max_examples=20)
def test_models_survive_json(model: Model) -> None:
    assert msgspec.json.decode(msgspec.json.encode(model), type=Heston | Merton | Bates) == model


def test_feller_condition() -> None:
    assert feller_holds(Heston(0.04, 4.0, 0.25, 1.0, -0.5))
    assert not feller_holds(Heston(0.0175, 1.5768, 0.0398, 0.5751, -0.5711))


@given(bates, tenors)
@settings(max_examples=40)
def test_the_characteristic_function_is_the_textbook_one(model: Bates, years: float) -> None:
    if model.xi < 0.05:
        model = msgspec.structs.replace(model, xi=0.05)
    of = characteristic(model, years)
    ours = np.exp(exponent(coefficients(model), years))
    np.testing.assert_allclose(ours[1:], [of(complex(u)) for u in NODES[1:]], atol=1e-11)
    assert ours[0] == 1.0


def exponent(c: Coefficients, years: float) -> np.ndarray:
    return log_characteristic(c, riccati(c, NODES, np.full(NODES.size, years)))


@given(bates, tenors)
@settings(max_examples=40)
def test_derivatives_of_the_exponent(model: Bates, years: float) -> None:
    c = coefficients(model)
    c = c._replace(xi=c.xi + 0.05, jump_rate=c.jump_rate + 0.1, jump_std=c.jump_std + 0.01)
    solution = riccati(c, NODES, np.full(NODES.size, years))
    slopes = log_gradient(c, solution)
    for row, name in zip(slopes, c._fields, strict=True):
        step = 1e-5 * max(abs(getattr(c, name)), 0.1)
        up = exponent(c._replace(**{name: getattr(c, name) + step}), years)
        down = exponent(c._replace(**{name: getattr(c, name) - step}), years)
        scale = 1.0 + np.abs(row)
        np.testing.assert_array_less(np.abs((up - down) / (2.0 * step) - row) / scale, 1e-4)
    np.testing.assert_array_equal(log_gradient(c, solution, jumps=False), slopes[:5])
    step = 1e-5 * years
    by_time = (exponent(c, years + step) - exponent(c, years - step)) / (2.0 * step)
    np.testing.assert_allclose(log_time_derivative(c, solution), by_time, rtol=1e-4, atol=1e-5)


@given(models, tenors)
@settings(max_examples=60)
def test_the_forward_is_a_martingale(model: Model, years: float) -> None:
    moments = log_moment(coefficients(model), np.array([0.0, 1.0]), np.full(2, years))
    np.testing.assert_allclose(moments, 0.0, atol=1e-9)


@given(mertons, tenors, st.floats(-4.0, 4.0))
@settings(max_examples=40)
def test_moments_of_merton(model: Merton, years: float, power: float) -> None:
    c = coefficients(model)
    jump = math.expm1(power * model.jump_mean + 0.5 * (power * model.jump_std) ** 2)
    expected = 0.5 * power * (power - 1.0) * model.vol**2 * years
    expected += model.jump_rate * years * (jump - power * jump_drift(c))
    moment = float(log_moment(c, np.array([power]), np.array([years]))[0])
    assert moment == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_moments_explode_where_they_should() -> None:
    """With kappa = rho = 0 the p-th moment lives to 2 atan(inf) / (xi sqrt(p (p - 1)))."""
    c = coefficients(Heston(0.04, 1e-4, 0.04, 1.0, 0.0))
    power = 3.0
    limit = math.pi / math.sqrt(power * (power - 1.0))
    moments = log_moment(c, np.full(2, power), np.array([0.99, 1.01]) * limit)
    assert np.isfinite(moments[0])
    assert moments[1] == math.inf


@given(models, tenors)
@settings(max_examples=40)
def test_intervals_hold_the_density(model: Model, years: float) -> None:
    c = coefficients(model)
    tenor = np.array([years])
    found = intervals(c, tenor)
    deviation = float(np.sqrt(expected_variance(c, tenor))[0])
    assert found.lower[0] < -3.0 * deviation
    assert found.lower[0] + found.width[0] > 2.0 * deviation
    coarse = intervals(c, tenor, 1e-8)
    assert coarse.width[0] < found.width[0]
    assert coarse.counts[0] <= found.counts[0]
    assert intervals(c, tenor, order=1).counts[0] >= found.counts[0]
