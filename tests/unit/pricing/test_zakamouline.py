"""Zakamouline's band: published numbers, laws of its powers, and what is out of range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.zakamouline import zakamouline_band

MARKET = (0.25, 0.2)


def test_the_numbers_of_the_public_implementations() -> None:
    band = zakamouline_band(5e-4, 5_000.0, 0.02, MARKET, 1.0)
    assert band.curved == pytest.approx(0.02094369107832, rel=1e-12)
    assert band.flat == pytest.approx(1e-5, rel=1e-12)
    assert band.shift == pytest.approx(-0.13945457217, rel=1e-10)
    assert band.half_width == pytest.approx(0.02095369107832, rel=1e-12)
    at_the_money = np.exp(-0.5 * 0.05**2) / np.sqrt(2 * np.pi) / 10.0
    band = zakamouline_band(5e-4, 100.0, at_the_money, MARKET, 1.0)
    assert at_the_money == pytest.approx(0.0398443914, rel=1e-9)
    assert band.curved == pytest.approx(0.0295611840, rel=1e-8)
    assert band.flat == pytest.approx(5e-4, rel=1e-12)
    assert band.shift == pytest.approx(-0.0478236079, rel=1e-8)


@given(st.floats(1e-5, 1e-2), st.floats(1e-6, 1e-1), st.floats(1.1, 10.0))
def test_it_widens_with_cost_and_gamma_and_narrows_with_aversion(
    cost: float, gamma: float, factor: float
) -> None:
    here = zakamouline_band(cost, 100.0, gamma, MARKET, 1.0)
    assert zakamouline_band(cost * factor, 100.0, gamma, MARKET, 1.0).half_width > here.half_width
    assert zakamouline_band(cost, 100.0, gamma * factor, MARKET, 1.0).curved > here.curved
    assert zakamouline_band(cost, 100.0, gamma, MARKET, factor).half_width < here.half_width
    assert here.shift < 0.0
    short = zakamouline_band(cost, 100.0, -gamma, MARKET, 1.0)
    assert short.half_width == here.half_width


def test_no_cost_is_no_band_and_bad_input_is_nan() -> None:
    free = zakamouline_band(0.0, 100.0, 0.01, MARKET, 1.0)
    assert all(float(each) == 0.0 for each in free)
    for bad in (-1.0, 0.0, np.nan):
        assert np.isnan(zakamouline_band(1e-3, bad, 0.01, MARKET, 1.0).flat)
        assert np.isnan(zakamouline_band(1e-3, 100.0, 0.01, (bad, 0.2), 1.0).curved)
    wide = zakamouline_band(1e-3, 100.0, np.array([[0.01], [0.02]]), ([0.1, 0.2, 0.3], 0.2), 1.0)
    assert wide.curved.shape == (2, 3)
