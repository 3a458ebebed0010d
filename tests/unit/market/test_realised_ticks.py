"""Bipower variation and the realised kernel: jumps found, noise removed, gaps never bridged."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.market.bars import bars_of
from terminal.market.realised import Estimator, realised
from terminal.market.realised_ticks import (
    PARZEN_CONSTANT,
    LogReturns,
    bar_returns,
    jumps,
    realised_kernel,
    tick_returns,
)
from terminal.pricing.rows import FloatArray
from tests.unit.market.recorded import START, grid, walk, walked

seeds = st.integers(0, 500)


def ticks(
    seed: int, count: int, noise: float, vol: float = 0.6
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """A day of ticks: a walk of annual volatility `vol` seen through noise."""
    random = np.random.default_rng(seed)
    at = START + np.arange(count, dtype=np.int64) * (DAY // count)
    path = np.cumsum(random.normal(0.0, vol * math.sqrt(1.0 / 365.0 / count), count))
    return at, 100.0 * np.exp(path + random.normal(0.0, noise, count))


def naive(returns: LogReturns) -> float:
    squares = float(returns.value @ returns.value)
    return math.sqrt(squares / int(returns.span.sum()) * YEAR)


def test_bar_returns_are_the_ones_close_close_takes() -> None:
    keep = np.delete(np.arange(80), [20, 21, 50])
    bars = bars_of(grid(80, HOUR)[keep], walk(1, 80)[:, keep], span=HOUR)
    returns = bar_returns(bars)
    expected = realised(bars, Estimator.CLOSE_CLOSE_ZERO_MEAN)
    assert (returns.value.size, int(returns.span.sum())) == (expected.terms, expected.covered)
    assert jumps(returns).vol == pytest.approx(expected.vol, rel=1e-12)
    assert int((~returns.joined).sum()) == 3


def test_a_smooth_walk_has_no_jumps_and_a_score_like_a_standard_normal() -> None:
    found = [jumps(bar_returns(walked(seed, 289, 5 * MINUTE, 0.002))) for seed in range(150)]
    scores = np.array([each.score for each in found], dtype=np.float64)
    assert abs(float(scores.mean())) < 0.35
    assert 0.8 < float(scores.std()) < 1.25
    assert float(np.mean([each.jump_share for each in found])) < 0.05


@given(seeds, st.floats(0.03, 0.06), st.booleans())
@settings(max_examples=40)
def test_a_jump_is_found_and_kept_out_of_the_continuous_part(
    seed: int, size: float, up: bool
) -> None:
    prices = walk(seed, 289, step_vol=0.002)
    jumped = prices.copy()
    jumped[:, 150:] *= math.exp(size if up else -size)
    before = jumps(bar_returns(bars_of(grid(289, 5 * MINUTE), prices, span=5 * MINUTE)))
    after = jumps(bar_returns(bars_of(grid(289, 5 * MINUTE), jumped, span=5 * MINUTE)))
    assert before.continuous_vol is not None
    assert after.continuous_vol is not None
    assert after.jump_share is not None
    assert after.score is not None
    assert after.score > 2.3
    share = size**2 / (size**2 + 288 * 0.002**2)
    assert after.jump_share == pytest.approx(share, abs=0.25)
    # Of the jump only its products with the two returns beside it are left.
    assert after.continuous_vol < 1.5 * before.continuous_vol


@given(seeds, st.floats(1e-4, 1e4))
@settings(max_examples=40)
def test_jump_share_and_score_do_not_depend_on_the_size_of_moves(seed: int, factor: float) -> None:
    returns = bar_returns(walked(seed, 60, HOUR))
    scaled = returns._replace(value=returns.value * factor)
    before, after = jumps(returns), jumps(scaled)
    assert before.score is not None
    assert before.continuous_vol is not None
    assert after.jump_share == pytest.approx(before.jump_share, abs=1e-9)
    assert after.score == pytest.approx(before.score, rel=1e-9, abs=1e-9)
    assert after.continuous_vol == pytest.approx(factor * before.continuous_vol, rel=1e-9)


def test_neighbours_across_a_gap_form_no_product() -> None:
    value = np.tile([1.0, 0.0, 0.0, 2.0], 10) * 0.01
    end = np.arange(1, 41, dtype=np.int64) * HOUR
    end += np.arange(40) // 4 * DAY  # every group of four stands alone: 2 never meets 1
    span = np.full(40, HOUR, dtype=np.int64)
    joined = np.arange(40) % 4 != 0
    found = jumps(LogReturns(value, end, span, joined))
    assert found.continuous_vol == 0.0
    assert (found.jump_share, found.score) == (1.0, None)


def test_three_returns_over_a_gap_are_no_triple() -> None:
    value = np.full(40, 0.01)
    end = np.arange(1, 41, dtype=np.int64) * HOUR + np.arange(40) // 2 * DAY
    joined = np.arange(40) % 2 != 0
    found = jumps(LogReturns(value, end, np.full(40, HOUR, dtype=np.int64), joined))
    assert (found.vol, found.score) == (None, None)
    assert found.reason == "no three returns follow each other without a gap"


def test_bipower_of_known_returns() -> None:
    value = np.array([0.01, -0.02] * 15)
    end = np.arange(1, 31, dtype=np.int64) * HOUR
    joined = np.arange(30) > 0
    found = jumps(LogReturns(value, end, np.full(30, HOUR, dtype=np.int64), joined))
    assert found.continuous_vol == pytest.approx(math.sqrt(math.pi / 2.0 * 2e-4 * 8760.0))
    assert found.vol == pytest.approx(math.sqrt(2.5e-4 * 8760.0))
    assert found.jump_share == 0.0


def test_the_kernel_removes_the_noise_that_triples_the_naive_answer() -> None:
    found, bare = [], []
    for seed in range(8):
        returns = tick_returns(*ticks(seed, 20_000, noise=4e-4), longest_gap=MINUTE)
        found.append(realised_kernel(returns).vol)
        bare.append(naive(returns))
    assert float(np.mean(bare)) > 1.6
    assert float(np.mean(np.array(found, dtype=np.float64))) == pytest.approx(0.6, rel=0.04)


def test_without_autocovariances_the_kernel_is_the_sum_of_squares() -> None:
    returns = tick_returns(*ticks(1, 500, noise=1e-4), longest_gap=HOUR)
    found = realised_kernel(returns, bandwidth=0)
    assert found.vol == pytest.approx(naive(returns), rel=1e-12)


def test_kernel_of_known_returns() -> None:
    value = np.zeros(30)
    value[:3] = 0.01, 0.02, -0.01
    end = np.arange(1, 31, dtype=np.int64) * HOUR
    returns = LogReturns(value, end, np.full(30, HOUR, dtype=np.int64), np.arange(30) > 0)
    # Parzen: k(1/3) = 1 - 6/9 + 6/27 = 5/9, k(2/3) = 2/27; gamma_1 = 0, gamma_2 = -1e-4.
    expected = 6e-4 + 2.0 * (2.0 / 27.0) * -1e-4
    found = realised_kernel(returns, bandwidth=2)
    assert found.vol == pytest.approx(math.sqrt(expected / 30.0 * 8760.0), rel=1e-12)
    assert pytest.approx(3.5134, abs=5e-5) == PARZEN_CONSTANT


@given(seeds, st.integers(2, 28), st.integers(0, 40))
def test_two_runs_of_ticks_combine_to_the_whole(seed: int, cut: int, width: int) -> None:
    at, price = ticks(seed, 60, noise=1e-3)
    cut += 20
    at[cut:] += DAY
    whole = realised_kernel(tick_returns(at, price, longest_gap=HOUR), bandwidth=width)
    parts = [
        realised_kernel(
            tick_returns(at[part], price[part], longest_gap=HOUR), bandwidth=width
        )
        for part in (slice(0, cut), slice(cut, 60))
    ]
    if any(each.vol is None for each in parts) or any(each.bandwidth < width for each in parts):
        return
    total = sum((each.vol or 0.0) ** 2 * each.covered for each in parts)
    assert whole.vol is not None
    assert whole.vol**2 * whole.covered == pytest.approx(total, rel=1e-9)


@given(seeds)
@settings(max_examples=30)
def test_the_last_price_of_an_instant_counts_and_impossible_ones_do_not(seed: int) -> None:
    at, price = ticks(seed, 60, noise=1e-3)
    clean = tick_returns(at, price, longest_gap=HOUR)
    twice = np.repeat(price, 2)
    twice[::2] *= 1.5
    doubled = tick_returns(np.repeat(at, 2), twice, longest_gap=HOUR)
    assert np.array_equal(doubled.value, clean.value)
    dirty_at = np.insert(at, [10, 20, 30, 40], at[[9, 19, 29, 39]] + 1)
    dirty = np.insert(price, [10, 20, 30, 40], [math.nan, 0.0, -5.0, math.inf])
    assert np.array_equal(tick_returns(dirty_at, dirty, longest_gap=HOUR).value, clean.value)


def test_too_few_returns_are_named() -> None:
    nothing = tick_returns([], [], longest_gap=SECOND)
    assert nothing.value.size == 0
    assert (jumps(nothing).vol, realised_kernel(nothing).vol) == (None, None)
    few = bar_returns(walked(1, 15, HOUR))
    assert "14 returns" in jumps(few).reason
    assert "14 returns" in realised_kernel(few).reason
    single = tick_returns([START], [1.0], longest_gap=SECOND)
    assert single.value.size == 0


def test_a_feed_that_breaks_off_all_the_time_still_has_a_kernel() -> None:
    at, price = ticks(1, 100, noise=1e-3)
    at += np.arange(100) // 2 * DAY
    found = realised_kernel(tick_returns(at, price, longest_gap=HOUR))
    assert (found.returns, found.vol is not None) == (50, True)


def test_a_market_that_stands_still() -> None:
    returns = tick_returns(grid(50, MINUTE), np.full(50, 7.0), longest_gap=HOUR)
    assert realised_kernel(returns).vol == 0.0
    found = jumps(returns)
    assert (found.vol, found.continuous_vol, found.jump_share) == (0.0, 0.0, None)


def test_unequal_steps_have_no_bipower_variation() -> None:
    at = grid(50, MINUTE)
    at[25:] += SECOND
    with pytest.raises(ValueError, match="equally spaced"):
        jumps(tick_returns(at, walk(1, 50)[3], longest_gap=HOUR))


@pytest.mark.parametrize(
    ("at", "price", "error"),
    [
        ([2, 1], [1.0, 1.0], ValueError),
        ([1.0, 2.0], [1.0, 1.0], TypeError),
        ([1, 2], ["a", "b"], TypeError),
        ([1, 2], [1.0], ValueError),
        ([[1, 2]], [1.0, 2.0], ValueError),
    ],
)
def test_what_is_not_ticks_is_refused(at: Any, price: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"at|price"):
        tick_returns(at, price, longest_gap=HOUR)


def test_limits_are_checked() -> None:
    with pytest.raises(ValueError, match="longest_gap"):
        tick_returns([1], [1.0], longest_gap=0)
    with pytest.raises(ValueError, match="bandwidth"):
        realised_kernel(bar_returns(walked(1, 40, HOUR)), bandwidth=-1)
