"""The paced loop: pausing, speed, sleep, commands, and failures that leave the screen up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from terminal.core.units import MINUTE, SECOND
from terminal.model.frame import Frame
from terminal.model.messages import Approve
from terminal.risk.halts import HaltCode
from terminal.runtime.awake import Awake
from terminal.runtime.pace import Clock
from terminal.runtime.runner import Runner
from terminal.runtime.settings import MAX_SPEED
from tests.helpers.builders import NOW
from tests.unit.runtime.making import Logbook, Stage, freeze, on_stage


async def come(true: Callable[[], bool]) -> None:
    """Wait until something is so; the suite's timeout ends a wait in vain."""
    while not true():  # noqa: ASYNC110 - there is no event for what a test happens to ask
        await asyncio.sleep(0.002)


@asynccontextmanager
async def running(speed: float, until: int | None = None) -> AsyncIterator[tuple[Runner, Stage]]:
    session, stage = on_stage(Logbook())
    runner = Runner(session, speed, until)
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        yield runner, stage
        runner.stop()


def frame(runner: Runner) -> Frame:
    assert runner.latest is not None
    return runner.latest


async def test_market_time_follows_the_clock_at_its_speed() -> None:
    async with running(60.0) as (runner, _):
        await come(lambda: runner.session.state.now > NOW + 5 * SECOND)
        assert frame(runner).machine.speed == 60.0


async def test_a_pause_holds_market_time_and_the_screen_stays_alive() -> None:
    async with running(60.0) as (runner, _):
        await come(lambda: runner.session.state.now > NOW + SECOND)
        runner.clock.pause(paused=True)
        await come(lambda: runner.latest is not None and runner.latest.machine.paused)
        held = runner.session.state.now
        records = runner.session.records
        await asyncio.sleep(0.05)
        assert (runner.session.state.now, runner.session.records) == (held, records)
        runner.send(freeze())
        assert frame(runner).stop.stage is not None
        runner.clock.pause(paused=False)
        await come(lambda: runner.session.state.now > held)


async def test_commands_are_taken_while_it_runs() -> None:
    async with running(20.0) as (runner, stage):
        await come(lambda: bool(runner.latest and runner.latest.proposals))
        runner.clock.pause(paused=True)
        offer = frame(runner).proposals[0]
        runner.send(Approve(offer.proposal_id, offer.revision))
        assert [each.side for each in stage.sent] == [offer.side]
        assert frame(runner).proposals == ()


async def test_the_end_of_the_span_ends_the_run() -> None:
    session, _ = on_stage(Logbook())
    runner = Runner(session, MAX_SPEED, NOW + 20 * SECOND)
    await runner.run()
    assert session.state.now == NOW + 20 * SECOND
    assert frame(runner).now == NOW + 20 * SECOND


async def test_a_machine_that_slept_makes_nothing_up() -> None:
    async with running(1.0) as (runner, _):
        runner.session.awake = Awake(longest=SECOND // 5)
        await come(lambda: runner.session.state.now > NOW)
        before = runner.session.state.now
        time.sleep(0.6)  # noqa: ASYNC251 - the whole point is to stop the loop
        await come(lambda: any(line.topic == "CLOCK" for line in runner.session.recorder.log()))
        assert runner.session.state.now - before < SECOND // 2


@pytest.mark.logs
async def test_a_failing_loop_halts_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(20.0) as (runner, stage):
        await come(lambda: runner.session.state.now > NOW + SECOND)
        monkeypatch.setattr(stage, "pop", lambda: 1 // 0)
        await come(lambda: bool(runner.failure))
        monkeypatch.undo()
        assert [halt.code for halt in runner.session.state.halts] == [HaltCode.FAULT]
        assert frame(runner).notices
        assert "ZeroDivisionError" in caplog.text


def test_a_held_clock_stands_still() -> None:
    clock = Clock(NOW, 1000.0)
    clock.pause(paused=True)
    at = clock.now()
    assert clock.now() == at
    clock.set_speed(2000.0)
    assert clock.now() == at


def test_leaving_full_speed_does_not_jump_ahead() -> None:
    clock = Clock(NOW, MAX_SPEED)
    assert clock.now() > NOW
    clock.pause(paused=True)
    assert clock.now() == NOW
    clock.pause(paused=False)
    clock.set_speed(1.0)
    assert clock.now() < NOW + MINUTE // 60


async def test_a_pause_holds_the_time_of_an_engine_that_is_behind() -> None:
    session, _ = on_stage(Logbook())
    runner = Runner(session, 1.0)
    runner.clock.rebase(runner.session.state.now + 60 * SECOND)  # the engine has a minute to do
    runner.pause(paused=True)
    assert runner.clock.now() == runner.session.state.now
