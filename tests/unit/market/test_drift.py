"""Drift: a good forecast stays on, a bad one goes off, and comes back once it is good again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.market.drift import LEAST, LIMIT, PROVEN, SLACK, judged
from terminal.pricing.rows import FloatArray


def differences(seed: int, *stretches: tuple[float, int]) -> FloatArray:
    """Independent differences of unit deviation, with a mean for each stretch."""
    random = np.random.default_rng(seed)
    return np.concatenate([random.normal(mean, 1.0, count) for mean, count in stretches])


@given(st.lists(st.floats(-5.0, 5.0), max_size=120), st.integers(1, 7))
def test_the_sums_are_page_s_step_by_step(values: list[float], overlap: int) -> None:
    squares, total, on, changed = 0.0, 0.0, True, -1
    for row, value in enumerate(values):
        if row >= LEAST and squares > 0.0:
            z = max(-3.0, min(3.0, value / (squares / row) ** 0.5))
            total = max(0.0, total + (z if on else -z) - SLACK)
            if total > overlap * (LIMIT if on else PROVEN):
                on, total, changed = not on, 0.0, row
        squares += value * value
    found = judged(values, overlap=overlap)
    assert (found.on, found.changed, found.outcomes) == (on, changed, len(values))
    assert found.level == pytest.approx(total)


@pytest.mark.parametrize("seed", range(8))
def test_off_when_it_has_become_worse_and_on_when_it_has_proved_itself(seed: int) -> None:
    good = differences(seed, (-0.4, 300))
    assert judged(good).on
    worse = np.append(good, differences(seed + 100, (0.6, 80)))
    off = judged(worse)
    assert not off.on
    assert 300 <= off.changed < 380
    again = judged(np.append(worse, differences(seed + 200, (-0.6, 120))))
    assert again.on
    assert again.changed > 380


def test_times_to_a_change_are_those_that_are_stated() -> None:
    def first_off(mean: float) -> float:
        rows = [judged(differences(each, (mean, 700))) for each in range(60)]
        return float(np.median([each.changed if each.changed >= 0 else 700 for each in rows]))

    random = [judged(np.append(differences(each, (-0.2, 365)), [])).on for each in range(60)]
    assert np.mean(random) > 0.85
    assert 45 <= first_off(0.5) <= 75  # thirty outcomes of silence, and about 25


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=90), st.floats(1e-3, 1e3))
def test_units_and_missing_outcomes_change_nothing(values: list[float], unit: float) -> None:
    # Powers of two keep every ratio to the digit.
    unit = 2.0 ** round(np.log2(unit))
    plain, scaled = judged(values), judged([unit * each for each in values])
    assert (plain.on, plain.changed) == (scaled.on, scaled.changed)
    holes = np.full(2 * len(values), np.nan)
    holes[::2] = values
    again = judged(holes)
    assert (again.on, again.level, again.outcomes) == (plain.on, plain.level, plain.outcomes)


def test_nothing_judges_before_it_is_known() -> None:
    assert judged([]).on
    assert judged(np.full(LEAST, 9.0)).on
    assert judged(np.zeros(500)).on
    calm = differences(1, (-0.3, 200))
    assert judged(calm) == judged(np.append(calm, np.nan))


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="overlap"):
        judged([0.0], overlap=0)
    with pytest.raises(TypeError, match="differences"):
        judged(["x"])
