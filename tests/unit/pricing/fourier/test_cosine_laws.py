"""Laws of model prices: parity, bounds, shape in the strike, limits, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing import black
from terminal.pricing.fourier.characteristic import expected_variance
from terminal.pricing.fourier.cosine import powers, price, price_on_spot
from terminal.pricing.fourier.models import Bates, Heston, Merton, Model, coefficients
from tests.unit.pricing.fourier.lewis import call
from tests.unit.pricing.fourier.strategies import (
    diffusion,
    forwards,
    hestons,
    mertons,
    models,
    scores,
    signs,
    tenors,
)

HESTON = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
legs = st.tuples(tenors, scores, signs)


def deviation(model: Model, years: float) -> float:
    return math.sqrt(float(expected_variance(coefficients(model), np.array([years]))[0]))


@given(models, forwards, scores, tenors)
@settings(max_examples=60)
def test_put_call_parity_and_bounds(
    model: Model, forward: float, score: float, years: float
) -> None:
    strike = forward * math.exp(score * deviation(model, years))
    call, put = price(model, forward, strike, years, np.array([1.0, -1.0]))
    assert call - put == pytest.approx(forward - strike, abs=1e-13 * (forward + strike))
    assert max(forward - strike, 0.0) <= call <= forward
    assert max(strike - forward, 0.0) <= put <= strike * (1.0 + 1e-15)


@given(models, tenors)
@settings(max_examples=60)
def test_puts_rise_and_bend_upward_in_the_strike(model: Model, years: float) -> None:
    strikes = np.linspace(0.3, 2.5, 45)
    puts = price(model, 1.0, strikes, years, -1.0)
    slopes = np.diff(puts) / np.diff(strikes)
    assert (slopes >= -1e-11).all()
    assert (slopes <= 1.0 + 1e-11).all()
    assert (np.diff(slopes) >= -1e-10).all()


@given(models, scores)
@settings(max_examples=60)
def test_time_has_value(model: Model, score: float) -> None:
    strike = math.exp(score * deviation(model, 0.5))
    puts = price(model, 1.0, strike, np.linspace(0.01, 2.0, 12), -1.0)
    assert (np.diff(puts) >= -1e-12).all()


@given(hestons, tenors, scores, st.floats(0.01, 100.0))
@settings(max_examples=40)
def test_prices_scale_with_the_currency(
    model: Heston, years: float, score: float, unit: float
) -> None:
    strike = math.exp(score * deviation(model, years))
    one = float(price(model, 1.0, strike, years, 1.0))
    many = float(price(model, unit, unit * strike, years, 1.0))
    assert many == pytest.approx(unit * one, abs=1e-13 * unit * (1.0 + strike))


@given(st.floats(0.01, 2.0), st.floats(0.1, 20.0), st.floats(-0.9, 0.9), legs)
@settings(max_examples=60)
def test_heston_without_volatility_of_variance_is_black(
    variance: float, kappa: float, rho: float, leg: tuple[float, float, float]
) -> None:
    years, score, sign = leg
    vol = math.sqrt(variance)
    strike = math.exp(score * vol * math.sqrt(years))
    expected = float(black.price(1.0, strike, years, vol, sign))
    still = Heston(variance, kappa, variance, 0.0, rho)
    assert float(price(still, 1.0, strike, years, sign)) == pytest.approx(
        expected, abs=5e-14 * (1 + strike)
    )
    nearly = Heston(variance, kappa, variance, 1e-7, rho)
    assert float(price(nearly, 1.0, strike, years, sign)) == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.05, 2.0), st.floats(-0.2, 0.2), st.floats(0.0, 0.3), legs)
@settings(max_examples=60)
def test_merton_without_jumps_is_black(
    vol: float, mean: float, std: float, leg: tuple[float, float, float]
) -> None:
    years, score, sign = leg
    strike = math.exp(score * vol * math.sqrt(years))
    expected = float(black.price(1.0, strike, years, vol, sign))
    value = float(price(Merton(vol, 0.0, mean, std), 1.0, strike, years, sign))
    assert value == pytest.approx(expected, abs=5e-14 * (1.0 + strike))


@given(mertons, tenors, scores, signs)
@settings(max_examples=60)
def test_merton_is_its_poisson_series(
    model: Merton, years: float, score: float, sign: float
) -> None:
    strike = math.exp(score * deviation(model, years))
    expected = poisson_series(model, strike, years, sign)
    value = float(price(model, 1.0, strike, years, sign))
    assert value == pytest.approx(expected, abs=2e-13 * (1.0 + strike))


def poisson_series(model: Merton, strike: float, years: float, sign: float) -> float:
    """Black prices for each number of jumps, weighted by its probability (forward of 1)."""
    counts = np.arange(400)
    half = 0.5 * model.jump_std**2
    excess = math.expm1(model.jump_mean + half)
    mean = model.jump_rate * years
    logs = np.array([math.lgamma(n + 1.0) for n in counts])
    weights = np.exp(counts * math.log(mean) - mean - logs) if mean > 0.0 else counts == 0
    forwards_after = np.exp(counts * (model.jump_mean + half) - mean * excess)
    vols = np.sqrt(model.vol**2 + counts * model.jump_std**2 / years)
    return float(weights @ black.price(forwards_after, strike, years, vols, sign))


@given(hestons, tenors, scores)
@settings(max_examples=40)
def test_bates_without_jumps_is_heston(model: Heston, years: float, score: float) -> None:
    strike = math.exp(score * deviation(model, years))
    still = Bates(model.v0, model.kappa, model.theta, model.xi, model.rho, 0.0, -0.1, 0.2)
    assert price(still, 1.0, strike, years, 1.0) == price(model, 1.0, strike, years, 1.0)


@given(st.builds(Heston, *diffusion), st.data())
@settings(max_examples=20)
def test_a_surface_is_its_options_one_by_one(model: Heston, data: Any) -> None:
    years = np.array(data.draw(st.lists(tenors, min_size=1, max_size=4)))
    strikes = np.linspace(80.0, 120.0, 5)
    surface = price(model, 100.0, strikes, years[:, None], -1.0)
    for row, tenor in enumerate(years):
        for column, strike in enumerate(strikes):
            alone = float(price(model, 100.0, strike, tenor, -1.0))
            assert surface[row, column] == pytest.approx(alone, abs=1e-11)


def test_more_expiries_and_strikes_than_one_pass_holds() -> None:
    years = np.linspace(0.01, 1.0, 70)
    puts = price(HESTON, 100.0, 95.0, years, -1.0)
    assert puts[-1] == pytest.approx(float(price(HESTON, 100.0, 95.0, 1.0, -1.0)), abs=1e-11)
    strikes = np.linspace(50.0, 200.0, 2500)
    puts = price(HESTON, 100.0, strikes, 0.5, -1.0)
    assert puts[1700] == pytest.approx(
        float(price(HESTON, 100.0, strikes[1700], 0.5, -1.0)), abs=1e-11
    )


def test_spot_form_is_the_discounted_forward_form() -> None:
    forward = 100.0 * math.exp((0.05 - 0.02) * 0.5)
    expected = math.exp(-0.05 * 0.5) * price(HESTON, forward, 90.0, 0.5, 1.0)
    value = price_on_spot(HESTON, 100.0, 90.0, 0.5, 1.0, rate=0.05, dividend_yield=0.02)
    assert float(value) == pytest.approx(float(expected), rel=1e-14)


def test_expired_and_almost_expired_options_are_worth_their_intrinsic_value() -> None:
    years = np.array([-1.0, 0.0, 1e-300, 1e-13])
    assert price(HESTON, 100.0, 90.0, years, 1.0).tolist() == [10.0] * 4
    assert price(HESTON, 100.0, 90.0, years, -1.0).tolist() == [0.0] * 4
    soon = price(HESTON, 100.0, np.array([90.0, 110.0]), 1e-9, -1.0)
    np.testing.assert_allclose(soon, [0.0, 10.0], atol=1e-9)


def test_jumps_of_one_size() -> None:
    """Their characteristic function never settles, so a probe may meet it at its least."""
    model = Bates(0.5, 1.0, 0.0625, 2.0, 0.0, 5.0, 0.125, 0.0)
    for years in (0.3, 1000.0 / 365.0):
        expected = call(model, 1.0, 1.1, years)
        assert float(price(model, 1.0, 1.1, years, 1.0)) == pytest.approx(expected, abs=1e-12)


def test_strikes_beyond_any_reach() -> None:
    puts = price(HESTON, 100.0, np.array([1e-300, 1e-9, 1e12, 1e300]), 0.1, -1.0)
    np.testing.assert_allclose(puts, [0.0, 0.0, 1e12 - 100.0, 1e300], rtol=1e-14, atol=1e-14)
    assert (price(HESTON, 100.0, np.array([1e12, 1e300]), 0.1, 1.0) == 0.0).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(4))
def test_a_broken_number_is_flagged_and_harms_no_other(place: int, bad: float) -> None:
    rows = np.array([[100.0, 100.0], [90.0, 90.0], [0.5, 0.5], [1.0, 1.0]])
    rows[place, 0] = bad
    values = price(HESTON, *rows)
    assert math.isnan(values[0])
    assert values[1] == price(HESTON, 100.0, 90.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("forward", "strike", "sign"),
    [(0.0, 90.0, 1.0), (-1.0, 90.0, 1.0), (100.0, 0.0, 1.0), (100.0, -5.0, 1.0), (1.0, 1.0, 0.0)],
)
def test_impossible_options_are_flagged(forward: float, strike: float, sign: float) -> None:
    assert math.isnan(float(price(HESTON, forward, strike, 0.5, sign)))


def test_shapes_and_kinds() -> None:
    assert price(HESTON, 100.0, np.empty(0), 0.5, 1.0).shape == (0,)
    assert price(HESTON, np.empty((3, 0)), 90.0, 0.5, 1.0).shape == (3, 0)
    with pytest.raises(ValueError, match="broadcast"):
        price(HESTON, [1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 1.0)
    with pytest.raises(ValueError, match="could not convert"):
        price(HESTON, np.array(["a hundred"]), 90.0, 0.5, 1.0)
    with pytest.raises(TypeError):
        price(HESTON, np.array([{}]), 90.0, 0.5, 1.0)
    assert np.isnan(price(HESTON, np.array([None]), 90.0, 0.5, 1.0)).all()


def test_extreme_models_stay_inside_the_bounds() -> None:
    for model in (
        Heston(1e-8, 1e-4, 1e-8, 100.0, 0.9999),
        Heston(100.0, 1000.0, 100.0, 100.0, -0.9999),
        Heston(1e-8, 0.05, 1e-4, 20.0, -0.99),
        Bates(0.3, 2.0, 0.3, 1.0, 0.0, 1000.0, 5.0, 5.0),
        Merton(1e-4, 1000.0, -5.0, 0.0),
    ):
        puts = price(
            model, 1.0, np.array([0.5, 1.0, 2.0]), np.array([[0.001], [1.0], [30.0]]), -1.0
        )
        assert ((puts >= [0.0, 0.0, 1.0]) & (puts <= [0.5, 1.0, 2.0 + 1e-15])).all()


@pytest.mark.parametrize("count", [1, 2, 3, 16, 21])
def test_powers(count: int) -> None:
    z = np.exp(1j * np.array([0.1, 2.0]))
    expected = z[:, None] ** np.arange(count)
    np.testing.assert_allclose(powers(z, count), expected, rtol=1e-14)
