"""Cost against Whalley and Wilmott: the formula against a simulated band, and what is unknown."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR, YEAR
from terminal.pricing.bands import edge_cost_a_year, gamma_half_width_scalar
from terminal.runtime.reporting.model_cost import Terms, expected_cost
from terminal.runtime.reporting.walk import Bend, Mark

COST, SPOT, GAMMA, VOL, AVERSION = 5.8e-4, 60_000.0, 2e-4, 0.6, 2e-5


def marks(bends: Sequence[Bend | None]) -> list[Mark]:
    """A mark an hour."""
    start = 20_000 * DAY
    return [
        Mark(at=start + number * HOUR, pnl=0.0, at_risk=None, margin={}, gammas={"BTC": bend})
        for number, bend in enumerate(bends)
    ]


def test_a_simulated_band_costs_what_the_formula_says() -> None:
    half = gamma_half_width_scalar(COST, SPOT, GAMMA, AVERSION)
    nu = GAMMA * SPOT * VOL
    step = (half / 60.0 / nu) ** 2  # years; a sixtieth of the half width a step
    rng = np.random.default_rng(7)
    delta = rng.uniform(-half, half, 2_000)  # where it is after long
    traded, steps = 0.0, 20_000
    for _ in range(steps):
        delta += nu * math.sqrt(step) * rng.standard_normal(delta.size)
        held = np.clip(delta, -half, half)
        traded += float(np.abs(delta - held).sum())
        delta = held
    rate = COST * SPOT * traded / delta.size / (steps * step)
    assert rate == pytest.approx(edge_cost_a_year(COST, SPOT, GAMMA, VOL, AVERSION), rel=0.03)


def test_at_the_optimal_band_cost_is_twice_the_risk() -> None:
    """Cost is twice the rate of risk, (aversion / 2) S^2 sigma^2 H^2 / 3: hedging.md 2."""
    half = gamma_half_width_scalar(COST, SPOT, GAMMA, AVERSION)
    risk = 0.5 * AVERSION * (SPOT * VOL * half) ** 2 / 3.0
    assert edge_cost_a_year(COST, SPOT, GAMMA, VOL, AVERSION) == pytest.approx(2.0 * risk)
    assert edge_cost_a_year(COST, SPOT, -GAMMA, VOL, AVERSION) == pytest.approx(2.0 * risk)


def test_limits_and_bad_numbers() -> None:
    assert edge_cost_a_year(COST, SPOT, 0.0, VOL, AVERSION) == 0.0
    assert edge_cost_a_year(0.0, SPOT, GAMMA, VOL, AVERSION) == 0.0
    assert edge_cost_a_year(COST, SPOT, GAMMA, 0.0, AVERSION) == 0.0
    for bad in ((-1.0, SPOT, GAMMA, VOL, AVERSION), (COST, 0.0, GAMMA, VOL, AVERSION),
                (COST, SPOT, GAMMA, -0.1, AVERSION), (COST, SPOT, GAMMA, VOL, 0.0)):  # fmt: skip
        assert math.isnan(edge_cost_a_year(*bad))


def test_a_steady_gamma_costs_its_rate_and_hours_add_up() -> None:
    terms = Terms(COST, VOL, AVERSION)
    rate = edge_cost_a_year(COST, SPOT, GAMMA, VOL, AVERSION)
    steady = marks([Bend(SPOT, GAMMA)] * 25)
    assert expected_cost(steady, "BTC", terms) == pytest.approx(rate * DAY / YEAR)
    half_flat = marks([Bend(SPOT, GAMMA)] * 12 + [Bend(SPOT, 0.0)] * 13)
    assert expected_cost(half_flat, "BTC", terms) == pytest.approx(rate * DAY / YEAR / 2.0)


def test_an_unknown_gamma_makes_the_expectation_unknown() -> None:
    terms = Terms(COST, VOL, AVERSION)
    assert expected_cost(marks([Bend(SPOT, GAMMA), None, Bend(SPOT, GAMMA)]), "BTC", terms) is None
    assert expected_cost(marks([Bend(SPOT, GAMMA)] * 3), "ETH", terms) is None
    assert expected_cost([], "BTC", terms) == 0.0
