"""Raw SVI: derivatives against finite differences, parametrisations as inverses of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from terminal.pricing.surface.svi import (
    JumpWings,
    NaturalSvi,
    RawSvi,
    check_raw,
    derivatives,
    from_jump_wings,
    from_natural,
    lowest_variance,
    to_jump_wings,
    to_natural,
    total_variance,
)
from tests.unit.pricing.surface.slices import PLAIN, STRIKES, VOGT, smiles


def test_jump_wings_of_the_published_example() -> None:
    wings = to_jump_wings(VOGT, 1.0)
    assert structs.astuple(wings) == pytest.approx(
        (0.017426252555159, -0.175211140809125, 0.699738104116809, 1.316798218986387,
         0.011624903235478),
        rel=1e-13,
    )


@given(smiles, st.floats(0.01, 3.0))
def test_jump_wings_are_read_back(smile: RawSvi, years: float) -> None:
    wings = to_jump_wings(smile, years)
    assume(abs(wings.psi) > 1e-3)
    again = from_jump_wings(wings, years)
    error = np.abs(total_variance(again, STRIKES) - total_variance(smile, STRIKES))
    assert error.max() < 1e-9


@given(smiles)
def test_natural_parameters_are_read_back(smile: RawSvi) -> None:
    again = from_natural(to_natural(smile))
    assert structs.astuple(again) == pytest.approx(structs.astuple(smile), rel=1e-12, abs=1e-14)


@given(smiles, st.floats(-1.0, 1.0))
def test_derivatives_are_those_of_total_variance(smile: RawSvi, k: float) -> None:
    step = 1e-4
    low, mid, high = total_variance(smile, [k - step, k, k + step])
    found = derivatives(smile, k)
    assert float(found.value) == pytest.approx(mid, rel=1e-13)
    assert float(found.slope) == pytest.approx((high - low) / (2.0 * step), abs=1e-5)
    assert float(found.curvature) == pytest.approx((high - 2.0 * mid + low) / step**2, abs=3e-3)


@given(smiles)
def test_nothing_lies_below_the_lowest_variance(smile: RawSvi) -> None:
    k = smile.m - smile.rho * smile.sigma / np.sqrt(1.0 - smile.rho**2)
    assert float(total_variance(smile, k)) == pytest.approx(lowest_variance(smile), rel=1e-12)
    assert (total_variance(smile, STRIKES) >= lowest_variance(smile) - 1e-15).all()


def test_nan_in_nan_out() -> None:
    assert np.isnan(total_variance(PLAIN, [0.0, np.nan])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"a": np.nan}, "a must be finite"),
        ({"m": np.inf}, "m must be finite"),
        ({"b": -0.1}, "b must be at least 0"),
        ({"rho": 1.1}, "rho must lie"),
        ({"sigma": 0.0}, "sigma must be above 0"),
    ],
)
def test_parameters_of_no_slice_are_refused(change: dict[str, float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        check_raw(structs.replace(PLAIN, **change))


@pytest.mark.parametrize("years", [0.0, -1.0, np.nan, np.inf])
def test_jump_wings_need_time(years: float) -> None:
    with pytest.raises(ValueError, match="years must be positive"):
        to_jump_wings(PLAIN, years)


@pytest.mark.parametrize(
    "wings",
    [
        JumpWings(0.0, 0.1, 0.5, 0.5, 0.0),
        JumpWings(0.2, 0.1, -0.5, 0.5, 0.1),
        JumpWings(0.2, 0.3, 0.5, 0.5, 0.1),
        JumpWings(0.2, 0.1, 0.5, 0.5, 0.3),
        JumpWings(0.2, 0.0, 0.5, 0.5, 0.2),
        JumpWings(np.nan, 0.1, 0.5, 0.5, 0.1),
    ],
)
def test_jump_wings_of_no_slice_are_refused(wings: JumpWings) -> None:
    with pytest.raises(ValueError, match="jump wings need"):
        from_jump_wings(wings, 1.0)


def test_other_parameters_of_no_slice_are_refused() -> None:
    with pytest.raises(ValueError, match="no natural parameters"):
        to_natural(structs.replace(PLAIN, rho=1.0))
    with pytest.raises(ValueError, match="natural SVI needs"):
        from_natural(NaturalSvi(0.0, 0.0, 0.0, 0.1, -1.0))
    with pytest.raises(ValueError, match=r"w\(0\) must be above 0"):
        to_jump_wings(RawSvi(-1.0, 0.1, 0.0, 0.0, 0.1), 1.0)
