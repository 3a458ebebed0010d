"""What a forecast may do to a hedge: scale its band and its urgency within bounds, nothing else."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from terminal.core.units import HOUR, YEAR
from terminal.hedging.adjustments.foresight import (
    LIKELY,
    STALE,
    foreseen,
    foresight_of,
    hurry,
    looks_ahead,
)
from terminal.hedging.centre import centre
from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import least_half_width
from terminal.hedging.target import target_of
from terminal.model.forecast import Foretold, Outlook
from terminal.model.hedge import Propose, Target
from terminal.model.risk import COMPUTED, PolicyKind, Style
from tests.helpers.builders import NOW, SPOT, inputs, profile, spec

VOLS = st.floats(0.01, 5.0)


def told(value: float | None, *, on: bool = True, **more: Any) -> Foretold:
    return Foretold(name="x", value=value, on=on and value is not None, **more)


def outlook(
    day: float | None = 0.5,
    season: float | None = 1.0,
    spike: float | None = 0.01,
    **more: Any,
) -> Outlook:
    """An outlook whose usual volatility is 0.5; what is None is off."""
    fields: dict[str, Any] = {
        "underlying": "BTC",
        "at": NOW - HOUR // 2,
        "day": told(day, usual=0.5, reason="" if day else "too short"),
        "week": told(0.5),
        "season": told(season),
        "spike": told(spike),
    }
    return Outlook(**(fields | more))


def looking(given: Outlook | None, net: float = 1.0, **more: Any) -> HedgeInputs:
    """Inputs of a policy that lets a forecast in; what is no input is a field of the policy."""
    shape = {key: more.pop(key) for key in tuple(more) if key in spec().__struct_fields__}
    policy = spec(**({"foresight_pct": 50.0, "foresight_hurry": 3.0} | shape))
    limits = more.pop("limits", {})
    return inputs(net, policy, profile=profile(policy, **limits), outlook=given, **more)


def test_a_default_policy_lets_nothing_in() -> None:
    plain = inputs(1.0)
    assert not looks_ahead(plain.spec)
    ahead = replace(plain, outlook=outlook(2.0, spike=0.5))
    assert foresight_of(ahead) is None
    assert decide(ahead, "p") == decide(plain, "p")
    assert hurry(ahead, 1e-9) == 1.0


@given(VOLS, st.none() | st.floats(0.1, 5.0), st.floats(0.0, 60.0), st.floats(0.0, LIKELY))
def test_the_factor_is_a_power_within_the_bound(
    day: float, season: float | None, bound: float, spike: float
) -> None:
    spike = min(spike, 0.999 * LIKELY)
    found = foresight_of(looking(outlook(day, season, spike), foresight_pct=bound))
    assert found is not None
    vol = day * math.sqrt(1.0 if season is None else season)
    expected = (0.5 / vol) ** (2.0 / 3.0)
    most = 1.0 + bound / 100.0
    assert found.factor == pytest.approx(min(max(expected, 1.0 / most), most))
    assert found.vol == pytest.approx(vol)
    assert (found.at, found.age) == (NOW - HOUR // 2, HOUR // 2)


def test_a_likely_spike_narrows_to_the_lower_bound_however_calm_the_day() -> None:
    found = foresight_of(looking(outlook(0.1, spike=LIKELY)))
    assert found is not None
    assert found.factor == pytest.approx(1.0 / 1.5)
    alone = foresight_of(looking(outlook(None, None, 0.2)))
    assert alone is not None
    assert alone.factor == pytest.approx(1.0 / 1.5)
    assert alone.vol is None
    assert "off: x, x" in alone.text


def test_the_season_stands_on_the_usual_volatility_where_the_day_is_off() -> None:
    found = foresight_of(looking(outlook(None, 4.0)))
    assert found is not None
    assert found.vol == pytest.approx(1.0)
    assert found.factor == pytest.approx(1.0 / 1.5)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (None, "no forecast has been made yet"),
        (outlook(None, None, None), "no forecast is on: too short"),
        (outlook(0.9, at=NOW - STALE - 1), "the forecast is 2.0 h old: it is not used"),
        (outlook(None, None, None, at=0), "no forecast is on: too short"),
    ],
)
def test_without_a_forecast_hedging_goes_on_as_before(given_: Outlook | None, words: str) -> None:
    ahead = looking(given_)
    found = foresight_of(ahead)
    assert found is not None
    assert found.text == words
    assert (found.factor, found.drift, found.most) == (1.0, 0.0, 1.0)
    plain = replace(ahead, outlook=None, spec=spec())
    assert target_of(ahead) == target_of(plain)
    assert hurry(ahead, 1e-9) == 1.0


def half_of(target: Target) -> float:
    return 0.5 * (target.high - target.low)


def capped(
    shape: tuple[PolicyKind, float, float], book: tuple[float, float], delta_cap: float
) -> HedgeInputs:
    """Inputs of a policy (kind, cap, bound) with a book (net delta, gamma)."""
    kind, cap, bound = shape
    net, gamma = book
    return looking(
        None, net, kind=kind, cap=cap, foresight_pct=bound, gamma=gamma,
        limits={"delta_cap_usd": delta_cap},
    )  # fmt: skip


CAPPED = st.builds(
    capped,
    st.tuples(st.sampled_from(list(PolicyKind)), st.floats(1e-3, 2.0), st.floats(0.0, 60.0)),
    st.tuples(st.floats(-3.0, 3.0), st.floats(-1e-2, 1e-2)),
    st.floats(10.0, 1e6),
)


@given(CAPPED, VOLS, st.floats(0.0, 1.0))
def test_no_cap_is_passed_and_nothing_but_the_band_changes(
    given_: HedgeInputs, day: float, spike: float
) -> None:
    ahead = replace(given_, outlook=outlook(day, spike=spike))
    kind, cap = ahead.spec.kind, ahead.spec.cap
    bound, delta_cap = ahead.spec.foresight_pct, ahead.profile.delta_cap_usd
    shape = replace(ahead.spec, foresight_pct=0.0, foresight_hurry=1.0)
    plain = target_of(replace(ahead, spec=shape, outlook=None))
    found = target_of(ahead)
    most = 1.0 + bound / 100.0
    assert half_of(plain) / most - 1e-9 <= half_of(found)
    assert half_of(found) <= max(half_of(plain) * most, least_half_width(ahead)) + 1e-9
    assert found.low <= found.delta <= found.high
    assert (found.rule, found.hold) == (plain.rule, plain.hold)
    middle = centre(ahead)
    before, after = max(abs(plain.high - middle), abs(plain.low - middle)), half_of(found)
    if kind in COMPUTED:
        assert after <= max(cap, half_of(plain)) + 1e-9
    assert after <= max(delta_cap / SPOT, before, least_half_width(ahead)) + 1e-9


def test_a_fixed_band_is_never_narrowed_to_what_cannot_be_traded() -> None:
    ahead = looking(outlook(5.0))
    least = least_half_width(ahead)
    thin = replace(ahead, spec=replace(ahead.spec, low=-1.1 * least, high=1.1 * least))
    assert half_of(target_of(thin)) == pytest.approx(least)
    closed = Target(0.0, 0.0, 0.0, "timer", "due")
    assert foreseen(ahead, closed).high == 0.0


def test_the_reason_carries_the_forecast_and_its_factor() -> None:
    found = target_of(looking(outlook(1.0)))
    assert "forecast volatility 100.0%, usual 50.0%" in found.reason
    assert "0.67 times as wide" in found.reason
    same = target_of(looking(outlook(0.5)))
    assert "times as wide" not in same.reason


@given(st.floats(0.0, 1.0), st.floats(1.0, 5.0), st.floats(1e-12, 1e-6))
def test_hurry_is_the_drift_of_a_spike_within_the_bound(
    spike: float, bound: float, waiting: float
) -> None:
    ahead = looking(outlook(0.8, 1.0, spike), foresight_hurry=bound)
    drift = spike * 1.5 * 0.8 * math.sqrt(HOUR / YEAR) / 3600.0
    expected = 1.0 if bound == 1.0 else min(1.0 + drift / waiting, bound)
    assert hurry(ahead, waiting) == pytest.approx(expected)
    assert hurry(ahead, 0.0) == 1.0


def test_a_likely_spike_makes_a_hedge_take_that_would_rest() -> None:
    limits = {"style": Style.BY_URGENCY}
    calm = looking(outlook(0.5, spike=1e-6), limits=limits)
    base = decide(calm, "p")
    assert isinstance(base, Propose)
    assert base.proposal.plan is not None
    assert base.proposal.plan.urgency is not None
    limit = 1.5 * base.proposal.plan.urgency
    both = {}
    for spike in (1e-6, 0.04):
        ahead = looking(outlook(0.5, spike=spike), limits=limits | {"urgency_limit": limit})
        found = decide(ahead, "p")
        assert isinstance(found, Propose)
        both[spike] = found.proposal
    calm_plan, hasty_plan = both[1e-6].plan, both[0.04].plan
    assert calm_plan is not None
    assert hasty_plan is not None
    assert calm_plan.style is Style.POST_ONLY
    assert hasty_plan.style in {Style.MARKET, Style.MIX}
    assert hasty_plan.urgency is not None
    assert calm_plan.urgency is not None
    assert hasty_plan.urgency <= 3.0 * calm_plan.urgency * (1 + 1e-9)
    # Size, side and limits of what is hedged are those of before.
    for name in ("side", "qty", "coins", "before", "after", "key", "reduce_only", "target"):
        assert asdict(both[1e-6])[name] == asdict(both[0.04])[name]


def test_words_say_that_a_forecast_raised_the_urgency() -> None:
    found = decide(looking(outlook(0.5, spike=0.04)), "p")
    assert isinstance(found, Propose)
    assert found.proposal.plan is not None
    assert "times by a forecast of a spike" in found.proposal.plan.why
