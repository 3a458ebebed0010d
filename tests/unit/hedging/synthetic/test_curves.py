"""What a perps-only mode makes of a path: the identity, the simulated grid, the straight trend."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, YEAR
from terminal.hedging.synthetic.curves import fade_pnl, premium, trend_pnl, variance_pnl
from terminal.hedging.synthetic.path import aim, begun
from terminal.pricing.black import greeks
from terminal.pricing.rows import FloatArray
from tests.unit.hedging.synthetic.test_path import CARRY, FADE, LONG, NOW, S0

KAPPA = 0.0011297

moves = st.lists(st.floats(-2_000.0, 2_000.0), min_size=1, max_size=100)


@given(moves)
def test_fading_collects_variance_and_pays_displacement(steps: list[float]) -> None:
    prices = S0 + np.concatenate(([0.0], np.cumsum(steps)))
    inventory = -KAPPA * (prices[:-1] - prices[0])
    earned = float(inventory @ np.diff(prices))
    assert fade_pnl(KAPPA, prices) == pytest.approx(earned, abs=1e-6 * (1.0 + abs(earned)))
    assert fade_pnl(-KAPPA, prices) == -fade_pnl(KAPPA, prices)


def grid_result(prices: FloatArray, step: float) -> float:
    """P&L of a grid that trades back to its line whenever price has moved a whole step."""
    held = cash = 0.0
    last = start = float(prices[0])
    for price in prices[1:].tolist():
        if abs(price - last) >= step:
            wanted = -KAPPA * (price - start)
            cash -= (wanted - held) * price
            held, last = wanted, price
    return cash + held * float(prices[-1])


def test_a_simulated_grid_earns_what_the_identity_says() -> None:
    """Correlation 0.9995 with a grid of 0.3 % steps, random walks of a fortnight."""
    rng = np.random.default_rng(10)
    steps, step = 4_032, 180.0
    size = 0.6 * math.sqrt(14.0 / 365.0 / steps)
    grid, exact = [], []
    for _ in range(150):
        path = S0 * np.exp(np.concatenate(([0.0], np.cumsum(rng.normal(0.0, size, steps)))))
        grid.append(grid_result(path, step))
        exact.append(fade_pnl(KAPPA, path))
    assert np.corrcoef(grid, exact)[0, 1] > 0.9995


def test_a_straight_trend_costs_a_grid_half_kappa_times_its_square() -> None:
    state = begun(replace(FADE, max_inventory=1e6), S0, NOW)
    for move, found in zip((-0.2, 0.1), trend_pnl(state, NOW, (-0.2, 0.1)), strict=True):
        assert found == pytest.approx(-0.5 * state.coins * (S0 * move) ** 2, rel=1e-9)


def test_past_its_limit_a_grid_loses_along_a_line() -> None:
    state = begun(FADE, S0, NOW)
    reach = FADE.max_inventory / state.coins
    (found,) = trend_pnl(state, NOW, (0.3,))
    line = -0.5 * state.coins * reach**2 - FADE.max_inventory * (0.3 * S0 - reach)
    assert found == pytest.approx(line, rel=1e-4)


def test_a_straight_trend_pays_a_replication_what_its_straddles_gain() -> None:
    state = begun(replace(LONG, max_inventory=1e6), S0, NOW)
    years = LONG.days * DAY / YEAR
    for move, found in zip((-0.1, 0.1), trend_pnl(state, NOW, (-0.1, 0.1)), strict=True):
        worth = [
            sum(float(greeks(price, S0, years, LONG.vol, sign).price) for sign in (1.0, -1.0))
            for price in (S0, S0 * (1.0 + move))
        ]
        assert found == pytest.approx(state.coins * (worth[1] - worth[0]), rel=1e-4)
    assert premium(state, NOW) == pytest.approx(state.coins * worth[0], rel=1e-9)


def test_convexity_has_the_sign_that_the_label_says() -> None:
    for terms, sign in ((FADE, -1.0), (LONG, 1.0)):
        state = begun(terms, S0, NOW)
        down, here, up = trend_pnl(state, NOW, (-0.05, 0.0, 0.05))
        assert (up + down - 2.0 * here) * sign > 0.0
        assert here == 0.0
        assert variance_pnl(state, S0, 0.6, NOW) * sign < 0.0
    none = begun(CARRY, S0, NOW)
    assert set(trend_pnl(none, NOW)) == {0.0}
    assert variance_pnl(none, S0, 0.6, NOW) == premium(none, NOW) == 0.0


def test_a_days_variance_of_the_reference_grid() -> None:
    state = begun(FADE, S0, NOW)
    assert variance_pnl(state, S0, 0.6, NOW) == pytest.approx(2_006.0, abs=1.0)


def test_replication_costs_its_premium_when_volatility_comes_in_as_assumed() -> None:
    """Hedging the mirror image over its life returns the payoff less the premium."""
    rng = np.random.default_rng(3)
    terms = replace(LONG, max_inventory=1e6)
    steps = 1_000
    life = round(terms.days * DAY)
    size = terms.vol * math.sqrt(terms.days / 365.0 / steps)
    errors = []
    for _ in range(30):
        path = S0 * np.exp(np.cumsum(rng.normal(-0.5 * size**2, size, steps)))
        path = np.concatenate(([S0], path))
        state = begun(terms, S0, NOW)
        earned = sum(
            aim(state, float(path[number]), NOW + number * life // steps)[0]
            * float(path[number + 1] - path[number])
            for number in range(steps)
        )
        payoff = state.coins * abs(float(path[-1]) - S0)
        errors.append(earned - (payoff - premium(state, NOW)))
    assert np.mean(errors) == pytest.approx(0.0, abs=0.02 * premium(begun(terms, S0, NOW), NOW))
