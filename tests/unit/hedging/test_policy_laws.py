"""Laws that every policy keeps, whatever the book, the market and what is added to it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, SECOND
from terminal.hedging.centre import centre
from terminal.hedging.decide import decide
from terminal.hedging.inputs import Expiring, HedgeInputs
from terminal.hedging.memory import Anchor, Look, Memory, Samples, filled
from terminal.hedging.target import target_of
from terminal.hedging.watch import observed
from terminal.model.forecast import Foretold, Outlook
from terminal.model.greeks import Sensitivity
from terminal.model.hedge import Hold, Propose, Target
from terminal.model.risk import PolicyKind, PolicySpec
from tests.helpers.builders import NOW, SPOT, exposure, inputs, profile, spec

KINDS = st.sampled_from(list(PolicyKind))
GROWS_WITH_COST = [
    PolicyKind.WHALLEY_WILMOTT,
    PolicyKind.ZAKAMOULINE,
    PolicyKind.IMPULSE,
    PolicyKind.FLOW,
    PolicyKind.HYBRID,
]
NETS = st.floats(-50.0, 50.0)
SIZES = st.floats(-1e3, 1e3)


def specs() -> st.SearchStrategy[PolicySpec]:
    """Policies with any of their additions, as files allow them."""
    return st.builds(
        spec,
        KINDS,
        target=st.floats(-3.0, 3.0),
        low=st.floats(-2.0, 0.0),
        high=st.floats(0.0, 2.0),
        cap=st.floats(1e-4, 5.0),
        every_s=st.sampled_from([1.0, 300.0, 86_400.0]),
        leave=st.floats(0.0, 1.0),
        sigmas=st.floats(0.01, 20.0),
        order_cost_usd=st.floats(0.0, 1e4),
        ratio_pct=st.floats(0.0, 150.0),
        tilt_pct=st.floats(-90.0, 90.0),
        patience=st.floats(0.0, 3.0),
        regime=st.floats(0.0, 2.0),
        interval_s=st.sampled_from([0.0, 60.0]),
        hysteresis_pct=st.floats(0.0, 300.0),
        taper_s=st.just(1800.0),
        vol_skip_pct=st.floats(0.0, 100.0),
        foresight_pct=st.floats(0.0, 60.0),
        foresight_hurry=st.floats(1.0, 5.0),
    )


def memories() -> st.SearchStrategy[Memory]:
    """Anything that may be remembered."""
    prices = st.floats(0.5 * SPOT, 2.0 * SPOT)
    vols = st.none() | st.floats(0.01, 5.0)
    return st.builds(
        Memory,
        look=st.none() | st.builds(Look, st.integers(NOW - DAY, NOW), prices),
        news_at=st.integers(NOW - DAY, NOW),
        hedged=NETS,
        side=st.sampled_from([-1, 0, 1]),
        anchor=st.none() | st.builds(Anchor, NETS, prices, st.floats(-0.01, 0.01), vols),
        samples=st.none()
        | st.builds(
            Samples,
            at=st.just(NOW - SECOND),
            cost=st.floats(1e-6, 1e-2),
            vol=vols,
            level=NETS,
            squares=st.floats(0.0, 1e4),
            span=st.floats(0.0, 1e15),
        ),
    )


def moment(
    net: float, policy: PolicySpec, greeks: Sensitivity, cap: float, **more: Any
) -> HedgeInputs:
    """Inputs of a decision about a book of these Greeks."""
    options = more.pop("option_delta")
    return inputs(
        net,
        policy,
        exposure=exposure(net, total=replace(greeks, delta=net), option_delta=options),
        profile=profile(policy, delta_cap_usd=cap),
        **more,
    )


def foretold(most: float) -> st.SearchStrategy[Foretold]:
    """Anything that may be foretold."""
    return st.builds(
        Foretold,
        name=st.just("x"),
        value=st.floats(0.0, most),
        usual=st.none() | st.floats(0.0, most),
        on=st.booleans(),
    )


def outlooks() -> st.SearchStrategy[Outlook]:
    """Outlooks, fresh and old."""
    return st.builds(
        Outlook,
        st.just("BTC"),
        st.integers(NOW - DAY, NOW),
        foretold(5.0),
        foretold(5.0),
        foretold(20.0),
        foretold(1.0),
    )


# Books of every kind: long and short gamma, none, and numbers that fit no option.
MOMENTS = st.builds(
    moment,
    NETS,
    specs(),
    st.builds(
        Sensitivity,
        gamma=st.just(0.0) | st.floats(-1e-2, 1e-2),
        theta_usd_day=st.floats(-1e5, 1e5),
        vega_usd=st.floats(-1e6, 1e6),
    ),
    st.floats(10.0, 1e7),
    option_delta=NETS,
    memory=memories(),
    expiring=st.none() | st.builds(Expiring, NETS, st.floats(-1.0, 1.0), st.floats(0.0, 1.0)),
    vanna=st.none() | SIZES,
    outlook=st.none() | outlooks(),
    one_way_cost=st.floats(0.0, 0.02),
    annual_vol=st.none() | st.floats(0.0, 5.0),
    last_hedge_at=st.sampled_from([0, NOW - HOUR, NOW - SECOND]),
)


def half(target: Target) -> float:
    """Half-width of a band."""
    return 0.5 * (target.high - target.low)


@given(MOMENTS)
def test_a_target_is_a_number_inside_its_band(given_: HedgeInputs) -> None:
    target = target_of(given_)
    assert all(math.isfinite(each) for each in (target.low, target.delta, target.high))
    assert target.low <= target.delta <= target.high
    assert target.rule
    assert target.reason
    assert target_of(given_) == target, "the same inputs give the same target"


@given(MOMENTS)
def test_once_hedged_it_holds(given_: HedgeInputs) -> None:
    """After the proposed hedge filled, nothing more is wanted at the same moment."""
    decision = decide(given_, "p")
    if isinstance(decision, Hold):
        return
    offer = decision.proposal
    done = replace(
        given_,
        net_delta=offer.after,
        exposure=replace(given_.exposure, total=replace(given_.exposure.total, delta=offer.after)),
        last_hedge_at=given_.now,
        memory=filled(given_.memory, given_.now, offer.after - offer.before, news=False),
    )
    again = decide(replace(done, memory=observed(done)), "q")
    assert isinstance(again, Hold), again


@given(MOMENTS)
def test_a_hold_never_stands_beyond_the_delta_cap(given_: HedgeInputs) -> None:
    away = abs(given_.net_delta - centre(given_)) * given_.spot
    if away > given_.profile.delta_cap_usd:
        assert target_of(given_).hold == ""


def gammas(kind: PolicyKind, gamma: float, **more: Any) -> HedgeInputs:
    """An option book of one gamma, whose theta and vega are those of one option of 30 days."""
    vol, years = 0.5, 30.0 / 365.0
    greeks = Sensitivity(
        gamma=gamma,
        theta_usd_day=-0.5 * gamma * (SPOT * vol) ** 2 / 365.0,
        vega_usd=0.01 * gamma * SPOT**2 * vol * years,
    )
    policy = spec(kind, cap=1e9, **more.pop("shape", {}))
    samples = Samples(at=NOW, cost=5e-4, vol=0.5, level=0.0, squares=4.0, span=2.0 * HOUR)
    plain: dict[str, Any] = {
        "exposure": exposure(0.0, total=greeks),
        "memory": Memory(samples=samples),
        "profile": profile(policy, delta_cap_usd=1e9, risk_aversion=more.pop("aversion", 2e-5)),
    }
    return inputs(more.pop("net", 0.0), policy, **plain | more)


STEEP = st.floats(1e-4, 1e-2)


@pytest.mark.parametrize("kind", list(PolicyKind))
@given(gamma=STEEP, net=st.floats(0.001, 40.0))
def test_bands_are_symmetric_under_a_change_of_sign(
    kind: PolicyKind, gamma: float, net: float
) -> None:
    up = target_of(gammas(kind, gamma, net=net))
    down = target_of(gammas(kind, gamma, net=-net))
    assert (down.low, down.delta, down.high) == (-up.high, -up.delta, -up.low)
    short = target_of(gammas(kind, -gamma, net=net))
    assert (short.low, short.high) == (up.low, up.high)


@pytest.mark.parametrize("kind", GROWS_WITH_COST)
@given(gamma=STEEP, cost=st.floats(1e-5, 5e-3), factor=st.floats(1.01, 4.0))
def test_wider_the_more_trading_costs(
    kind: PolicyKind, gamma: float, cost: float, factor: float
) -> None:
    cheap = target_of(gammas(kind, gamma, one_way_cost=cost))
    dear = target_of(gammas(kind, gamma, one_way_cost=factor * cost))
    assert half(dear) >= half(cheap)


@pytest.mark.parametrize("kind", [PolicyKind.WHALLEY_WILMOTT, PolicyKind.FLOW, PolicyKind.HYBRID])
@given(gamma=STEEP, factor=st.floats(1.0, 4.0))
def test_a_third_power_of_cost_over_aversion(kind: PolicyKind, gamma: float, factor: float) -> None:
    one = half(target_of(gammas(kind, gamma, one_way_cost=1e-3)))
    dear = half(target_of(gammas(kind, gamma, one_way_cost=1e-3 * factor)))
    averse = half(target_of(gammas(kind, gamma, one_way_cost=1e-3, aversion=2e-5 / factor)))
    assert dear / one == pytest.approx(factor ** (1.0 / 3.0))
    assert averse / one == pytest.approx(factor ** (1.0 / 3.0))


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
@given(gamma=STEEP, ratio=st.floats(1.05, 3.0))
def test_patience_is_a_power_of_cost_over_its_mean(
    exponent: float, gamma: float, ratio: float
) -> None:
    usual = gammas(PolicyKind.WHALLEY_WILMOTT, gamma, one_way_cost=5e-4)
    now = gammas(
        PolicyKind.WHALLEY_WILMOTT,
        gamma,
        one_way_cost=5e-4 * ratio,
        shape={"patience": exponent},
    )
    assert half(target_of(now)) / half(target_of(usual)) == pytest.approx(ratio**exponent)


@given(STEEP, st.floats(0.3, 3.0))
def test_regime_narrows_when_volatility_is_high_and_is_bounded(gamma: float, ratio: float) -> None:
    kind = PolicyKind.WHALLEY_WILMOTT
    plain = half(target_of(gammas(kind, gamma, annual_vol=0.5)))
    shaped = gammas(kind, gamma, annual_vol=0.5 * ratio, shape={"regime": 2.0 / 3.0})
    expected = min(max(ratio ** (-2.0 / 3.0), 0.5), 2.0)
    assert half(target_of(shaped)) / plain == pytest.approx(expected)


@pytest.mark.parametrize("tiny", [1e-12, 1e-214, 5e-324])
def test_no_ratio_is_too_extreme_to_be_a_width(tiny: float) -> None:
    kind = PolicyKind.WHALLEY_WILMOTT
    samples = Memory(samples=Samples(at=NOW - SECOND, cost=tiny, vol=1.0, level=0.0))
    calm = gammas(kind, 1.0, annual_vol=tiny, shape={"regime": 2.0}, memory=samples)
    assert math.isfinite(target_of(calm).high)
    cheap = gammas(kind, 1.0, one_way_cost=5e-4, shape={"patience": 3.0}, memory=samples)
    assert math.isfinite(target_of(cheap).high)


def test_proposals_and_holds_are_both_met() -> None:
    """The laws above are empty unless the strategies reach both answers."""
    assert isinstance(decide(inputs(5.0), "p"), Propose)
    assert isinstance(decide(inputs(0.0), "p"), Hold)
