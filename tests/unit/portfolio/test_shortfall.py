"""Value at risk and expected shortfall: published numbers, quadrature, and the laws of a tail."""

from collections.abc import Callable
from itertools import pairwise
from math import exp, inf, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from scipy.stats import t as student

from terminal.portfolio.liquidation import VolResponse
from terminal.portfolio.revaluation import Cash, Holdings, LinearLeg, OptionLeg, revalue
from terminal.portfolio.shortfall import (
    Forecast,
    Shortfall,
    delta_gamma,
    filtered_history,
    forecast_shortfall,
    tail,
)

SPOT = 60_000.0
DAY_SD = 0.6 / sqrt(365.0)
confidences = st.floats(0.8, 0.999)
dollars = st.floats(-1e7, 1e7)


def straddles(coins: float) -> tuple[OptionLeg, ...]:
    """The reference book: 14-day straddles at the money, 60 % volatility."""
    years = 14.0 / 365.0
    return tuple(
        [OptionLeg(coins, SPOT, years, 0.6, sign, in_coin=False) for sign in (1.0, -1.0)]
    )


def test_the_reference_book() -> None:
    """Short ten straddles and 2 coins of delta, one day, 99 %: 8,767; 19,628; 24,489."""
    worth = revalue(Holdings(SPOT, straddles(-10.0)), SPOT)
    gamma_usd = float(worth.gamma) * SPOT * SPOT
    assert gamma_usd / 100.0 == pytest.approx(-40_670.0, abs=0.5)
    delta_usd = 2.0 * SPOT
    linear = delta_gamma(delta_usd, 0.0, DAY_SD, 0.99)
    assert linear.var == pytest.approx(8_767.0, abs=0.5)
    exact = delta_gamma(delta_usd, gamma_usd, DAY_SD, 0.99)
    assert exact.var == pytest.approx(19_628.0, abs=0.5)
    assert exact.es == pytest.approx(24_489.0, abs=0.5)


SCORES = np.linspace(-8.0, 8.0, 2001)
DENSITY = norm.pdf(SCORES) * (SCORES[1] - SCORES[0])


@given(dollars, dollars, st.floats(0.001, 0.2), confidences, st.floats(-1e5, 1e5))
def test_the_closed_form_is_the_best_threshold(
    delta: float, gamma: float, sd: float, confidence: float, carry: float
) -> None:
    """Value at risk minimises x + E[(L - x)+] / (1 - c), and the minimum is the shortfall."""
    found = delta_gamma(delta, gamma, sd, confidence, carry_usd=carry)
    a, b = delta * sd, 0.5 * gamma * sd * sd
    sample = -(carry + a * SCORES + b * SCORES**2)
    size = abs(a) + abs(b) + 1e-6

    def cost(threshold: float) -> float:
        beyond = float(np.maximum(sample - threshold, 0.0) @ DENSITY)
        return threshold + beyond / (1.0 - confidence)

    rounding = 1e-11 * abs(carry)
    assert cost(found.var) == pytest.approx(found.es, abs=1e-3 * size + rounding)
    for step in (0.05, 0.2):
        for side in (-1.0, 1.0):
            other = cost(found.var + side * step * size)
            assert other >= found.es - 1e-3 * size - rounding


@given(st.floats(1.0, 1e7), st.floats(0.001, 0.2), confidences)
def test_one_sided_closed_forms(amount: float, sd: float, confidence: float) -> None:
    """Delta alone is Gaussian; gamma alone is a chi-square, lost when short, capped when long."""
    score = norm.ppf(confidence)
    linear = delta_gamma(-amount, 0.0, sd, confidence)
    assert linear.var == pytest.approx(amount * sd * score, rel=1e-9)
    assert linear.es == pytest.approx(
        amount * sd * norm.pdf(score) / (1.0 - confidence), rel=1e-9
    )
    two_sided = norm.ppf(0.5 + 0.5 * confidence)
    short = delta_gamma(0.0, -amount, sd, confidence)
    assert short.var == pytest.approx(0.5 * amount * (sd * two_sided) ** 2, rel=1e-9)
    long = delta_gamma(0.0, amount, sd, confidence)
    inside = norm.ppf(1.0 - 0.5 * confidence)
    assert long.var == pytest.approx(-0.5 * amount * (sd * inside) ** 2, rel=1e-6)


