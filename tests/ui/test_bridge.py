"""The bridge: each frame once, the newest only, and commands passed on as they are."""

from itertools import count

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from terminal.model.frame import Frame
from terminal.model.messages import CancelAll, Command
from tests.ui.queue_frames import frame
from ui.bridge import PERIOD_MS, Bridge, Question


class Engine:
    """Holds the newest frame and takes commands."""

    def __init__(self) -> None:
        self.latest: Frame | None = None
        self.sent: list[Command | Question] = []

    def newest(self) -> Frame | None:
        return self.latest


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def bridge(qapp: object, engine: Engine) -> Bridge:
    return Bridge(engine.newest, engine.sent.append)


def collect(bridge: Bridge) -> list[Frame]:
    shown: list[Frame] = []
    bridge.frame.connect(shown.append)
    return shown


def test_nothing_is_shown_before_the_first_frame(bridge: Bridge) -> None:
    shown = collect(bridge)
    bridge.sample()
    assert shown == []
    assert bridge.rate == 0.0


def test_each_frame_is_shown_once(bridge: Bridge, engine: Engine) -> None:
    shown = collect(bridge)
    first = engine.latest = frame()
    bridge.sample()
    bridge.sample()
    assert shown == [first]


def test_only_the_newest_frame_is_shown(bridge: Bridge, engine: Engine) -> None:
    shown = collect(bridge)
    for seq in range(1, 50):
        engine.latest = replace(frame(), seq=seq)
    bridge.sample()
    assert [each.seq for each in shown] == [49]


def test_commands_pass_unchanged_and_in_order(bridge: Bridge, engine: Engine) -> None:
    commands = [CancelAll("one"), CancelAll("two")]
    for command in commands:
        bridge.send(command)
    assert engine.sent == commands
    assert engine.sent[0] is commands[0]


def test_rate_is_frames_per_second(
    bridge: Bridge, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = count()
    monkeypatch.setattr("ui.bridge.time.perf_counter", lambda: next(ticks) * 0.1)
    for seq in range(100):
        engine.latest = replace(frame(), seq=seq)
        bridge.sample()
    assert bridge.rate == pytest.approx(10.0)


def test_samples_by_itself_until_stopped(bridge: Bridge, engine: Engine, qtbot: QtBot) -> None:
    shown = collect(bridge)
    bridge.start()
    engine.latest = frame()
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=5000)
    bridge.stop()
    engine.latest = frame()
    qtbot.wait(3 * PERIOD_MS)
    assert len(shown) == 1
