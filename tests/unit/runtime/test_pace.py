"""Live time: the time of day, never back, neither paused nor hurried; loops of worker threads."""

import asyncio
import threading
import time

import pytest

from terminal.core.units import HOUR, SECOND
from terminal.runtime.pace import LiveClock, LivePace
from terminal.venues.plain_loop import run_plain


class Times:
    """Both clocks of the machine, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.running = 1_767_614_400 * SECOND, 5 * SECOND
        monkeypatch.setattr(time, "time_ns", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.running)

    def pass_by(self, span: int) -> None:
        self.wall += span
        self.running += span


def test_it_follows_the_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times(monkeypatch)
    clock = LiveClock()
    assert clock() == times.wall
    times.pass_by(3 * SECOND)
    assert clock() == times.wall


def test_a_time_of_day_that_goes_back_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times(monkeypatch)
    clock = LiveClock()
    before = clock()
    times.wall -= HOUR
    times.pass_by(SECOND)
    assert clock() == before + SECOND


def test_a_machine_that_slept_wakes_at_the_right_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times(monkeypatch)
    clock = LiveClock()
    times.wall += 8 * HOUR  # the monotonic clock stands still while a machine sleeps
    assert clock() == times.wall
    times.pass_by(SECOND)
    assert clock() == times.wall


def test_it_begins_after_the_last_record(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times(monkeypatch)
    ahead = times.wall + HOUR
    clock = LiveClock(ahead)
    assert clock() == ahead + 1


def test_it_can_be_neither_paused_nor_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times(monkeypatch)
    pace = LivePace(LiveClock())
    pace.pause(paused=True)
    pace.set_speed(60.0)
    pace.rebase(0)
    times.pass_by(SECOND)
    assert pace.now() == times.wall
    assert (pace.paused, pace.speed) == (False, 1.0)


def test_a_worker_thread_never_asks_the_policy_for_its_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def kind() -> type:
        return type(asyncio.get_running_loop())

    def refuse() -> asyncio.AbstractEventLoop:
        raise AssertionError("under the window this would be Qt's loop")

    monkeypatch.setattr(asyncio.get_event_loop_policy(), "new_event_loop", refuse)
    found: list[type] = []
    worker = threading.Thread(target=lambda: found.append(run_plain(kind())))
    worker.start()
    worker.join()
    assert issubclass(found[0], asyncio.SelectorEventLoop)
