"""Hourly closes read off curves, whatever the pace of frames, and the proxy of a running book."""

import numpy as np
import pytest

from terminal.core.units import HOUR, SECOND
from terminal.model.frame import Track
from terminal.runtime.comoves import KEEP, Closes, Comoves, moves_of
from terminal.runtime.recorder import Curve, Recorder
from tests.helpers.trial import ready

START = 480_000  # hours since 1970


def walk(hours: int, seed: int = 2, per_hour: int = 6) -> Curve:
    """A price curve with a few points an hour and a gap in the third hour."""
    curve = Curve()
    rng = np.random.default_rng(seed)
    price = 50_000.0
    for number in range(hours * per_hour):
        price *= float(np.exp(rng.normal(0.0, 0.002)))
        gap = number == 2 * per_hour + 1
        at = START * HOUR + number * HOUR // per_hour
        curve.add(at, None if gap else price)
    return curve


def test_closes_are_the_same_however_often_they_are_read() -> None:
    curve = walk(30)
    once = Closes()
    once.take(curve.track())
    often, whole = Closes(), curve.track()
    for end in range(1, len(whole.times) + 1):
        often.take(Track(whole.times[:end], whole.values[:end], 0))
    assert often.by_hour == once.by_hour
    assert len(once.by_hour) == 30
    assert once.by_hour[START] == whole.values[5]


def test_points_dropped_from_the_front_are_not_read_again() -> None:
    whole = walk(10).track()
    closes = Closes()
    closes.take(Track(whole.times[:20], whole.values[:20], 0))
    closes.take(Track(whole.times[12:], whole.values[12:], 12))
    once = Closes()
    once.take(whole)
    assert closes.by_hour == once.by_hour


def test_old_hours_are_forgotten() -> None:
    closes = Closes()
    closes.take(walk(KEEP + 5, per_hour=1).track())
    assert len(closes.by_hour) == KEEP
    assert min(closes.by_hour) == START + 5


def test_returns_need_hours_that_follow_each_other() -> None:
    first = {START: 100.0, START + 1: 110.0, START + 3: 120.0, START + 4: 130.0}
    second = {START: 10.0, START + 1: 11.0, START + 2: 12.0, START + 3: 13.0, START + 4: 14.0}
    found = moves_of(("A", "B"), (first, second), (START + 4) * HOUR)
    assert found.returns.tolist() == [pytest.approx([np.log(1.1), np.log(1.1)])]
    later = moves_of(("A", "B"), (first, second), (START + 5) * HOUR)
    assert len(later.returns) == 2
    assert moves_of((), (), 0).returns.shape == (0, 0)


def test_a_young_run_says_how_much_it_has_seen() -> None:
    trial = ready()
    comoves = Comoves()
    assert comoves.of(type(trial.state)(), {}) is None
    recorder = Recorder()
    recorder.watch(trial.state, trial.records[-1])
    view = comoves.of(trial.state, recorder.tracks())
    assert view is not None
    assert view.reason == "0 of 48 hourly returns seen in this run"
    assert comoves.of(trial.state, recorder.tracks()) is view
    assert trial.state.now % SECOND == 250_000_000
