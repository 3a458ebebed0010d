"""What is added to a band: where it moves, when it holds, and what is remembered for it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, SECOND, YEAR
from terminal.hedging.centre import band_gamma, book_vol, book_years, centre, gamma_of
from terminal.hedging.decide import decide
from terminal.hedging.inputs import Expiring, HedgeInputs
from terminal.hedging.memory import SAMPLE, Anchor, Memory, Samples, filled, flow_vol, sampled
from terminal.hedging.preview import preview
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Hold
from terminal.model.risk import PolicyKind
from tests.helpers.builders import NOW, SPOT, exposure, inputs, profile, spec


def of(net: float, *, greeks: Sensitivity | None = None, **more: Any) -> HedgeInputs:
    """Inputs; what is not a field of the policy is one of the inputs."""
    shape = {key: more.pop(key) for key in tuple(more) if key in spec().__struct_fields__}
    policy = spec(**shape)
    held = exposure(net, option_delta=more.pop("option_delta", 0.0))
    if greeks is not None:
        held = replace(held, total=greeks)
    return inputs(net, policy, exposure=held, profile=profile(policy), **more)


def test_hedge_ratio_and_offset() -> None:
    """Half of ten options is hedged: 5 of their delta and the offset of 1 are left."""
    given_ = of(10.0, option_delta=10.0, ratio_pct=50.0, target=1.0)
    assert centre(given_) == 6.0
    assert target_of(given_).delta == 6.0
    assert centre(of(10.0, option_delta=10.0, ratio_pct=150.0)) == -5.0
    assert centre(of(0.0)) == 0.0


@given(st.floats(0.0, 1.0), st.floats(-10.0, 10.0), st.floats(0.0, 150.0))
def test_a_settling_delta_is_let_go_evenly_and_only_as_far_as_it_was_hedged(
    left: float, delta: float, ratio: float
) -> None:
    fading = Expiring(delta, 0.01, left)
    given_ = of(0.0, expiring=fading, ratio_pct=ratio, option_delta=delta)
    kept = (1.0 - ratio / 100.0) * delta + ratio / 100.0 * (1.0 - left) * delta
    assert centre(given_) == pytest.approx(kept, abs=1e-9)
    assert gamma_of(given_) == pytest.approx(-(1.0 - left) * 0.01 * ratio / 100.0)


@pytest.mark.parametrize("ratio", [100.0, 40.0])
def test_bands_are_made_of_the_calm_gamma_where_there_is_one(ratio: float) -> None:
    near = inputs(0.0, spec(ratio_pct=ratio), gamma=0.9)
    assert band_gamma(near) == gamma_of(near)
    calmed = replace(near, calm_gamma=0.01)
    assert band_gamma(calmed) == pytest.approx(0.01 * ratio / 100.0)
    assert gamma_of(calmed) == gamma_of(near)  # what price does to delta stays what it is



def test_no_whipsaw_while_a_settlement_is_averaged() -> None:
    """A full hedge of 1 coin is unwound with the average: delta stays in its band all along."""
    position, hedged, trades = 1.0, -1.0, []
    for second in range(0, 1801, 10):
        left = 1.0 - second / 1800.0
        held = of(
            position + hedged,
            option_delta=position,
            expiring=Expiring(position, 0.0, left),
            taper_s=1800.0,
        )
        decision = decide(held, "p")
        if not isinstance(decision, Hold):
            step = decision.proposal.after - decision.proposal.before
            hedged += step
            trades.append(step)
    assert all(step > 0.0 for step in trades), "it only ever unwinds"
    assert sum(trades) == pytest.approx(1.0, abs=0.11)
    assert len(trades) <= 10


def test_tilt_widens_above_and_narrows_below() -> None:
    target = target_of(of(5.0, tilt_pct=50.0))
    assert (target.low, target.high) == pytest.approx((-0.05, 0.15))


@pytest.mark.parametrize(
    ("side", "low", "high"), [(0, -0.1, 0.1), (-1, -0.15, 0.1), (1, -0.1, 0.15)]
)
def test_hysteresis_is_on_the_side_that_undoes_the_last_hedge(
    side: int, low: float, high: float
) -> None:
    given_ = of(0.0, hysteresis_pct=50.0, memory=Memory(side=side))
    target = target_of(given_)
    assert (target.low, target.high) == pytest.approx((low, high))


def test_least_interval_holds_and_says_how_long() -> None:
    early = of(0.5, interval_s=60.0, last_hedge_at=NOW - 45 * SECOND)
    decision = decide(early, "p")
    assert decision == Hold("the policy keeps hedges 60 s apart: 15 s left")
    assert not isinstance(decide(replace(early, last_hedge_at=NOW - 60 * SECOND), "p"), Hold)
    assert not isinstance(decide(replace(early, last_hedge_at=0), "p"), Hold)
    capped = replace(early, profile=profile(early.spec, delta_cap_usd=10_000.0))
    assert not isinstance(decide(capped, "p"), Hold), "beyond the delta cap nothing waits"


def options(vol: float, gamma: float = 1e-4) -> Sensitivity:
    """Greeks of options of one volatility, 30 days out."""
    years = 30.0 / 365.0
    return Sensitivity(
        gamma=gamma,
        theta_usd_day=-0.5 * gamma * (SPOT * vol) ** 2 / 365.0,
        vega_usd=0.01 * gamma * SPOT**2 * vol * years,
    )


@given(st.floats(0.05, 3.0), st.floats(1e-6, 1e-2), st.sampled_from([-1.0, 1.0]))
def test_a_book_of_one_option_has_its_volatility_and_time(
    vol: float, gamma: float, sign: float
) -> None:
    given_ = of(0.0, greeks=options(vol, sign * gamma))
    found = book_vol(given_)
    assert found == pytest.approx(vol)
    assert found is not None
    assert book_years(given_, found) == pytest.approx(30.0 / 365.0)


def test_a_book_without_options_has_no_volatility() -> None:
    assert book_vol(of(1.0)) is None
    assert book_vol(of(1.0, greeks=Sensitivity(gamma=1e-4, theta_usd_day=5.0))) is None


ANCHOR = Memory(anchor=Anchor(0.05, SPOT, 1e-4, 0.5))


@pytest.mark.parametrize(
    ("net", "vol", "spot", "held"),
    [
        (0.14, 0.6, SPOT, True),  # volatility alone
        (-0.14, 0.4, SPOT, True),
        (0.16, 0.6, SPOT, False),  # too far beyond the edge: room is half of 0.1
        (0.14, 0.5, SPOT, False),  # volatility has not moved
        (0.14, 0.6, SPOT + 600.0, False),  # price alone would have left the band
        (0.09, 0.6, SPOT, False),  # inside the band there is nothing to hold
    ],
)
def test_what_volatility_moved_alone_is_left_alone(
    net: float, vol: float, spot: float, held: bool
) -> None:
    given_ = of(net, greeks=options(vol), memory=ANCHOR, spot=spot, vol_skip_pct=50.0)
    assert ("volatility moved delta" in target_of(given_).hold) is held
    off = replace(given_, spec=replace(given_.spec, vol_skip_pct=0.0))
    assert target_of(off).hold == ""


def test_a_fill_resets_what_volatility_is_measured_from() -> None:
    after = filled(ANCHOR, NOW, -0.3, news=False)
    assert (after.anchor, after.side, after.hedged) == (None, -1, -0.3)
    assert after.news_at == ANCHOR.news_at, "a hedge's own fill is no news"
    foreign = filled(after, NOW + 1, 0.0, news=True)
    assert foreign.news_at == NOW + 1
    assert (foreign.side, foreign.hedged) == (-1, -0.3), "a trade from elsewhere is no hedge"
    seen = observed(of(0.2, greeks=options(0.5), memory=after, vol_skip_pct=50.0))
    assert seen.anchor is not None
    assert replace(seen.anchor, vol=None) == Anchor(0.2, SPOT, 1e-4, None)
    assert seen.anchor.vol == pytest.approx(0.5)


@pytest.mark.parametrize("kind", list(PolicyKind))
def test_nothing_is_remembered_that_nothing_reads(kind: PolicyKind) -> None:
    given_ = of(0.2, kind=kind)
    reads = kind in {PolicyKind.FLOW, PolicyKind.PRICE_STEP}
    assert (observed(given_) is given_.memory) is not reads


def test_samples_are_taken_five_minutes_apart() -> None:
    first = observed(of(0.2, patience=1.0))
    assert first.samples is not None
    again = of(0.2, patience=1.0, memory=first, now=NOW + SAMPLE - 1)
    assert observed(again) is first
    later = observed(replace(again, now=NOW + SAMPLE, one_way_cost=1e-3))
    assert later.samples is not None
    assert first.samples.cost < later.samples.cost < 1e-3


def test_the_mean_forgets_half_in_a_day() -> None:
    before = Samples(at=NOW, cost=1.0, vol=None, level=0.0)
    after = sampled(before, Samples(at=NOW + DAY, cost=0.0, vol=0.4, level=2.0))
    assert after.cost == pytest.approx(0.5)
    assert (after.vol, after.squares) == (0.4, 4.0)


def test_flow_is_the_spread_of_delta_without_our_hedges() -> None:
    """One coin up and down every five minutes, hedged away each time: the flow is all of it."""
    memory, level = Memory(), 0.0
    for step in range(40):
        level += 1.0 if step % 2 else -1.0
        memory = filled(memory, NOW, -1.0 if step % 2 else 1.0, news=False)
        given_ = of(level + memory.hedged, kind=PolicyKind.FLOW, memory=memory)
        memory = observed(replace(given_, now=NOW + step * SAMPLE))
    assert flow_vol(memory.samples) == pytest.approx(math.sqrt(YEAR / SAMPLE))
    assert flow_vol(None) is None
    assert flow_vol(Samples(at=NOW, cost=0.0, vol=None, level=0.0, span=HOUR / 2)) is None


def test_preview_of_the_reference_band() -> None:
    """Long gamma leaves upward when price rises; short gamma leaves upward when it falls."""
    for sign in (1.0, -1.0):
        greeks = options(0.5, sign * 1e-4)
        given_ = of(0.02, kind=PolicyKind.WHALLEY_WILMOTT, greeks=greeks)
        found, target = preview(given_), target_of(given_)
        half = target.high
        assert (found.low, found.high) == (-half, half)
        assert (found.stop_below, found.stop_above) == pytest.approx((-half / 2, half / 2))
        assert found.above_usd == found.below_usd == pytest.approx(half * SPOT)
        near, far = (half - 0.02) / 1e-4, (half + 0.02) / 1e-4
        up, down = (near, far) if sign > 0 else (far, near)
        assert (found.up, found.down) == pytest.approx((up, down))
        assert found.fault == ""


def test_preview_says_what_cannot_be() -> None:
    assert "widen it" in preview(of(0.0, low=-1e-4, high=1e-4)).fault
    flat = preview(of(0.0))
    assert (flat.up, flat.down) == (None, None)
    out = preview(of(5.0, greeks=options(0.5)))
    assert (out.up, out.down) == (None, None), "it hedges now"
    steps = preview(of(0.0, kind=PolicyKind.PRICE_STEP, memory=ANCHOR, spot=SPOT + 300.0))
    one = (SPOT + 300.0) * 0.5 / math.sqrt(365.0)
    assert (steps.up, steps.down) == pytest.approx((one - 300.0, one + 300.0))
