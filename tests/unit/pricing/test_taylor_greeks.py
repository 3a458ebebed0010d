"""Greeks of a move: exact to twelve digits, one by one as side by side, limits, bad input."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.full_greeks import full_greeks
from terminal.pricing.taylor_greeks import FEW, taylor_greeks
from tests.unit.pricing.mp_reference import DIGITS, nine, scores
from tests.unit.pricing.test_black import hard_grid


def exact(forward: float, strike: float, years: float, vol: float) -> tuple[float, float]:
    """Speed by its definition, and the sum of the absolute terms that it is made of."""
    with mp.workdps(DIGITS):
        d1, _ = scores(forward, strike, years, vol)
        deviation = mp.mpf(vol) * mp.sqrt(mp.mpf(years))
        unit = mp.npdf(d1) / (mp.mpf(forward) ** 2 * deviation)
        size = abs(mp.log(mp.mpf(forward) / mp.mpf(strike))) / deviation + deviation / 2
        return float(-unit * (1 + d1 / deviation)), float(unit * (1 + size / deviation))


def references(legs: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """Fields in their order, and the sums of the absolute terms of each."""
    rows = []
    for leg in legs.tolist():
        values, scales = nine(leg, rate=0.0)
        kept = [*range(5), 6, 7]
        value, scale = exact(*leg[:4])
        rows.append(([values[n] for n in kept] + [value], [scales[n] for n in kept] + [scale]))
    values_and_scales = np.array(rows).transpose(1, 2, 0)
    return values_and_scales[0], values_and_scales[1]


@pytest.mark.parametrize("few", [True, False])
def test_exact_to_twelve_digits_on_the_hard_grid(*, few: bool) -> None:
    legs = hard_grid()
    parts = np.array_split(legs, len(legs) // FEW + 1) if few else [legs]
    found = np.concatenate([np.array(taylor_greeks(*part.T)) for part in parts], axis=1)
    values, scales = references(legs)
    assert (np.abs(found - values) / scales).max() < 1e-12


@given(
    ratio=st.floats(0.7, 1.4), years=st.floats(0.02, 2.0), vol=st.floats(0.2, 2.0)
)
def test_is_the_derivative_of_gamma(*, ratio: float, years: float, vol: float) -> None:
    step = 1e-4 * vol * np.sqrt(years)
    up, down = (full_greeks(1.0 + h, ratio, years, vol, 1.0).gamma for h in (step, -step))
    size = float(up) / (vol * np.sqrt(years))
    found = float(taylor_greeks(1.0, ratio, years, vol, 1.0).speed)
    assert found == pytest.approx(float(up - down) / (2.0 * step), abs=1e-5 * size)


@pytest.mark.parametrize("copies", [1, FEW + 1])
def test_limits_and_bad_input_are_those_of_the_nine(copies: int) -> None:
    legs = [
        (110.0, 100.0, 0.0, 0.5, 1.0),
        (90.0, 100.0, -1.0, 0.5, -1.0),
        (110.0, 100.0, 1.0, 0.0, 1.0),
        (100.0, 1.0, 1e-6, 0.01, 1.0),
        (np.nan, 1.0, 1.0, 1.0, 1.0),
        (1.0, -1.0, 1.0, 1.0, 1.0),
        (1.0, 1.0, np.inf, 1.0, 1.0),
        (1.0, 1.0, 1.0, -0.1, 1.0),
        (1.0, 1.0, 1.0, 1.0, 0.0),
    ]
    for leg in legs:
        columns = np.array([leg] * copies).T
        found, known = np.array(taylor_greeks(*columns)), full_greeks(*columns)
        same = np.array((*known[:5], known.vanna, known.volga))
        np.testing.assert_allclose(found[:7], same, rtol=1e-12, atol=1e-300)
        assert np.isnan(found[7]).all() == np.isnan(known.price).all()
        if not np.isnan(found[7]).any():
            assert (found[7] == 0.0).all()


def test_text_is_no_number() -> None:
    with pytest.raises(TypeError, match="strike must hold real numbers"):
        taylor_greeks(1.0, "K", 1.0, 1.0, 1.0)
