"""The policies on the reference book: ten straddles of 14 days at 60,000 and 60 % volatility."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import Anchor, Look, Memory, Samples
from terminal.hedging.target import target_of
from terminal.model.greeks import Sensitivity
from terminal.model.market import Funding
from terminal.model.risk import PolicyKind
from terminal.pricing.bands import trigger_prices
from tests.helpers.builders import NOW, PERP, exposure, inputs, profile, spec

SPOT = 60_000.0
GAMMA = 40_670.0 / (0.01 * SPOT**2)
VOL = 0.6
YEARS = 14.0 / 365.0


def book(net: float, kind: PolicyKind, **more: Any) -> HedgeInputs:
    """Inputs of the reference book; what is not a field of the policy is one of the inputs."""
    fields = spec(kind).__struct_fields__
    shape = {key: more.pop(key) for key in tuple(more) if key in fields}
    policy = spec(kind, **{"cap": 1e3, **shape})
    aversion = more.pop("risk_aversion", 2e-5)
    greeks = Sensitivity(
        delta=net,
        gamma=more.pop("gamma", GAMMA),
        theta_usd_day=-0.5 * GAMMA * (SPOT * VOL) ** 2 / 365.0,
        vega_usd=0.01 * GAMMA * SPOT**2 * VOL * YEARS,
    )
    plain: dict[str, Any] = {
        "spot": SPOT,
        "one_way_cost": 5.8e-4,
        "annual_vol": VOL,
        "exposure": exposure(net, total=greeks),
        "profile": profile(policy, risk_aversion=aversion, delta_cap_usd=1e9),
    }
    return inputs(net, policy, **plain | more)


def half_of(given: HedgeInputs) -> float:
    """Half-width of the band."""
    target = target_of(given)
    return 0.5 * (target.high - target.low)


@pytest.mark.parametrize(("aversion", "half"), [(1e-4, 0.87), (2e-5, 1.4935), (3e-6, 2.81)])
def test_whalley_wilmott_of_each_preset(aversion: float, half: float) -> None:
    given = book(0.0, PolicyKind.WHALLEY_WILMOTT, risk_aversion=aversion)
    assert half_of(given) == pytest.approx(half, rel=4e-3)


def test_hedge_of_the_reference_decision() -> None:
    """Net +2: sell 1.253 to +0.7467, and the next triggers are 60,661 and 58,017."""
    target = target_of(book(2.0, PolicyKind.WHALLEY_WILMOTT))
    assert target.high == pytest.approx(1.4935, abs=1e-4)
    assert target.delta == pytest.approx(0.7467, abs=1e-4)
    after = trigger_prices(SPOT, target.delta, target.high, GAMMA)
    assert float(after.up) == pytest.approx(60_661, abs=1.0)
    assert float(after.down) == pytest.approx(58_017, abs=1.0)
    now = trigger_prices(SPOT, 2.0, target.high, GAMMA)
    assert float(now.up) == pytest.approx(59_552, abs=1.0)  # brings delta back inside


def test_cost_at_which_the_band_reaches_the_delta() -> None:
    assert half_of(book(2.0, PolicyKind.WHALLEY_WILMOTT, one_way_cost=1.39e-3)) == pytest.approx(
        2.0, rel=1e-3
    )


def test_volatility_doubled_is_gamma_halved() -> None:
    """The band is 37 % narrower and the price step 26 % wider; eight gammas are four bands."""
    one = half_of(book(0.0, PolicyKind.WHALLEY_WILMOTT))
    half = half_of(book(0.0, PolicyKind.WHALLEY_WILMOTT, gamma=GAMMA / 2))
    assert half / one == pytest.approx(0.63, abs=1e-3)
    assert half / (GAMMA / 2) / (one / GAMMA) == pytest.approx(1.26, abs=1e-3)
    eight = half_of(book(0.0, PolicyKind.WHALLEY_WILMOTT, gamma=8 * GAMMA))
    assert eight / one == pytest.approx(4.0)


def test_impulse_band_of_five_dollars_an_order() -> None:
    target = target_of(book(3.0, PolicyKind.IMPULSE, order_cost_usd=5.0))
    assert target.high == pytest.approx(2.093, abs=2e-3)
    assert target.delta == pytest.approx(1.022, abs=2e-3)
    free = target_of(book(3.0, PolicyKind.IMPULSE, order_cost_usd=0.0))
    assert free.delta == free.high == pytest.approx(1.4935, abs=1e-4)


def flowing(day_sd: float, **more: Any) -> Memory:
    """Two hours of five-minute samples of a flow of ``day_sd`` coins a day."""
    squares = day_sd**2 * 2.0 / 24.0
    plain: dict[str, Any] = {"cost": 5.8e-4, "vol": VOL, "level": 0.0}
    return Memory(samples=Samples(at=NOW, squares=squares, span=2.0 * HOUR, **plain | more))


def test_flow_of_twenty_coins_a_day() -> None:
    given = book(0.0, PolicyKind.FLOW, memory=flowing(20.0), gamma=0.0)
    assert half_of(given) == pytest.approx(6.65, abs=5e-3)


@pytest.mark.parametrize("k", [0.25, 1.0, 2.0])
def test_gamma_band_is_k_daily_moves_of_delta(k: float) -> None:
    given = book(5.0, PolicyKind.GAMMA_BAND, sigmas=k, leave=1.0)
    assert half_of(given) == pytest.approx(k * GAMMA * 1_884.3, rel=1e-4)
    assert target_of(given).delta == target_of(given).high
    unwatched = replace(given, annual_vol=None)
    assert half_of(unwatched) == pytest.approx(half_of(given), rel=1e-9), "the options' own vol"


def test_zakamouline_by_hand() -> None:
    lam, aversion = 5.8e-4, 2e-5
    flat = lam / (aversion * SPOT * VOL**2 * YEARS)
    curved = 1.12 * lam**0.31 * YEARS**0.05 * VOL**-0.25 * math.sqrt(GAMMA / aversion)
    narrower = -4.76 * lam**0.78 * YEARS**-0.02 * VOL**-0.25 * (aversion * SPOT**2 * GAMMA) ** 0.15
    target = target_of(book(9.0, PolicyKind.ZAKAMOULINE, vanna=-2.0))
    assert 0.5 * (target.high - target.low) == pytest.approx(flat + curved, rel=1e-9)
    moved = VOL * (math.sqrt(1.0 + narrower) - 1.0)
    assert 0.5 * (target.high + target.low) == pytest.approx(2.0 * moved, rel=1e-9)
    assert target.delta == target.high


def test_price_step_closes_the_band_one_sigma_from_the_last_fill() -> None:
    step = SPOT * VOL / math.sqrt(365.0)  # 1,884 USD
    for move, closed in ((0.99, False), (-0.99, False), (1.01, True), (-1.01, True)):
        anchor = Anchor(0.0, SPOT - move * step, GAMMA, VOL)
        target = target_of(book(0.05, PolicyKind.PRICE_STEP, memory=Memory(anchor=anchor)))
        assert (target.low == target.high == target.delta) is closed


LOOKED = Look(NOW - MINUTE, SPOT)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"memory": Memory()}, "first look"),
        ({"memory": Memory(look=Look(NOW - 300 * SECOND, SPOT))}, "300 s since"),
        ({"memory": Memory(look=LOOKED, news_at=NOW)}, "an option or something else was traded"),
        ({"memory": Memory(look=LOOKED), "paid": NOW - SECOND}, "funding"),
        ({"memory": Memory(look=Look(NOW - MINUTE, SPOT * 0.99))}, "a jump of"),
        ({"memory": Memory(look=LOOKED), "paid": NOW - HOUR}, ""),
        ({"memory": Memory(look=LOOKED, news_at=NOW - HOUR)}, ""),
        ({"memory": Memory(look=Look(NOW - MINUTE, SPOT * 0.998))}, ""),
    ],
)
def test_hybrid_looks_by_the_clock_and_on_events(more: dict[str, Any], why: str) -> None:
    paid = more.pop("paid", None)
    given = book(9.0, PolicyKind.HYBRID, every_s=300.0, **more)
    if paid is not None:
        funding = Funding(PERP, rate=1e-4, interval=8 * HOUR, next_at=paid + 8 * HOUR)
        given = replace(given, hedge=replace(given.hedge, funding=funding))
    target = target_of(given)
    assert (target.hold == "") is bool(why)
    assert why in target.reason
    assert target.high == pytest.approx(1.4935, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (PolicyKind.ZAKAMOULINE, {"gamma": -GAMMA}),  # theta and gamma of one sign: no such option
        (PolicyKind.FLOW, {}),
        (PolicyKind.FLOW, {"memory": flowing(20.0), "annual_vol": None}),
        (PolicyKind.WHALLEY_WILMOTT, {"one_way_cost": math.nan}),
        (PolicyKind.IMPULSE, {"one_way_cost": math.nan}),
        (PolicyKind.GAMMA_BAND, {"annual_vol": None, "gamma": -GAMMA}),
        (PolicyKind.PRICE_STEP, {"annual_vol": None, "gamma": -GAMMA}),
    ],
)
def test_what_cannot_be_computed_is_the_fixed_band_and_says_so(
    kind: PolicyKind, given: dict[str, Any]
) -> None:
    target = target_of(book(1.0, kind, low=-0.3, high=0.4, **given))
    assert (target.low, target.delta, target.high) == (-0.3, 0.0, 0.4)
    assert "the fixed band holds instead" in target.reason


@pytest.mark.parametrize("kind", [PolicyKind.WHALLEY_WILMOTT, PolicyKind.IMPULSE])
def test_without_gamma_the_least_band_is_held_and_explained(kind: PolicyKind) -> None:
    target = target_of(book(0.0, kind, gamma=0.0))
    assert target.high == pytest.approx(0.003)
    assert "no gamma" in target.reason
