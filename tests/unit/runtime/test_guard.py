"""A failing step halts trading, and the stop works all the same."""

import pytest

from terminal.core.errors import InvariantError
from terminal.engine import step as engine
from terminal.engine.state import State, saved
from terminal.model.messages import CancelAll, Fault, Record, Stop, StopStage, Tick
from terminal.model.order import OrderStatus
from terminal.risk.halts import HaltCode
from terminal.runtime.guard import guarded_step
from tests.helpers.builders import fill
from tests.helpers.trial import cancels, ready, submits

pytestmark = pytest.mark.logs


def broken(*_: object) -> None:
    raise ZeroDivisionError("planted")


def test_a_failing_record_halts_and_names_itself(caplog: pytest.LogCaptureFixture) -> None:
    trial = ready()
    record = Record(trial.state.seq + 1, trial.now, "venue", fill(1, "-1"))
    state, effects = guarded_step(trial.state, record)
    assert [halt.code for halt in state.halts] == [HaltCode.FAULT]
    assert f"record {record.seq} failed: DataError" in state.halts[0].reason
    assert not submits(effects)
    assert state.seq == record.seq
    again, _ = guarded_step(trial.state, record)
    assert saved(again) == saved(state)
    assert "failed" in caplog.text


def test_the_stop_works_though_looking_at_the_book_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    monkeypatch.setattr(engine, "consider", broken)
    seq = trial.state.seq
    state, _ = guarded_step(trial.state, Record(seq + 1, trial.now, "clock", Tick()))
    assert state.halts
    state, effects = guarded_step(
        state, Record(seq + 2, trial.now, "user", Stop(StopStage.FREEZE, "x"))
    )
    assert state.stop is not None
    assert state.desks["BTC"].proposal is None
    assert cancels(effects) == [sent.order_id]
    assert state.seq == seq + 2
    state, effects = guarded_step(state, Record(seq + 3, trial.now, "user", CancelAll("x")))
    assert cancels(effects) == [sent.order_id]
    assert len(caplog.records) == 1


def test_a_failing_fault_is_not_swallowed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "latched", broken)
    with pytest.raises(InvariantError, match="record 1"):
        guarded_step(State(), Record(1, 1, "runtime", Fault("X", "x")))
    assert caplog.text
