"""A simulated venue that is asked for its account agrees with the books of the desk it fills."""

from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot
from terminal.model.messages import AskAccount, Event, Mode, Record, Started, Submit, Tick
from terminal.model.risk import Autonomy
from terminal.runtime.profiles import load
from terminal.runtime.settings import Settings
from terminal.runtime.worlds import sim_world


def test_ten_minutes_of_trading_never_lock_an_asked_account() -> None:
    settings = Settings(history_hours=0.0)
    world = sim_world(settings, State())
    profile = replace(load("balanced"), position_gap_lots=0.0, balance_gap_pct=0.0)
    state, seq = State(), 0
    asked: list[int] = []
    stated: list[AccountSnapshot] = []

    def take(at: int, event: Event) -> None:
        nonlocal state, seq
        seq += 1
        state, effects = step(state, Record(seq, at, "test", event))
        for effect in effects:
            if isinstance(effect, Submit):
                world.submit(effect.intent, state.now)
            elif isinstance(effect, AskAccount):
                asked.append(state.now)
                world.ask_account(effect.venue, state.now)
        assert not state.locks

    start = settings.start_at
    take(start, Started("test", Mode.PAPER, 7, profile, Autonomy.AUTO))
    beat = start
    while state.now < start + 10 * MINUTE:
        at = world.next_at()
        assert at is not None
        if beat <= at:
            beat += SECOND
            take(beat - SECOND, Tick())
            continue
        at, event = world.pop()
        if isinstance(event, AccountSnapshot) and event.asked_at:
            stated.append(event)
        take(at, event)
    assert state.counts.fills > 0
    assert [each.asked_at for each in stated] == asked[: len(stated)]
    assert len(stated) >= 38
    assert all(each.orders is not None for each in stated)
    compared = state.accounts[stated[-1].venue].compared
    assert compared is not None
    assert compared.snapshot in stated
