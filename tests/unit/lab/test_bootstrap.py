"""Resampling: shares sum to one, blocks stay together, moments are those of the resample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.lab.bootstrap import band, block_weights, moments

seeds, counts, blocks = st.integers(0, 99), st.integers(1, 40), st.integers(1, 60)


@given(seeds, counts, blocks)
def test_every_resample_has_as_many_windows(seed: int, count: int, block: int) -> None:
    weights = block_weights(seed, 5, count, block)
    assert weights.shape == (5, count)
    assert weights.sum(axis=1) == pytest.approx(np.ones(5))
    assert (weights * count == np.round(weights * count)).all()


def test_equal_seeds_draw_equal_resamples() -> None:
    one, same, other = (block_weights(seed, 20, 30, 4) for seed in (1, 1, 2))
    assert (one == same).all()
    assert not (one == other).all()


def test_one_block_of_all_is_the_sample_itself() -> None:
    assert (block_weights(3, 10, 12, 99) == 1.0 / 12.0).all()


def test_neighbours_stay_together() -> None:
    """A block of ten out of twenty: two starts, each taking its ten followers."""
    weights = block_weights(5, 200, 20, 10) * 20
    around = np.concatenate((weights, weights[:, :1]), axis=1)
    changes = np.count_nonzero(np.diff(around, axis=1), axis=1)
    assert changes.max() <= 4


def test_every_window_is_as_likely() -> None:
    mean = block_weights(7, 20_000, 10, 3).mean(axis=0)
    assert mean == pytest.approx(np.full(10, 0.1), abs=0.003)


@given(seeds)
def test_moments_are_those_of_the_picked_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = 1e6 + rng.normal(size=(3, 11))
    weights = block_weights(seed, 4, 11, 2)
    mean, deviation = moments(weights, values)
    for draw in range(4):
        times = np.round(weights[draw] * 11).astype(int)
        picked = np.repeat(values, times, axis=1)
        assert mean[draw] == pytest.approx(picked.mean(axis=1), rel=1e-12)
        assert deviation[draw] == pytest.approx(picked.std(axis=1), rel=1e-6)


def test_standard_error_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(1).normal(size=(1, 400))
    mean, _ = moments(block_weights(2, 4_000, 400, 1), values)
    assert mean.std() == pytest.approx(values.std() / 20.0, rel=0.05)


def test_overlapping_windows_need_blocks() -> None:
    """Sums of seven neighbours: single resampling believes in seven times the evidence."""
    noise = np.random.default_rng(4).normal(size=706)
    sums = np.convolve(noise, np.ones(7), "valid")[None, :]
    errors = [moments(block_weights(2, 2_000, 700, b), sums)[0].std() for b in (1, 28)]
    assert errors[1] / errors[0] == pytest.approx(7.0**0.5, rel=0.25)


def test_band_holds_nineteen_of_twenty() -> None:
    assert band(np.arange(1001.0)) == pytest.approx((25.0, 975.0))
