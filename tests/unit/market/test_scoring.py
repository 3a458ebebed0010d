"""Scores: losses against naive ones on the same outcomes, with a bound that holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.market.forecasts import qlike
from terminal.market.scoring import briers, qlikes, scattered, scores, upper_bound


@given(st.lists(st.tuples(st.floats(-1.0, 9.0), st.floats(-1.0, 9.0)), min_size=1, max_size=20))
def test_the_mean_of_the_losses_is_the_loss(pairs: list[tuple[float, float]]) -> None:
    came, said = np.array(pairs).T
    losses = qlikes(came, said)
    known = losses[np.isfinite(losses)]
    expected = qlike(came, said)
    if expected is None:
        assert known.size == 0
    else:
        assert float(known.mean()) == pytest.approx(expected)
        assert (known >= 0.0).all()


def test_losses_of_the_unknown_are_unknown() -> None:
    nan = float("nan")
    assert np.isnan(qlikes(np.array([1.0, nan, 0.0]), np.array([nan, 1.0, 1.0]))).all()
    assert np.isnan(briers(np.array([nan, 1.0]), np.array([0.5, nan]))).all()
    assert briers(np.array([1.0, 0.0]), np.array([0.8, 0.1])).tolist() == pytest.approx(
        [0.04, 0.01]
    )


def test_all_are_scored_on_the_same_outcomes() -> None:
    ours, theirs, others = np.full(60, 1.0), np.full(60, 2.0), np.full(60, 4.0)
    ours[:5], theirs[10], others[-7:] = np.nan, np.nan, np.nan
    found = scores("QLIKE", ours, {"a": theirs, "b": others}, block=3)
    assert [(each.naive, each.outcomes) for each in found] == [("a", 47), ("b", 47)]
    assert [(each.ours, each.theirs) for each in found] == [(1.0, 2.0), (1.0, 4.0)]
    assert [each.bound for each in found] == pytest.approx([-1.0, -3.0])
    assert scores("QLIKE", ours[:20], {"a": theirs[:20]}, block=3) == ()


def test_the_bound_covers_the_mean_19_times_in_20() -> None:
    random = np.random.default_rng(3)
    shocks = random.normal(0.0, 1.0, (400, 300))
    clustered = shocks[:, 2:] + shocks[:, 1:-1] + shocks[:, :-2]  # true mean 0
    above = [upper_bound(row, block=12, draws=300) > 0.0 for row in clustered]
    assert 0.90 <= np.mean(above) <= 0.98


@given(st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=40), st.integers(1, 60))
def test_the_bound_is_of_a_mean(values: list[float], block: int) -> None:
    bound = upper_bound(values, block=block, draws=50)
    assert min(values) - 1e-9 <= bound <= max(values) + 1e-9
    assert upper_bound(values, block=block, draws=50) == bound
    assert upper_bound([0.25] * 7, block=block) == pytest.approx(0.25)
    assert upper_bound(values, block=len(values)) == pytest.approx(float(np.mean(values)))


def test_scattered_numbers_are_even_and_always_the_same() -> None:
    # The first outputs of SplitMix64 from seed 0, published with its reference code.
    assert scattered(3, 1 << 62).tolist() == [
        0xE220A8397B1DCDAF % (1 << 62),
        0x6E789E6AA1B965F4 % (1 << 62),
        0x06C45D188009454F % (1 << 62),
    ]
    counts = np.bincount(scattered(70_000, 7), minlength=7)
    assert counts.min() > 9_600
    assert counts.max() < 10_400


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="differences"):
        upper_bound([], block=1)
    with pytest.raises(ValueError, match="block"):
        upper_bound([1.0], block=0)
