"""Signature of volatility: flat for a walk, and gaps and noise told apart from it."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.market.signature import STEPS, grid_returns, long_run_variance, signature
from terminal.pricing.rows import FloatArray
from tests.unit.market.recorded import recorded_bars

T0 = 1_767_614_400.0


def walk(seed: int, count: int, step_s: float, vol: float) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    size = vol * math.sqrt(step_s * SECOND / YEAR)
    prices = 60_000.0 * np.exp(np.cumsum(rng.normal(0.0, size, count)))
    return np.arange(float(count)) * step_s + T0, prices


def test_a_walk_has_a_flat_signature_inside_its_errors() -> None:
    times, prices = walk(3, 40_000, 5.0, 0.5)
    points = signature(times, prices)
    assert [each.step for each in points] == list(STEPS)
    for each in points[:-1]:
        assert each.vol is not None
        assert each.error is not None
        assert abs(each.vol - 0.5) < 3.0 * max(each.error, 0.5 / math.sqrt(2.0 * each.returns))
    assert points[0].error == pytest.approx(0.5 / math.sqrt(80_000), rel=0.1)
    assert points[-1].vol is None
    assert "only 1 of" in points[-1].reason


def test_bounce_lifts_short_steps_and_reversion_lowers_long_ones() -> None:
    times, prices = walk(4, 40_000, 5.0, 0.3)
    bounce = np.where(np.arange(times.size) % 2, 1.0002, 0.9998)
    noisy = signature(times, prices * bounce)
    assert noisy[0].vol is not None
    assert noisy[5].vol is not None
    assert noisy[0].vol > 2.0 * noisy[5].vol


def test_standard_error_is_what_estimates_scatter_by() -> None:
    found = [signature(*walk(seed, 600, 60.0, 0.5), [5 * MINUTE])[0] for seed in range(200)]
    scatter = np.std([each.vol or 0.0 for each in found])
    assert np.mean([each.error or 0.0 for each in found]) == pytest.approx(scatter, rel=0.2)


def test_clustered_volatility_widens_the_error() -> None:
    rng = np.random.default_rng(9)
    level = np.repeat(np.exp(rng.normal(0.0, 1.0, 50)), 40)
    values = np.square(level * rng.normal(0.0, 1.0, level.size))
    assert long_run_variance(values) > 1.5 * float(np.var(values))


@given(st.integers(0, 1000), st.floats(0.5, 2.0))
def test_scale_of_the_price_changes_nothing(seed: int, factor: float) -> None:
    times, prices = walk(seed, 200, 60.0, 0.8)
    one, two = signature(times, prices), signature(times, factor * prices)
    for a, b in zip(one, two, strict=True):
        assert a.vol == pytest.approx(b.vol, rel=1e-9) if a.vol else b.vol is None


def test_no_return_spans_a_gap() -> None:
    times, prices = walk(5, 600, 1.0, 0.5)
    prices = prices.copy()
    prices[300:] *= 2.0
    prices[295:300] = np.nan
    cut = np.delete(np.arange(600), np.arange(296, 300))
    points = signature(times[cut], prices[cut], [5 * SECOND])
    assert points[0].vol is not None
    assert points[0].vol < 1.0


def test_a_silent_feed_is_a_gap_too() -> None:
    times = np.append(np.arange(0.0, 100.0), np.arange(200.0, 300.0))
    prices = np.where(times < 150.0, 100.0, 200.0)
    assert np.nanmax(np.abs(grid_returns(times, prices, 5.0, 3.0))) == 0.0


@pytest.mark.parametrize(
    ("times", "prices", "reason"),
    [
        (np.empty(0), np.empty(0), "no prices"),
        (np.arange(3.0), np.array([np.nan, 1.0, np.nan]), "no prices"),
        (np.arange(3.0) * 300, np.ones(3), "every 300 s"),
        (np.arange(100.0), np.ones(100), "not moved"),
    ],
)
def test_what_is_missing_is_said(times: FloatArray, prices: FloatArray, reason: str) -> None:
    assert reason in signature(times, prices, [5 * SECOND])[0].reason


def test_recorded_bitcoin_is_as_volatile_by_the_day_as_by_the_minute(shared: Path) -> None:
    bars = recorded_bars(shared, "ohlcv_5m/binance_usdm_BTCUSDT_5m_20241231_20250914", 5 * MINUTE)
    times = (bars.start + bars.span) / SECOND
    fine, hour, day = signature(times, bars.close, [5 * MINUTE, HOUR, DAY])
    for each in (fine, hour, day):
        assert each.vol is not None
        assert each.error is not None
    assert abs((day.vol or 0.0) - (fine.vol or 0.0)) < 3.0 * (day.error or 0.0)
    assert abs((hour.vol or 0.0) - (fine.vol or 0.0)) < 3.0 * (hour.error or 0.0)
