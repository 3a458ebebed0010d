"""Volatility of recorded markets: estimators that agree, forecasts that rank, an index in line."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND, YEAR
from terminal.market.bars import Bars, between
from terminal.market.forecasts import ewma, future_means, qlike
from terminal.market.garch import fit_garch, log_likelihood
from terminal.market.har import fit_har, har_path
from terminal.market.realised import Estimator, realised, rolling
from terminal.market.realised_ticks import (
    LogReturns,
    bar_returns,
    jumps,
    realised_kernel,
    tick_returns,
)
from terminal.market.vol_context import Shape, atm_vol, premiums, rv_cone, term_structure, vol_at
from terminal.market.vol_index import ExpiryQuotes, VolIndex, expiry_quotes, vol_index
from terminal.pricing.rows import FloatArray
from tests.unit.market.recorded import recorded_bars

HOURS_2025 = "ohlcv_1h/binance_usdm_{}USDT_mark_1h_20241231_20250914"
FIVES_2025 = "ohlcv_5m/binance_usdm_{}USDT_5m_20241231_20250914"
HOURS_LONG = "ohlcv_1h/binance_spot_BTCUSDT_1h_2017_2024_dev"
COINS = ("BTC", "ETH", "SOL")


@pytest.mark.parametrize("coin", COINS)
def test_all_estimators_agree_on_the_hours_of_2025(shared: Path, coin: str) -> None:
    bars = recorded_bars(shared, HOURS_2025.format(coin), HOUR)
    found = {each: realised(bars, each).vol or 0.0 for each in Estimator}
    centre = found[Estimator.CLOSE_CLOSE_ZERO_MEAN]
    assert 0.3 < centre < 1.1
    for estimator, vol in found.items():
        assert vol == pytest.approx(centre, rel=0.06), estimator


@pytest.mark.parametrize("coin", COINS)
def test_the_length_of_a_bar_changes_volatility_little(shared: Path, coin: str) -> None:
    hours = realised(recorded_bars(shared, HOURS_2025.format(coin), HOUR), Estimator.PARKINSON)
    fives = realised(
        recorded_bars(shared, FIVES_2025.format(coin), 5 * MINUTE), Estimator.PARKINSON
    )
    assert hours.vol is not None
    assert fives.vol == pytest.approx(hours.vol, rel=0.1)
    assert fives.asked == fives.covered


def test_years_with_holes_are_measured_around_them(shared: Path) -> None:
    bars = recorded_bars(shared, HOURS_LONG, HOUR)
    found = realised(bars, Estimator.CLOSE_CLOSE_ZERO_MEAN)
    # Recorded: 4610 bars missing in 30 holes, one of which would look like a move of 41 %.
    assert (found.breaks, found.terms, found.asked // HOUR) == (31, 53_906, 53_937 + 4_610)
    assert found.vol == pytest.approx(0.7707, abs=2e-4)
    bridged = np.diff(np.log(bars.close))
    assert float(np.max(np.abs(bar_returns(bars).value))) < 0.25
    assert np.count_nonzero(np.abs(bridged) > 0.25) > 0
    path = rolling(bars, window=30 * DAY)
    assert np.nanmin(path.vol) > 0.1
    assert np.nanmax(path.vol) < 4.0
    assert np.isnan(path.vol[(path.share < 0.5)]).all()


@pytest.mark.parametrize("coin", COINS)
def test_a_few_percent_of_variance_are_jumps(shared: Path, coin: str) -> None:
    returns = bar_returns(recorded_bars(shared, FIVES_2025.format(coin), 5 * MINUTE))
    found = jumps(returns)
    assert found.jump_share is not None
    assert 0.01 < found.jump_share < 0.08
    days = [jumps(each).jump_share for each in daily(returns)]
    shares = np.array(days, dtype=np.float64)
    assert 0.03 < float(np.mean(shares)) < 0.08


def daily(returns: LogReturns) -> list[LogReturns]:
    """Returns of every UTC day."""
    day = (returns.end - 1) // DAY
    cuts = np.flatnonzero(np.diff(day)) + 1
    edges = [0, *cuts.tolist(), day.size]
    value, end, span, joined = returns
    return [
        LogReturns(value[low:high], end[low:high], span[low:high], joined[low:high])
        for low, high in pairwise(edges)
    ]


def test_the_kernel_sees_one_volatility_in_trades_and_quotes(shared: Path) -> None:
    trades, quotes = (recorded_ticks(shared, kind) for kind in ("trades", "quotes"))
    end = min(int(trades[0][-1]), int(quotes[0][-1]))
    kernel = {}
    for name, (at, price) in (("trades", trades), ("quotes", quotes)):
        returns = tick_returns(at[at <= end], price[at <= end], longest_gap=5 * MINUTE)
        found = realised_kernel(returns)
        assert found.vol is not None
        assert found.bandwidth > 1
        kernel[name] = found.vol
    assert kernel["trades"] == pytest.approx(kernel["quotes"], rel=0.2)


def recorded_ticks(shared: Path, kind: str) -> tuple[np.ndarray, FloatArray]:
    name = f"tardis_binance-futures_BTCUSDT_{kind}_20200222.parquet"
    path = shared / "data" / "l2_ticks" / name
    if not path.exists():
        pytest.skip(f"no recorded ticks: {name} is not in the folder 'shared'")
    table = pq.read_table(path)
    at = table["timestamp"].to_numpy() * (SECOND // 1_000_000)
    order = np.argsort(at, kind="stable")
    if kind == "trades":
        price = table["price"].to_numpy()
    else:
        price = 0.5 * (table["bid_price"].to_numpy() + table["ask_price"].to_numpy())
    return at[order], price[order]


def daily_variances(bars: Bars) -> FloatArray:
    """Sum of squared hourly returns of every UTC day; NaN where an hour is missing."""
    returns = bar_returns(bars)
    day = (returns.end - 1) // DAY
    day = day - day[0]
    sums = np.bincount(day, returns.value**2)
    return np.where(np.bincount(day) == 24, sums, np.nan)


@pytest.mark.parametrize("horizon", [1, 7])
def test_logarithmic_har_beats_the_random_walk_out_of_sample(shared: Path, horizon: int) -> None:
    past = daily_variances(recorded_bars(shared, HOURS_LONG, HOUR))
    outcomes = future_means(past, horizon)
    logs, walk = np.full(past.size, np.nan), np.full(past.size, np.nan)
    walk[horizon - 1 :] = [past[now - horizon + 1 : now + 1].mean()
                           for now in range(horizon - 1, past.size)]
    for start in range(365, past.size, 30):
        fit = fit_har(past[:start], horizon=horizon)
        assert fit is not None
        logs[start : start + 30] = har_path(fit, past)[start : start + 30]
    scored = np.isfinite(logs) & np.isfinite(walk) & np.isfinite(outcomes)
    assert np.count_nonzero(scored) > 1000
    of_logs, of_walk = (qlike(outcomes[scored], each[scored]) for each in (logs, walk))
    of_ewma = qlike(outcomes[scored], ewma(past)[scored])
    assert of_logs is not None
    assert of_walk is not None
    assert of_ewma is not None
    assert of_logs < 0.85 * of_walk
    assert of_logs < of_ewma


def test_garch_of_recorded_days_is_a_maximum(shared: Path) -> None:
    bars = recorded_bars(shared, HOURS_LONG, HOUR)
    midnight = bars.start % DAY == 23 * HOUR
    at, close = bars.start[midnight], bars.close[midnight]
    day = (at - at[0]) // DAY
    logs = np.full(int(day[-1]) + 1, np.nan)
    logs[day] = np.log(close)
    returns = np.diff(logs)  # NaN on both sides of a missing day
    fit = fit_garch(returns)
    assert fit.parameters is not None
    assert fit.missing > 100
    assert 0.9 < fit.parameters.persistence < 1.0
    assert 0.5 < np.sqrt(fit.parameters.long_run_variance * 365.0) < 1.3
    gradient = log_likelihood(fit.parameters, returns).gradient
    scaled = gradient * [0.04, fit.parameters.omega, fit.parameters.alpha, fit.parameters.beta]
    assert np.abs(scaled).max() < 1e-3


def recorded_chain(shared: Path, currency: str, number: int) -> tuple[list[ExpiryQuotes], int]:
    """Expiries of the recorded snapshot of that number, prices in USD, and its time."""
    name = "deribit_chain_BTC_ETH_20251230_20260125.parquet"
    path = shared / "data" / "options" / name
    if not path.exists():
        pytest.skip(f"no recorded chain: {name} is not in the folder 'shared'")
    stamps = pc.unique(pq.read_table(path, columns=["ts"])["ts"])
    keep = [("ts", "=", stamps[number]), ("currency", "=", currency)]
    table = pq.read_table(path, filters=keep)
    now = stamps.cast("int64")[number].as_py() * MILLISECOND
    expiry = table["expiry"].cast("timestamp[ms]").cast("int64").to_numpy() * MILLISECOND
    forward = table["underlying_price"].to_numpy()
    sign = np.where(table["type"].to_numpy(zero_copy_only=False) == "C", 1.0, -1.0)
    strike = table["strike"].to_numpy()
    coin = np.stack([table[each].to_numpy() for each in ("bid", "ask")])
    chain = []
    for each in np.unique(expiry).tolist():
        rows = expiry == each
        level = float(np.median(forward[rows]))
        # Premiums are read against the forward of their own row: the snapshot took a while.
        quotes = coin[:, rows] * forward[rows]
        chain.append(expiry_quotes(each, level, strike[rows], sign[rows], quotes))
    return chain, now


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
@pytest.mark.parametrize("number", [0, 40, 100])
def test_the_index_stands_a_little_over_the_money(
    shared: Path, currency: str, number: int
) -> None:
    chain, now = recorded_chain(shared, currency, number)
    found: VolIndex = vol_index(chain, now=now)
    years = [(each.expiry - now) / YEAR for each in chain]
    levels = np.array([atm_vol(each, now=now) for each in chain], dtype=np.float64)
    structure = term_structure(years, levels)
    money = vol_at(structure, 30 / 365)
    assert money is not None
    assert found.vol is not None, found.reason
    # The smile is paid for: the index of a chain is above its volatility at the money.
    assert money < found.vol < 1.25 * money
    assert found.near is not None
    assert found.far is not None
    assert min(found.near.strikes, found.far.strikes) > 15
    assert structure.shape is not Shape.UNKNOWN


def test_implied_is_set_against_realised_by_horizon(shared: Path) -> None:
    bars = recorded_bars(shared, "ohlcv_5m/binance_usdm_BTCUSDT_5m_20251225_20260125", 5 * MINUTE)
    chain, now = recorded_chain(shared, "BTC", 90)
    levels = np.array([atm_vol(each, now=now) for each in chain], dtype=np.float64)
    structure = term_structure([(each.expiry - now) / YEAR for each in chain], levels)
    past = between(bars, int(bars.start[0]), now)
    rows = premiums(rv_cone(past, (3 * DAY, 7 * DAY, 14 * DAY)), structure)
    for row in rows:
        assert row.ratio is not None
        assert 0.5 < row.ratio < 3.0
