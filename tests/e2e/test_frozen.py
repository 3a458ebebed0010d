"""A paper run that is really stopped and continued: it says so, and trades on nothing of before."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from terminal.journal.journal import open_journal
from terminal.model.messages import Approve, Event, LinkDown, LinkUp, Slept, Tick
from tests.unit.venues.small_server import until
from tests.venue_servers.deribit import DeribitServer

ROOT = Path(__file__).resolve().parents[2]
STOPPED_S = 4.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")


def child(url: str, directory: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "terminal", "run", "--mode", "paper", "--underlyings", "BTC"),
        *("--autonomy", "approve", "--endpoint", url, "--data", str(directory)),
    ]


def journaled(directory: Path) -> bytes:
    segments = sorted(directory.glob("journal-*.seg"))
    return segments[-1].read_bytes() if segments else b""


async def test_a_stopped_process_wakes_up_and_believes_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    async with DeribitServer() as server:
        server.drip(50, *[name for name in server.exchange.books if name.startswith("BTC")])
        process = await asyncio.create_subprocess_exec(
            *child(server.url, directory),
            cwd=ROOT,
            env=os.environ,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await until(lambda: b'"AccountSnapshot"' in journaled(directory), 30.0)
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(STOPPED_S)
            process.send_signal(signal.SIGCONT)
            await until(lambda: _up_again(journaled(directory)), 30.0)
        finally:
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    events = recorded(directory)
    (woke,) = [at for at, each in enumerate(events) if isinstance(each, Slept)]
    slept, after = events[woke], events[woke + 1 :]
    assert isinstance(slept, Slept)
    assert slept.seconds >= STOPPED_S - 0.5
    links = [type(each) for each in after if isinstance(each, LinkDown | LinkUp)]
    assert links[0] is LinkDown
    assert LinkUp in links
    assert not any(isinstance(each, Approve) for each in events)
    ticks = sum(isinstance(each, Tick) for each in events)
    assert ticks < 4 * 60  # a beat for the time that was missed would be a burst


def _up_again(content: bytes) -> bool:
    woke = content.find(b'"Slept"')
    return woke >= 0 and b'"LinkUp"' in content[woke:]


def recorded(directory: Path) -> list[Event]:
    journal = open_journal(directory, run="test", at=1)
    try:
        return [each.event for each in journal.read()]
    finally:
        journal.close()
