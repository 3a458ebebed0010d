"""GARCH(1,1): likelihood against 40 digits, its gradient, its maximum, forecasts in closed form.

The benchmark series of Fiorentini, Calzolari and Panattoni is not among the recorded data; what it
would prove, the start of the recursion and the maximum, is proved here by mpmath and by scipy.
"""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.optimize import minimize

from terminal.core.units import DAY
from terminal.market import garch
from terminal.market.garch import (
    GarchFit,
    GarchParameters,
    fit_garch,
    garch_forecast,
    log_likelihood,
)
from terminal.pricing.rows import FloatArray

# The published estimates of the benchmark, used to simulate a series like it.
BENCHMARK = GarchParameters(mu=-0.00619041, omega=0.0107613, alpha=0.153134, beta=0.805974)


def simulated(seed: int, count: int, truth: GarchParameters) -> FloatArray:
    shocks = np.random.default_rng(seed).standard_normal(count)
    returns = np.empty(count)
    level = truth.long_run_variance
    for step, shock in enumerate(shocks.tolist()):
        error = math.sqrt(level) * shock
        returns[step] = truth.mu + error
        level = truth.omega + truth.alpha * error * error + truth.beta * level
    return returns


def exact_log_likelihood(parameters: GarchParameters, returns: FloatArray) -> float:
    """Sum of the likelihood in 40 digits, one step at a time; nothing adds where NaN is."""
    with mpmath.workdps(40):
        mu, omega, alpha, beta = (
            mpmath.mpf(each)
            for each in (parameters.mu, parameters.omega, parameters.alpha, parameters.beta)
        )
        errors = [None if math.isnan(r) else mpmath.mpf(r) - mu for r in returns.tolist()]
        known = [each * each for each in errors if each is not None]
        news = level = mpmath.fsum(known) / len(known)
        total = mpmath.mpf(0)
        for error in errors:
            level = omega + alpha * news + beta * level
            news = level if error is None else error * error
            if error is not None:
                total -= (mpmath.log(2 * mpmath.pi) + mpmath.log(level) + news / level) / 2
        return float(total)


def gapped(seed: int, count: int) -> FloatArray:
    returns = simulated(seed, count, BENCHMARK)
    returns[[0, 7, 8, 9, count - 1]] = np.nan
    return returns


inside = st.builds(
    GarchParameters,
    st.floats(-0.05, 0.05),
    st.floats(0.001, 0.1),
    st.floats(0.0, 0.3),
    st.floats(0.0, 0.69),
)


@given(inside, st.integers(0, 50), st.booleans())
@settings(max_examples=25)
def test_likelihood_agrees_with_40_digits(
    parameters: GarchParameters, seed: int, holes: bool
) -> None:
    returns = gapped(seed, 80) if holes else simulated(seed, 80, BENCHMARK)
    exact = exact_log_likelihood(parameters, returns)
    assert log_likelihood(parameters, returns).value == pytest.approx(exact, rel=1e-12, abs=1e-11)


@given(inside, st.integers(0, 50), st.booleans())
@settings(max_examples=40)
def test_gradient_agrees_with_central_differences(
    parameters: GarchParameters, seed: int, holes: bool
) -> None:
    returns = gapped(seed, 300) if holes else simulated(seed, 300, BENCHMARK)
    parameters = replace(parameters, alpha=parameters.alpha + 0.002, beta=parameters.beta + 0.002)
    gradient = log_likelihood(parameters, returns).gradient
    for number, name in enumerate(("mu", "omega", "alpha", "beta")):
        centre = getattr(parameters, name)
        width = 1e-5 * parameters.omega if name == "omega" else 1e-6
        above = log_likelihood(replace(parameters, **{name: centre + width}), returns).value
        below = log_likelihood(replace(parameters, **{name: centre - width}), returns).value
        slope = (above - below) / (2.0 * width)
        assert gradient[number] == pytest.approx(slope, rel=2e-5, abs=2e-3)


@pytest.mark.parametrize("seed", [3, 4])
def test_the_maximum_is_the_one_an_independent_optimiser_finds(seed: int) -> None:
    returns = simulated(seed, 1974, BENCHMARK)
    fit = fit_garch(returns)
    assert fit.parameters is not None

    def loss(point: FloatArray) -> tuple[float, FloatArray]:
        found = log_likelihood(GarchParameters(*point.tolist()), returns)
        return -found.value, -found.gradient

    bounds = [(-1.0, 1.0), (1e-6, 1.0), (0.0, 0.45), (0.0, 0.9)]
    start = np.array([0.0, 0.05, 0.08, 0.6])
    peer = minimize(loss, start, jac=True, method="SLSQP", bounds=bounds, tol=1e-14,
                    constraints={"type": "ineq", "fun": lambda p: 0.9999 - p[2] - p[3]},
                    options={"maxiter": 500})
    ours = fit.parameters
    found = np.array([ours.mu, ours.omega, ours.alpha, ours.beta])
    assert fit.log_likelihood == pytest.approx(-peer.fun, abs=1e-6)
    assert np.allclose(found, peer.x, rtol=1e-3, atol=2e-5)
    assert fit.log_likelihood == pytest.approx(log_likelihood(ours, returns).value, abs=1e-8)
    assert np.abs(log_likelihood(ours, returns).gradient).max() < 1e-3


def test_parameters_of_a_simulated_series_come_back() -> None:
    fits = [fit_garch(simulated(seed, 4000, BENCHMARK)).parameters for seed in range(4)]
    found = np.array([[f.mu, f.omega, f.alpha, f.beta] for f in fits if f is not None])
    assert found.shape == (4, 4)
    assert found.mean(axis=0) == pytest.approx([-0.0062, 0.01076, 0.1531, 0.806], abs=0.02)