@given(dollars, dollars, confidences)
def test_delta_of_either_sign_risks_the_same(delta: float, gamma: float, confidence: float) -> None:
    assert delta_gamma(delta, gamma, DAY_SD, confidence) == delta_gamma(
        -delta, gamma, DAY_SD, confidence
    )


@given(dollars, dollars, confidences, st.floats(1e-3, 1e3))
def test_twice_the_book_is_twice_the_risk(
    delta: float, gamma: float, confidence: float, factor: float
) -> None:
    one = delta_gamma(delta, gamma, DAY_SD, confidence)
    many = delta_gamma(factor * delta, factor * gamma, DAY_SD, confidence)
    size = factor * (abs(delta) + abs(gamma))
    assert many.var == pytest.approx(factor * one.var, rel=1e-9, abs=1e-12 * size)
    assert many.es == pytest.approx(factor * one.es, rel=1e-9, abs=1e-12 * size)


def forms() -> list[Callable[[float], Shortfall]]:
    """The same risk by every method, as functions of the confidence."""
    holdings = Holdings(SPOT, straddles(-10.0), (LinearLeg(2.0),))
    past = np.sin(np.arange(400.0) ** 2) * 0.05
    vols = 0.02 + 0.01 * np.cos(np.arange(400.0)) ** 2
    return [
        lambda c: delta_gamma(1e5, -4e6, DAY_SD, c),
        lambda c: delta_gamma(1e5, 4e6, DAY_SD, c),
        lambda c: forecast_shortfall(holdings, Forecast(DAY_SD), c),
        lambda c: forecast_shortfall(holdings, Forecast(DAY_SD, freedom=3.5), c),
        lambda c: filtered_history(holdings, past, vols, 0.03, c, days=1.0),
    ]


@settings(max_examples=25)
@given(confidences, confidences)
def test_shortfall_is_at_least_value_at_risk_and_both_grow(one: float, two: float) -> None:
    low, high = sorted((one, two))
    for form in forms():
        less, more = form(low), form(high)
        assert less.es >= less.var
        assert more.var >= less.var - 1e-9 * abs(less.var)
        assert more.es >= less.es - 1e-9 * abs(less.es)


losses = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(losses, st.floats(0.01, 0.99))
def test_a_tail_by_its_definition(sample: list[float], confidence: float) -> None:
    found = tail(sample, confidence)
    ordered = sorted(sample)
    at_most = np.arange(1, len(sample) + 1) / len(sample)
    expected = ordered[int(np.argmax(at_most >= confidence - 1e-12))]
    assert found.var == expected
    excess = np.maximum(np.array(sample) - found.var, 0.0).mean()
    assert found.es == pytest.approx(found.var + excess / (1.0 - confidence), rel=1e-9, abs=1e-6)


@given(losses, st.floats(0.01, 0.99), st.floats(-1e5, 1e5), st.floats(0.1, 10.0))
def test_a_tail_moves_and_scales_with_its_losses(
    sample: list[float], confidence: float, shift: float, factor: float
) -> None:
    one = tail(sample, confidence)
    other = tail([factor * each + shift for each in sample], confidence)
    assert other.var == pytest.approx(factor * one.var + shift, rel=1e-9, abs=1e-6)
    assert other.es == pytest.approx(factor * one.es + shift, rel=1e-9, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 4)), min_size=1, max_size=20))
