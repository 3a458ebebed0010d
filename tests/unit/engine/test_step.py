"""Stepping is a pure function: equal in, equal out, nothing changed in place."""

import copy
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.engine.frames import Surroundings, preview, select
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.frame import JournalHealth, Machine
from terminal.model.market import Funding, Gap, Trade
from terminal.model.messages import (
    Alert,
    CancelAll,
    Disturb,
    DisturbanceKind,
    Event,
    HedgeNow,
    Mode,
    Record,
    Started,
    StopStage,
    UsePricing,
)
from terminal.model.messages import Stop as StopAll
from terminal.model.order import Fill, OrderStatus
from terminal.model.risk import Autonomy
from terminal.portfolio.rows import itemised
from tests.helpers.builders import OPTION, PERP, fill, profile
from tests.helpers.trial import Trial, ready, submits

ROOT = Path(__file__).resolve().parents[3]


def storied() -> Trial:
    """Run an engine that has proposed, sent, filled, been stopped and re-armed."""
    trial = ready()
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent, Decimal("0.25"))
    trial.tick(10.0)
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal("0.25"))
    trial.tick(1.0)
    return trial


def test_a_state_saved_before_open_interest_was_told_is_read() -> None:
    state = ready().state
    older = msgspec.json.decode(saved(state))
    del older["market"]["interest"]
    assert saved(restored(msgspec.json.encode(older))) == saved(state)


def test_equal_in_equal_out_and_nothing_changed_in_place() -> None:
    state = State()
    for record in storied().records:
        before = copy.deepcopy(state)
        first, effects = step(state, record)
        assert saved(state) == saved(before)
        second, again = step(before, record)
        assert saved(first) == saved(second)
        assert effects == again
        state = first


def test_a_saved_state_goes_on_like_the_one_it_was_saved_from() -> None:
    records = storied().records
    for cut in range(0, len(records), 7):
        state = State()
        for record in records[:cut]:
            state, _ = step(state, record)
        other = restored(saved(state))
        assert (other.seq, other.now, other.desks) == (state.seq, state.now, state.desks)
        assert saved(other) == saved(state)
        for record in records[cut:]:
            state, effects = step(state, record)
            other, again = step(other, record)
            assert effects == again
        assert saved(other) == saved(state)


FILLS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 300)).map(
        lambda pair: fill(pair[0], str(Decimal(pair[1]) / 1000), order_id="x")
    ),
    max_size=12,
)


@given(FILLS)
def test_each_fill_id_counts_once(fills: list[Fill]) -> None:
    trial = ready()
    for each in fills:
        trial.tell(each)
    first = {each.fill_id: each for each in reversed(fills)}
    expected = sum((each.qty for each in first.values()), Decimal(0))
    held = trial.state.ledger.positions.get(PERP)
    assert (held.qty if held else 0) == expected
    assert trial.state.counts.fills == len(first)


NOISE: list[Event] = [
    Trade(PERP, 50_000.0, 1.0, buyer_is_taker=True),
    Funding(PERP, 0.0001, 0, 0),
    Gap(PERP, 0, 1, "test"),
]


@pytest.mark.parametrize("event", NOISE, ids=lambda each: type(each).__name__)
def test_market_news_alone_does_nothing(event: Event) -> None:
    assert ready().tell(event) == ()


def test_a_disturbance_is_passed_on() -> None:
    effects = ready().tell(Disturb(DisturbanceKind.REJECT, "", 1.0, 5.0))
    assert len(effects) == 2


SCRIPT = """
import hashlib
from tests.unit.engine.test_step import storied
from terminal.engine.state import saved
trial = storied()
print(hashlib.sha256(saved(trial.state) + repr(trial.effects).encode()).hexdigest())
"""


def test_hash_seeds_change_nothing() -> None:
    outcomes = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    }
    assert len(outcomes) == 1


def test_a_frame_can_be_made_of_any_state() -> None:
    held = storied().state
    around = Surroundings(
        title="t",
        rows={"BTC": itemised(held.views["BTC"])},
        tracks={},
        scenarios={},
        vols={},
        log=(),
        journal=JournalHealth(
            path="", bytes=0, limit=0, last_seq=0, durable_seq=0, sync_ms=0.0, read_only=False,
            note="",
        ),
        machine=Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None),
    )  # fmt: skip
    state = State()
    select(state, profile(), around)
    trial = storied()
    trial.tell(Funding(PERP, 0.0001, 0, 0))
    trial.tell(StopAll(StopStage.NEUTRALISE, "x"))
    for record in trial.records:
        state, _ = step(state, record)
        frame = select(state, profile(), around)
    assert frame.desks[0].underlying == "BTC"
    assert frame.desks[0].funding_usd_8h is None
    assert [each.qty for each in frame.fills] == [Decimal("0.25")]
    assert frame.stop.stage is StopStage.NEUTRALISE
    assert frame.notices[0].level == "crit"


def test_previews_say_what_each_stage_would_do() -> None:
    trial = ready(positions={PERP: "-3"})
    assert preview(trial.state, StopStage.FREEZE) == (
        "no working orders to cancel",
        "send nothing new",
    )
    assert "buy 2.000 BTC: delta to 0.0000" in preview(trial.state, StopStage.NEUTRALISE)
    lines = preview(trial.state, StopStage.FLATTEN)
    assert "close −3.000 contracts of BTC_USDC-PERP" in lines
    assert lines[-1] == "options stay open"


def test_records_number_the_state() -> None:
    state, _ = step(State(), Record(1, 5, "test", CancelAll("x")))
    assert (state.seq, state.now) == (1, 5)
    assert saved(restored(saved(state))) == saved(state)


def test_asking_for_a_hedge_before_any_data_is_answered() -> None:
    trial = Trial()
    trial.tell(HedgeNow("BTC"))
    assert "no index price" in trial.verdict


def test_an_engine_is_changed_by_a_record_and_prices_alike() -> None:
    trial = ready(positions={OPTION: "1"})
    before = trial.state.exposures["BTC"]
    (alert,) = trial.tell(UsePricing("vollib"))
    assert isinstance(alert, Alert)
    assert "vollib" in alert.text
    trial.tick(0.0)
    after = trial.state.exposures["BTC"]
    assert trial.state.pricing == "vollib"
    assert after.total.delta == pytest.approx(before.total.delta, rel=1e-11)
    again = State()
    for record in trial.records:
        again, _ = step(again, record)
    assert saved(again) == saved(trial.state)
    trial.tell(Started("again", Mode.SIM, 2, profile(), Autonomy.APPROVE))
    assert trial.state.pricing == "numpy"
