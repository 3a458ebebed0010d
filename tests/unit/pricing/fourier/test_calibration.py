"""Calibration: surfaces of a model give the model back, noise stays noise, broken quotes refuse."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing import black
from terminal.pricing.fourier.calibration import (
    BOUNDS,
    Calibration,
    CalibrationRefused,
    calibrate,
)
from terminal.pricing.fourier.chain import Chain, chain_of_prices, chain_of_vols, target
from terminal.pricing.fourier.cosine import price
from terminal.pricing.fourier.least_squares import FitStatus, Limits
from terminal.pricing.fourier.models import Bates, Heston, Merton, Model, coefficients

YEARS = np.array([1.0, 7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 270.0])[:, None] / 365.0
FAR_START = Heston(0.1, 1.0, 0.1, 0.3, 0.0)


def surface(model: Model, forward: float = 100.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strikes, out-of-the-money signs and prices of 8 expiries with 10 strikes."""
    width = np.sqrt(coefficients(model).v0 * YEARS)
    strikes = forward * np.exp(np.linspace(-2.0, 2.0, 10) * width)
    signs = np.where(strikes > forward, 1.0, -1.0)
    return strikes, signs, price(model, forward, strikes, YEARS, signs)


def chain_of(model: Model) -> Chain:
    strikes, signs, prices = surface(model)
    return chain_of_prices(100.0, strikes, YEARS, prices, signs)


def fitted(chain: Chain, kind: type[Model], start: Model | None = None) -> Calibration:
    result = calibrate(chain, kind, start=start)
    assert isinstance(result, Calibration)
    return result


@given(
    st.builds(
        Heston,
        st.floats(0.05, 0.8),
        st.floats(1.0, 8.0),
        st.floats(0.05, 0.8),
        st.floats(0.3, 2.0),
        st.floats(-0.8, 0.5),
    )
)
@settings(max_examples=12)
def test_heston_surfaces_give_their_parameters_back(model: Heston) -> None:
    for start in (None, FAR_START):
        result = fitted(chain_of(model), Heston, start)
        assert result.rmse_points < 1e-5
        found = np.array(msgspec.structs.astuple(result.model))
        np.testing.assert_allclose(found, msgspec.structs.astuple(model), rtol=1e-3, atol=1e-3)
        assert result.status is FitStatus.CONVERGED
        assert result.feller is (2.0 * model.kappa * model.theta >= model.xi**2)
        assert (result.used, result.dropped, result.at_bounds) == (80, 0, ())


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Merton(0.5, 8.0, -0.05, 0.1), Merton),
        (Merton(0.3, 1.5, 0.1, 0.2), Merton),
        (Bates(0.31, 3.0, 0.36, 1.2, -0.25, 6.0, -0.05, 0.12), Bates),
    ],
)
def test_surfaces_with_jumps_are_repriced(model: Model, kind: type[Model]) -> None:
    result = fitted(chain_of(model), kind)
    assert result.rmse_points < 1e-3
    assert (result.feller is None) == (kind is Merton)
    c, found = coefficients(model), coefficients(result.model)
    jump_variance = c.jump_rate * (c.jump_mean**2 + c.jump_std**2)
    assert found.jump_rate * (found.jump_mean**2 + found.jump_std**2) == pytest.approx(
        jump_variance, rel=0.02
    )


def test_noise_comes_back_as_error_and_not_as_failure() -> None:
    model = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
    chain = chain_of(model)
    noise = 0.01 * np.random.default_rng(3).standard_normal(80)
    result = fitted(chain._replace(vol=chain.vol + noise), Heston, FAR_START)
    assert 0.8 < result.rmse_points < 1.2
    assert result.rmse_points <= result.worst_points < 5.0
    assert result.status is FitStatus.CONVERGED


def test_error_is_that_of_implied_volatility() -> None:
    flat = chain_of_vols(100.0, [80.0, 100.0, 120.0], [[0.1], [0.5]], [[0.6], [0.6]])
    steep = flat._replace(vol=flat.vol + np.array([0.02, 0.0, 0.0, 0.0, 0.0, -0.02]))
    result = fitted(steep, Merton, Merton(0.6, 0.01, 0.0, 0.005))
    vols = steep.vol
    unit = black.greeks(100.0, steep.strike, steep.years, vols, -1.0)
    error = (price(result.model, 100.0, steep.strike, steep.years, -1.0) - unit.price) / unit.vega
    assert result.rmse_points == pytest.approx(
        100.0 * math.sqrt(float(np.mean(error**2))), rel=1e-6
    )
    assert result.worst_points == pytest.approx(100.0 * float(np.abs(error).max()), rel=1e-6)


