"""Any number at all: an answer, a reason or a typed error, and never a warning."""

import math
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR
from terminal.market.bars import bars_of
from terminal.market.forecasts import ewma_forecast, qlike
from terminal.market.garch import fit_garch
from terminal.market.har import har_forecast
from terminal.market.realised import Estimator, realised, rolling
from terminal.market.realised_ticks import bar_returns, jumps, realised_kernel, tick_returns
from terminal.market.vol_context import atm_vol, standing, term_structure
from terminal.market.vol_index import expiry_quotes, expiry_variance
from tests.unit.market.recorded import grid, walk

NOW = 1_700_000_000_000_000_000

anything = st.one_of(
    st.floats(),
    st.sampled_from([0.0, -0.0, 1e-320, 1e-200, 1e200, 1e308, -1e308, math.inf, -math.inf]),
)


def finite_or_none(value: float | None) -> bool:
    return value is None or math.isfinite(value)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 29), anything), max_size=12))
def test_bars_with_any_number_in_them(changes: list[tuple[int, int, float]]) -> None:
    prices = walk(1, 30)
    for row, column, value in changes:
        prices[row, column] = value
    bars = bars_of(grid(30, HOUR), prices, span=HOUR)
    for estimator in Estimator:
        assert finite_or_none(realised(bars, estimator).vol)
        assert not np.isinf(rolling(bars, estimator, window=DAY).vol).any()
    assert finite_or_none(jumps(bar_returns(bars)).vol)
    assert finite_or_none(realised_kernel(bar_returns(bars)).vol)


@given(st.lists(anything, min_size=30, max_size=30))
def test_ticks_of_any_price(prices: list[float]) -> None:
    returns = tick_returns(grid(30, HOUR), prices, longest_gap=DAY)
    assert np.isfinite(returns.value).all()
    assert finite_or_none(realised_kernel(returns).vol)


@given(st.lists(anything, max_size=4), st.integers(0, 120))
@settings(max_examples=30)
def test_forecasts_from_any_number(changes: list[float], at: int) -> None:
    start = np.random.default_rng(1).normal(0.0, 0.01, 150)
    returns = start.copy()
    returns[at : at + len(changes)] = changes
    with suppress(ValueError):
        assert finite_or_none(fit_garch(returns).log_likelihood)
    with np.errstate(over="ignore"):
        variances = returns**2
    for forecast in (ewma_forecast, har_forecast):
        with suppress(ValueError):
            assert finite_or_none(forecast(variances, span=DAY).vol)
    assert finite_or_none(qlike(variances, start**2))


@given(
    st.lists(st.tuples(anything, anything, anything, anything), max_size=6),
    st.booleans(),
)
def test_chains_of_any_number(extra: list[tuple[float, ...]], alone: bool) -> None:
    strike = np.arange(50.0, 151.0, 5.0)
    sign = np.where(strike > 100.0, 1.0, -1.0)
    bid = 10.0 * np.exp(-np.abs(strike / 100.0 - 1.0) * 8.0)
    rows = np.array([] if alone else [strike, sign, bid, bid * 1.1]).reshape(4, -1)
    table = np.concatenate((np.array(extra, dtype=np.float64).reshape(-1, 4).T, rows), axis=1)
    quotes = expiry_quotes(NOW + 30 * DAY, 101.0, table[0], table[1], table[2:])
    assert finite_or_none(expiry_variance(quotes, now=NOW).variance)
    assert finite_or_none(atm_vol(quotes, now=NOW))


@given(st.lists(anything, max_size=30), anything)
def test_context_of_any_number(values: list[float], now: float) -> None:
    found = standing(now, values)
    assert finite_or_none(found.percentile)
    years: Any = np.arange(1, len(values) + 1) / 10.0
    structure = term_structure(years, values)
    assert all(finite_or_none(each) for each in structure.forward_vols)
