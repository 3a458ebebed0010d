"""Fits of one expiry: exact slices come back, noisy ones hold no arbitrage, faults are flagged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.no_arbitrage import (
    Neighbours,
    density_factor,
    has_no_butterfly,
    has_no_calendar,
    steepest_slope,
)
from terminal.pricing.surface.svi import RawSvi, total_variance
from terminal.pricing.surface.svi_fit import (
    Exclusion,
    FitStatus,
    fit_slice,
    quote_weights,
)
from tests.unit.pricing.surface.slices import PLAIN, STRIKES, VOGT, smiles

DENSE = np.linspace(-4.0, 4.0, 4001)
LIGHTLY = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)


def noisy(smile: RawSvi, seed: int, noise: float) -> FloatArray:
    vol = np.sqrt(total_variance(smile, STRIKES))
    vol += np.random.default_rng(seed).normal(0.0, noise, STRIKES.size)
    return np.maximum(vol, 0.02) ** 2


@LIGHTLY
@given(smiles)
def test_exact_slices_come_back(smile: RawSvi) -> None:
    assume(has_no_butterfly(smile))
    exact = total_variance(smile, STRIKES)
    fit = fit_slice(STRIKES, exact, 1.0, 0.25)
    assert fit.status is FitStatus.LEAST_SQUARES
    assert fit.smile is not None
    assert np.abs(total_variance(fit.smile, STRIKES) - exact).max() < 1e-9 * exact.max()


@LIGHTLY
@given(smiles, seeds, st.floats(0.001, 0.1))
def test_fits_of_noise_hold_no_butterfly(smile: RawSvi, seed: int, noise: float) -> None:
    fit = fit_slice(STRIKES, noisy(smile, seed, noise), 1.0, 0.25)
    assert fit.smile is not None
    assert fit.lowest_factor is not None
    assert fit.lowest_factor >= 0.0
    assert density_factor(fit.smile, DENSE).min() >= 0.0
    assert steepest_slope(fit.smile) <= 2.0


@LIGHTLY
@given(smiles, seeds, st.booleans())
def test_fits_between_neighbours_do_not_cross_them(
    smile: RawSvi, seed: int, is_later: bool
) -> None:
    assume(has_no_butterfly(smile))
    other = noisy(smile, seed, 0.01) * (0.98 if is_later else 1.02)
    neighbours = Neighbours(earlier=smile) if is_later else Neighbours(later=smile)
    fit = fit_slice(STRIKES, other, 1.0, 0.25, neighbours)
    assert fit.smile is not None
    pair = (smile, fit.smile) if is_later else (fit.smile, smile)
    assert has_no_calendar(*pair)
    gap = total_variance(pair[1], DENSE) - total_variance(pair[0], DENSE)
    assert gap.min() >= -1e-15
    assert density_factor(fit.smile, DENSE).min() >= 0.0


def test_the_published_example_is_fitted_without_its_butterfly() -> None:
    k = np.linspace(-1.5, 1.5, 31)
    quoted = total_variance(VOGT, k)
    fit = fit_slice(k, quoted, 1.0, 1.0)
    assert fit.status is FitStatus.CONSTRAINED
    assert fit.smile is not None
    assert has_no_butterfly(fit.smile)
    assert fit.error is not None
    # The repair of the paper misses by 8e-3 here.
    assert fit.error < 2.5e-3


@pytest.mark.parametrize("seed", range(4))
def test_as_near_as_a_general_solver(seed: int) -> None:
    quoted = noisy(PLAIN, seed, 0.005)

    def miss(x: FloatArray) -> FloatArray:
        return total_variance(RawSvi(*x.tolist()), STRIKES) - quoted

    start = (0.5 * quoted.min(), 0.1, -0.3, 0.0, 0.1)
    box = ([-1.0, 0.0, -0.999, -1.0, 1e-4], [1.0, 2.0, 0.999, 1.0, 2.0])
    other = least_squares(miss, start, bounds=box, xtol=1e-14, ftol=1e-14, gtol=1e-14)
    fit = fit_slice(STRIKES, quoted, 1.0, 0.1)
    assert fit.error is not None
    assert fit.error <= np.sqrt(np.mean(other.fun**2)) * (1.0 + 1e-7)


def test_weights_decide() -> None:
    quoted = total_variance(PLAIN, STRIKES)
    quoted[3] *= 1.5
    weights = np.ones_like(quoted)
    weights[3] = 1e-12
    fit = fit_slice(STRIKES, quoted, weights, 0.1)
    assert fit.smile is not None
    assert total_variance(fit.smile, STRIKES[3]) == pytest.approx(quoted[3] / 1.5, rel=1e-6)


@given(st.permutations(range(STRIKES.size)))
@settings(max_examples=10)
def test_order_does_not_matter(order: list[int]) -> None:
    quoted = noisy(PLAIN, 7, 0.01)
    sorted_fit = fit_slice(STRIKES, quoted, 1.0, 0.1)
    fit = fit_slice(STRIKES[order], quoted[order], 1.0, 0.1)
    assert fit.error == pytest.approx(sorted_fit.error, rel=1e-9)


def test_faulty_quotes_are_excluded_with_their_reason() -> None:
    quoted = total_variance(PLAIN, STRIKES)
    weights = np.ones_like(quoted)
    k = STRIKES.copy()
    k[0], quoted[1], quoted[2], quoted[3], weights[4], weights[5] = np.nan, np.inf, 0.0, -1.0, 0, -1
    fit = fit_slice(k, quoted, weights, 0.1)
    assert [(each.index, each.reason) for each in fit.excluded] == [
        (0, Exclusion.NOT_FINITE),
        (1, Exclusion.NOT_FINITE),
        (2, Exclusion.NO_VARIANCE),
        (3, Exclusion.NO_VARIANCE),
        (4, Exclusion.NO_WEIGHT),
        (5, Exclusion.NO_WEIGHT),
    ]
    assert fit.used == STRIKES.size - 6
    assert fit.error == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("k", [[], [0.0], [0.0, 0.1, 0.2, 0.3], [0.1] * 10, [np.nan] * 8])
def test_too_few_strikes_give_a_reason(k: list[float]) -> None:
    fit = fit_slice(k, 0.04, 1.0, 0.1)
    assert fit.status is FitStatus.TOO_FEW_QUOTES
    assert fit.smile is None
    assert fit.error is None


def test_neighbours_that_cross_leave_no_room() -> None:
    low = RawSvi(0.01, 0.1, 0.0, 0.0, 0.1)
    high = RawSvi(0.10, 0.1, 0.0, 0.0, 0.1)
    fit = fit_slice(STRIKES, total_variance(low, STRIKES), 1.0, 0.1, Neighbours(high, low))
    assert fit.status is FitStatus.NO_ROOM
    assert fit.smile is None


@pytest.mark.parametrize("years", [0.0, -0.1, np.nan, np.inf])
def test_years_must_be_positive(years: float) -> None:
    with pytest.raises(ValueError, match="years must be positive"):
        fit_slice(STRIKES, 0.04, 1.0, years)


def test_wrong_shapes_and_types_are_refused() -> None:
    with pytest.raises(ValueError, match="total_variance"):
        fit_slice(STRIKES, [0.04, 0.05], 1.0, 0.1)
    with pytest.raises(TypeError, match="k must hold real numbers"):
        fit_slice(["a", "b"], 0.04, 1.0, 0.1)
    with pytest.raises(TypeError, match="weights must hold real numbers"):
        fit_slice(STRIKES, 0.04, np.array([None] * STRIKES.size), 0.1)
    with pytest.raises(ValueError, match="sigma"):
        fit_slice(STRIKES, 0.04, 1.0, 0.1, Neighbours(RawSvi(0.0, 0.1, 0.0, 0.0, 0.0)))


def test_quote_weights_measure_in_spreads() -> None:
    weight = quote_weights(100.0, 2.0, 0.5, 0.25)
    assert weight == pytest.approx((100.0 / (2.0 * 0.5 * 0.25 * 2.0)) ** 2)
    assert np.isnan(quote_weights([1.0, 1.0, -1.0], [0.0, np.nan, 1.0], 0.5, 0.25)).all()
