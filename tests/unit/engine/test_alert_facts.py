"""Alerts of facts: the drive, the journal, keys, and positions that a venue may close."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY
from terminal.engine.alert_facts import fact_conditions
from terminal.engine.state import restored, saved
from terminal.model.account import AccountSnapshot, Position
from terminal.model.facts import DiskSpace, ForcedRisk, ForcedRow, KeyChecked
from terminal.model.messages import (
    Event,
    Fault,
    Notify,
)
from terminal.risk.alert_rules import defaults
from tests.helpers.builders import FUTURE, NOW, PERP, SPOT
from tests.helpers.trial import Trial, ready

RULES = defaults().rules
ACCOUNT = "deribit/main/desk"


def names(trial: Trial) -> list[str]:
    return [each.rule for each in fact_conditions(trial.state, RULES)]


def told(*events: Event) -> Trial:
    trial = ready()
    for event in events:
        trial.tell(event)
    return trial


def texts(trial: Trial) -> str:
    return "\n".join(each.text for each in fact_conditions(trial.state, RULES))


def test_nothing_said_is_nothing_told() -> None:
    assert names(ready()) == []


def test_a_drive_that_fills_up_is_told_and_one_that_was_freed_is_not() -> None:
    trial = told(DiskSpace(1_940_000_000))
    assert names(trial) == ["disk_low"]
    assert "1.9 GB left" in texts(trial)
    trial.tell(DiskSpace(50_000_000_000))
    assert names(trial) == []


def test_a_journal_that_fails_is_told_apart_from_other_faults() -> None:
    assert names(told(Fault("LOOP", "it broke"))) == []
    trial = told(Fault("JOURNAL", "no space left"))
    assert names(trial) == ["journal_failed"]
    assert "JOURNAL: no space left" in texts(trial)


@pytest.mark.parametrize(
    ("days", "words"),
    [(30.0, ""), (6.5, "ends in 6.5 days"), (-1.0, "has ended: make a new one")],
)
def test_a_key_that_ends_is_told_in_time(days: float, words: str) -> None:
    trial = told(KeyChecked(ACCOUNT, (), NOW + round(days * DAY)))
    assert names(trial) == (["key_expires"] if words else [])
    assert words in texts(trial)


def test_rights_of_a_key_that_are_wrong_are_told_until_they_are_put_right() -> None:
    trial = told(KeyChecked(ACCOUNT, ("trading: this key may only read",)))
    assert names(trial) == ["key_rights"]
    assert f"key of {ACCOUNT}: trading: this key may only read" in texts(trial)
    trial.tell(KeyChecked(ACCOUNT))
    assert names(trial) == []


def test_a_position_that_the_venue_may_close_is_told_while_it_is_held() -> None:
    held = ForcedRow(FUTURE, 46_000.0, 0.8)
    trial = told(ForcedRisk("sim", (held, ForcedRow(PERP, SPOT, 1.0))))  # no perpetual is held
    assert names(trial) == ["adl_near", "liquidation_near"]
    assert "80 % up the venue's line" in texts(trial)
    assert "liquidates at 46,000, 8.0 % away" in texts(trial)
    trial.tell(ForcedRisk("sim", (ForcedRow(FUTURE, 20_000.0, 0.2),)))
    assert names(trial) == []
    trial.tell(ForcedRisk("sim", (held,)))
    trial.tell(AccountSnapshot("sim", (Position(FUTURE, Decimal(0), Decimal(0)),), ()))
    trial.tell(ForcedRisk("sim"))
    assert names(trial) == []


@given(
    liquidation=st.none() | st.floats(1.0, 1e6),
    queue=st.none() | st.floats(0.0, 1.0),
)
def test_what_is_told_follows_the_limits_alone(
    liquidation: float | None, queue: float | None
) -> None:
    found = names(told(ForcedRisk("sim", (ForcedRow(FUTURE, liquidation, queue),))))
    near = liquidation is not None and abs(liquidation / SPOT - 1.0) < 0.15
    assert ("liquidation_near" in found) is near
    assert ("adl_near" in found) is (queue is not None and queue >= 0.8)


def test_it_is_dispatched_and_survives_a_restart() -> None:
    trial = told(DiskSpace(10), KeyChecked(ACCOUNT, ("trading: none",)))
    effects = trial.tick(2.0)
    sent = [each.dispatch.text for each in effects if isinstance(each, Notify)]
    assert any("GB left" in text for text in sent)
    assert restored(saved(trial.state)).facts == trial.state.facts
