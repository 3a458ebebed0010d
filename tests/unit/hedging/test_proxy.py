"""The book hedged in one coin: betas as published, the least variance, and what is not known."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import HOUR, MINUTE
from terminal.hedging.proxy import (
    LEAST_HOURS,
    USUAL,
    Moves,
    covariance,
    drawn_beta,
    proxy_view,
)
from terminal.pricing.rows import FloatArray
from tests.unit.market.recorded import recorded_bars

COINS = ("BTC", "ETH", "SOL")


def recorded(shared: Path, folder: str, span_name: str, span: int) -> FloatArray:
    """Log returns of the perpetuals from 2024-12-31 to 2025-09-14."""
    closes = [
        recorded_bars(
            shared, f"{folder}/binance_usdm_{coin}USDT_{span_name}_20241231_20250914", span
        ).close
        for coin in COINS
    ]
    return np.asarray(np.diff(np.log(np.array(closes)), axis=1).T)


def betas(returns: FloatArray) -> FloatArray:
    step = covariance(returns, half_life=math.inf)
    return np.asarray(step[0] / step[0, 0])


def made(seed: int = 1, count: int = 2000) -> Moves:
    """Coins that follow the first with betas 1.3 and 1.45 and noise of their own."""
    rng = np.random.default_rng(seed)
    first = rng.normal(0.0, 0.005, count)
    own = rng.normal(0.0, 0.004, (count, 2))
    return Moves(COINS, np.column_stack((first, 1.3 * first + own[:, 0], 1.45 * first + own[:, 1])))


def test_published_hourly_betas(shared: Path) -> None:
    """For 2025: 1.29 and 1.44, correlation .81 and .77; our file ends in September, hence 0.06."""
    returns = recorded(shared, "ohlcv_1h", "mark_1h", HOUR)
    assert betas(returns)[1:] == pytest.approx([1.29, 1.44], abs=0.06)
    correlation = np.asarray(np.corrcoef(returns.T))[0, 1:]
    assert correlation == pytest.approx([0.81, 0.77], abs=0.035)


def test_published_five_minute_betas(shared: Path) -> None:
    returns = recorded(shared, "ohlcv_5m", "5m", 5 * MINUTE)
    assert betas(returns)[1:] == pytest.approx([1.24, 1.46], abs=0.02)


def test_published_range_of_thirty_day_betas(shared: Path) -> None:
    """Published 5 to 95 %: ETH 1.11 to 1.62, SOL 1.28 to 1.76."""
    returns = recorded(shared, "ohlcv_1h", "mark_1h", HOUR)
    rolled = np.array([
        betas(returns[start : start + 720]) for start in range(0, len(returns) - 720, 24)
    ])
    found = np.percentile(rolled, (5, 95), axis=0)
    assert found[:, 1] == pytest.approx([1.11, 1.62], abs=0.08)
    assert found[:, 2] == pytest.approx([1.28, 1.76], abs=0.08)


def test_betas_are_drawn_half_way() -> None:
    assert drawn_beta("ETH", 1.1) == pytest.approx(1.2)
    assert drawn_beta("SOL", 1.45) == USUAL["SOL"]
    assert drawn_beta("DOGE", 2.0) == 2.0


def test_the_latest_returns_weigh_most() -> None:
    calm, wild = np.full((240, 1), 0.001), np.full((240, 1), 0.01)
    half = covariance(np.vstack((calm, wild)))[0, 0]
    assert half == pytest.approx((1e-4 * 2 + 1e-6) / 3, rel=1e-9)


def test_a_hedge_of_the_proxy_alone_leaves_nothing() -> None:
    view = proxy_view({"BTC": 50_000.0, "ETH": 0.0}, 50_000.0, made())
    assert view.hedge_coins == pytest.approx(-1.0, rel=1e-9)
    assert view.sd_after_usd == pytest.approx(0.0, abs=1e-6)
    assert view.sd_before_usd == pytest.approx(50_000.0 * 0.005 * math.sqrt(24.0), rel=0.1)


def test_the_other_coins_keep_what_is_their_own() -> None:
    view = proxy_view({"ETH": 10_000.0, "SOL": -4_000.0, "BTC": 0.0}, 50_000.0, made())
    assert view.delta_usd == pytest.approx(13_000.0 - 5_800.0, rel=0.05)
    assert view.hedge_coins == pytest.approx(-0.144, rel=0.05)
    own = 0.004 * math.sqrt(24.0) * math.hypot(10_000.0, 4_000.0)
    assert view.sd_after_usd == pytest.approx(own, rel=0.1)
    assert [each.underlying for each in view.coins] == ["ETH", "SOL"]
    assert view.coins[0].correlation == pytest.approx(0.85, abs=0.05)


@given(st.floats(-2e5, 2e5), st.floats(-2e5, 2e5), st.floats(-0.5, 0.5))
def test_no_other_size_of_the_hedge_leaves_less(eth: float, sol: float, off: float) -> None:
    """With betas that are the long-run ones, drawing changes nothing and the hedge is the best."""
    exact = Moves(COINS, _exact())
    view = proxy_view({"BTC": 0.0, "ETH": eth, "SOL": sol}, 50_000.0, exact)
    if not (eth or sol):
        assert view.sd_after_usd == 0.0
        return
    assert view.sd_after_usd is not None
    assert view.delta_usd is not None
    step = covariance(exact.returns)
    other = np.array([-view.delta_usd * (1.0 + off), eth, sol])
    assert view.sd_after_usd**2 <= float(other @ step @ other) * 24.0 * (1.0 + 1e-9) + 1e-6


def _exact() -> FloatArray:
    """Returns whose weighted betas are the long-run ones to rounding."""
    returns = made(count=500).returns.copy()
    step = covariance(returns)
    for place, name in enumerate(COINS):
        returns[:, place] += (USUAL[name] - step[0, place] / step[0, 0]) * returns[:, 0]
    return returns


@pytest.mark.parametrize(
    ("deltas", "spot", "moves", "why"),
    [
        ({"BTC": 1.0, "ETH": None}, 5e4, made(), "net delta of ETH is unknown"),
        ({"ETH": 1.0}, None, made(), "no price of BTC yet"),
        ({"ETH": 1.0}, math.nan, made(), "no price of BTC yet"),
        ({"ETH": 1.0}, 5e4, made(count=47), f"47 of {LEAST_HOURS} hourly returns"),
        ({"DOGE": 1.0}, 5e4, made(), "no prices of DOGE yet"),
        ({"ETH": 1.0}, 5e4, Moves((), np.empty((0, 0))), "no prices of BTC, ETH yet"),
        ({"ETH": 1.0}, 5e4, Moves(COINS, np.zeros((99, 3))), "BTC has not moved"),
    ],
)
def test_what_is_unknown_is_said(
    deltas: dict[str, float | None], spot: float | None, moves: Moves, why: str
) -> None:
    view = proxy_view(deltas, spot, moves)
    assert view.reason.startswith(why)
    assert view.hedge_coins is None
    assert view.sd_after_usd is None


def test_a_flat_book_needs_no_history() -> None:
    view = proxy_view({"BTC": 0.0}, 5e4, Moves((), np.empty((0, 0))))
    assert (view.hedge_coins, view.sd_after_usd, view.reason) == (0.0, 0.0, "")
