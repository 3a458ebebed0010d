"""Index paths: correlation, volatility, jumps."""

from functools import cache

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.venues.sim_paths import (
    ANNUAL_VOL,
    COINS,
    CORRELATION,
    FACTOR_MEAN,
    STEP,
    Array,
    Factor,
    PathBlock,
    Push,
    advance,
    opening,
)

START = 1_764_000_000 * SECOND
HOURS = 800


@cache
def hours_of_paths() -> tuple[Array, Array]:
    """Five-minute log returns (n, 3) and hourly factors of a month, in blocks of an hour."""
    rng = np.random.default_rng(11)
    state = opening((85_000.0, 2_900.0, 140.0))
    prices, factors = [state.log_price], []
    at = START
    for _ in range(HOURS):
        block = advance(state, at, at + HOUR, rng)
        prices.extend(block.log_price[1200::1200])
        state, at = block.last, block.end
        factors.append(state.factors)
    return np.diff(np.array(prices), axis=0), np.array(factors)


def block(*pushes: Push, seed: int = 3) -> PathBlock:
    state = opening((85_000.0, 2_900.0, 140.0))
    rng = np.random.default_rng(seed)
    return advance(state, START, START + 10 * SECOND, rng, pushes)


def test_coins_move_together_as_stated() -> None:
    returns, _ = hours_of_paths()
    assert np.corrcoef(returns.T) == pytest.approx(np.array(CORRELATION), abs=0.04)


def test_root_mean_square_volatility_is_as_stated() -> None:
    returns, _ = hours_of_paths()
    annual = np.sqrt(np.mean(np.square(returns), axis=0) * YEAR / (5 * MINUTE))
    assert annual == pytest.approx(np.array(ANNUAL_VOL), rel=0.12)


def test_volatility_clusters() -> None:
    returns, _ = hours_of_paths()
    hourly = np.log(np.sum(np.square(returns[:, 0].reshape(-1, 12)), axis=1))
    assert np.corrcoef(hourly[1:], hourly[:-1])[0, 1] > 0.15


def test_factors_return_to_their_means() -> None:
    _, factors = hours_of_paths()
    basis = factors[:, Factor.BASIS, :]
    assert np.abs(basis.mean(axis=0)).max() < 1.5e-5
    assert basis.std(axis=0) == pytest.approx(0.8e-4, rel=0.1)
    premium = factors[:, Factor.PREMIUM, :].mean(axis=0)
    assert premium == pytest.approx(FACTOR_MEAN[Factor.PREMIUM], abs=0.6e-4)


def test_a_push_moves_one_coin_after_its_instant_and_no_other_draw() -> None:
    at = START + 5 * STEP
    calm, moved = block(), block(Push(at, 1, 0.03))
    shift = np.exp(moved.log_price - calm.log_price) - 1.0
    assert np.abs(shift[:6]).max() == 0.0
    assert shift[6:, 1] == pytest.approx(0.03)
    assert np.abs(shift[:, [0, 2]]).max() == 0.0
    assert moved.stress[6, 1] > 5.0


def test_prices_stay_positive_after_the_worst_jump() -> None:
    crashed = block(Push(START, 0, -0.99))
    times = START + STEP * np.arange(40)
    assert (crashed.price(0, times) > 0.0).all()


def test_a_short_block_ends_where_it_is_told() -> None:
    state = opening((85_000.0, 2_900.0, 140.0))
    short = advance(state, START, START + STEP + 1, np.random.default_rng(1))
    assert short.log_price.shape == (3, len(COINS))
    assert short.last.log_price is not state.log_price


def test_jumps_come_at_their_rate() -> None:
    rng = np.random.default_rng(5)
    state = opening((85_000.0, 2_900.0, 140.0))
    days = 6
    shocks = 0
    for day in range(days):
        made = advance(state, START + day * DAY, START + day * DAY + DAY, rng)
        shocks += int((np.diff(made.stress[:, 0]) > 0.0).sum())
    assert 1 <= shocks <= 15  # one a day on average: common and own
