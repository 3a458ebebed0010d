"""No-trade bands: published values, the optimum they claim, triggers and noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.bands import (
    band_noise_usd,
    flow_half_width,
    gamma_half_width,
    gamma_half_width_scalar,
    half_width_for_noise,
    trigger_prices,
)
from terminal.pricing.black import greeks

COST = 5.8e-4
SPOT = 60_000.0
VOL = 0.6
REFERENCE_GAMMA = 0.0011297  # long 10 BTC of 14-day straddles at 60 vol
BALANCED = 2e-5

costs = st.floats(1e-6, 1e-2)
spots = st.floats(1.0, 1e6)
gammas = st.floats(1e-6, 10.0)
aversions = st.floats(1e-7, 10.0)
vols = st.floats(0.05, 3.0)


def test_published_widths() -> None:
    assert gamma_half_width(5e-4, 5_000.0, 0.02, 1.0) == pytest.approx(0.11447142425533, rel=1e-13)
    gamma = greeks(100.0, 100.0, 0.25, 0.2, 1.0).gamma
    assert gamma == pytest.approx(0.0398443914, rel=1e-9)
    assert gamma_half_width(5e-4, 100.0, gamma, 1.0) == pytest.approx(0.0491962371, rel=1e-9)


def test_reference_book() -> None:
    straddle = greeks(SPOT, SPOT, 14 / 365, VOL, 1.0).gamma * 2.0 * 10.0
    assert straddle == pytest.approx(REFERENCE_GAMMA, rel=5e-5)
    aversion = np.array([1e-4, BALANCED, 3e-6])
    width = gamma_half_width(COST, SPOT, straddle, aversion)
    assert width == pytest.approx([0.87, 1.4935, 2.81], abs=5e-3)
    assert width[1] == pytest.approx(1.4935, abs=5e-5)
    assert width / straddle / SPOT == pytest.approx([0.013, 0.022, 0.042], abs=6e-4)
    assert band_noise_usd(width, SPOT, VOL) == pytest.approx([950.0, 1625.0, 3058.0], rel=1e-3)
    after = trigger_prices(SPOT, 0.7467, width[1], straddle)
    assert after.up == pytest.approx(60_661.0, abs=0.5)
    assert after.down == pytest.approx(58_017.0, abs=0.5)
    # The cost at which a drift of two coins would be left alone.
    assert COST * (2.0 / width[1]) ** 3 == pytest.approx(0.00139, abs=5e-6)


def test_perps_only_desk() -> None:
    assert flow_half_width(COST, SPOT, 20.0 * math.sqrt(365), VOL, BALANCED) == pytest.approx(
        6.65, abs=0.01
    )


@given(costs, spots, gammas, aversions, vols)
def test_gamma_is_one_reason_for_delta_to_diffuse(
    cost: float, spot: float, gamma: float, aversion: float, vol: float
) -> None:
    from_gamma = gamma_half_width(cost, spot, gamma, aversion)
    diffusion = gamma * spot * vol
    assert flow_half_width(cost, spot, diffusion, vol, aversion) == pytest.approx(
        float(from_gamma), rel=1e-12
    )
    assert gamma_half_width(cost, spot, -gamma, aversion) == from_gamma


@given(costs, spots, st.floats(1e-2, 1e3), aversions, vols)
def test_the_width_minimises_risk_plus_turnover(
    cost: float, spot: float, diffusion: float, aversion: float, vol: float
) -> None:
    def objective(width: float) -> float:
        risk = 0.5 * aversion * (spot * vol * width) ** 2 / 3.0
        return risk + cost * spot * diffusion**2 / (2.0 * width)

    best = float(flow_half_width(cost, spot, diffusion, vol, aversion))
    assert objective(best) < objective(best * 1.01)
    assert objective(best) < objective(best * 0.99)
    # At the optimum turnover costs twice what the risk does.
    assert objective(best) == pytest.approx(aversion * (spot * vol * best) ** 2 / 2.0, rel=1e-9)


@given(spots, st.floats(-0.99, 0.99), gammas, st.sampled_from([1.0, -1.0]))
def test_delta_stands_on_the_band_at_the_triggers(
    spot: float, drift: float, gamma: float, side: float
) -> None:
    triggers = trigger_prices(spot, drift, 1.0, side * gamma)
    assert triggers.down < spot < triggers.up
    slack = 1e-9 * (1.0 + spot * gamma)
    assert drift + side * gamma * (triggers.up - spot) == pytest.approx(side, abs=slack)
    assert drift + side * gamma * (triggers.down - spot) == pytest.approx(-side, abs=slack)


def test_without_gamma_no_price_triggers() -> None:
    triggers = trigger_prices(SPOT, [0.5, 0.5], 1.0, [0.0, 1e-3])
    assert triggers.up[0] == math.inf
    assert triggers.down[0] == -math.inf
    assert np.isfinite([triggers.up[1], triggers.down[1]]).all()


def test_outside_the_band_the_near_trigger_is_the_way_back() -> None:
    assert trigger_prices(60_000.0, 2.0, 1.5, 0.001).up == pytest.approx(59_500.0)


def test_width_is_zero_without_gamma_or_cost() -> None:
    assert gamma_half_width(COST, SPOT, 0.0, BALANCED) == 0.0
    assert gamma_half_width(0.0, SPOT, 0.001, BALANCED) == 0.0
    assert flow_half_width(COST, SPOT, 0.0, VOL, BALANCED) == 0.0


def test_noise_budget_and_width_are_inverse() -> None:
    width = half_width_for_noise(1_625.0, SPOT, VOL)
    assert width == pytest.approx(1.4935, rel=1e-3)
    assert band_noise_usd(width, SPOT, VOL) == pytest.approx(1_625.0, rel=1e-14)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_bad_inputs_are_nan(bad: float) -> None:
    assert np.isnan(gamma_half_width(bad, SPOT, 1e-3, BALANCED))
    assert np.isnan(gamma_half_width(COST, bad, 1e-3, BALANCED))
    assert np.isnan(gamma_half_width(COST, SPOT, 1e-3, bad))
    assert np.isnan(flow_half_width(COST, SPOT, bad, VOL, BALANCED))
    assert np.isnan(flow_half_width(COST, SPOT, 1.0, bad, BALANCED))
    assert np.isnan(trigger_prices(bad, 0.0, 1.0, 1e-3).up)
    assert np.isnan(trigger_prices(SPOT, 0.0, bad, 1e-3).down)
    assert np.isnan(band_noise_usd(bad, SPOT, VOL))
    assert np.isnan(half_width_for_noise(bad, SPOT, VOL))


@given(
    st.floats(-1e-3, 1e-2), st.floats(-10.0, 2e5), st.floats(-1.0, 1.0), st.floats(-1e-6, 1e-2)
)
def test_one_book_by_itself_is_the_same(
    cost: float, spot: float, gamma: float, aversion: float
) -> None:
    alone = gamma_half_width_scalar(cost, spot, gamma, aversion)
    together = float(gamma_half_width(cost, spot, gamma, aversion))
    assert alone == pytest.approx(together, rel=2e-15, abs=1e-100, nan_ok=True)
