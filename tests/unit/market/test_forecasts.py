"""Forecasts from past variance: the published EWMA value, HAR by hand, bands, and gaps."""

import math
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR
from terminal.market.forecasts import (
    ewma,
    ewma_forecast,
    future_means,
    qlike,
    recursion,
    trailing_means,
    with_band,
)
from terminal.market.har import (
    PRIOR,
    PRIOR_ROWS,
    fit_har,
    har_forecast,
    har_path,
    jump_term,
    leverage_term,
)
from terminal.pricing.rows import FloatArray

CLOSES = np.array(
    [59900, 60900, 60350, 62000, 62300, 61050, 59700, 60450, 61300, 60900, 62250], dtype=np.float64
)

seeds = st.integers(0, 300)
decays = st.floats(0.01, 0.999)


def variances(seed: int, count: int, holes: int = 0) -> FloatArray:
    """Persistent variances of a daily market, with some days missing."""
    random = np.random.default_rng(seed)
    slow = recursion(np.full(count, 0.9), random.normal(0.0, 0.25, (1, count)))[0]
    values = 1e-3 * np.exp(slow + random.normal(0.0, 0.3, count))
    values[random.choice(count, holes, replace=False)] = np.nan
    return np.asarray(values)


def test_published_value_of_the_exponential_mean() -> None:
    squares = np.diff(np.log(CLOSES)) ** 2
    with mpmath.workdps(30):
        moves = [mpmath.log(mpmath.mpf(b) / a) for a, b in pairwise(CLOSES.tolist())]
        level = moves[0] ** 2
        for move in moves[1:]:
            level = mpmath.mpf("0.94") * level + mpmath.mpf("0.06") * move**2
        exact = float(mpmath.sqrt(level * 365))
    found = ewma_forecast(squares, span=DAY)
    assert found.vol == pytest.approx(exact, rel=1e-14)
    # The value of the research table, which the recursion in 30 digits meets to seven of them.
    assert found.vol == pytest.approx(0.3198197980084, abs=1.1e-8)
    assert (found.low, found.high, found.observations) == (None, None, 10)


@given(seeds, decays, st.integers(0, 30))
def test_the_mean_is_the_recursion_step_by_step(seed: int, decay: float, holes: int) -> None:
    values = variances(seed, 80, holes)
    expected, level = [], math.nan
    for each in values.tolist():
        if not math.isnan(each):
            level = each if math.isnan(level) else decay * level + (1.0 - decay) * each
        expected.append(level)
    found = ewma(values, decay)
    assert np.allclose(found, np.array(expected), rtol=1e-12, atol=0.0, equal_nan=True)


@given(seeds, decays, st.integers(0, 20), st.floats(1e-6, 1e6))
def test_forecasts_scale_with_variance(seed: int, decay: float, holes: int, unit: float) -> None:
    values = variances(seed, 60, holes)
    assert np.allclose(
        ewma(values * unit, decay), unit * ewma(values, decay), rtol=1e-12, atol=0.0, equal_nan=True
    )


