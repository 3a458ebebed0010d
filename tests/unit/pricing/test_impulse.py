"""The impulse band: the minimum of its cost, its limits, its laws, and the published example."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.bands import gamma_half_width_scalar
from terminal.pricing.impulse import impulse_band, impulse_band_scalar

costs = st.floats(1e-6, 1e-2)
orders = st.floats(1e-3, 1e3)
spots = st.floats(1.0, 1e5)
gammas = st.floats(1e-7, 1.0) | st.floats(-1.0, -1e-7)
aversions = st.floats(1e-8, 1e-2)


def yearly(
    edge: float, stop: float, lam: float, order: float, book: tuple[float, float, float]
) -> float:
    """Risk and cost of a year, with a volatility of 1 (it cancels where the minimum is)."""
    spot, gamma, aversion = book
    risk = 0.5 * aversion * spot * spot * (edge * edge + stop * stop) / 6.0
    variance = (gamma * spot) ** 2
    paid = order + lam * spot * (edge - stop)
    return risk + variance * paid / (edge * edge - stop * stop)


def test_published_example() -> None:
    """Ten straddles of 14 days at 60,000 and 60 vol, 5 USD an order, aversion 2e-5."""
    gamma = 40_670.0 / (0.01 * 60_000.0**2)
    edge, stop = impulse_band_scalar(5.8e-4, 5.0, 60_000.0, gamma, 2e-5)
    assert edge == pytest.approx(2.093, abs=2e-3)
    assert stop == pytest.approx(1.022, abs=2e-3)
    assert gamma_half_width_scalar(5.8e-4, 60_000.0, gamma, 2e-5) == pytest.approx(1.493, abs=2e-3)


@given(costs, orders, spots, gammas, aversions)
def test_no_other_band_costs_less(
    lam: float, order: float, spot: float, gamma: float, aversion: float
) -> None:
    edge, stop = impulse_band_scalar(lam, order, spot, gamma, aversion)
    book = (spot, gamma, aversion)
    best = yearly(edge, stop, lam, order, book)
    gap = edge - stop
    for up in (-0.02, 0.0, 0.02):
        for down in (-0.02, 0.0, 0.02):
            other = yearly(edge + up * gap, max(stop + down * gap, 0.0), lam, order, book)
            assert other >= best * (1.0 - 1e-9)


@given(costs, orders, spots, gammas, aversions)
def test_trigger_times_stop_times_middle_is_the_plain_band_cubed(
    lam: float, order: float, spot: float, gamma: float, aversion: float
) -> None:
    edge, stop = impulse_band_scalar(lam, order, spot, gamma, aversion)
    plain = gamma_half_width_scalar(lam, spot, gamma, aversion)
    assert 0.0 <= stop < plain * (1.0 + 1e-9) < edge * (1.0 + 2e-9)
    # The stop is a difference: a cost an order that dwarfs the rest leaves few of its digits.
    product = edge * stop * 0.5 * (edge + stop)
    assert product == pytest.approx(plain**3, rel=1e-6, abs=1e-12 * edge**3)


@given(costs, orders, spots, gammas, aversions)
def test_arrays_and_numbers_agree(
    lam: float, order: float, spot: float, gamma: float, aversion: float
) -> None:
    band = impulse_band([lam], order, spot, gamma, aversion)
    edge, stop = impulse_band_scalar(lam, order, spot, gamma, aversion)
    assert band.trigger[0] == pytest.approx(edge, rel=1e-12)
    assert band.stop[0] == pytest.approx(stop, rel=1e-9, abs=1e-12 * edge)


def test_without_an_order_cost_it_is_whalley_wilmott_to_the_edge() -> None:
    plain = gamma_half_width_scalar(5e-4, 5e4, 1e-3, 2e-5)
    assert impulse_band_scalar(5e-4, 0.0, 5e4, 1e-3, 2e-5) == (plain, plain)
    band = impulse_band(5e-4, [0.0, 1e-12], 5e4, 1e-3, 2e-5)
    assert band.trigger[0] == band.stop[0] == pytest.approx(plain, rel=1e-14)
    assert band.trigger[1] == pytest.approx(plain, rel=1e-3)


def test_without_a_proportional_cost_it_goes_back_to_the_target() -> None:
    edge, stop = impulse_band_scalar(0.0, 5.0, 5e4, 1e-3, 2e-5)
    assert stop == pytest.approx(0.0, abs=1e-12)
    assert edge == pytest.approx((12.0 * 1e-6 / 2e-5 * 5.0) ** 0.25, rel=1e-12)


def test_without_gamma_there_is_no_band() -> None:
    assert impulse_band_scalar(5e-4, 5.0, 5e4, 0.0, 2e-5) == (0.0, 0.0)
    band = impulse_band(5e-4, 5.0, 5e4, [0.0, -1e-3], 2e-5)
    assert (band.trigger[0], band.stop[0]) == (0.0, 0.0)
    assert band.trigger[1] == impulse_band(5e-4, 5.0, 5e4, 1e-3, 2e-5).trigger


@pytest.mark.parametrize(
    "wrong",
    [
        (-1e-4, 5.0, 5e4, 1e-3, 2e-5),
        (5e-4, -5.0, 5e4, 1e-3, 2e-5),
        (5e-4, 5.0, 0.0, 1e-3, 2e-5),
        (5e-4, 5.0, 5e4, 1e-3, 0.0),
        (math.nan, 5.0, 5e4, 1e-3, 2e-5),
        (5e-4, math.nan, 5e4, 1e-3, 2e-5),
    ],
)
def test_out_of_range_is_unknown(wrong: tuple[float, float, float, float, float]) -> None:
    assert all(math.isnan(each) for each in impulse_band_scalar(*wrong))
    assert all(np.isnan(each) for each in impulse_band(*wrong))
