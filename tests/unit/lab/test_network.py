"""The learned policy: nothing learned is Whalley-Wilmott, and any weights make a sound band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.lab.guarded import guarded
from terminal.lab.network import FAMILY, HIDDEN, SHAPES, SIGHTS, WEIGHTS, learned, network_of
from terminal.lab.rule import Answer, Sight
from terminal.lab.simulate import simulate
from terminal.lab.straddles import straddles
from terminal.lab.trial import reference
from terminal.pricing.rows import FloatArray
from tests.unit.lab.walks import LOTS, few_windows

AVERSIONS = np.array([1e-4, 2e-5])


def test_without_weights_it_is_the_reference() -> None:
    windows, setup = few_windows(1)
    book = straddles(windows, setup)
    ours = simulate(learned(np.zeros((1, WEIGHTS)), AVERSIONS, 0.6), book, setup, LOTS)
    theirs = simulate(reference(AVERSIONS), book, setup, LOTS)
    for mine, its in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-12)


@given(st.integers(0, 1_000_000), st.floats(0.1, 4.0))
@settings(max_examples=10, deadline=None)
def test_any_weights_make_a_band_with_its_stops_inside(seed: int, size: float) -> None:
    windows, setup = few_windows(2)
    points = size * np.random.default_rng(seed).standard_normal((2, WEIGHTS))
    rule = guarded(learned(points, AVERSIONS, 0.6))
    found = simulate(rule, straddles(windows, setup), setup, LOTS)  # the guard raises otherwise
    assert np.isfinite(found.net).all()


def test_networks_side_by_side_do_what_each_does_alone() -> None:
    windows, setup = few_windows(3)
    book = straddles(windows, setup)
    points = np.random.default_rng(5).standard_normal((3, WEIGHTS))
    together = simulate(learned(points, AVERSIONS, 0.6), book, setup, LOTS)
    alone = [simulate(learned(row[None], AVERSIONS, 0.6), book, setup, LOTS) for row in points]
    np.testing.assert_array_equal(together.net, np.concatenate([each.net for each in alone]))
    assert np.unique(together.cost[:, 0]).size > 3


def test_a_layer_is_weights_times_inputs() -> None:
    weights = network_of(np.arange(2.0 * WEIGHTS).reshape(2, -1))
    assert weights.inner.shape == (2, len(SIGHTS), HIDDEN)
    assert weights.inner[1, 0, 0] == WEIGHTS
    assert [each.shape[1:] for each in weights] == [shape for _, shape in SHAPES]
    assert len(FAMILY.names) == len(FAMILY.prior) == WEIGHTS


@pytest.mark.parametrize(("answer", "sign"), [(0, 1.0), (2, -1.0)])
def test_a_bias_widens_or_tilts_the_band(answer: int, sign: float) -> None:
    windows, setup = few_windows(4)
    book = straddles(windows, setup)
    point = np.zeros((1, WEIGHTS))
    point[0, WEIGHTS - 3 + answer] = sign
    seen: list[tuple[Answer, Answer]] = []
    rule = learned(point, AVERSIONS, 0.6)
    plain = reference(AVERSIONS)

    def spy(sight: Sight, setting: FloatArray) -> Answer:
        seen.append((rule.answer(sight, setting), plain.answer(sight, setting)))
        return seen[-1][0]

    simulate(rule._replace(answer=spy), book, setup, LOTS)
    ours, theirs = seen[0]
    squashed = np.tanh(1.0)
    low, high = (
        (2.0**squashed, 2.0**squashed) if answer == 0 else (1 + squashed / 2, 1 - squashed / 2)
    )
    np.testing.assert_allclose(ours.low / theirs.low, low, rtol=1e-9)
    np.testing.assert_allclose(ours.high / theirs.high, high, rtol=1e-9)
