"""The compiled fit gives the answers of the numpy one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.pricing.surface.no_arbitrage import Neighbours, has_no_butterfly
from terminal.pricing.surface.svi import RawSvi, total_variance
from terminal.pricing.surface.svi_fit import FitStatus, fit_slice
from tests.unit.pricing.surface.slices import PLAIN, STRIKES, smiles
from tests.unit.pricing.surface.test_svi_fit import noisy, seeds

pytest.importorskip("numba", reason="numba, the fast extra, is not installed")
ONES = np.ones_like(STRIKES)


def compiled(*arguments: Any) -> Any:
    from terminal.pricing.compiled import svi_kernel

    return svi_kernel.fit_slice(*arguments)


@pytest.mark.parametrize("seed", range(5))
def test_typical_slices_agree_to_rounding(seed: int) -> None:
    quoted = noisy(PLAIN, seed, 0.005)
    mine, other = compiled(STRIKES, quoted, ONES, 0.1), fit_slice(STRIKES, quoted, ONES, 0.1)
    assert mine.status is other.status is FitStatus.LEAST_SQUARES
    assert other.smile is not None
    error = np.abs(total_variance(mine.smile, STRIKES) - total_variance(other.smile, STRIKES))
    assert error.max() < 1e-12 * quoted.max()
    assert mine.error == pytest.approx(other.error, rel=1e-11)
    assert mine.vol_error == pytest.approx(other.vol_error, rel=1e-9)
    assert mine.lowest_factor == pytest.approx(other.lowest_factor, rel=1e-9)
    assert mine.used == other.used


@settings(max_examples=40)
@given(smiles, seeds, st.floats(0.0, 0.1), st.sampled_from(["alone", "earlier", "later"]))
def test_any_slices_agree(smile: RawSvi, seed: int, noise: float, side: str) -> None:
    quoted = noisy(smile, seed, noise)
    free = has_no_butterfly(smile)
    neighbours = Neighbours(
        smile if free and side == "earlier" else None, smile if free and side == "later" else None
    )
    mine = compiled(STRIKES, quoted, ONES, 0.25, neighbours)
    other = fit_slice(STRIKES, quoted, ONES, 0.25, neighbours)
    assert mine.status is other.status
    assert other.smile is not None
    error = np.abs(total_variance(mine.smile, STRIKES) - total_variance(other.smile, STRIKES))
    assert error.max() < 1e-10 * quoted.max()


def test_faults_get_the_same_answers() -> None:
    quoted = total_variance(PLAIN, STRIKES)
    quoted[3], quoted[7] = np.nan, -1.0
    mine = compiled(STRIKES[::-1], quoted[::-1], ONES, 0.1)
    assert mine.excluded == fit_slice(STRIKES[::-1], quoted[::-1], ONES, 0.1).excluded
    assert compiled(STRIKES[:4], quoted[:4], ONES[:4], 0.1).status is FitStatus.TOO_FEW_QUOTES
    assert compiled([], [], [], 0.1).status is FitStatus.TOO_FEW_QUOTES
    assert compiled([0.1] * 9, [0.1] * 9, 1.0, 0.1).status is FitStatus.TOO_FEW_QUOTES
    listed = compiled(STRIKES.tolist(), total_variance(PLAIN, STRIKES).tolist(), 1.0, 0.1)
    assert listed.status is FitStatus.LEAST_SQUARES
    with pytest.raises(ValueError, match="shapes do not broadcast"):
        compiled(STRIKES, quoted[:5], ONES, 0.1)
    with pytest.raises(TypeError, match="k must hold real numbers"):
        compiled(np.array(["a"] * 9), 0.04, 1.0, 0.1)
    with pytest.raises(ValueError, match="years must be positive"):
        compiled(STRIKES, quoted, ONES, 0.0)
