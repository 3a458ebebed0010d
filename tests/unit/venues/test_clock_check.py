"""The exchange's clock against ours: what is certain of it, and nothing else."""

import asyncio
from collections.abc import Iterator

import pytest

from terminal.model.messages import ClockOffset
from terminal.venues.clock_check import clock_offset, watch_clock

MS = 1_000_000
NOON = 1_767_614_400_000 * MS


class Exchange:
    """Tells the time of a clock that is ``ahead`` ms of ours, each way taking so long."""

    def __init__(self, ahead: float, *ways: tuple[float, float]) -> None:
        self.now = NOON
        self.ahead = ahead
        self.ways: Iterator[tuple[float, float]] = iter(ways)

    def clock(self) -> int:
        return self.now

    async def fetch_time(self) -> float | None:
        there, back = next(self.ways)
        self.now += round(there * MS)
        told = self.now / MS + self.ahead
        self.now += round(back * MS)
        return told


def found(exchange: Exchange) -> float | None:
    return asyncio.run(clock_offset(exchange, exchange.clock))


@pytest.mark.parametrize("ahead", [700.0, -700.0])
def test_an_offset_is_told_less_what_the_way_may_hide(ahead: float) -> None:
    slow, fast = (200.0, 200.0), (10.0, 10.0)
    told = found(Exchange(ahead, slow, fast, slow))
    assert told == pytest.approx(ahead - 10.0 if ahead > 0 else ahead + 10.0, abs=0.01)


@pytest.mark.parametrize("ways", [(400.0, 0.0), (0.0, 400.0)])
def test_a_slow_way_alone_is_no_offset(ways: tuple[float, float]) -> None:
    assert found(Exchange(0.0, ways, ways, ways)) == pytest.approx(0.0, abs=0.01)


def test_an_exchange_that_tells_no_time_says_nothing() -> None:
    class Silent(Exchange):
        async def fetch_time(self) -> None:
            return None

    assert found(Silent(0.0)) is None


async def test_a_failed_question_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.venues.clock_check.EVERY_S", 0.0)

    class Shaky(Exchange):
        failures = 2

        async def fetch_time(self) -> float | None:
            if self.failures:
                self.failures -= 1
                raise ConnectionError
            return await super().fetch_time()

    said: asyncio.Queue[ClockOffset] = asyncio.Queue()
    exchange = Shaky(600.0, *[(0.0, 0.0)] * 300)
    task = asyncio.create_task(watch_clock(exchange, "deribit", exchange.clock, said.put_nowait))
    first = await asyncio.wait_for(said.get(), 10.0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert first == ClockOffset("deribit", 600.0)