@given(seeds, st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_recursion_with_changing_weights(seed: int, weights: list[float]) -> None:
    inflow = np.random.default_rng(seed).normal(size=(2, len(weights)))
    expected = np.zeros(2)
    found = recursion(np.array(weights), inflow)
    for step, weight in enumerate(weights):
        expected = weight * expected + inflow[:, step]
        assert np.allclose(found[:, step], expected, rtol=1e-12, atol=1e-14)


@given(seeds, st.integers(1, 12), st.integers(0, 10))
def test_outcomes_are_means_of_what_came_after(seed: int, horizon: int, holes: int) -> None:
    values = variances(seed, 40, holes)
    found = future_means(values, horizon)
    for step in range(40):
        ahead = values[step + 1 : step + 1 + horizon]
        expected = ahead.mean() if ahead.size == horizon else math.nan
        assert found[step] == pytest.approx(expected, nan_ok=True)


def test_means_longer_than_the_past_are_unknown() -> None:
    assert np.isnan(trailing_means(np.ones(3), 4)).all()
    assert np.isnan(future_means(np.ones(3), 9)).all()


def test_the_band_holds_two_thirds_of_the_outcomes() -> None:
    values = variances(5, 1500)
    path, outcomes = ewma(values), future_means(values, 5)
    found = with_band(path, outcomes, span=DAY, horizon=5, observations=1500)
    assert found.vol is not None
    assert found.low is not None
    assert found.high is not None
    ratio = np.sqrt(outcomes / path)[:-5]
    held = (ratio >= found.low / found.vol) & (ratio <= found.high / found.vol)
    assert float(held.mean()) == pytest.approx(0.6827, abs=0.002)


def test_a_band_needs_outcomes_that_do_not_overlap() -> None:
    values = variances(1, 100)
    assert ewma_forecast(values, span=DAY, horizon=11).low is not None
    assert ewma_forecast(values, span=DAY, horizon=12).low is None


@given(seeds, st.integers(1, 7), st.booleans())
@settings(max_examples=30)
def test_har_is_least_squares_of_its_means(seed: int, horizon: int, log: bool) -> None:
    values = variances(seed, 160, holes=3)
    fit = fit_har(values, horizon=horizon, log=log, terms=(1, 5, 22))
    level = np.log(values) if log else values
    rows, target = [], []
    for now in range(21, 160 - horizon):
        row = [1.0, level[now], level[now - 4 : now + 1].mean(), level[now - 21 : now + 1].mean()]
        ahead = float(values[now + 1 : now + 1 + horizon].mean())
        if np.isfinite([*row, ahead]).all():
            rows.append(row)
            target.append(math.log(ahead) if log else ahead)
    if fit is None:
        assert len(rows) < 12
        return
    expected = np.linalg.lstsq(np.array(rows), np.array(target), rcond=None)[0]
    assert np.allclose(fit.coefficients, expected, rtol=1e-6, atol=1e-9)
    assert fit.rows == len(rows)
    residuals = np.array(target) - np.array(rows) @ expected
    unbiased = float(residuals @ residuals) / (len(rows) - 4)
    assert fit.residual_variance == pytest.approx(unbiased, rel=1e-6, abs=1e-20)
    last = har_path(fit, values)[-1]
    if math.isfinite(last):
        assert fit.low <= last <= fit.high


def test_har_finds_the_coefficients_of_its_own_process() -> None:
    random = np.random.default_rng(1)
    truth = (-0.7, 0.4, 0.3, 0.2)
    level = [-7.0] * 30
    for shock in random.normal(0.0, 0.3, 20_000).tolist():
        week, month = sum(level[-7:]) / 7.0, sum(level[-30:]) / 30.0
        level.append(truth[0] + truth[1] * level[-1] + truth[2] * week + truth[3] * month + shock)
    fit = fit_har(np.exp(np.array(level)))
    assert fit is not None
    assert np.allclose(fit.coefficients, truth, atol=0.06)
    assert fit.residual_variance == pytest.approx(0.09, rel=0.03)
    spread = float(np.var(np.array(level)))
    assert fit.r_squared == pytest.approx(1.0 - 0.09 / spread, abs=0.03)


@given(seeds, st.floats(1e-3, 1e3), st.booleans())
@settings(max_examples=30)
def test_har_forecasts_scale_with_variance(seed: int, unit: float, log: bool) -> None:
    values = variances(seed, 150)
    before = har_forecast(values, span=DAY, log=log)
    after = har_forecast(values * unit, span=DAY, log=log)
    assert before.vol is not None
    assert after.vol == pytest.approx(before.vol * math.sqrt(unit), rel=1e-7)


def test_a_linear_forecast_never_leaves_what_was_seen() -> None:
    values = variances(3, 200)
    fit = fit_har(values, log=False)
    assert fit is not None
    crash = np.append(values, [5.0] * 3)
    calm = np.append(values, [0.0] * 40)
    assert har_path(fit, crash)[-1] == fit.high
    assert fit.low <= har_path(fit, calm)[-1] > 0.0
    logs = fit_har(values)
    assert logs is not None
    assert math.isnan(har_path(logs, calm)[-1])


def test_a_short_past_leans_on_the_prior_and_a_long_one_does_not() -> None:
    past = variances(3, 120)
    certain = fit_har(past, prior_rows=1e12)
    assert certain is not None
    assert certain.coefficients[1:] == pytest.approx(PRIOR, abs=1e-6)
    free, nearly = fit_har(past), fit_har(past, prior_rows=1e-9)
    assert free is not None
    assert nearly is not None
    assert nearly.coefficients == pytest.approx(free.coefficients, rel=1e-6)
    leaning = fit_har(past, prior_rows=PRIOR_ROWS)
    assert leaning is not None
    assert leaning.residual_variance > free.residual_variance  # in sample nothing beats free


def test_an_extra_that_never_moves_keeps_its_prior_of_nothing() -> None:
    still = fit_har(variances(4, 120), extras=np.full((120, 1), 2.0), prior_rows=10.0)
    assert still is not None
    assert still.coefficients[-1] == 0.0


@pytest.mark.parametrize("wrong", [{"log": False}, {"terms": (1, 5, 22)}])
def test_the_prior_is_of_one_model_only(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="logarithms of a day, a week and a month"):
        fit_har(variances(5, 120), prior_rows=10.0, **wrong)


def test_a_har_forecast_has_a_band_and_a_horizon() -> None:
    found = har_forecast(variances(2, 500), span=DAY, horizon=7)
    assert found.vol is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.vol < found.high
    assert found.horizon == 7
    hourly = har_forecast(variances(2, 500), span=HOUR, horizon=7)
    assert hourly.vol == pytest.approx(found.vol * math.sqrt(24.0))


def test_equal_columns_are_no_obstacle() -> None:
    fit = fit_har(np.full(200, 1e-3))
    assert fit is not None
    assert har_path(fit, np.full(200, 1e-3))[-1] == pytest.approx(1e-3)
    assert fit.r_squared == 0.0


def test_no_forecast_says_why() -> None:
    assert "no variance" in ewma_forecast([], span=DAY).reason
    assert "no variance" in ewma_forecast([math.nan] * 5, span=DAY).reason
    assert "too few" in har_forecast(variances(1, 40), span=DAY).reason
    gapped = variances(1, 200)
    gapped[190] = math.nan
    found = har_forecast(gapped, span=DAY)
    assert (found.vol, "missing" in found.reason) == (None, True)
    assert fit_har(np.zeros(200)) is None


def test_extra_regressors_are_used_and_must_fit() -> None:
    values = variances(4, 300)
    extra = np.random.default_rng(1).normal(size=(300, 2))
    fit = fit_har(values, extras=extra)
    assert fit is not None
    assert len(fit.coefficients) == 6
    assert har_forecast(values, span=DAY, extras=extra).vol is not None
    with pytest.raises(ValueError, match="extras"):
        har_path(fit, values)
    with pytest.raises(ValueError, match="extras"):
        fit_har(values, extras=extra[:-1])


def test_jump_and_leverage_terms() -> None:
    jump = jump_term([4e-4, 1e-4, 1e-4, math.nan], [1e-4, 2e-4, 0.0, 1e-4])
    assert jump[0] == pytest.approx(math.log(4.0))
    assert jump[1] == 0.0
    assert np.isnan(jump[2:]).all()
    fall = leverage_term([4e-4, 4e-4, 0.0, 1e-4], [-0.04, 0.04, -0.1, math.nan])
    assert fall[0] == pytest.approx(-2.0)
    assert fall[1] == 0.0
    assert np.isnan(fall[2:]).all()


@given(seeds, st.floats(0.1, 10.0))
def test_the_loss_is_least_for_the_truth_and_has_no_unit(seed: int, factor: float) -> None:
    truth = variances(seed, 50)
    assert qlike(truth, truth) == pytest.approx(0.0, abs=1e-15)
    loss = qlike(truth, truth * factor)
    assert loss == pytest.approx(1.0 / factor + math.log(factor) - 1.0, abs=1e-9)
    assert qlike(truth * 7.0, truth * 7.0 * factor) == pytest.approx(loss, abs=1e-9)


def test_pairs_without_a_loss_are_left_out() -> None:
    outcomes = [1.0, math.nan, 0.0, 1.0, 1.0]
    assert qlike(outcomes, [1.0, 1.0, 1.0, 0.0, math.nan]) == 0.0
    assert qlike([], []) is None
    with pytest.raises(ValueError, match="same length"):
        qlike([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ([1e-4, -1e-4], ValueError),
        ([math.inf], ValueError),
        (["a"], TypeError),
        ([[1e-4]], ValueError),
        (np.array([None]), TypeError),
    ],
)
def test_what_is_not_variance_is_refused(values: Any, error: type[Exception]) -> None:
    for call in (ewma, fit_har):
        with pytest.raises(error, match="variances"):
            call(values)


def test_limits_are_checked() -> None:
    values = variances(1, 60)
    for decay in (0.0, 1.0, -0.5, math.nan):
        with pytest.raises(ValueError, match="decay"):
            ewma(values, decay)
    with pytest.raises(ValueError, match="span"):
        ewma_forecast(values, span=0)
    with pytest.raises(ValueError, match="span"):
        har_forecast(values, span=0)
    with pytest.raises(ValueError, match="horizon"):
        ewma_forecast(values, span=DAY, horizon=0)
    with pytest.raises(ValueError, match="terms"):
        fit_har(values, terms=(0, 5))