def test_a_weight_is_a_number_of_repeats(rows: list[tuple[float, int]]) -> None:
    repeated = [loss for loss, times in rows for _ in range(times)]
    if not repeated:
        return
    weighted = tail([loss for loss, _ in rows], 0.83, [float(times) for _, times in rows])
    plain = tail(repeated, 0.83)
    assert weighted.var == pytest.approx(plain.var)
    assert weighted.es == pytest.approx(plain.es, rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5), st.floats(0.05, 0.95))
def test_expected_shortfall_is_subadditive(sample: list[float], confidence: float) -> None:
    one, two = np.array(sample), np.array(sample[::-1]) * 0.5
    apart = tail(one, confidence).es + tail(two, confidence).es
    assert tail(one + two, confidence).es <= apart + 1e-6


@pytest.mark.parametrize("confidence", [0.9, 0.99, 0.999])
@pytest.mark.parametrize("freedom", [None, 2.5, 4.0, 30.0])
@pytest.mark.parametrize("coins", [3.0, -3.0])
def test_a_forecast_of_coins_is_a_quantile_of_its_distribution(
    coins: float, freedom: float | None, confidence: float
) -> None:
    found = forecast_shortfall(
        Holdings(SPOT, linear=(LinearLeg(coins),)), Forecast(DAY_SD, 0.001, freedom), confidence
    )
    unit = (
        norm(0.001, DAY_SD)
        if freedom is None
        else student(freedom, 0.001, DAY_SD * sqrt((freedom - 2.0) / freedom))
    )
    side = 1.0 - confidence if coins > 0.0 else confidence
    edge = float(unit.ppf(side))
    assert found.var == pytest.approx(coins * SPOT * (1.0 - exp(edge)), rel=1e-3)
    cut = -log(10.0) if coins > 0.0 else log(10.0)
    low, high = sorted((edge, cut))
    between = sorted({low, high, *(edge + (cut - edge) * part for part in (0.01, 0.05, 0.2))})
    mean = sum(
        quad(lambda x: coins * SPOT * (1.0 - exp(x)) * unit.pdf(x), start, end, epsrel=1e-8)[0]
        for start, end in pairwise(between)
    )
    assert found.es == pytest.approx(mean / (1.0 - confidence), rel=2e-3)


def test_a_forecast_of_small_moves_is_the_closed_form() -> None:
    """Full revaluation over an hour and delta-gamma agree where third orders are small."""
    sd = 0.003
    holdings = Holdings(SPOT, straddles(-10.0), (LinearLeg(3.0),))
    worth = revalue(holdings, SPOT)
    delta, gamma = float(worth.delta) * SPOT, float(worth.gamma) * SPOT * SPOT
    # A logarithmic return x moves the price by x + x^2 / 2.
    closed = delta_gamma(delta, gamma + delta, sd, 0.99)
    full = forecast_shortfall(holdings, Forecast(sd), 0.99)
    assert full.var == pytest.approx(closed.var, rel=3e-3)
    assert full.es == pytest.approx(closed.es, rel=3e-3)


def test_student_tails_cost_more_and_become_gaussian() -> None:
    holdings = Holdings(SPOT, straddles(-10.0))
    gauss, fat, thin = (
        forecast_shortfall(holdings, Forecast(DAY_SD, freedom=each), 0.99)
        for each in (None, 3.0, 1e7)
    )
    assert fat.es > 1.3 * gauss.es
    assert thin.es == pytest.approx(gauss.es, rel=1e-4)


def test_filtered_history_by_hand() -> None:
    """Returns of calm days are made larger, and every one values the book anew."""
    holdings = Holdings(SPOT, straddles(-1.0), (LinearLeg(0.5),), Cash(coins=0.1))
    past, vols, now = np.array([0.02, -0.03, 0.01, -0.01]), np.array([1.0, 2.0, 0.5, 1.0]), 1.5
    scaled = past * now / vols
    response = VolResponse(2.0, 0.5)
    base = float(revalue(holdings, SPOT).usd)
    expected = []
    for move in scaled:
        away = exp(move) - 1.0
        vol = 2.0 * -away if away < 0.0 else 0.5 * away
        expected.append(base - float(revalue(holdings, SPOT * exp(move), vol, 1.0).usd))
    found = filtered_history(holdings, past, vols, now, 0.75, days=1.0, response=response)
    assert found.var == pytest.approx(sorted(expected)[2])
    assert found.es == pytest.approx(max(expected))


