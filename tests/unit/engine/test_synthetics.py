"""Perps-only modes in the engine: refused without limits, hedged like any other target."""

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.engine.state import restored, saved
from terminal.engine.synthetics import mode_fault
from terminal.model.hedge import ProposalStatus
from terminal.model.messages import Rearm, SetAutonomy, SetProfile, Stop, StopStage
from terminal.model.risk import Autonomy, PolicyKind, RiskProfile
from terminal.model.synthetic import Synthetic, SyntheticKind
from tests.helpers.builders import OPTION, SPOT, profile, spec
from tests.helpers.trial import Trial, alerts, ready, submits

FADE = Synthetic(
    kind=SyntheticKind.FADE_GRID,
    gamma_1pct_usd=50_000.0,  # a coin per 1 %
    max_inventory=0.8,
    trend_limit=4.0,
    trend_hours=0.1,
)


def rules(terms: Synthetic = FADE, **more: object) -> RiskProfile:
    chosen = replace(profile(spec(PolicyKind.BAND_TO_TARGET)), synthetics={"BTC": terms})
    return replace(chosen, **more)


def warm(terms: Synthetic = FADE, autonomy: Autonomy = Autonomy.APPROVE) -> Trial:
    """An engine with no position whose trend filter has watched for seven calm minutes."""
    trial = ready(rules(terms), held="0", autonomy=autonomy)
    for minute in range(1, 8):
        trial.tick(60.0, SPOT * (1.0 + 1e-4 * (-1) ** minute))
    return trial


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (replace(FADE, max_inventory=0.0), "no maximum inventory"),
        (replace(FADE, trend_limit=0.0), "no trend filter"),
    ],
)
def test_without_its_limits_nothing_can_be_armed_or_hedged(terms: Synthetic, says: str) -> None:
    trial = ready(rules(terms), autonomy=Autonomy.MANUAL)
    for autonomy in (Autonomy.APPROVE, Autonomy.AUTO):
        text = alerts(trial.tell(SetAutonomy("BTC", autonomy)))
        assert "cannot be armed: fade grid has" in text
        assert says in text
    assert trial.state.desks["BTC"].autonomy is Autonomy.MANUAL
    assert says in trial.verdict
    assert trial.state.desks["BTC"].proposal is None
    assert not trial.state.synthetics


def test_with_options_it_is_refused() -> None:
    trial = ready(rules(), positions={OPTION: "1"}, autonomy=Autonomy.MANUAL)
    assert "without options" in alerts(trial.tell(SetAutonomy("BTC", Autonomy.AUTO)))
    assert "without options" in mode_fault(trial.state, "BTC")
    trial.tell(SetProfile(rules(replace(FADE, kind=SyntheticKind.OFF))))
    assert "armed" not in alerts(trial.tell(SetAutonomy("BTC", Autonomy.AUTO)))


def test_a_grid_sells_a_rally_and_buys_it_back() -> None:
    trial = warm()
    assert trial.state.desks["BTC"].target is not None
    trial.tick(1.0, SPOT * 1.004)
    offer = trial.offer
    assert (offer.side.value, offer.status) == ("sell", ProposalStatus.OPEN)
    assert offer.after == pytest.approx(trial.state.synthetics["BTC"].target, abs=1e-3)
    assert offer.after == pytest.approx(-0.4, abs=0.01)
    assert any("is of the fade grid" in line for line in offer.reasons)
    trial.obey(trial.approve())
    for _ in range(12):  # passive for a while, then across
        trial.obey(trial.tick(1.0, SPOT * 1.004))
    assert trial.state.desks["BTC"].net == pytest.approx(-0.4, abs=0.01)
    trial.tick(60.0, SPOT)
    assert trial.offer.side.value == "buy"


def test_the_target_stops_at_the_maximum_inventory() -> None:
    trial = warm(replace(FADE, trend_limit=6.0))
    trial.tick(1.0, SPOT * 1.05)
    assert trial.state.synthetics["BTC"].target == -0.8


def test_the_same_decisions_follow_from_the_saved_state() -> None:
    trial = warm()
    assert restored(saved(trial.state)).synthetics == trial.state.synthetics
    again = Trial(rules(), held="0")
    again.state = restored(saved(trial.state))
    again.now = trial.now
    for each in (trial, again):
        each.tick(1.0, SPOT * 1.003)
    assert trial.state.synthetics == again.state.synthetics
    assert trial.offer == again.offer


def test_a_stop_goes_to_the_policys_own_target() -> None:
    trial = warm(autonomy=Autonomy.AUTO)
    trial.obey(trial.tick(1.0, SPOT * 1.004))
    for _ in range(12):
        trial.obey(trial.tick(1.0, SPOT * 1.004))
    assert trial.state.desks["BTC"].net == pytest.approx(-0.4, abs=0.01)
    trial.obey(trial.tell(Stop(StopStage.NEUTRALISE, "test")))
    for _ in range(3):
        trial.obey(trial.tick(1.0, SPOT * 1.004))
    assert trial.state.desks["BTC"].net == pytest.approx(0.0, abs=1e-3)
    trial.tell(Rearm("understood"))
    assert submits(trial.effects)


def test_a_stop_works_though_the_mode_is_unsound() -> None:
    trial = ready(rules(replace(FADE, max_inventory=0.0)), held="1")
    trial.obey(trial.tell(Stop(StopStage.NEUTRALISE, "test")))
    for _ in range(3):
        trial.obey(trial.tick(1.0))
    assert trial.state.desks["BTC"].net == pytest.approx(0.0, abs=1e-3)


def test_switched_off_it_forgets_where_it_was() -> None:
    trial = warm()
    assert "BTC" in trial.state.synthetics
    trial.tell(SetProfile(profile(spec(PolicyKind.BAND_TO_TARGET))))
    assert trial.state.synthetics == {}
    trial.tick(1.0, SPOT * 1.01)
    assert trial.state.desks["BTC"].proposal is None


def test_a_moving_target_widens_the_band_as_gamma_would() -> None:
    policy = spec(PolicyKind.WHALLEY_WILMOTT, cap=50.0)
    still = ready(replace(profile(policy), synthetics={}), held="0")
    chosen = replace(rules(replace(FADE, gamma_1pct_usd=500_000.0)), policies={"BTC": policy})
    trial = ready(chosen, held="0")
    for minute in range(1, 8):
        trial.tick(60.0, SPOT * (1.0 + 1e-5 * (-1) ** minute))
    band, bare = trial.state.desks["BTC"].target, still.state.desks["BTC"].target
    assert band is not None
    assert bare is not None
    assert band.high - band.low > 2.0 * (bare.high - bare.low)


def test_carry_leaves_the_target_alone() -> None:
    trial = warm(Synthetic(kind=SyntheticKind.CARRY, max_inventory=5.0))
    trial.tick(1.0, SPOT * 1.05)
    target = trial.state.desks["BTC"].target
    assert target is not None
    assert target.delta == 0.0
    assert trial.state.desks["BTC"].proposal is None
    assert trial.now > HOUR
