"""Logistic regression: its own process found again, the mean kept, and a table by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.market.logistic import (
    RIDGE,
    chances,
    fit_logistic,
    log_odds,
    reliability,
    squashed,
    wilson,
)
from terminal.pricing.rows import FloatArray

nan = float("nan")


def drawn(seed: int, count: int = 4000) -> tuple[FloatArray, FloatArray]:
    """Two inputs and an event whose log odds are -2 + x - y / 2."""
    random = np.random.default_rng(seed)
    table = random.normal(0.0, 1.0, (count, 2))
    chance = squashed(-2.0 + table[:, 0] - 0.5 * table[:, 1])
    return table, (random.uniform(size=count) < chance).astype(np.float64)


def test_the_coefficients_of_its_own_process() -> None:
    table, happened = drawn(1, 60_000)
    fit = fit_logistic(table, happened, ridge=1e-9)
    slopes = np.array(fit.weights) / np.array(fit.scales)
    assert slopes == pytest.approx([1.0, -0.5], abs=0.04)
    assert fit.intercept - slopes @ np.array(fit.means) == pytest.approx(-2.0, abs=0.04)


@given(st.integers(0, 30), st.floats(0.0, 100.0))
def test_the_slope_of_the_penalised_likelihood_is_nothing(seed: int, ridge: float) -> None:
    table, happened = drawn(seed, 400)
    fit = fit_logistic(table, happened, ridge)
    said = chances(fit, table)
    assert float(said.mean()) == pytest.approx(float(happened.mean()), abs=1e-7)
    inputs = (table - np.array(fit.means)) / np.array(fit.scales)
    slope = inputs.T @ (happened - said) - ridge * np.array(fit.weights)
    assert np.abs(slope).max() < 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_rare_events_and_heavy_tails_are_fitted_to_the_end(seed: int) -> None:
    """Full Newton steps would leap back and forth here for ever."""
    random = np.random.default_rng(seed)
    table = random.standard_t(2.0, (3000, 3))
    happened = (table[:, 0] + random.normal(0.0, 0.3, 3000) > 6.0).astype(np.float64)
    fit = fit_logistic(table, happened)
    said = chances(fit, table)
    assert float(said.mean()) == pytest.approx(float(happened.mean()), abs=1e-9)
    inputs = (table - np.array(fit.means)) / np.array(fit.scales)
    slope = inputs.T @ (happened - said) - RIDGE * np.array(fit.weights)
    assert np.abs(slope).max() < 1e-5
    near = fit_logistic(table, happened, near=fit_logistic(table[:2000], happened[:2000]))
    assert near.weights == pytest.approx(fit.weights, abs=1e-6)


def test_inputs_that_never_move_or_tell_everything() -> None:
    table, happened = drawn(2, 300)
    still = np.column_stack((table, np.full(300, 7.0)))
    assert fit_logistic(still, happened).weights[2] == pytest.approx(0.0, abs=1e-9)
    sure = fit_logistic(happened[:, None], happened)
    said = chances(sure, happened[:, None])
    assert (said > 0.0).all()
    assert (said < 1.0).all()
    assert np.isnan(chances(sure, np.array([[nan]]))).all()


@pytest.mark.parametrize("happened", [[], [0.0, 0.0], [1.0, 1.0]])
def test_there_must_be_events_and_others(happened: list[float]) -> None:
    with pytest.raises(ValueError, match="both kinds"):
        fit_logistic(np.zeros((len(happened), 1)), np.array(happened))


@given(st.floats(1e-9, 1.0 - 1e-9))
def test_odds_and_back(chance: float) -> None:
    assert squashed(log_odds(np.array([chance])))[0] == pytest.approx(chance, rel=1e-6)


def test_the_table_counts_what_was_said_and_what_came() -> None:
    said = np.array([0.001, 0.004, 0.02, 0.025, 0.5, nan, 0.03])
    came = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0, nan])
    rows = reliability(said, came)
    assert [(each.low, each.high, each.outcomes) for each in rows] == [
        (0.0, 0.005, 2),
        (0.02, 0.03, 2),
        (0.10, 1.0, 1),
    ]
    assert [each.said for each in rows] == pytest.approx([0.0025, 0.0225, 0.5])
    assert [each.came for each in rows] == [0.5, 0.5, 1.0]
    assert (rows[0].came_low, rows[0].came_high) == wilson(0.5, 2)
    assert reliability(np.array([nan]), np.array([1.0])) == ()
    assert reliability(np.array([1.0]), np.array([1.0]))[0].high == 1.0


def test_published_interval() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, by Wilson's method.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500), st.floats(0.0, 1.0))
def test_an_interval_holds_its_share(count: int, share: float) -> None:
    low, high = wilson(share, count)
    assert 0.0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1.0