def test_weights_pull_the_fit() -> None:
    chain = chain_of(Heston(0.36, 3.0, 0.5, 1.5, -0.3))
    bent = chain.vol.copy()
    bent[0] += 0.01
    light = fitted(chain._replace(vol=bent, weight=np.where(np.arange(80) == 0, 1e-6, 1.0)), Heston)
    heavy = fitted(chain._replace(vol=bent, weight=np.where(np.arange(80) == 0, 1e3, 1.0)), Heston)
    assert light.worst_points == pytest.approx(1.0, abs=0.1)
    assert heavy.rmse_points > light.rmse_points


def test_quotes_may_come_in_any_order() -> None:
    model = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
    shuffled = np.random.default_rng(5).permutation(80)
    chain = Chain(*(column[shuffled] for column in chain_of(model)))
    assert fitted(chain, Heston).rmse_points < 1e-5


def test_broken_quotes_are_dropped_and_counted() -> None:
    model = Heston(0.36, 3.0, 0.5, 1.5, -0.3)
    strikes, signs, prices = surface(model)
    spoiled = prices.copy()
    spoiled[0, 0], spoiled[1, 1], spoiled[2, 2], spoiled[3, 3] = math.nan, -1.0, 0.0, math.inf
    spoiled[4, 4] = 1e6
    chain = chain_of_prices(100.0, strikes, YEARS, spoiled, signs)
    result = fitted(chain, Heston)
    assert (result.used, result.dropped) == (75, 5)
    assert isinstance(result.model, Heston)
    assert result.model.kappa == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("kind", [Heston, Merton, Bates])
def test_too_few_quotes_are_refused(kind: type[Model]) -> None:
    parameters = len(kind.__struct_fields__)
    vols = np.full(parameters, 0.6)
    vols[0] = math.nan
    chain = chain_of_vols(100.0, np.linspace(80.0, 120.0, parameters), 0.25, vols)
    result = calibrate(chain, kind)
    assert isinstance(result, CalibrationRefused)
    assert f"{parameters} parameters" in result.reason
    assert (result.used, result.dropped) == (parameters - 1, 1)


def test_a_chain_of_nothing_is_refused() -> None:
    empty = chain_of_vols(np.empty(0), 100.0, 0.25, 0.6)
    assert isinstance(calibrate(empty, Heston), CalibrationRefused)
    expired = chain_of_vols(100.0, np.linspace(80.0, 120.0, 9), 0.0, 0.6)
    result = calibrate(expired, Heston)
    assert isinstance(result, CalibrationRefused)
    assert result.dropped == 9
    assert target(expired).put.size == 0


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=60, max_size=60))
@settings(max_examples=15)
def test_garbage_in_gives_finite_parameters_in_bounds_or_a_reason(numbers: list[float]) -> None:
    forward, strike, years, vol = np.abs(np.array(numbers)).reshape(4, 15)
    with np.errstate(over="ignore"):
        chain = chain_of_vols(forward, strike, years, vol)
    result = calibrate(chain, Heston, limits=Limits(evaluations=8))
    if isinstance(result, CalibrationRefused):
        assert result.reason
        return
    check_bounds(result)


@given(st.integers(0, 2**32 - 1), st.sampled_from([Heston, Merton, Bates]))
@settings(max_examples=6)
def test_wild_smiles_end_inside_the_bounds(seed: int, kind: type[Model]) -> None:
    vols = np.random.default_rng(seed).uniform(0.05, 3.0, (3, 6))
    years = np.array([[0.01], [0.1], [1.0]])
    chain = chain_of_vols(100.0, np.linspace(60.0, 160.0, 6), years, vols)
    check_bounds(fitted_within(chain, kind))


def fitted_within(chain: Chain, kind: type[Model]) -> Calibration:
    result = calibrate(chain, kind, limits=Limits(evaluations=10))
    assert isinstance(result, Calibration)
    return result


def check_bounds(result: Calibration) -> None:
    assert math.isfinite(result.rmse_points)
    for name in result.model.__struct_fields__:
        low, high = BOUNDS[name]
        assert low <= getattr(result.model, name) <= high


def test_what_the_quotes_cannot_say_ends_at_a_bound_and_is_named() -> None:
    chain = chain_of_vols(100.0, np.linspace(70.0, 140.0, 8), [[0.1], [0.5], [1.0]], 0.6)
    result = fitted(chain, Heston, Heston(0.3, 2.0, 0.4, 1.0, -0.5))
    assert result.rmse_points < 0.1
    assert "xi" in result.at_bounds


def test_misuse() -> None:
    chain = chain_of(FAR_START)
    with pytest.raises(TypeError, match="start is a Merton, but a Heston"):
        calibrate(chain, Heston, start=Merton(0.5, 1.0, 0.0, 0.1))
    with pytest.raises(ValueError, match="broadcast"):
        chain_of_vols([1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 0.6)
    with pytest.raises(ValueError, match="could not convert"):
        chain_of_prices(100.0, "strike", 0.5, 1.0, 1.0)
