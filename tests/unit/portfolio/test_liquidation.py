"""Liquidation: closed forms are fixed points, and the search finds what a scan finds."""

from math import inf, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.portfolio.liquidation import (
    STILL,
    VolResponse,
    inverse_liquidation,
    linear_liquidation,
    liquidation,
    usd_to_add,
)
from terminal.portfolio.margin import (
    DERIBIT_BTC,
    MarginRule,
    PortfolioMargin,
    Schedule,
    StandardMargin,
    Tier,
    margin,
)
from terminal.portfolio.revaluation import Cash, Holdings, LinearLeg, OptionLeg

SPOT = 60_000.0
entries = st.floats(100.0, 200_000.0)
rates = st.floats(0.0, 0.2)
signs = st.sampled_from([1.0, -1.0])


def flat(rate: float) -> StandardMargin:
    return StandardMargin(Schedule((Tier(inf, rate, rate),)))


@given(signs, st.floats(0.001, 1e4), entries, st.floats(0.0, 3.0), rates)
def test_a_linear_liquidation_price_is_a_fixed_point(
    sign: float, coins: float, entry: float, funded: float, rate: float
) -> None:
    size, collateral = sign * coins, funded * coins * entry
    price = linear_liquidation(size, entry, collateral, rate)
    if price is None:
        assert sign > 0.0
        assert funded >= 1.0
        return
    balance = collateral + size * (price - entry)
    largest = collateral + coins * (price + entry)
    assert balance == pytest.approx(rate * coins * price, abs=1e-12 * largest)


@given(signs, st.floats(1.0, 1e8), entries, st.floats(0.0, 3.0), rates)
def test_an_inverse_liquidation_price_is_a_fixed_point(
    sign: float, dollars: float, entry: float, funded: float, rate: float
) -> None:
    size, collateral = sign * dollars, funded * dollars / entry
    price = inverse_liquidation(size, entry, collateral, rate)
    if price is None:
        assert sign < 0.0
        assert funded >= 1.0
        return
    balance = collateral + size * (1.0 / entry - 1.0 / price)
    largest = collateral + dollars * (1.0 / entry + 1.0 / price)
    assert balance == pytest.approx(rate * dollars / price, abs=1e-12 * largest)


@given(signs, st.floats(1.0, 1e6), entries, st.floats(0.0, 0.9), rates)
def test_an_inverse_is_a_linear_of_the_other_side_in_the_reciprocal_price(
    sign: float, size: float, entry: float, funded: float, rate: float
) -> None:
    collateral = funded * size / entry
    inverse = inverse_liquidation(sign * size, entry, collateral, rate)
    mirror = linear_liquidation(-sign * size, 1.0 / entry, collateral, rate)
    assert inverse is not None
    assert mirror is not None
    assert inverse == pytest.approx(1.0 / mirror, rel=1e-9)


@given(st.floats(0.001, 1e3), entries, st.floats(0.0, 0.99))
def test_without_maintenance_long_and_short_are_as_far(
    coins: float, entry: float, funded: float
) -> None:
    collateral = funded * coins * entry
    long = linear_liquidation(coins, entry, collateral, 0.0)
    short = linear_liquidation(-coins, entry, collateral, 0.0)
    assert long is not None
    assert short is not None
    assert entry - long == pytest.approx(short - entry, abs=1e-9 * entry)


def test_prices_by_hand() -> None:
    assert linear_liquidation(1.0, 60_000.0, 6_000.0, 0.01) == pytest.approx(54_000.0 / 0.99)
    assert linear_liquidation(-1.0, 60_000.0, 6_000.0, 0.01) == pytest.approx(66_000.0 / 1.01)
    assert inverse_liquidation(60_000.0, 60_000.0, 0.1, 0.01) == pytest.approx(60_600.0 / 1.1)
    assert inverse_liquidation(-60_000.0, 60_000.0, 0.1, 0.01) == pytest.approx(59_400.0 / 0.9)
    assert linear_liquidation(1.0, 60_000.0, 60_000.0, 0.01) is None
    assert inverse_liquidation(-60_000.0, 60_000.0, 1.0, 0.01) is None
    assert linear_liquidation(0.0, 60_000.0, 0.0, 0.01) is None
    assert inverse_liquidation(0.0, 60_000.0, 0.0, 0.01) is None


