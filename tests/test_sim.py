"""Simulated weather: a run repeats itself, a sound build passes, and broken ones are caught."""

import random
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

import terminal.portfolio.ledger
import terminal.runtime.session
from terminal.core.fault_points import Fault, no_fault
from terminal.engine.state import State
from terminal.model.messages import Effect, Query, Record
from terminal.model.order import Order, OrderStatus
from terminal.model.ports import World
from terminal.runtime.guard import guarded_step
from terminal.runtime.perform import perform
from tests.sim.__main__ import main
from tests.sim.many import runs, told
from tests.sim.run import Trace, Watched, lived
from tests.sim.weather import RATES, weather

ROUGH = 3.0
"""Faults this many times as frequent as usual, so that a short run meets all of them."""


def rules_broken(session: type[Watched] = Watched) -> set[str]:
    """Names of the promises that the first run of ten which breaks any does break."""
    for seed in range(1, 11):
        found = lived(seed, 1.0, ROUGH, session).violations
        if found:
            return {line.partition(" ")[0] for line in found}
    return set()


def test_where_files_lay_is_no_part_of_what_a_run_did() -> None:
    one, other, elsewhere = Trace(), Trace(), Trace()
    for trace, folder in ((one, b"/tmp/a1"), (other, b"/tmp/b2"), (elsewhere, b"/tmp/c3")):
        trace.folder = folder
        trace.update(b"no room in " + folder + b"/life-1/journal")
    elsewhere.update(b"and more")
    assert one.hexdigest() == other.hexdigest() != elsewhere.hexdigest()


def test_a_seed_goes_the_same_way_twice_and_another_one_another_way() -> None:
    first, again, other = (lived(seed, 0.5, ROUGH) for seed in (4, 4, 5))
    assert first == again
    assert first.trace != other.trace
    assert first.records > 1_000
    assert first.violations == ()


def test_a_sound_build_lives_through_every_weather() -> None:
    reports = [lived(seed, 1.0, ROUGH) for seed in range(101, 107)]
    assert [line for each in reports for line in each.violations] == []
    assert sum(each.fills for each in reports) > 20
    assert sum(each.lives for each in reports) > len(reports)
    assert len({kind for each in reports for kind in each.faults}) > 20


def test_weather_is_of_the_seed_alone_and_as_frequent_as_asked() -> None:
    random.seed(7)
    strikes = weather(3, 0, 100.0, 1.0)
    random.seed(8)
    assert weather(3, 0, 100.0, 1.0) == strikes
    assert list(strikes) == sorted(strikes, key=lambda each: each.at)
    assert {each.kind for each in strikes} < set(RATES)
    assert len(weather(3, 0, 100.0, 2.0)) > 1.5 * len(strikes)


# -- Builds with a deliberate fault ----------------------------------------------------------------


class SendsFirst(Watched):
    """Orders leave without waiting for the drive."""

    def _durable(self) -> bool:
        return True


def test_sending_before_the_record_is_durable_is_caught() -> None:
    assert "I4" in rules_broken(SendsFirst)


def test_sending_again_what_was_lost_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def resent(world: World, effect: Effect, now: int, fault: Fault = no_fault) -> None:
        if isinstance(effect, Query) and known:
            world.submit(known[-1][effect.order_id].intent, now)
        else:
            perform(world, effect, now, fault)

    known: list[Mapping[str, Order]] = []
    with_orders(monkeypatch, lambda state: known.append(state.orders))
    monkeypatch.setattr(terminal.runtime.session, "perform", resent)
    assert "I3" in rules_broken()


def test_booking_a_repeated_fill_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal.portfolio.ledger, "has_seen", lambda ids, fill_id: False)
    assert rules_broken() & {"I5", "I6"}


def test_forgetting_what_is_unknown_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(state: State) -> State:
        orders = {
            key: replace(each, status=OrderStatus.REJECTED)
            if each.status is OrderStatus.UNKNOWN
            else each
            for key, each in state.orders.items()
        }
        return replace(state, orders=orders)

    with_orders(monkeypatch, forgetful)
    assert "I16" in rules_broken()


def with_orders(monkeypatch: pytest.MonkeyPatch, change: Callable[[State], State | None]) -> None:
    """Let every step end in a change."""

    def step(state: State, record: Record) -> tuple[State, tuple[Effect, ...]]:
        after, effects = guarded_step(state, record)
        return change(after) or after, effects

    monkeypatch.setattr(terminal.runtime.session, "guarded_step", step)


# -- The command -----------------------------------------------------------------------------------


def test_hours_are_lived_in_runs_of_their_own_seeds() -> None:
    assert list(runs(25.0, 7, 10.0)) == [(7, 10.0), (8, 10.0), (9, 5.0)]


def test_a_violation_is_told_with_the_command_that_repeats_it() -> None:
    broken = replace(lived(17, 0.1, ROUGH), violations=("I3 at record 5: twice",))
    violation, again = told(broken, 2.0)
    assert violation == "seed 17: I3 at record 5: twice"
    assert again.endswith(
        "python -m tests.sim --hours 0.1 --seed 17 --each 0.1 --factor 2 --jobs 1"
    )


def test_the_command_says_what_was_lived(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--hours", "0.2", "--each", "0.1", "--jobs", "1", "--twice"]) == 0
    said = capsys.readouterr().out
    assert "0 violations" in said
    assert "restarts" in said
