"""Probability of a spike: what is one, what is known before it, and calibration."""

import numpy as np
import pytest

from terminal.market.hours import Spans
from terminal.market.logistic import reliability
from terminal.market.scoring import briers
from terminal.market.seasonal import LEVEL_DECAY, season_walk
from terminal.market.spikes import FIRST, REFIT, features, spike_naive, spike_walk, spikes
from tests.unit.market.hourly import cut, made


def prone(seed: int, days: int) -> Spans:
    """Hours in which a large move makes another one likely."""
    hours = made(seed, days, seasonal=False)
    random = np.random.default_rng(seed + 1)
    chance = 0.015
    for row in range(hours.move.size):
        jumped = random.uniform() < chance
        if jumped:
            hours.move[row] = 0.04 * np.sign(hours.move[row])
            hours.variance[row] += 0.04**2 / 3.0
        chance = 0.3 if jumped else 0.015
    return hours


def test_a_spike_is_beyond_three_roots_of_the_level_before() -> None:
    hours = made(1, 5)
    found, level = spikes(hours), float(hours.variance[0])
    assert np.isnan(found[0])
    for row in range(1, 100):
        assert found[row] == (abs(float(hours.move[row])) > 3.0 * level**0.5)
        level = LEVEL_DECAY * level + (1.0 - LEVEL_DECAY) * float(hours.variance[row])


def test_inputs_are_of_the_hours_before_and_the_clock_of_the_one_to_come() -> None:
    hours = made(2, 70)
    table = features(hours, season_walk(hours))
    row = 65 * 24 + 12  # Wednesday 12:00 to 13:00 UTC
    assert table.shape == (hours.variance.size, 8)
    assert table[row, 6:].tolist() == [0.0, 1.0]
    assert table[row - 1, 7] == 0.0
    saturday = 68 * 24 - 1
    assert table[saturday, 6:].tolist() == [1.0, 0.0] or table[saturday, 6] == 1.0
    changed = Spans(hours.first, hours.span, *(each.copy() for each in hours[2:]))
    for column in changed[2:]:
        column[row + 1 :] *= 3.0
    again = features(changed, season_walk(changed))
    assert np.array_equal(again[:row, :5], table[:row, :5], equal_nan=True)


def test_no_probability_knows_what_came_after_it() -> None:
    hours = prone(3, 160)
    factors = season_walk(hours)
    said, models = spike_walk(hours, factors)
    last = features(hours, factors)[-1:]
    assert models[max(models)].said(last)[0] == said[-1]
    again, same = spike_walk(hours, factors, models)
    assert same == models
    assert np.array_equal(again, said, equal_nan=True)
    first = int(np.flatnonzero(np.isfinite(said))[0])
    assert (first + 1 - FIRST) % REFIT == 0
    assert np.isfinite(said[first:]).all()
    for count in (FIRST, first + 1, first + 700):
        part = cut(hours, count)
        early, _ = spike_walk(part, season_walk(part))
        assert np.array_equal(early, said[:count], equal_nan=True)


def test_it_is_calibrated_and_better_than_naive_ones() -> None:
    hours = prone(4, 400)
    said, happened = spike_walk(hours, season_walk(hours))[0], spikes(hours)
    came = np.append(happened[1:], np.nan)
    losses = briers(came, said)
    known = np.isfinite(losses)
    for path in spike_naive(hours).values():
        assert losses[known].mean() < briers(came, path)[known].mean()
    assert np.nanmean(said) == pytest.approx(np.nanmean(came[known]), rel=0.15)
    rows = reliability(said, came)
    total = sum(each.outcomes for each in rows)
    off = sum(each.outcomes * (each.said - each.came) ** 2 for each in rows) / total
    assert off < 0.02 * np.nanvar(came[known])
    assert max(each.came for each in rows) > 5.0 * min(each.came for each in rows)


def test_too_short_too_calm_or_with_a_gap_there_is_none() -> None:
    short, calm = made(5, 80), made(6, 130)
    assert np.isnan(spike_walk(short, season_walk(short))[0]).all()
    calm.move[:] = 0.0
    assert np.isnan(spike_walk(calm, season_walk(calm))[0]).all()
    broken = prone(7, 130)
    for column in broken[2:]:
        column[-3] = np.nan
    assert np.isnan(spike_walk(broken, season_walk(broken))[0][-3:]).all()
