"""Decision records: when one is made, what it says, and that a replay makes the same bytes."""

import msgspec
import pytest
from msgspec.structs import replace

from terminal.core.errors import DataError
from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.forecast import Foretold, Outlook
from terminal.model.messages import LinkDown, Stop, StopStage
from terminal.model.oracle import Act, Decision, Sealed
from terminal.model.risk import Autonomy, Style
from terminal.oracle.chain import GENESIS, line, read
from terminal.oracle.telling import told
from terminal.oracle.watch import EVERY, Memory, decisions
from tests.helpers.builders import profile, spec
from tests.helpers.trial import Trial


def watched(trial: Trial) -> list[Sealed]:
    """Step every record of a trial again, and look at each state."""
    state, memory = State(), Memory()
    found: list[Sealed] = []
    for record in trial.records:
        state, _ = step(state, record)
        memory, made = decisions(memory, state, {})
        found += made
    return found


def last(trial: Trial) -> Decision:
    return watched(trial)[-1].decision


def test_a_proposal_is_recorded_with_its_reasons_and_numbers() -> None:
    trial = Trial()
    trial.tick()
    found = last(trial)
    assert found.act is Act.PROPOSE
    assert found.proposal_id == trial.offer.proposal_id
    assert found.why == trial.offer.reasons
    assert found.inputs is not None
    assert found.inputs.net_delta == 1.0
    assert found.band is not None
    assert (found.band.low, found.band.high) == (-0.1, 0.1)
    assert [each.rule for each in found.findings] == [f"R{n}" for n in range(1, 15)]
    assert found.findings[0].fired


def test_every_act_has_its_word() -> None:
    trial = Trial(held="0")
    assert last(trial).act is Act.BLIND
    trial.tick()
    assert last(trial).act is Act.HOLD
    trial.tell(LinkDown("sim", "no wire"))
    trial.tick(seconds=1.25)
    assert last(trial).act is Act.HALT
    assert "no wire" in last(trial).guard
    trial.tell(Stop(StopStage.FREEZE, "enough"))
    assert last(trial).act is Act.STOP
    assert "enough" in last(trial).headline
    quiet = Trial(autonomy=Autonomy.MANUAL)
    quiet.tick()
    assert last(quiet).act is Act.WAIT
    assert "manual" in " ".join(last(quiet).why)


def test_a_hedge_that_the_engine_approved_itself_keeps_its_reasons() -> None:
    trial = Trial(autonomy=Autonomy.AUTO)
    trial.tick()
    trial.tick()
    works = [each.decision for each in watched(trial) if each.decision.act is Act.WORK]
    assert works
    assert "outside" in works[0].findings[0].text
    assert any("above the band" in line for line in works[0].why)
    assert [each.step for each in works[0].candidates if each.chosen] == [-1.0]


def test_nothing_new_is_not_recorded_until_it_is_due() -> None:
    trial = Trial(held="0")
    trial.tick()
    before = len(watched(trial))
    for _ in range(20):
        trial.tick()
    assert len(watched(trial)) == before
    for _ in range(EVERY // MINUTE):
        trial.tick(seconds=60.0)
    assert len(watched(trial)) == before + 1


def test_a_replay_makes_the_same_bytes_also_from_a_snapshot() -> None:
    trial = Trial(profile(style=Style.MARKET), autonomy=Autonomy.AUTO)
    for price in (50_000.0, 50_500.0, 49_000.0):
        trial.obey(trial.tick(seconds=2.0, price=price))
    first = watched(trial)
    assert first == watched(trial)
    state, memory = State(), Memory()
    found: list[Sealed] = []
    for record in trial.records:
        state, _ = step(restored(saved(state)), record)
        memory, made = decisions(memory, state, {})
        found += made
    assert [each.seal for each in found] == [each.seal for each in first]


def test_a_chain_reads_back_and_shows_what_was_changed() -> None:
    trial = Trial()
    trial.tick()
    trial.tick(seconds=40.0)
    entries = watched(trial)
    assert len(entries) > 2
    lines = [line(each) for each in entries]
    assert list(read(lines)) == entries
    assert entries[0].previous == GENESIS
    with pytest.raises(DataError, match="line 2 does not follow"):
        read([lines[0], *lines[2:]])
    forged = replace(entries[1], decision=replace(entries[1].decision, headline="Hold: fine"))
    with pytest.raises(DataError, match="line 2 does not follow"):
        read([lines[0], line(forged), *lines[2:]])
    with pytest.raises(DataError, match="line 1 cannot be read"):
        read([b"{"])


def test_a_decision_is_told_with_its_own_numbers() -> None:
    trial = Trial()
    trial.tick()
    text = told(last(trial))
    for part in ("Propose to sell", "Confidence", "rest to the policy's stop", "R1", "*"):
        assert part in text
    assert "nan" not in text.lower()


def test_the_past_survives_a_record_and_a_new_run_forgets() -> None:
    trial = Trial(held="0")
    state, memory = State(), Memory()
    for _ in range(3):
        trial.tick(seconds=60.0)
    for record in trial.records:
        state, _ = step(state, record)
        memory, _ = decisions(memory, state, {})
    assert memory.notes["BTC"].past.span() == 2
    memory, made = decisions(memory, replace(state, run="another", now=state.now + SECOND), {})
    assert made
    assert made[0].decision.number == 1
    assert made[0].previous == GENESIS


def test_records_are_json_that_reads_back() -> None:
    trial = Trial()
    trial.tick()
    for entry in watched(trial):
        assert msgspec.json.decode(line(entry), type=Sealed) == entry


def test_a_decision_carries_the_forecast_its_age_and_its_factor() -> None:
    trial = Trial()
    trial.tick()
    assert last(trial).forecast is None  # a default policy lets none in
    told = Foretold(name="x", value=1.0, usual=0.5, on=True)
    off = Foretold(name="spike 1 h", reason="too short")
    ahead = Trial(profile(spec(foresight_pct=40.0)))
    ahead.tell(Outlook("BTC", ahead.now - MINUTE, told, told, off, off))
    ahead.tick()
    decision = last(ahead)
    found = decision.forecast
    assert found is not None
    assert found.at is not None
    assert found.age == decision.at - found.at >= MINUTE
    assert found.factor == pytest.approx(1.0 / 1.4)
    assert "off: spike 1 h" in found.text
    assert decision.band is not None
    assert decision.band.high == pytest.approx(0.1 / 1.4)
    assert "0.71 times as wide" in decision.band.reason
