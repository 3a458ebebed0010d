"""Rent of gamma: the published numbers of the reference book, and what holds for every book.

The reference book is long ten straddles of 14 days at the money: spot 60,000, volatility 0.60.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.bands import gamma_half_width_scalar
from terminal.pricing.black import greeks
from terminal.pricing.gamma_rent import (
    band_share,
    break_even_move,
    break_even_vol,
    entry_cost,
    gamma_gain,
    hedging_noise,
    leland_number,
    theta_bill,
    vol_with_costs,
)

SPOT, VOL, COST = 60_000.0, 0.60, 5.8e-4
YEARS = 14.0 / 365.0
GAMMA = 20.0 * float(greeks(SPOT, SPOT, YEARS, VOL, 1.0).gamma)
G1 = GAMMA * SPOT * SPOT * 0.01

sizes = st.floats(1e-3, 1e6)
vols = st.floats(0.05, 3.0)


def test_the_reference_book() -> None:
    assert pytest.approx(40_670.0, abs=0.5) == G1
    assert theta_bill(G1, VOL) == pytest.approx(-2_006.0, abs=0.5)
    assert gamma_gain(G1, 0.75, 0.60) == pytest.approx(1_128.0, abs=0.5)
    move = break_even_move(-theta_bill(G1, VOL), GAMMA)
    assert move == pytest.approx(1_884.0, abs=0.5)
    assert move == pytest.approx(SPOT * VOL / math.sqrt(365.0), rel=1e-12)


def test_costs_move_the_break_even() -> None:
    clock = leland_number(COST, VOL, 365.0 * 24.0)
    assert clock == pytest.approx(0.144, abs=5e-4)
    assert vol_with_costs(VOL, clock, GAMMA) == pytest.approx(0.649, abs=5e-4)
    width = gamma_half_width_scalar(COST, SPOT, GAMMA, 2e-5)
    assert width == pytest.approx(1.4935, abs=5e-5)
    share = band_share(COST, SPOT, GAMMA, width)
    assert share is not None
    assert vol_with_costs(VOL, share, GAMMA) == pytest.approx(0.608, abs=5e-4)


def test_hedging_seldom_is_noisy() -> None:
    vega = float(greeks(SPOT, SPOT, 30.0 / 365.0, VOL, 1.0).vega) / 100.0
    assert hedging_noise(vega, VOL, 720) == pytest.approx(135.5, abs=0.3)
    assert hedging_noise(vega, VOL, 180) == pytest.approx(2.0 * hedging_noise(vega, VOL, 720))


@pytest.mark.parametrize("part", [0.25, 0.5, 1.0])
def test_noise_of_a_part_of_the_life_is_what_discrete_hedging_leaves(part: float) -> None:
    """A call at the money hedged 64 times to expiry, at its own volatility: errors until then."""
    rng = np.random.default_rng(5)
    hedges, paths = 64, 20_000
    dt = YEARS / hedges
    spot, error = np.full(paths, SPOT), np.zeros(paths)
    value, left = greeks(SPOT, SPOT, YEARS, VOL, 1.0), YEARS
    for _ in range(int(part * hedges)):
        drawn = VOL * math.sqrt(dt) * rng.standard_normal(paths) - 0.5 * VOL * VOL * dt
        after, left = spot * np.exp(drawn), left - dt
        later = greeks(after, SPOT, max(left, 1e-12), VOL, 1.0)
        error += later.price - value.price - value.delta * (after - spot)
        spot, value = after, later
    vega = float(greeks(SPOT, SPOT, YEARS, VOL, 1.0).vega) / 100.0
    assert float(error.std()) == pytest.approx(hedging_noise(vega, VOL, hedges, part), rel=0.06)


@given(vega=sizes, vol=vols, part=st.floats(0.001, 0.999))
def test_noise_grows_with_the_part_of_the_life(vega: float, vol: float, part: float) -> None:
    whole = hedging_noise(vega, vol, 10.0)
    some = hedging_noise(vega, vol, 10.0, part)
    assert math.sqrt(part * 2.0 / math.pi) * whole * 0.999 <= some < whole


@given(gamma=sizes, vol=vols)
def test_implied_volatility_breaks_even_by_itself(gamma: float, vol: float) -> None:
    for signed in (gamma, -gamma):
        bill = -theta_bill(signed, vol)
        assert break_even_vol(bill, signed) == pytest.approx(vol, rel=1e-12)
        assert gamma_gain(signed, vol, vol) == 0.0
        assert gamma_gain(signed, 1.1 * vol, vol) * signed > 0.0


@given(gamma=st.floats(1e-6, 1.0), bill=sizes)
def test_the_break_even_move_pays_the_bill(gamma: float, bill: float) -> None:
    move = break_even_move(bill, gamma)
    assert move is not None
    assert 0.5 * gamma * move * move == pytest.approx(bill, rel=1e-12)
    assert break_even_move(-bill, -gamma) == move


@pytest.mark.parametrize(("bill", "gamma"), [(1.0, -1.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 0.0)])
def test_nothing_breaks_even_where_bill_and_gamma_agree(bill: float, gamma: float) -> None:
    assert break_even_move(bill, gamma) is None
    assert break_even_vol(bill, gamma) is None


@given(vol=vols, share=st.floats(0.0, 0.99))
def test_costs_make_long_gamma_need_more_and_short_gamma_less(vol: float, share: float) -> None:
    long, short = vol_with_costs(vol, share, 1.0), vol_with_costs(vol, share, -1.0)
    assert long is not None
    assert short is not None
    assert short <= vol <= long


def test_costs_can_be_too_high_for_any_volatility() -> None:
    assert vol_with_costs(VOL, 1.0, 1.0) is None
    assert vol_with_costs(VOL, 1.0, -1.0) is not None
    assert band_share(COST, SPOT, GAMMA, 0.0) is None


def test_share_of_a_band_is_what_reflected_delta_costs() -> None:
    """A walk held inside a band by trading at its edges pays the share of its gamma profit."""
    rng = np.random.default_rng(11)
    steps, paths, width = 4_000, 400, 1.5
    dt = YEARS / steps
    spot_moves = SPOT * VOL * math.sqrt(dt) * rng.standard_normal((steps, paths))
    delta, traded = rng.uniform(-width, width, paths), np.zeros(paths)
    for move in spot_moves:
        delta += GAMMA * move
        inside = np.clip(delta, -width, width)
        traded += np.abs(delta - inside)
        delta = inside
    paid = COST * SPOT * traded.mean()
    earned = 0.5 * GAMMA * float(np.square(spot_moves).sum(axis=0).mean())
    share = band_share(COST, SPOT, GAMMA, width)
    assert share is not None
    assert paid / earned == pytest.approx(share, rel=0.05)


def test_entry_of_a_week_costs_two_and_a_half_points() -> None:
    week = 7.0 / 365.0
    vega = 2.0 * float(greeks(SPOT, SPOT, week, VOL, 1.0).vega) / 100.0
    assert vega == pytest.approx(66.0, abs=0.5)
    fee = entry_cost(2.0 * 3e-4 * SPOT, SPOT, week)
    assert fee == pytest.approx(0.005, abs=5e-4)
    half_spread = entry_cost(1.2 * vega, SPOT, week)
    assert half_spread == pytest.approx(0.012, abs=1e-4)
    assert (fee or 0.0) + (half_spread or 0.0) + 0.008 == pytest.approx(0.025, abs=1e-3)
    assert entry_cost(1.0, SPOT, 0.0) is None
