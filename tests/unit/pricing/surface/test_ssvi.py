"""SSVI: its slices, its conditions, and fits that find a surface again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from terminal.pricing.surface.no_arbitrage import has_no_butterfly, has_no_calendar
from terminal.pricing.surface.ssvi import Ssvi, fit_ssvi, is_free_of_arbitrage, phi, slice_of
from terminal.pricing.surface.svi import total_variance
from tests.unit.pricing.surface.slices import STRIKES

TRUE = Ssvi((0.003, 0.01, 0.04, 0.12, 0.3), -0.2, 0.8, 0.4)

surfaces = st.builds(
    lambda rho, eta, gamma, steps: Ssvi(
        tuple(np.cumsum(steps).tolist()), rho, eta * 2.0 / (1.0 + abs(rho)), gamma
    ),
    st.floats(-0.9, 0.9),
    st.floats(0.05, 1.0),
    st.floats(0.02, 0.5),
    st.lists(st.floats(1e-3, 0.3), min_size=2, max_size=5),
)


@given(surfaces, st.floats(-1.0, 1.0))
def test_slices_are_those_of_the_formula(ssvi: Ssvi, k: float) -> None:
    for theta in ssvi.thetas:
        lean = phi(ssvi, theta) * k
        root = np.sqrt((lean + ssvi.rho) ** 2 + 1.0 - ssvi.rho**2)
        expected = 0.5 * theta * (1.0 + ssvi.rho * lean + root)
        assert total_variance(slice_of(ssvi, theta), k) == pytest.approx(expected, rel=1e-11)
        assert total_variance(slice_of(ssvi, theta), 0.0) == pytest.approx(theta, rel=1e-11)


@settings(max_examples=30)
@given(surfaces)
def test_its_conditions_rule_out_arbitrage(ssvi: Ssvi) -> None:
    assert is_free_of_arbitrage(structs.replace(ssvi, eta=ssvi.eta * (1.0 - 1e-12)))
    slices = [slice_of(ssvi, theta) for theta in ssvi.thetas]
    assert all(has_no_butterfly(each) for each in slices)
    k = np.linspace(-3.0, 3.0, 301)
    for near, far in pairwise(slices):
        assert (total_variance(far, k) - total_variance(near, k)).min() > 0.0
        assert has_no_calendar(near, far)


@pytest.mark.parametrize(
    "change",
    [
        {"thetas": (0.2, 0.1)},
        {"thetas": (0.0, 0.1)},
        {"rho": 1.0},
        {"eta": 1.7},
        {"eta": 0.0},
        {"gamma": 0.6},
        {"gamma": 0.0},
        {"gamma": np.nan},
    ],
)
def test_its_conditions_can_fail(change: dict[str, float]) -> None:
    assert is_free_of_arbitrage(TRUE)
    assert not is_free_of_arbitrage(structs.replace(TRUE, **change))


def test_an_exact_surface_comes_back() -> None:
    quotes = [
        (STRIKES, total_variance(slice_of(TRUE, each), STRIKES), 1.0) for each in TRUE.thetas
    ]
    ssvi, error, reason = fit_ssvi(quotes)
    assert reason == ""
    assert ssvi is not None
    assert error is not None
    assert error < 1e-8
    assert ssvi.thetas == pytest.approx(TRUE.thetas, rel=1e-5)
    assert (ssvi.rho, ssvi.eta, ssvi.gamma) == pytest.approx((-0.2, 0.8, 0.4), rel=1e-4)


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_fits_of_noise_are_free_of_arbitrage(seed: int) -> None:
    generator = np.random.default_rng(seed)
    quotes = [
        (
            STRIKES,
            total_variance(slice_of(TRUE, each), STRIKES)
            * np.exp(generator.normal(0.0, 0.5, STRIKES.size)),
            1.0,
        )
        for each in TRUE.thetas[::-1]
    ]
    ssvi = fit_ssvi(quotes).ssvi
    assert ssvi is not None
    assert is_free_of_arbitrage(ssvi)


def test_bad_input() -> None:
    assert fit_ssvi([]).ssvi is None
    assert "fewer than two" in fit_ssvi([([0.0], [0.04], [1.0])]).reason
    assert "fewer than two" in fit_ssvi([(STRIKES, np.nan, 1.0)]).reason
    assert "fewer than four" in fit_ssvi([([0.0, 0.1], 0.04, 1.0)]).reason
    with pytest.raises(TypeError, match="weights must hold real numbers"):
        fit_ssvi([(STRIKES, 0.04, "one")])