@settings(max_examples=40)
@given(signs, st.booleans(), st.floats(0.05, 0.95), st.floats(0.001, 0.04))
def test_the_search_finds_the_closed_form(
    sign: float, inverse: bool, funded: float, rate: float
) -> None:
    if inverse:
        holdings = Holdings(
            SPOT,
            linear=(LinearLeg(sign * SPOT, SPOT, inverse=True),),
            cash=Cash(coins=funded),
        )
        price = inverse_liquidation(sign * SPOT, SPOT, funded, rate)
    else:
        holdings = Holdings(
            SPOT, linear=(LinearLeg(sign, SPOT),), cash=Cash(usd=funded * SPOT)
        )
        price = linear_liquidation(sign, SPOT, funded * SPOT, rate)
    assert price is not None
    found = liquidation(holdings, flat(rate), 0.6)
    near, far = (found.below, found.above) if sign > 0.0 else (found.above, found.below)
    assert far is None
    assert near is not None
    assert near.price == pytest.approx(price, rel=1e-10)
    assert near.move == pytest.approx(abs(price / SPOT - 1.0), rel=1e-9)
    assert near.sigmas == pytest.approx(abs(log(price / SPOT)) / (0.6 / sqrt(365.0)), rel=1e-9)
    assert found.cushion_usd == pytest.approx((funded - rate) * SPOT, rel=1e-9)


@st.composite
def option_books(draw: st.DrawFn) -> Holdings:
    legs = st.builds(
        OptionLeg,
        coins=st.floats(-5.0, 5.0),
        strike=st.floats(40_000.0, 90_000.0),
        years=st.floats(0.02, 0.5),
        vol=st.floats(0.3, 1.0),
        sign=signs,
        in_coin=st.just(value=True),
    )
    return Holdings(
        SPOT,
        tuple(draw(st.lists(legs, min_size=1, max_size=4))),
        (LinearLeg(draw(st.floats(-3e5, 3e5)), SPOT, inverse=True),),
        Cash(coins=draw(st.floats(0.5, 6.0))),
    )


@settings(max_examples=15)
@given(option_books(), st.sampled_from([DERIBIT_BTC, PortfolioMargin()]))
def test_the_search_finds_what_a_scan_finds(holdings: Holdings, rule: MarginRule) -> None:
    moves = np.linspace(log(0.2), log(5.0), 1001)
    ratio = np.exp(moves)
    response = VolResponse(0.8, 0.3)
    vols = np.where(ratio < 1.0, 0.8 * (1.0 - ratio), 0.3 * (ratio - 1.0))
    table = margin(holdings, rule, SPOT * ratio, vols)
    gone = table.balance < table.maintenance
    found = liquidation(holdings, rule, 0.6, response)
    if found.cushion_usd < 0.0:
        assert found.below == found.above
        assert found.below is not None
        assert (found.below.price, found.below.move) == (SPOT, 0.0)
        return
    here = 500
    sides = (
        (found.below, gone[here::-1], SPOT * ratio[here::-1]),
        (found.above, gone[here:], SPOT * ratio[here:]),
    )
    for side, lost, prices in sides:
        first = int(lost.argmax()) if lost.any() else None
        if first is None:
            assert side is None or abs(log(side.price / SPOT)) > log(5.0) - 1e-9
            continue
        assert side is not None
        low, high = sorted((prices[first - 1], prices[first]))
        assert low * (1.0 - 1e-9) <= side.price <= high * (1.0 + 1e-9)


@settings(max_examples=40)
@given(option_books())
def test_a_liquidation_price_of_a_book_is_a_fixed_point(holdings: Holdings) -> None:
    found = liquidation(holdings, DERIBIT_BTC, 0.6, STILL)
    assume(found.cushion_usd > 0.0)
    for side in (found.below, found.above):
        if side is not None:
            there = margin(holdings, DERIBIT_BTC, side.price)
            size = abs(float(there.balance)) + float(there.maintenance)
            assert float(there.balance - there.maintenance) == pytest.approx(0.0, abs=1e-9 * size)


