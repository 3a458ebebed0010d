"""The forecast behind the edge: the autoregression where the past allows it, else persistence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.market.edge import edge_of, persistence
from terminal.market.edge_forecast import LEAST_DAYS, daily_variances, forecast, har_guess
from terminal.market.har import har_forecast
from terminal.model.gamma import Forecaster
from terminal.pricing.rows import FloatArray


def walk(
    days: int, vols: FloatArray | float, seed: int = 3, step: int = 5 * MINUTE
) -> tuple[FloatArray, FloatArray]:
    """Prices of a walk whose volatility is a number, or one for each day."""
    a_day = DAY // step
    level = np.repeat(np.broadcast_to(np.asarray(vols, dtype=np.float64), days), a_day)
    moves = np.random.default_rng(seed).normal(0.0, 1.0, days * a_day)
    path = np.cumsum(moves * level * math.sqrt(step / YEAR))
    times: FloatArray = np.arange(days * a_day + 1.0) * (step / SECOND)
    return times, np.append(60_000.0, 60_000.0 * np.exp(path))


@settings(deadline=None, max_examples=10)
@given(vol=st.floats(0.1, 1.5), seed=st.integers(0, 99))
def test_days_add_up_to_the_variance_of_the_walk(vol: float, seed: int) -> None:
    found = daily_variances(*walk(20, vol, seed))
    assert found.size == 20
    assert math.sqrt(float(np.mean(found)) * YEAR / DAY) == pytest.approx(vol, rel=0.06)


def test_a_day_that_was_hardly_seen_is_unknown_and_half_a_day_is_scaled_up() -> None:
    times, prices = walk(5, 0.5)
    holed = prices.copy()
    holed[2 * 288 + 10 : 2 * 288 + 280] = np.nan
    holed[3 * 288 + 1 : 3 * 288 + 100] = np.nan
    found = daily_variances(times, holed)
    assert np.isnan(found).tolist() == [False, False, True, False, False]
    assert found[3] == pytest.approx(daily_variances(times, prices)[3], rel=0.35)


def test_enough_history_is_forecast_by_har_with_its_own_band() -> None:
    waves = 0.5 * np.exp(0.4 * np.sin(np.arange(160) / 6.0))
    times, prices = walk(160, waves)
    found = forecast(times, prices, DAY)
    direct = har_forecast(daily_variances(times, prices), span=DAY, horizon=1)
    assert found.model is Forecaster.HAR
    assert found.fallback == ""
    assert found.vol == direct.vol
    assert direct.vol is not None
    assert direct.low is not None
    assert direct.high is not None
    assert found.error == max(direct.high - direct.vol, direct.vol - direct.low)
    assert found.window == 160 * DAY
    still = persistence(times, prices, DAY)
    assert found.error < 0.8 * (still.error or 0.0)  # it knows the waves
    assert found.vol == pytest.approx(float(waves[-1]), rel=0.2)
    says = edge_of(found, 0.5, 0.01, 0).says
    assert "Forecast by HAR on 160 days" in says


def test_the_error_is_the_wider_side_of_the_band() -> None:
    wider = set()
    for seed in range(1, 9):
        times, prices = walk(100, 0.5, seed)
        found, band = forecast(times, prices, DAY), har_forecast(
            daily_variances(times, prices), span=DAY, horizon=1
        )
        assert band.vol is not None
        assert band.low is not None
        assert band.high is not None
        up, down = band.high - band.vol, band.vol - band.low
        assert found.error == max(up, down)
        wider.add(up > down)
    assert wider == {True, False}


def test_hourly_prices_serve_too() -> None:
    found = forecast(*walk(120, 0.6, step=HOUR), DAY)
    assert found.model is Forecaster.HAR
    assert found.vol == pytest.approx(0.6, rel=0.25)


@pytest.mark.parametrize(
    ("days", "horizon", "why"),
    [
        (LEAST_DAYS - 1, DAY, "HAR needs 60 days of prices, 59.0 are known"),
        (70, 30 * DAY, "HAR"),
        (80, 7 * DAY, "too few outcomes"),
    ],
)
def test_too_little_history_falls_back_and_says_why(days: int, horizon: int, why: str) -> None:
    times, prices = walk(days, 0.5)
    found = forecast(times, prices, horizon)
    assert found.model is Forecaster.PERSISTENCE
    assert why in found.fallback
    since = np.searchsorted(times, times[-1] - 30 * DAY / SECOND)
    plain = persistence(times[since:], prices[since:], horizon)
    assert (found.vol, found.error) == (plain.vol, plain.error)
    assert "Forecast by persistence: HAR" in edge_of(found, 0.5, None, 0).says


def test_a_gap_in_the_latest_month_falls_back() -> None:
    times, prices = walk(150, 0.5)
    holed = prices.copy()
    holed[-5 * 288 : -4 * 288] = np.nan
    found = forecast(times, holed, DAY)
    assert found.model is Forecaster.PERSISTENCE
    assert "missing" in found.fallback


def test_no_prices_are_no_forecast() -> None:
    nothing = np.empty(0)
    assert har_guess(nothing, nothing, DAY).vol is None
    found = forecast(nothing, nothing, DAY)
    assert found.vol is None
    assert found.reason