@given(st.integers(0, 20), st.floats(1e-4, 1e4))
@settings(max_examples=10)
def test_the_unit_of_returns_does_not_matter(seed: int, unit: float) -> None:
    returns = simulated(seed, 400, BENCHMARK)
    before, after = fit_garch(returns), fit_garch(returns * unit)
    assert before.parameters is not None
    assert after.parameters is not None
    assert after.log_likelihood == pytest.approx(
        (before.log_likelihood or 0.0) - 400 * math.log(unit), rel=1e-6, abs=1e-4
    )
    assert after.parameters.alpha == pytest.approx(before.parameters.alpha, abs=1e-3)
    assert after.parameters.omega == pytest.approx(
        before.parameters.omega * unit**2, rel=0.02, abs=1e-12
    )


def test_missing_returns_add_nothing_and_variance_drifts_home() -> None:
    returns = simulated(1, 500, BENCHMARK)
    returns[-1] = 4.0
    shocked = log_likelihood(BENCHMARK, returns).variance
    later = log_likelihood(BENCHMARK, np.append(returns, np.full(400, np.nan)))
    assert later.value == pytest.approx(log_likelihood(BENCHMARK, returns).value, rel=1e-13)
    assert shocked[-1] > 3.0 * BENCHMARK.long_run_variance
    assert later.variance[-1] == pytest.approx(BENCHMARK.long_run_variance, rel=1e-5)
    gaps = fit_garch(np.append(returns, np.full(400, np.nan)))
    assert (gaps.returns, gaps.missing) == (500, 400)


@given(st.integers(1, 400), inside)
@settings(max_examples=30)
def test_forecasts_are_the_closed_form(horizon: int, parameters: GarchParameters) -> None:
    returns = simulated(2, 120, BENCHMARK)
    fit = GarchFit(parameters, 0.0, 120, 0, 1, at_limit=False)
    found = garch_forecast(fit, returns, span=DAY, horizon=horizon)
    p, home = parameters.persistence, parameters.long_run_variance
    first = float(log_likelihood(parameters, returns).variance[-1])
    mean = home + (first - home) * (1.0 - p**horizon) / (horizon * (1.0 - p))
    assert found.vol == pytest.approx(math.sqrt(mean * 365.0), rel=1e-9)


def test_a_long_forecast_has_a_band_around_the_long_run() -> None:
    returns = simulated(6, 1500, BENCHMARK)
    fit = fit_garch(returns)
    assert fit.parameters is not None
    found = garch_forecast(fit, returns, span=DAY, horizon=30)
    assert found.vol is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.vol < found.high
    far = garch_forecast(fit, returns, span=DAY, horizon=20_000)
    assert far.vol == pytest.approx(math.sqrt(fit.parameters.long_run_variance * 365.0), rel=0.02)
    assert (far.low, far.high) == (None, None)


def test_a_series_without_clusters_is_known_by_its_limit() -> None:
    trending = np.random.default_rng(5).standard_normal(600) * np.linspace(0.1, 3.0, 600)
    assert fit_garch(trending).at_limit


def test_a_search_that_ends_early_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch, "STEPS", 1)
    fit = fit_garch(simulated(1, 200, BENCHMARK))
    assert (fit.parameters, fit.reason) == (None, "no maximum was found in 1 steps")


def test_a_search_ends_where_rounding_hides_what_is_higher(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = simulated(1, 300, BENCHMARK)
    expected = fit_garch(returns)
    monkeypatch.setattr(garch, "FLAT", 0.0)
    found = fit_garch(returns)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=1e-9)


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        ([], "0 returns"),
        ([0.01] * 99, "99 returns"),
        ([0.0] * 200, "do not vary"),
        ([0.01] * 200, "do not vary"),
        ([0.01, -0.01] * 100, "do not vary"),
        ([math.nan] * 200, "0 returns"),
    ],
)
def test_no_fit_says_why_and_forecasts_nothing(returns: list[float], words: str) -> None:
    fit = fit_garch(returns)
    assert fit.parameters is None
    assert words in fit.reason
    forecast = garch_forecast(fit, returns, span=DAY, horizon=5)
    assert (forecast.vol, forecast.reason) == (None, fit.reason)


@pytest.mark.parametrize(
    ("returns", "error"),
    [(["a"] * 200, TypeError), ([math.inf] * 200, ValueError), ([[0.1]], ValueError)],
)
def test_what_is_not_returns_is_refused(returns: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="returns"):
        fit_garch(returns)


@pytest.mark.parametrize(
    "parameters",
    [
        GarchParameters(0.0, 0.0, 0.1, 0.8),
        GarchParameters(0.0, 0.1, -0.1, 0.8),
        GarchParameters(0.0, 0.1, 0.1, -0.8),
        GarchParameters(0.0, 0.1, 0.5, 0.5),
        GarchParameters(math.nan, 0.1, 0.1, 0.5),
    ],
)
def test_parameters_out_of_bounds_are_refused(parameters: GarchParameters) -> None:
    with pytest.raises(ValueError, match="parameters"):
        log_likelihood(parameters, [0.1, -0.1])


def test_a_likelihood_needs_a_return_and_a_forecast_a_horizon() -> None:
    with pytest.raises(ValueError, match="known return"):
        log_likelihood(BENCHMARK, [math.nan])
    fit = fit_garch(simulated(1, 200, BENCHMARK))
    with pytest.raises(ValueError, match="horizon"):
        garch_forecast(fit, [0.1], span=DAY, horizon=0)
    with pytest.raises(ValueError, match="span"):
        garch_forecast(fit, [0.1], span=0, horizon=1)
