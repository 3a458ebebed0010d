"""Speed: exact to twelve digits, the derivative of gamma, its limits, bad input."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.full_greeks import full_greeks
from terminal.pricing.speed import speed
from tests.unit.pricing.mp_reference import DIGITS, scores
from tests.unit.pricing.test_black import hard_grid


def exact(forward: float, strike: float, years: float, vol: float) -> tuple[float, float]:
    """Speed by its definition, and the sum of the absolute terms that it is made of."""
    with mp.workdps(DIGITS):
        d1, _ = scores(forward, strike, years, vol)
        deviation = mp.mpf(vol) * mp.sqrt(mp.mpf(years))
        unit = mp.npdf(d1) / (mp.mpf(forward) ** 2 * deviation)
        size = abs(mp.log(mp.mpf(forward) / mp.mpf(strike))) / deviation + deviation / 2
        return float(-unit * (1 + d1 / deviation)), float(unit * (1 + size / deviation))


def test_exact_to_twelve_digits_on_the_hard_grid() -> None:
    legs = hard_grid()[:, :4]
    values, scales = np.array([exact(*leg) for leg in legs.tolist()]).T
    assert (np.abs(speed(*legs.T) - values) / scales).max() < 1e-12


@given(
    ratio=st.floats(0.7, 1.4), years=st.floats(0.02, 2.0), vol=st.floats(0.2, 2.0)
)
def test_is_the_derivative_of_gamma(*, ratio: float, years: float, vol: float) -> None:
    step = 1e-4 * vol * np.sqrt(years)
    up, down = (full_greeks(1.0 + h, ratio, years, vol, 1.0).gamma for h in (step, -step))
    size = float(up) / (vol * np.sqrt(years))
    found = float(speed(1.0, ratio, years, vol))
    assert found == pytest.approx(float(up - down) / (2.0 * step), abs=1e-5 * size)


def test_nothing_is_left_after_expiry_or_without_volatility() -> None:
    forward = [100.0, 100.0, 100.0]
    assert speed(forward, 100.0, [0.0, -1.0, 1.0], [0.5, 0.5, 0.0]).tolist() == [0.0] * 3
    assert speed(100.0, 1.0, 1e-6, 0.01) == 0.0  # too far away for any float


@pytest.mark.parametrize(
    "leg",
    [(np.nan, 1, 1, 1), (0, 1, 1, 1), (1, -1, 1, 1), (1, 1, np.inf, 1), (1, 1, 1, -0.1)],
)
def test_bad_input_is_nan(leg: tuple[float, float, float, float]) -> None:
    assert np.isnan(speed(*leg))
    with pytest.raises(TypeError, match="strike must hold real numbers"):
        speed(1.0, "K", 1.0, 1.0)