@settings(max_examples=40)
@given(option_books(), st.floats(0.05, 0.5), st.booleans())
def test_what_is_added_keeps_liquidation_away(
    holdings: Holdings, distance: float, in_coin: bool
) -> None:
    needed = usd_to_add(holdings, DERIBIT_BTC, distance, in_coin=in_coin)

    def funded(usd: float) -> Holdings:
        more = Cash(coins=holdings.cash.coins + usd / SPOT) if in_coin else Cash(
            holdings.cash.coins, usd
        )
        return replace(holdings, cash=more)

    enough = funded(needed * 1.001 + 1.0)
    found = liquidation(enough, DERIBIT_BTC, 0.6)
    assert found.cushion_usd >= 0.0
    for side in (found.below, found.above):
        assert side is None or side.move >= distance * 0.99
    if needed > 1.0:
        nearer = liquidation(funded(needed * 0.99), DERIBIT_BTC, 0.6)
        assert min(
            (side.move for side in (nearer.below, nearer.above) if side), default=inf
        ) <= distance * (1.0 + 1e-9)


def test_volatility_brings_a_short_option_nearer() -> None:
    short = Holdings(
        SPOT, (OptionLeg(-3.0, 50_000.0, 0.1, 0.6, -1.0, in_coin=True),), cash=Cash(coins=2.0)
    )
    calm, wild = (
        liquidation(short, DERIBIT_BTC, 0.6, each) for each in (STILL, VolResponse(3.0, 0.0))
    )
    assert calm.below is not None
    assert wild.below is not None
    assert wild.below.price > calm.below.price
    assert (calm.above, wild.above) == (None, None)


def test_volatility_that_rises_with_price_brings_a_short_call_nearer() -> None:
    short = Holdings(
        SPOT, (OptionLeg(-3.0, 80_000.0, 0.1, 0.6, 1.0, in_coin=True),), cash=Cash(coins=1.0)
    )
    calm, wild = (
        liquidation(short, DERIBIT_BTC, 0.6, each) for each in (STILL, VolResponse(0.0, 2.0))
    )
    assert calm.above is not None
    assert wild.above is not None
    assert wild.above.price < calm.above.price


def test_a_book_that_is_already_short_of_margin() -> None:
    held = Holdings(SPOT, linear=(LinearLeg(-10.0, 59_000.0),), cash=Cash(usd=12_000.0))
    found = liquidation(held, DERIBIT_BTC, 0.6)
    assert found.cushion_usd < 0.0
    assert found.below == found.above
    assert found.above is not None
    assert (found.above.price, found.above.move, found.above.sigmas) == (SPOT, 0.0, 0.0)
    assert usd_to_add(held, DERIBIT_BTC, 0.0) == pytest.approx(-found.cushion_usd)


def test_nothing_held_is_never_liquidated() -> None:
    found = liquidation(Holdings(SPOT, cash=Cash(coins=1.0)), DERIBIT_BTC, 0.6)
    assert (found.below, found.above) == (None, None)
    assert found.cushion_usd == SPOT
    assert usd_to_add(Holdings(SPOT), PortfolioMargin(), 0.3) == 0.0


@pytest.mark.parametrize("function", [linear_liquidation, inverse_liquidation])
def test_bad_isolated_positions(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="entry"):
        function(1.0, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="collateral"):
        function(1.0, 1.0, -1.0, 0.0)
    with pytest.raises(ValueError, match="rate"):
        function(1.0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="size"):
        function(nan, 1.0, 1.0, 0.0)
    with pytest.raises(TypeError, match="size"):
        function("1", 1.0, 1.0, 0.0)


def test_bad_questions() -> None:
    held = Holdings(SPOT)
    with pytest.raises(ValueError, match="vol"):
        liquidation(held, DERIBIT_BTC, 0.0)
    with pytest.raises(ValueError, match="distance"):
        usd_to_add(held, DERIBIT_BTC, 1.0)
    with pytest.raises(ValueError, match="distance"):
        usd_to_add(held, DERIBIT_BTC, -0.1)
    with pytest.raises(ValueError, match="per_drop"):
        VolResponse(-1.0)
