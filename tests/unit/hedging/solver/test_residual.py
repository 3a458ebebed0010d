"""One-day risk of net Greeks against simulation and hand calculation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Outlook
from terminal.hedging.solver.residual import one_day

OUTLOOK = Outlook(spot=60_000.0, vol=0.6, vol_of_vol=0.9, correlation=-0.4)
GREEK = st.floats(-1e4, 1e4)


def test_standard_deviation_is_that_of_simulated_days() -> None:
    rng = np.random.default_rng(20_240_628)
    first, second = rng.standard_normal((2, 400_000))
    day = math.sqrt(1.0 / 365.0)
    move = OUTLOOK.vol * day * first
    shared = OUTLOOK.correlation * first + math.sqrt(1.0 - OUTLOOK.correlation**2) * second
    points = 100.0 * OUTLOOK.vol * OUTLOOK.vol_of_vol * day * shared
    delta, gamma, vega = 0.3, 90_000.0, -700.0
    profit = delta * OUTLOOK.spot * move + 0.5 * 100.0 * gamma * move**2 + vega * points
    risk = one_day({DELTA: delta, GAMMA: gamma, VEGA: vega}, OUTLOOK)
    assert risk is not None
    assert risk.total == pytest.approx(float(profit.std()), rel=0.006)


def test_delta_alone_is_spot_times_daily_volatility() -> None:
    risk = one_day({DELTA: -2.0, GAMMA: 0.0, VEGA: 0.0}, OUTLOOK)
    assert risk is not None
    expected = 2.0 * 60_000.0 * 0.6 / math.sqrt(365.0)
    assert risk.total == pytest.approx(expected)
    assert (risk.delta, risk.gamma, risk.vega) == pytest.approx((expected, 0.0, 0.0))


@given(GREEK, GREEK, GREEK, st.floats(0.0, 10.0))
def test_risk_is_even_and_homogeneous(
    delta: float, gamma: float, vega: float, factor: float
) -> None:
    net = {DELTA: delta, GAMMA: gamma, VEGA: vega}
    mine = one_day(net, OUTLOOK)
    other = one_day({greek: -factor * value for greek, value in net.items()}, OUTLOOK)
    assert mine is not None
    assert other is not None
    assert other.total == pytest.approx(factor * mine.total, abs=1e-6)


def test_opposed_parts_never_make_the_variance_negative() -> None:
    outlook = structs.replace(OUTLOOK, correlation=-1.0)
    vega = 60_000.0 * 0.6 / (100.0 * 0.6 * 0.9)
    risk = one_day({DELTA: 1.0, GAMMA: 0.0, VEGA: vega}, outlook)
    assert risk is not None
    assert risk.total == pytest.approx(0.0, abs=1e-3)


def test_unknown_stays_unknown() -> None:
    assert one_day({DELTA: 1.0, GAMMA: 0.0, VEGA: 0.0}, None) is None
    assert one_day({DELTA: 1.0, GAMMA: 0.0}, OUTLOOK) is None
