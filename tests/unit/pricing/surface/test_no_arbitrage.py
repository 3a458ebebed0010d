"""Arbitrage in slices: the published example, its repair, densities and crossings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal.pricing.black import price
from terminal.pricing.surface.no_arbitrage import (
    Neighbours,
    butterfly_free,
    butterfly_minimum,
    calendar_minimum,
    density_factor,
    has_no_butterfly,
    has_no_calendar,
    is_free,
    repaired,
    steepest_slope,
)
from terminal.pricing.surface.svi import (
    RawSvi,
    from_jump_wings,
    to_jump_wings,
    total_variance,
)
from tests.unit.pricing.surface.slices import PLAIN, STRIKES, VOGT, smiles


def test_butterfly_of_the_published_example() -> None:
    lowest = butterfly_minimum(VOGT)
    assert lowest.value == pytest.approx(-0.0328635734509, abs=1e-11)
    assert lowest.k == pytest.approx(0.87926, abs=1e-5)
    inside = density_factor(VOGT, [0.64242, 0.9, 1.25690])
    outside = density_factor(VOGT, [0.64240, 1.25692])
    assert (inside < 0.0).all()
    assert (outside > 0.0).all()
    assert not has_no_butterfly(VOGT)


def test_published_repair() -> None:
    free = butterfly_free(to_jump_wings(VOGT, 1.0))
    assert free.c == pytest.approx(0.349315822498558, rel=1e-13)
    assert free.v_min == pytest.approx(0.015481824840731, rel=1e-12)
    assert has_no_butterfly(from_jump_wings(free, 1.0))


def test_repair_goes_no_further_than_needed() -> None:
    smile = repaired(VOGT, 1.0)
    assert smile is not None
    assert 0.0 <= butterfly_minimum(smile).value < 1e-9
    before, after = to_jump_wings(VOGT, 1.0), to_jump_wings(smile, 1.0)
    assert (after.v, after.psi, after.p) == pytest.approx((before.v, before.psi, before.p))
    assert 0.349315822498558 < after.c < before.c


def test_a_sound_slice_needs_no_repair() -> None:
    assert repaired(PLAIN, 0.1) is PLAIN


def test_some_slices_cannot_be_repaired() -> None:
    steep = RawSvi(a=0.001, b=3.0, rho=0.0, m=0.1, sigma=0.01)
    assert steepest_slope(steep) == 3.0
    assert not has_no_butterfly(steep)
    assert repaired(steep, 1.0) is None


@given(smiles, st.floats(-0.8, 0.8))
def test_g_has_the_sign_of_the_butterfly(smile: RawSvi, k: float) -> None:
    step = 2e-3
    strikes = np.exp(k) * np.array([1.0 - step, 1.0, 1.0 + step])
    vols = np.sqrt(total_variance(smile, np.log(strikes)))
    low, mid, high = price(1.0, strikes, 1.0, vols, 1.0)
    factor = float(density_factor(smile, k))
    if abs(factor) > 0.05:
        butterfly = low - 2.0 * mid + high
        assert butterfly * factor > -1e-13


def test_g_is_minus_infinity_without_variance() -> None:
    assert density_factor(RawSvi(-0.5, 0.1, 0.0, 0.0, 0.1), 0.0) == -np.inf


@given(smiles, st.floats(0.0, 0.05))
def test_a_slice_moved_up_does_not_cross(smile: RawSvi, rise: float) -> None:
    later = structs.replace(smile, a=smile.a + rise)
    assert has_no_calendar(smile, later)
    assert calendar_minimum(smile, later).value == pytest.approx(rise, abs=1e-12)


@given(smiles, smiles)
def test_crossings_on_a_dense_grid_are_found(earlier: RawSvi, later: RawSvi) -> None:
    k = np.linspace(-3.0, 3.0, 2001)
    least = (total_variance(later, k) - total_variance(earlier, k)).min()
    assert calendar_minimum(earlier, later).value <= least + 1e-6
    if least < -1e-9:
        assert not has_no_calendar(earlier, later)


def test_wings_count_where_nothing_is_quoted() -> None:
    steeper = RawSvi(a=0.01, b=0.2, rho=0.0, m=0.0, sigma=0.1)
    flatter = RawSvi(a=10.0, b=0.1, rho=0.0, m=0.0, sigma=0.1)
    assert (total_variance(flatter, STRIKES) > total_variance(steeper, STRIKES)).all()
    assert not has_no_calendar(steeper, flatter)
    assert not is_free(steeper, Neighbours(later=flatter))
    assert not is_free(flatter, Neighbours(earlier=steeper))


def test_bad_parameters_are_refused() -> None:
    bad = structs.replace(PLAIN, sigma=np.nan)
    with pytest.raises(ValueError, match="sigma must be finite"):
        butterfly_minimum(bad)
    with pytest.raises(ValueError, match="sigma must be finite"):
        calendar_minimum(PLAIN, bad)
    with pytest.raises(ValueError, match="p \\+ 2 psi"):
        butterfly_free(structs.replace(to_jump_wings(PLAIN, 1.0), psi=-3.0))
