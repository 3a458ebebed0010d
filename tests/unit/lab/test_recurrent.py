"""The recurrent forecast: right gradients, no look ahead, nothing remembered over a gap."""

import numpy as np
import pytest

from terminal.core.errors import DataError
from terminal.core.units import DAY, HOUR
from terminal.lab.recurrent import INPUTS, SHAPES, UNITS, Gru, days_in, foreseen, inputs_of, said
from terminal.lab.recurrent_training import TRAINED, Batch, Lesson, slope, taught
from terminal.market.hours import Spans
from terminal.pricing.rows import FloatArray
from tests.unit.lab.walks import START, bars_from, walk


def made(seed: int, days: int) -> Spans:
    """Days whose log variance is drawn back half-way, with quiet jumps and moves."""
    rng = np.random.default_rng(seed)
    logs, level = [], -7.0
    for shock in rng.normal(0.0, 0.5, days):
        level = -7.0 + 0.7 * (level + 7.0) + shock
        logs.append(level)
    variance = np.exp(np.array(logs))
    return Spans(START, DAY, variance, 0.9 * variance, rng.normal(size=days) * np.sqrt(variance))


def weights(seed: int) -> Gru:
    rng = np.random.default_rng(seed)
    gru = Gru(**{name: 0.5 * rng.normal(size=shape) for name, shape in SHAPES})
    return gru._replace(
        middle=np.array([-7.0, -7.0, 0.1, -0.4]),
        scale=np.ones(INPUTS),
        spread=np.array([0.1]),
        range=np.array([1e-5, 1e-1]),
    )


def cut_off(days: Spans, count: int) -> Spans:
    return days._replace(
        variance=days.variance[:count], bipower=days.bipower[:count], move=days.move[:count]
    )


def test_the_gradient_is_that_of_the_loss() -> None:
    rng, gru = np.random.default_rng(1), weights(2)
    known = (rng.random((9, 3)) > 0.2).astype(np.float64)
    seen = rng.normal(size=(9, 3, INPUTS)) * known[:, :, None]
    scored = known * (rng.random((9, 3)) > 0.2).astype(np.float64)
    batch = Batch(seen, known, rng.normal(size=(9, 3)) * scored, scored)
    _, slopes = slope(gru, batch, 0.01)
    for name in TRAINED:
        value: FloatArray = getattr(gru, name)
        for flat in rng.choice(value.size, min(value.size, 12), replace=False):
            nudge = np.zeros(value.size)
            nudge[flat] = 1e-6
            ends = [
                slope(
                    gru._replace(**{name: value + sign * nudge.reshape(value.shape)}), batch, 0.01
                )
                for sign in (1.0, -1.0)
            ]
            measured = (ends[0][0] - ends[1][0]) / 2e-6
            assert getattr(slopes, name).ravel()[flat] == pytest.approx(measured, abs=1e-7)


def test_a_forecast_sees_nothing_later() -> None:
    gru, days = weights(3), made(4, 60)
    np.testing.assert_array_equal(foreseen(gru, cut_off(days, 40)), foreseen(gru, days)[:40])


def test_a_gap_is_not_bridged_and_clears_the_state() -> None:
    gru, days = weights(5), made(6, 60)
    holed = days.variance.copy()
    holed[30] = np.nan
    table = inputs_of(days._replace(variance=holed))
    found = said(gru, table)
    assert np.isnan(found[30:37]).all()  # the week that holds it
    assert np.isfinite(found[37:]).all()
    np.testing.assert_array_equal(said(gru, table[37:]), found[37:])
    whole = said(gru, inputs_of(days))
    assert (whole[37:] != found[37:]).any()


def test_forecasts_stay_in_the_range_of_training() -> None:
    gru = weights(7)._replace(level=np.array([50.0]))
    found = foreseen(gru, made(8, 20))
    np.testing.assert_allclose(found[7:], 1e-1)
    with pytest.raises(ValueError, match="give days"):
        foreseen(gru, made(8, 20)._replace(span=HOUR))


def test_training_learns_what_a_day_and_a_week_tell_and_is_the_same_each_time() -> None:
    series = [made(seed, 150) for seed in (1, 2)]
    lesson = Lesson(epochs=60)
    told: list[float] = []
    gru = taught(series, lesson, told.append)
    assert told[-1] == 1.0
    again = taught(series, lesson, told.append)
    for one, other in zip(gru, again, strict=True):
        np.testing.assert_array_equal(one, other)
    for name, shape in SHAPES:
        assert getattr(gru, name).shape == shape
    days = made(9, 400)
    ahead, guess = np.log(days.variance[1:]), said(gru, inputs_of(days))[:-1]
    known = np.isfinite(guess)
    assert np.square(ahead - guess)[known].mean() < 0.33  # 0.25 is chance, 0.49 the mean's
    assert 0.1 < gru.spread[0] < 0.5
    assert gru.back.shape == (3, UNITS, UNITS)


def test_too_few_days_are_refused() -> None:
    with pytest.raises(DataError, match=r"22 days have the week before .* 60 are needed"):
        taught([made(1, 29)], Lesson(), lambda _: None)
    days = made(2, 100)
    days.variance[75:] = np.nan
    with pytest.raises(DataError, match=r"known days in the first four fifths and 0 in the last"):
        taught([days], Lesson(), lambda _: None)


def test_days_of_bars() -> None:
    days = days_in(bars_from(walk(1, 10)))
    assert days.span == DAY
    assert days.variance.size in (9, 10)
