"""Garbage is collected where it may be, and nowhere else."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from terminal.runtime import collector
from terminal.runtime.collector import collected_here, collector_off


class Knot:
    """A thing that refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    before = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if before else gc.disable)()


def test_off_within_off_ends_with_the_outer_one() -> None:
    with collector_off():
        with collector_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_off_before_stays_off() -> None:
    gc.disable()
    with collector_off():
        pass
    assert not gc.isenabled()


def test_garbage_goes_on_the_loop_and_never_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "LOOK_S", 0.005)
    freed: list[str] = []

    async def run() -> None:
        task = asyncio.create_task(collected_here())
        await asyncio.sleep(0)
        assert not gc.isenabled()
        knot = Knot()
        weakref.finalize(knot, lambda: freed.append(threading.current_thread().name))
        del knot
        await asyncio.to_thread(lambda: [Knot() for _ in range(5_000)])
        for _ in range(200):
            if freed:
                break
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert freed == [threading.main_thread().name]
    assert gc.isenabled()


def test_many_young_objects_are_collected_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "LOOK_S", 0.001)
    monkeypatch.setattr(collector, "YOUNG_EVERY", 10**9)  # by their number alone
    monkeypatch.setattr(collector, "OLD_EVERY", 10**9)
    young: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 0:
            young.append(gc.get_count()[0])

    async def run() -> None:
        task = asyncio.create_task(collected_here())
        kept: list[list[int]] = []
        for _ in range(40):
            kept += [[] for _ in range(collector.MANY // 4)]
            await asyncio.sleep(0.002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    gc.collect()
    gc.callbacks.append(note)
    try:
        asyncio.run(run())
    finally:
        gc.callbacks.remove(note)
    assert len([each for each in young if each >= collector.MANY]) >= 5
    assert max(young) < 3 * collector.MANY
