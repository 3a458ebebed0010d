"""What a screen is told of a state: notices, lights, rows, and what is not known."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.engine.feed_lights import feed_lights
from terminal.engine.frames import Surroundings, funding_usd_8h, select
from terminal.engine.order_rows import order_rows
from terminal.engine.state import State
from terminal.model.frame import Frame, JournalHealth, Machine
from terminal.model.health import FeedWatch, Light
from terminal.model.live import LiveAccount, Network
from terminal.model.market import Funding
from terminal.model.messages import Fault, LinkDown, LinkUp, Stop, StopStage
from terminal.model.order import OrderStatus
from terminal.model.reconcile import Discord, Subject
from terminal.model.recording import RecordingView
from terminal.portfolio.accounts import Account
from terminal.portfolio.rows import itemised
from terminal.risk.halts import bad_data, mismatch
from tests.helpers.builders import NOW, PERP, profile, quote
from tests.helpers.trial import Trial, ready, submits

AROUND = Surroundings(
    title="test",
    tracks={},
    log=(),
    journal=JournalHealth(
        path="",
        bytes=0,
        limit=1,
        last_seq=0,
        durable_seq=0,
        sync_ms=0.0,
        read_only=False,
        note="",
    ),
    machine=Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None),
)


def frame(state: State, **around: object) -> Frame:
    assert state.profile is not None
    return select(state, state.profile, replace(AROUND, **around))


def causes(state: State, **around: object) -> str:
    return "\n".join(f"{each.level} {each.cause}" for each in frame(state, **around).notices)


def test_everything_that_keeps_hedging_back_is_a_notice() -> None:
    trial = ready()
    trial.tell(LinkUp("other"))
    trial.tell(LinkDown("sim", "gone"))
    trial.tell(Fault("DISK", "full"))
    trial.tell(Stop(StopStage.FREEZE, "looks wrong"))
    state = replace(
        trial.state,
        locks=(mismatch("BTC", "1 lot", NOW), mismatch("", "cash", NOW)),
        feed_locks=(bad_data("BTC", "the book crossed", NOW),),
    )
    said = causes(state, recording=RecordingView(fault="the disk is full"))
    for part in (
        "warn the disk is full",
        "crit Stopped (freeze, done): looks wrong",
        "crit All trading halted: DISK: full",
        "crit BTC hedging is locked: 1 lot",
        "crit Hedging is locked: cash",
        "warn BTC hedging is locked, bad data of the book crossed",
        "warn Feed of sim is lost: gone",
    ):
        assert part in said
    assert "other" not in said


def test_an_unarmed_live_run_says_so() -> None:
    trial = ready(accounts=(LiveAccount("sim", Network.MAIN, "main"),))
    assert "Live trading is not armed" in causes(trial.state)


def test_funding_is_unknown_as_long_as_a_rate_is() -> None:
    trial = ready(positions={PERP: "2"})
    rows = itemised(trial.state.views["BTC"])
    assert funding_usd_8h(trial.state.market, rows) is None
    trial.tell(Funding(PERP, 1e-4, 0, 0))
    assert funding_usd_8h(trial.state.market, rows) is None
    trial.tell(Funding(PERP, 1e-4, 4 * HOUR, NOW + HOUR))
    assert funding_usd_8h(trial.state.market, rows) == pytest.approx(-2 * 50_000 * 2e-4)


def test_a_critical_alert_stays_until_a_person_has_answered() -> None:
    trial = ready()
    trial.tell(LinkDown("sim", "gone"))
    for _ in range(40):
        trial.tick(1.0)
    up = {each.rule for each in frame(trial.state).alerts.raised}
    trial.tell(LinkUp("sim"))
    for _ in range(40):
        trial.tick(1.0)
    after = frame(trial.state).alerts.raised
    assert up
    assert all(not each.acked_at for each in after if not each.active)


# -- Lights -------------------------------------------------------------------------------------


def light(state: State, venue: str = "sim") -> tuple[Light, str]:
    (found,) = (each for each in feed_lights(state, {}) if each.venue == venue)
    return found.light, found.why


def test_a_light_is_of_its_own_venue_and_of_the_account_there() -> None:
    trial = ready()
    trial.tell(quote("BTC-X@other"))
    watch = FeedWatch(fault="the book is crossed", locked="the book is crossed")
    locked = replace(trial.state, feeds={"BTC": watch})
    assert light(locked)[0] is Light.RED
    assert light(locked, "other")[0] is Light.GREEN
    row = Discord(
        subject=Subject.POSITION,
        name=PERP,
        underlying="BTC",
        ours=Decimal(1),
        theirs=Decimal(2),
        locks=True,
    )
    differs = replace(trial.state, accounts={"sim": Account(opened=True, rows=(row,))})
    assert light(differs) == (Light.RED, "the account differs from the books: see Reconcile")
    noted = replace(differs, accounts={"sim": Account(rows=(replace(row, locks=False),))})
    assert light(noted)[0] is Light.GREEN


# -- Orders -------------------------------------------------------------------------------------


def resting() -> Trial:
    trial = ready(profile(passive_wait_s=300.0))
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    return trial


def ticks_away(trial: Trial) -> float | None:
    found = next(row.hedge for row in order_rows(trial.state) if row.hedge)
    assert found is not None
    return found.ticks_away


def test_the_distance_to_the_touch_needs_a_touch() -> None:
    trial = resting()
    assert ticks_away(trial) == 0.0
    trial.tell(quote(PERP, 49_999.5, None))
    assert ticks_away(trial) is None


def test_a_hedge_between_two_orders_is_a_row_of_its_own() -> None:
    trial = ready(profile(urgent_bands=1.0))
    (sent,) = submits(trial.approve())
    trial.tell(quote(PERP, bid=None))
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    first = order_rows(trial.state)[0]
    assert first.status == "no order"
    assert first.working


def test_an_order_that_has_ended_before_its_fills_has_no_distance() -> None:
    trial = resting()
    (sent,) = submits(trial.effects)
    trial.report(sent, OrderStatus.FILLED, filled=Decimal(1))
    assert ticks_away(trial) is None
