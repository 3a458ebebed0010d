"""The target of a perps-only mode: its shape, its limit, its trend filter."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE, YEAR
from terminal.hedging.synthetic.arming import unsound
from terminal.hedging.synthetic.path import (
    Progress,
    advanced,
    aim,
    begun,
    straddle_delta,
    straddle_gamma,
    trend,
)
from terminal.model.synthetic import Synthetic, SyntheticKind
from terminal.pricing.black import greeks
from tests.helpers.builders import exposure

S0 = 60_000.0
NOW = 20_000 * DAY
FADE = Synthetic(
    kind=SyntheticKind.FADE_GRID,
    gamma_1pct_usd=40_670.0,
    max_inventory=2.0,
    trend_limit=2.0,
    trend_hours=1.0,
)
LONG = replace(FADE, kind=SyntheticKind.STRADDLE, trend_limit=1.0)
CARRY = Synthetic(kind=SyntheticKind.CARRY, max_inventory=5.0)

prices = st.floats(30_000.0, 90_000.0)


def walked(terms: Synthetic, path: list[float], every: int = MINUTE) -> list[Progress]:
    """Progress along prices, one each ``every`` ns."""
    found: list[Progress] = []
    for number, price in enumerate(path):
        found.append(advanced(found[-1] if found else None, terms, price, NOW + number * every))
    return found


def calm(count: int = 70) -> list[float]:
    """Prices that go to and fro without getting anywhere."""
    return [S0 * (1.0 + 1e-4 * (-1) ** number) for number in range(count)]


@given(price=prices)
def test_a_grid_sells_rallies_and_buys_dips_up_to_its_limit(price: float) -> None:
    state = begun(FADE, S0, NOW)
    target, slope = aim(state, price, NOW)
    assert abs(target) <= FADE.max_inventory
    assert (price - S0) * target <= 0.0
    assert slope <= 0.0
    if abs(target) < FADE.max_inventory:
        assert target == pytest.approx(-40_670.0 / (0.01 * S0 * S0) * (price - S0))


@given(price=prices)
def test_a_replication_buys_rallies_and_sells_dips(price: float) -> None:
    state = begun(LONG, S0, NOW)
    target, slope = aim(state, price, NOW)
    assert abs(target) <= LONG.max_inventory
    assert slope >= 0.0
    up, _ = aim(state, price * 1.01, NOW)
    assert up >= target


def test_a_replication_begins_with_the_gamma_that_was_asked_for() -> None:
    state = begun(LONG, S0, NOW)
    assert state.coins == pytest.approx(10.0, rel=1e-4)  # the reference book: ten straddles
    _, slope = aim(state, S0, NOW)
    assert slope * S0 * S0 * 0.01 == pytest.approx(40_670.0)


@given(price=prices, years=st.floats(0.001, 1.0), vol=st.floats(0.2, 2.0))
def test_straddles_are_those_of_the_pricing_floor(price: float, years: float, vol: float) -> None:
    call, put = (greeks(price, S0, years, vol, sign) for sign in (1.0, -1.0))
    delta = float(call.delta) + float(put.delta)
    assert straddle_delta(price, S0, years, vol) == pytest.approx(delta, abs=1e-12)
    gamma = float(call.gamma) + float(put.gamma)
    assert straddle_gamma(price, S0, years, vol) == pytest.approx(gamma, rel=1e-9, abs=1e-300)


def test_nothing_is_added_while_the_filter_warms_up() -> None:
    states = walked(FADE, [S0, *[S0 * 1.01] * 10])
    assert {each.target for each in states} == {0.0}
    assert "warms up" in states[-1].blocked
    assert trend(states[-1], NOW + 10 * MINUTE) is None


def test_a_grid_follows_calm_prices_and_stops_growing_in_a_trend() -> None:
    before = calm()
    rally = [S0 * (1.0 + 0.0005 * number) for number in range(1, 60)]
    states = walked(FADE, before + rally)
    first = states[len(before)]
    assert first.target < 0.0
    assert first.blocked == ""
    last = states[-1]
    assert "trend of +" in last.blocked
    assert abs(last.target) < 0.5 * abs(aim(last, rally[-1], NOW)[0])
    assert last.slope == 0.0


def test_what_is_held_shrinks_in_a_trend_though_nothing_may_be_added() -> None:
    falling = [S0 * (1.02 - 0.0004 * number) for number in range(60)]
    held = replace(begun(FADE, S0, NOW), target=-1.0, since=NOW - DAY)
    targets = []
    state = held
    for number, price in enumerate(falling):
        state = advanced(state, FADE, price, NOW + (number + 1) * MINUTE)
        targets.append(state.target)
    assert targets == sorted(targets)
    assert targets[-1] == pytest.approx(0.0, abs=0.3)


def test_a_replication_adds_only_in_a_trend() -> None:
    states = walked(LONG, calm(90) + [S0 * 1.0003, S0 * 1.0001] * 5)
    assert "no trend" in states[-1].blocked
    rally = [S0 * (1.0 + 0.0005 * number) for number in range(1, 60)]
    grown = walked(LONG, calm() + rally)[-1]
    assert grown.blocked == ""
    assert grown.target > 0.1


@given(
    st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=200),
    st.sampled_from([FADE, LONG]),
)
def test_the_target_never_leaves_its_limit_nor_grows_when_blocked(
    moves: list[float], terms: Synthetic
) -> None:
    path = [S0 * math.exp(each) for each in np.cumsum(moves)]
    before = 0.0
    for state in walked(terms, path):
        assert abs(state.target) <= terms.max_inventory
        if state.blocked:
            assert abs(state.target) <= abs(before)
            assert state.target * before >= 0.0
        before = state.target


def test_the_trend_of_a_walk_is_about_standard_normal() -> None:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(300):
        path = S0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, 300)))
        last = walked(FADE, path.tolist())[-1]
        found.append(trend(last, NOW + 300 * MINUTE) or 0.0)
    assert np.mean(found) == pytest.approx(0.0, abs=0.2)
    assert np.std(found) == pytest.approx(1.0, abs=0.15)


def test_a_replication_rolls_when_its_life_is_over() -> None:
    short = replace(LONG, days=0.5)
    states = walked(short, [S0 * 1.05 ** number for number in range(4)], every=6 * HOUR)
    assert [each.centre for each in states] == [S0, S0, S0 * 1.05**2, S0 * 1.05**2]
    assert states[1].began == NOW
    assert states[2].began == NOW + 12 * HOUR


def test_other_terms_begin_anew_and_a_stated_centre_holds() -> None:
    (first,) = walked(FADE, [S0])
    moved = advanced(first, replace(FADE, centre=50_000.0), S0, NOW + MINUTE)
    assert (moved.centre, moved.since) == (50_000.0, NOW + MINUTE)
    assert aim(moved, S0, NOW)[0] < 0.0
    same = advanced(first, FADE, S0 * 1.01, NOW + 2 * MINUTE)
    assert same.centre == S0


def test_carry_has_no_target() -> None:
    state = walked(CARRY, [S0, 1.2 * S0])[-1]
    assert (state.target, state.slope, state.blocked) == (0.0, 0.0, "")


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (replace(FADE, max_inventory=0.0), "fade grid has no maximum inventory"),
        (replace(FADE, trend_limit=0.0), "fade grid has no trend filter"),
        (replace(FADE, gamma_1pct_usd=0.0), "fade grid has no size"),
        (replace(LONG, max_inventory=0.0), "straddle replication has no maximum inventory"),
        (replace(LONG, trend_limit=0.0), "straddle replication has no trend filter"),
        (Synthetic(kind=SyntheticKind.CARRY), "funding carry has no maximum inventory"),
    ],
)
def test_limits_are_required(terms: Synthetic, says: str) -> None:
    assert unsound(terms).startswith(says)


def test_options_in_the_book_are_refused() -> None:
    assert "without options" in unsound(FADE, exposure(values={"option": 1.0}))
    for terms in (FADE, LONG, CARRY, Synthetic()):
        assert unsound(terms, exposure(values={"perpetual": 1.0})) == ""


def test_a_straddle_with_no_time_left_keeps_a_bounded_gamma() -> None:
    state = replace(begun(LONG, S0, NOW), began=NOW - round(LONG.days * DAY) + 1)
    hour = straddle_gamma(S0, S0, HOUR / YEAR, LONG.vol) * state.coins
    assert aim(state, S0, NOW)[1] == pytest.approx(hour, rel=1e-6)
