"""Minimum-variance hedge ratios: closed forms, direct integration, and what they minimise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing import black
from terminal.pricing.fourier.cosine import price
from terminal.pricing.fourier.hedge_ratio import hedge_delta
from terminal.pricing.fourier.model_greeks import greeks
from terminal.pricing.fourier.models import Bates, Heston, Merton, coefficients
from tests.unit.pricing.fourier.strategies import hestons, models, scores, signs, tenors

BATES = Bates(0.3, 2.0, 0.4, 1.0, -0.25, 8.0, -0.02, 0.07)
STRIKES = np.array([80.0, 95.0, 100.0, 105.0, 125.0])


@given(hestons, tenors, scores, signs)
@settings(max_examples=50)
def test_heston_is_delta_plus_the_part_of_vega_that_moves_along(
    model: Heston, years: float, score: float, sign: float
) -> None:
    strike = 100.0 * math.exp(score * math.sqrt(model.v0 * years))
    unit = greeks(model, 100.0, strike, years, sign)
    expected = unit.delta + model.rho * model.xi / 100.0 * unit.vega_variance
    assert float(hedge_delta(model, 100.0, strike, years, sign)) == pytest.approx(
        float(expected), abs=1e-12
    )


@pytest.mark.parametrize(
    "model",
    [BATES, Merton(0.5, 6.0, -0.03, 0.1), Merton(0.4, 2.0, 0.1, 0.0), Merton(0.2, 0.3, -0.5, 0.4)],
)
@pytest.mark.parametrize("years", [2.0 / 365.0, 0.1, 1.0])
def test_jumps_agree_with_direct_integration(model: Bates | Merton, years: float) -> None:
    """Trapezium over the jump: spectrally accurate for a normal density of a smooth function."""
    c = coefficients(model)
    z, step = np.linspace(-9.0, 9.0, 6001, retstep=True)
    jump = np.exp(c.jump_mean + c.jump_std * z)
    chance = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * step
    unit = greeks(model, 100.0, STRIKES, years, 1.0)
    after = price(model, 100.0 * jump[:, None], STRIKES, years, 1.0)
    moved = 100.0 * (jump - 1.0)
    joint = chance * moved @ (after - unit.price)
    smooth = unit.delta + c.rho * c.xi / 100.0 * unit.vega_variance
    top = c.v0 * 1e4 * smooth + c.jump_rate * joint
    bottom = c.v0 * 1e4 + c.jump_rate * float(chance @ moved**2)
    np.testing.assert_allclose(
        hedge_delta(model, 100.0, STRIKES, years, 1.0), top / bottom, atol=1e-10
    )


@pytest.mark.parametrize("model", [Merton(0.2, 0.3, -0.5, 0.4), Merton(0.05, 20.0, 0.3, 0.1)])
def test_minutes_before_expiry_only_the_jump_is_left_to_hedge(model: Merton) -> None:
    """One jump on the intrinsic value, whose moments are Black's formula."""
    strikes = np.array([60.0, 80.0, 120.0, 170.0])
    spread, square = model.jump_std, model.jump_std**2
    mean = math.exp(model.jump_mean + 0.5 * square)
    now = np.maximum(strikes - 100.0, 0.0)
    after = black.price(100.0 * mean, strikes, 1.0, spread, -1.0)
    tilted = mean * black.price(100.0 * mean * math.exp(square), strikes, 1.0, spread, -1.0)
    joint = tilted - after - (mean - 1.0) * now
    variance, moment = model.vol**2, mean**2 * math.exp(square) - 2.0 * mean + 1.0
    flat = np.where(strikes > 100.0, -100.0, 0.0)
    top = variance * flat + model.jump_rate * joint
    expected = top / (100.0 * (variance + model.jump_rate * moment))
    ratio = hedge_delta(model, 100.0, strikes, 1e-5, -1.0)
    np.testing.assert_allclose(ratio, expected, atol=1e-3)


def test_no_other_ratio_leaves_less_variance() -> None:
    rng = np.random.default_rng(7)
    years, horizon, size = 0.1, 1e-5, 200_000
    model = BATES
    jumped = rng.random(size) < model.jump_rate * horizon * 1000.0
    variance = model.v0 * horizon
    first, second = rng.standard_normal((2, size))
    mixed = model.rho * first + math.sqrt(1.0 - model.rho**2) * second
    moves = math.sqrt(variance) * first
    unit = greeks(model, 100.0, 105.0, years, 1.0)
    smooth = (
        100.0 * moves * unit.delta + unit.vega_variance * model.xi * math.sqrt(variance) * mixed
    )
    leaps = np.exp(model.jump_mean + model.jump_std * rng.standard_normal(int(jumped.sum())))
    after = price(model, 100.0 * leaps, 105.0, years, 1.0) - unit.price
    # Rare jumps are drawn a thousand times too often and weighted accordingly.
    top = (
        float(np.mean(100.0 * moves * smooth))
        + float(np.sum(100.0 * (leaps - 1.0) * after)) / size / 1000.0
    )
    bottom = (
        float(np.mean((100.0 * moves) ** 2))
        + float(np.sum((100.0 * (leaps - 1.0)) ** 2)) / size / 1000.0
    )
    ratio = float(hedge_delta(model, 100.0, 105.0, years, 1.0))
    assert ratio == pytest.approx(top / bottom, abs=0.02)
    assert abs(ratio - float(unit.delta)) > 0.01


@given(models, tenors, scores)
@settings(max_examples=50)
def test_calls_and_puts_differ_by_the_forward(
    model: Heston | Merton | Bates, years: float, score: float
) -> None:
    strike = math.exp(score * 0.3 * math.sqrt(years))
    call, put = hedge_delta(model, 1.0, strike, years, np.array([1.0, -1.0]))
    assert call - put == pytest.approx(1.0, abs=1e-13)


@given(st.floats(0.1, 1.5), tenors, scores, signs)
@settings(max_examples=30)
def test_without_jumps_or_moving_variance_it_is_blacks_delta(
    vol: float, years: float, score: float, sign: float
) -> None:
    strike = math.exp(score * vol * math.sqrt(years))
    expected = float(black.greeks(1.0, strike, years, vol, sign).delta)
    for model in (Merton(vol, 0.0, -0.1, 0.2), Heston(vol**2, 1.0, vol**2, 0.0, -0.5)):
        value = float(hedge_delta(model, 1.0, strike, years, sign))
        assert value == pytest.approx(expected, abs=1e-12)


def test_negative_correlation_lowers_the_ratio_of_a_call() -> None:
    model = Heston(0.36, 3.0, 0.5, 1.5, -0.6)
    unit = greeks(model, 100.0, STRIKES, 0.25, 1.0)
    assert (hedge_delta(model, 100.0, STRIKES, 0.25, 1.0) < unit.delta).all()


def test_limits_and_bad_inputs() -> None:
    late = hedge_delta(BATES, 100.0, np.array([90.0, 100.0, 110.0]), 0.0, -1.0)
    assert late.tolist() == [0.0, -0.5, -1.0]
    assert np.isnan(hedge_delta(BATES, np.array([0.0, math.nan, math.inf]), 100.0, 1.0, 1.0)).all()
    assert math.isnan(float(hedge_delta(BATES, 100.0, 100.0, 1.0, 2.0)))
    assert hedge_delta(BATES, 100.0, np.empty(0), 1.0, 1.0).shape == (0,)
    with pytest.raises(ValueError, match="broadcast"):
        hedge_delta(BATES, [1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 1.0)
    with pytest.raises(ValueError, match="could not convert"):
        hedge_delta(BATES, "spot", 1.0, 1.0, 1.0)
