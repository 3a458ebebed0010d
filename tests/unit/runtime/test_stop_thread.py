"""A stop that must not wait for the loop: another thread cancels when the loop is held up."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.journal.latch import Latched, LatchFile
from terminal.model.messages import StopStage
from terminal.runtime import stop_thread as module
from terminal.runtime.latching import StopLatch
from terminal.runtime.stop_thread import stop_thread

STOP = Latched(stage=StopStage.FREEZE, reason="test", at=1, by="test")


class Venue:
    """Counts what it is asked, and answers as it is told."""

    def __init__(self, trouble: str = "") -> None:
        self.prepared = self.rounds = 0
        self.trouble = trouble
        self.thread: threading.Thread | None = None

    def prepare(self) -> str:
        self.prepared += 1
        return self.trouble

    def cancel_all(self) -> str:
        self.rounds += 1
        self.thread = threading.current_thread()
        return "2 cancels sent apart from the loop"


def held_up_until(true: Callable[[], bool]) -> None:
    """Hold this thread up as a hung window does, until something came."""
    deadline = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.001)


@pytest.mark.logs
def test_cancels_go_out_though_the_loop_is_held_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    venue, latch = Venue(), StopLatch(LatchFile(tmp_path))
    latch.heard_at = time.monotonic()
    with stop_thread(latch, venue):
        LatchFile(tmp_path).pull(STOP)  # from another process
        held_up_until(lambda: venue.rounds > 0)
        assert venue.thread is not threading.current_thread()
    assert "2 cancels sent apart" in caplog.text


def test_a_loop_that_hears_is_left_to_do_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD_UP_S", 1e9)
    venue, latch = Venue(), StopLatch(LatchFile(tmp_path))
    latch.pull(STOP)
    with stop_thread(latch, venue):
        time.sleep(5 * module.LOOK_S)
    assert venue.rounds == 0


def test_without_a_stop_nothing_is_cancelled_however_long_the_loop_hangs(tmp_path: Path) -> None:
    venue = Venue()
    with stop_thread(StopLatch(LatchFile(tmp_path)), venue):
        time.sleep(5 * module.LOOK_S)
    assert venue.rounds == 0


@pytest.mark.logs
def test_it_goes_on_asking_and_says_what_it_could_not_prepare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.05)
    venue, latch = Venue("the keychain is locked"), StopLatch(LatchFile(tmp_path))
    latch.pull(STOP)
    with caplog.at_level(logging.WARNING), stop_thread(latch, venue):
        held_up_until(lambda: venue.rounds > 1 and venue.prepared > 0)
    assert "the keychain is locked" in caplog.text


def test_a_world_without_it_needs_no_thread() -> None:
    before = threading.active_count()
    with stop_thread(StopLatch(), None):
        assert threading.active_count() == before