def test_time_alone_pays_a_short_book() -> None:
    holdings = Holdings(SPOT, straddles(-10.0))
    still, later = (
        forecast_shortfall(holdings, Forecast(DAY_SD), 0.99, days=each) for each in (0.0, 1.0)
    )
    assert 1_000.0 < still.var - later.var < 3_500.0


def test_no_risk_is_no_loss() -> None:
    assert delta_gamma(0.0, 0.0, 0.03, 0.99, carry_usd=5.0) == Shortfall(0.99, -5.0, -5.0)
    assert forecast_shortfall(Holdings(SPOT), Forecast(0.03), 0.99) == Shortfall(0.99, 0.0, 0.0)


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.1, nan, inf])
def test_bad_confidence(bad: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        tail([1.0], bad)
    with pytest.raises(ValueError, match="confidence"):
        delta_gamma(1.0, 1.0, 0.1, bad)
    with pytest.raises(ValueError, match="confidence"):
        forecast_shortfall(Holdings(SPOT), Forecast(0.1), bad)


def test_other_bad_input() -> None:
    held = Holdings(SPOT, linear=(LinearLeg(1.0),))
    with pytest.raises(ValueError, match="at least one scenario"):
        tail([], 0.9)
    with pytest.raises(ValueError, match="losses"):
        tail([1.0, nan], 0.9)
    with pytest.raises(ValueError, match="one number each"):
        tail([[1.0]], 0.9)
    with pytest.raises(ValueError, match="weights"):
        tail([1.0, 2.0], 0.9, [1.0, -1.0])
    with pytest.raises(ValueError, match="weights"):
        tail([1.0, 2.0], 0.9, [0.0, 0.0])
    with pytest.raises(TypeError, match="losses"):
        tail(["1"], 0.9)
    with pytest.raises(TypeError, match="losses"):
        tail(np.array([1.0], dtype=object), 0.9)
    with pytest.raises(ValueError, match="one number each"):
        filtered_history(held, [0.1, 0.2], [1.0], 1.0, 0.9)
    with pytest.raises(ValueError, match="at least one past return"):
        filtered_history(held, [], [], 1.0, 0.9)
    with pytest.raises(ValueError, match="vols"):
        filtered_history(held, [0.1], [0.0], 1.0, 0.9)
    with pytest.raises(ValueError, match="vol_now"):
        filtered_history(held, [0.1], [1.0], 0.0, 0.9)
    with pytest.raises(ValueError, match="days"):
        filtered_history(held, [0.1], [1.0], 1.0, 0.9, days=-1.0)
    for percent in (25.0, -25.0):
        with pytest.raises(ValueError, match="logarithmic returns"):
            filtered_history(held, [0.01, percent], [1.0, 1.0], 1.0, 0.9)
    with pytest.raises(ValueError, match=r"Forecast\.freedom"):
        Forecast(0.1, freedom=2.0)
    with pytest.raises(ValueError, match=r"Forecast\.sd"):
        Forecast(0.0)
    with pytest.raises(ValueError, match="sd"):
        delta_gamma(1.0, 1.0, 0.0, 0.9)
    with pytest.raises(ValueError, match="delta_usd and gamma_usd"):
        delta_gamma(1e308, 1.0, 10.0, 0.9)
    with pytest.raises(TypeError, match="delta_usd"):
        delta_gamma("1", 1.0, 0.1, 0.9)  # type: ignore[arg-type]
