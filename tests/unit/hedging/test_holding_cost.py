"""How long a hedge is held, and what it pays meanwhile."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, YEAR
from terminal.hedging.holding_cost import (
    LONGEST,
    SHORTEST,
    UNKNOWN_VOL,
    basis_cost,
    borrow_cost,
    expected_holding,
    funding_cost,
    payments,
)
from terminal.model.hedge import Target
from terminal.model.market import Funding
from terminal.model.order import Side
from terminal.model.risk import PolicyKind
from tests.helpers.builders import NOW, SPOT, inputs, spec

BAND = Target(0.0, -0.1, 0.1, "band", "")


def funding(wait: int = HOUR, rate: float = 1e-4) -> Funding:
    return Funding("A", rate, 8 * HOUR, NOW + wait)


def test_the_holding_time_is_the_mean_time_to_leave_the_band() -> None:
    """Simulated: a walk with the book's gamma, from where the hedge stops to either edge."""
    gamma, vol = 1e-4, 0.5
    stop = Target(0.05, -0.1, 0.1, "half", "")
    stated = expected_holding(inputs(gamma=gamma, annual_vol=vol), stop)
    rng = np.random.default_rng(3)
    step = MINUTE
    move = gamma * SPOT * vol * math.sqrt(step / YEAR)
    delta = np.full(2000, stop.delta)
    inside, total = np.ones(2000, dtype=bool), 0
    while inside.any():
        total += int(inside.sum())
        delta[inside] += move * rng.standard_normal(int(inside.sum()))
        inside &= (delta > stop.low) & (delta < stop.high)
    assert SHORTEST < stated < LONGEST
    assert total * step / 2000 == pytest.approx(stated, rel=0.12)  # a step overshoots the edge


@pytest.mark.parametrize(
    ("gamma", "vol", "target", "span"),
    [
        (0.0, 0.5, BAND, LONGEST),  # no gamma: delta stays
        (1.0, 0.5, BAND, SHORTEST),
        (1e-5, 0.5, Target(0.1, -0.1, 0.1, "edge", ""), SHORTEST),
        (1e-5, 0.5, Target(0.0, -math.inf, 0.1, "open", ""), LONGEST),
        (1e-5, None, BAND, UNKNOWN_VOL),
    ],
)
def test_the_holding_time_is_bounded(
    gamma: float, vol: float | None, target: Target, span: int
) -> None:
    assert expected_holding(inputs(gamma=gamma, annual_vol=vol), target) == span


def test_a_timer_holds_for_its_period() -> None:
    timed = inputs(policy=spec(PolicyKind.TIMER, every_s=7200.0))
    assert expected_holding(timed, BAND) == 2 * HOUR


def test_expected_stamps_by_simulation() -> None:
    """The end of a hedge is exponential; stamps before it are paid."""
    ends = np.random.default_rng(5).exponential(6 * HOUR, 400_000)
    first, interval = 2 * HOUR, 8 * HOUR
    counted = np.where(ends < first, 0, np.floor((ends - first) / interval) + 1).mean()
    stated = payments(funding(first), NOW, 6 * HOUR, accrues=False)
    assert stated == pytest.approx(counted, rel=0.01)


@given(st.integers(0, 8 * HOUR), st.integers(SHORTEST, LONGEST))
def test_a_nearer_stamp_is_paid_more_surely(wait: int, holding: int) -> None:
    now = payments(funding(wait), NOW, holding, accrues=False)
    later = payments(funding(8 * HOUR), NOW, holding, accrues=False)
    assert now >= later * (1.0 - 1e-12) >= 0.0


@pytest.mark.parametrize("wait", [-HOUR, 9 * HOUR])
def test_without_a_next_stamp_funding_accrues(wait: int) -> None:
    assert payments(funding(wait), NOW, 4 * HOUR, accrues=False) == 0.5
    assert payments(funding(), NOW, 4 * HOUR, accrues=True) == 0.5


def test_longs_pay_what_shorts_receive() -> None:
    paid = funding_cost(funding(), Side.BUY, NOW, DAY, accrues=True)
    assert paid is not None
    assert paid == pytest.approx(3e-4)
    assert funding_cost(funding(), Side.SELL, NOW, DAY, accrues=True) == -paid
    assert funding_cost(funding(rate=-1e-4), Side.BUY, NOW, DAY, accrues=True) == -paid


@pytest.mark.parametrize(
    "bad", [None, Funding("A", 1e-4, 0, NOW), Funding("A", math.nan, HOUR, NOW)]
)
def test_unusable_funding_is_unknown(bad: Funding | None) -> None:
    assert funding_cost(bad, Side.BUY, NOW, DAY, accrues=False) is None


def test_basis_runs_out_by_expiry() -> None:
    whole = basis_cost(51_000.0, 50_000.0, 2 * DAY, Side.BUY, 2 * DAY)
    assert whole is not None
    assert whole == pytest.approx(math.log(1.02))
    assert basis_cost(51_000.0, 50_000.0, 2 * DAY, Side.BUY, DAY) == pytest.approx(0.5 * whole)
    assert basis_cost(51_000.0, 50_000.0, HOUR, Side.SELL, DAY) == pytest.approx(-whole)
    assert basis_cost(51_000.0, 50_000.0, 0, Side.BUY, DAY) is None
    assert basis_cost(0.0, 50_000.0, DAY, Side.BUY, DAY) is None


def test_borrowing_costs_by_the_hour() -> None:
    assert borrow_cost(1e-5, 8 * HOUR) == pytest.approx(8e-5)
