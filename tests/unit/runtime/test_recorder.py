"""Curves and lines that a screen keeps hold of."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.engine.step import step
from terminal.model.market import Bar, Funding, Gap
from terminal.model.messages import Alert, Event, Record, SetProfile, Tick
from terminal.model.order import Fill, Side
from terminal.runtime.recorder import KEEP, LOG_LINES, ROOM, Curve, Recorder
from tests.helpers.builders import OPTION, PERP, SPOT, profile
from tests.helpers.trial import Trial, ready, submits

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=60)


def test_room_is_written_to_when_it_is_taken() -> None:
    """Pages that nobody has written to would count as memory one by one, for hours."""
    curve = Curve()
    for number in range(ROOM + 1):
        curve.add(number * SECOND, 1.0)
    for room in (curve._times, curve._values):
        assert room.size == 2 * ROOM
        assert np.isnan(room[ROOM + 1 :]).all()


@given(VALUES, VALUES)
def test_a_track_given_away_stays_as_it_is(
    first: list[float | None], more: list[float | None]
) -> None:
    curve = Curve()
    for number, value in enumerate(first):
        curve.add(number * SECOND, value)
    given_away = curve.track()
    times, values = given_away.times.copy(), given_away.values.copy()
    for number, value in enumerate(more * 40):
        curve.add((len(first) + number) * SECOND, value)
    assert np.array_equal(given_away.times, times)
    assert np.array_equal(given_away.values, values, equal_nan=True)
    after = curve.track()
    assert np.array_equal(after.values[: len(first)], values, equal_nan=True)
    assert [math.isnan(each) for each in values] == [each is None for each in first]


def test_old_points_are_dropped_and_counted() -> None:
    curve = Curve()
    total = 2 * KEEP
    for number in range(total):
        curve.add(number * SECOND, float(number))
    track = curve.track()
    assert track.start > 0
    assert track.start + len(track.values) == total
    assert track.values[0] == track.start
    assert len(track.values) <= 2 * KEEP
    assert np.all(np.diff(track.values) == 1.0)


@given(st.lists(st.integers(0, 10**12), max_size=50))
def test_time_on_a_curve_never_goes_back(times: list[int]) -> None:
    curve = Curve()
    for at in times:
        curve.add(at, 1.0)
    assert np.all(np.diff(curve.track().times) >= 0.0)


def watched(trial: Trial, *events: Event) -> Recorder:
    recorder = Recorder()
    state = trial.state
    for event in events:
        record = Record(state.seq + 1, state.now + SECOND, "test", event)
        state, _ = step(state, record)
        recorder.watch(state, record)
    return recorder


def test_ticks_sample_every_curve_once_a_second() -> None:
    trial = ready()
    recorder = Recorder()
    for _ in range(12):
        trial.tick()
        recorder.watch(trial.state, trial.records[-1])
    tracks = recorder.tracks()["BTC"]
    assert len(tracks.price.times) == 3
    assert list(tracks.delta.values) == [1.0, 1.0, 1.0]
    assert list(tracks.low.values) == [-0.1, -0.1, -0.1]


def test_gaps_become_holes() -> None:
    trial = ready()
    now = trial.state.now
    bar = Bar(PERP, 1.0, 1.0, 1.0, 50_000.0, 1.0, SECOND, 1.0)
    tracks = watched(trial, bar, Gap(PERP, now + SECOND, now + 2 * SECOND, "test"), bar).tracks()
    price = tracks["BTC"].price.values
    assert [math.isnan(each) for each in price] == [False, True, False]
    everywhere = watched(trial, bar, Gap("", 0, now, "test"), bar).tracks()["BTC"]
    assert math.isnan(everywhere.price.values[1])
    assert np.all(np.diff(everywhere.price.times) >= 0.0)


def test_unknown_delta_is_a_hole() -> None:
    trial = ready()
    recorder = Recorder()
    trial.tell(SetProfile(profile(policies={})))
    trial.tick()
    recorder.watch(trial.state, trial.records[-1])
    assert math.isnan(recorder.tracks()["BTC"].delta.values[-1])


def test_fills_are_marked_once() -> None:
    trial = ready()
    recorder = Recorder()
    (sent,) = submits(trial.approve())
    trial.fill(sent)
    recorder.watch(trial.state, trial.records[-1])
    trial.fill(sent)
    recorder.watch(trial.state, trial.records[-1])
    (marker,) = recorder.tracks()["BTC"].markers
    assert (marker.coins, marker.price) == (1.0, 50_000.5)


def test_a_fill_of_an_option_is_marked_where_the_coin_was() -> None:
    trial, recorder = ready(), Recorder()
    premium, none = Decimal("20000.5"), Decimal(0)
    trial.tell(Fill("1", "", OPTION, Side.BUY, Decimal(2), premium, none, "USDC", maker=False))
    recorder.watch(trial.state, trial.records[-1])
    (marker,) = recorder.tracks()["BTC"].markers
    assert (marker.price, marker.text) == (SPOT, "buy 2.000 BTC-30000-C at 20000.5")


def test_funding_is_shown_per_eight_hours() -> None:
    trial = ready()
    hour = 3600 * SECOND
    tracks = watched(trial, Funding(PERP, 0.0001, hour, 0), Tick()).tracks()
    assert list(tracks["BTC"].funding.values) == pytest.approx([8.0])
    tracks = watched(ready(), Funding(PERP, 0.0002, 0, 0), Tick()).tracks()
    assert len(tracks["BTC"].funding.values) == 0


def test_the_log_keeps_its_tuple_until_a_line_is_added() -> None:
    recorder = Recorder()
    assert recorder.log() == ()
    for number in range(LOG_LINES + 5):
        recorder.say(number, Alert("info", "X", str(number)))
    lines = recorder.log()
    assert recorder.log() is lines
    assert len(lines) == LOG_LINES
    assert lines[-1].text == str(LOG_LINES + 4)
    recorder.say(0, Alert("info", "X", "more"))
    assert recorder.log()[-1].text == "more"
    assert lines[-1].text == str(LOG_LINES + 4)
