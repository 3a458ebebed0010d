"""Margin by the rules of a venue: its own published answer, its formulas by hand, and laws."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.portfolio.margin import (
    DERIBIT_BTC,
    OptionRule,
    PortfolioMargin,
    Schedule,
    StandardMargin,
    Tier,
    margin,
)
from terminal.portfolio.revaluation import Cash, Holdings, LinearLeg, OptionLeg, revalue
from terminal.pricing.black import price

SPOT = 60_000.0
FLAT = Schedule((Tier(inf, 0.02, 0.01),))
TABLE = Schedule(
    (Tier(50_000.0, 0.008, 0.004), Tier(250_000.0, 0.01, 0.005), Tier(inf, 0.02, 0.01))
)
sizes = st.floats(-20.0, 20.0)


@st.composite
def coin_books(draw: st.DrawFn) -> Holdings:
    legs = st.builds(
        OptionLeg,
        coins=sizes,
        strike=st.floats(30_000.0, 120_000.0),
        years=st.floats(0.01, 1.0),
        vol=st.floats(0.2, 1.2),
        sign=st.sampled_from([1.0, -1.0]),
        in_coin=st.just(value=True),
        basis=st.floats(0.95, 1.1),
    )
    futures = st.builds(LinearLeg, size=st.floats(-1e6, 1e6), inverse=st.just(value=True))
    return Holdings(
        SPOT,
        tuple(draw(st.lists(legs, max_size=6))),
        tuple(draw(st.lists(futures, max_size=2))),
        Cash(coins=draw(st.floats(0.0, 50.0))),
    )


def test_the_venue_answers_the_same() -> None:
    """The response example of Deribit's private/pme/simulate: its worst case and its factor."""
    index, perpetual, june = 65_666.19, 65_910.57, 67_371.75
    holdings = Holdings(
        index,
        linear=(
            LinearLeg(0.314538364 * perpetual, inverse=True, basis=perpetual / index),
            LinearLeg(-0.001187534 * june, inverse=True, basis=june / index),
        ),
        cash=Cash(coins=1.0),
    )
    found = margin(holdings, PortfolioMargin())
    assert float(found.initial) / index == pytest.approx(0.05968587238095239, rel=1e-9)
    assert float(found.maintenance) == pytest.approx(0.8 * float(found.initial))
    assert float(found.balance) == pytest.approx(index)


def by_hand(leg: OptionLeg, spot: float) -> tuple[float, float]:
    """Deribit's formulas for one short coin, in USD."""
    forward = leg.basis * spot
    mark = float(price(forward, leg.strike, leg.years, leg.vol, leg.sign)) / forward
    if leg.sign > 0.0:
        away = max(leg.strike - forward, 0.0) / forward
        initial, maintenance = max(0.15 - away, 0.1) + mark, 0.075 + mark
    else:
        away = max(forward - leg.strike, 0.0) / forward
        maintenance = max(0.075, 0.075 * mark) + mark
        initial = max(max(0.15 - away, 0.1) + mark, maintenance)
    unit = spot if leg.in_coin else forward
    return initial * unit, maintenance * unit


@given(
    st.floats(10_000.0, 400_000.0),
    st.sampled_from([1.0, -1.0]),
    st.booleans(),
    st.floats(0.1, 20.0),
    st.floats(40_000.0, 90_000.0),
)
def test_short_options_by_hand(
    strike: float, sign: float, in_coin: bool, coins: float, spot: float
) -> None:
    leg = OptionLeg(-coins, strike, 0.1, 0.6, sign, in_coin, 1.02)
    found = margin(Holdings(SPOT, (leg,)), DERIBIT_BTC, spot)
    initial, maintenance = by_hand(leg, spot)
    assert float(found.initial) == pytest.approx(coins * initial, rel=1e-12)
    assert float(found.maintenance) == pytest.approx(coins * maintenance, rel=1e-12)


def test_a_deep_put_needs_more_than_its_initial_formula() -> None:
    """Above 100 % of the underlying the maintenance rate grows with the mark."""
    leg = OptionLeg(-1.0, 200_000.0, 0.1, 0.6, -1.0, in_coin=True)
    found = margin(Holdings(SPOT, (leg,)), DERIBIT_BTC)
    mark = 140_000.0 / SPOT
    assert float(found.maintenance) / SPOT == pytest.approx(1.075 * mark, rel=1e-4)
    assert float(found.initial) == float(found.maintenance)


@settings(max_examples=50)
@given(coin_books())
def test_long_options_need_nothing_and_lend_nothing(holdings: Holdings) -> None:
    longs = tuple([replace(each, coins=abs(each.coins)) for each in holdings.options])
    with_longs = margin(replace(holdings, options=longs), DERIBIT_BTC)
    without = margin(replace(holdings, options=()), DERIBIT_BTC)
    assert [float(each) for each in with_longs] == [float(each) for each in without]


@given(st.floats(0.0, 2e6))
def test_a_table_of_slices_is_rate_times_notional_less_an_amount(notional: float) -> None:
    rate, amount = (
        (0.004, 0.0)
        if notional <= 50_000.0
        else (0.005, 50.0)
        if notional <= 250_000.0
        else (0.01, 1_300.0)
    )
    leg = LinearLeg(notional / SPOT)
    found = margin(Holdings(SPOT, linear=(leg,)), StandardMargin(TABLE))
    assert float(found.maintenance) == pytest.approx(rate * notional - amount, rel=1e-9, abs=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(20_000.0, 200_000.0))
def test_inverse_and_linear_contracts_of_one_size_need_the_same(usd: float, spot: float) -> None:
    inverse = Holdings(SPOT, linear=(LinearLeg(usd, inverse=True),))
    linear = Holdings(SPOT, linear=(LinearLeg(usd / spot),))
    for rule in (StandardMargin(TABLE), DERIBIT_BTC):
        mine, other = margin(inverse, rule, spot), margin(linear, rule, spot)
        assert float(mine.initial) == pytest.approx(float(other.initial), rel=1e-12)
        assert float(mine.maintenance) == pytest.approx(float(other.maintenance), rel=1e-12)


def test_deribit_rates_grow_with_size() -> None:
    """100 coins: 1 % + 0.5 % maintenance, 2 % + 0.5 % initial."""
    found = margin(Holdings(SPOT, linear=(LinearLeg(-100.0, SPOT),)), DERIBIT_BTC)
    assert float(found.maintenance) == pytest.approx(0.015 * 100.0 * SPOT)
    assert float(found.initial) == pytest.approx(0.025 * 100.0 * SPOT)
    assert float(found.balance) == 0.0


@settings(max_examples=50)
@given(coin_books(), st.floats(30_000.0, 120_000.0))
def test_standard_margin_is_a_sum_and_initial_is_more(holdings: Holdings, spot: float) -> None:
    found = margin(holdings, DERIBIT_BTC, spot)
    assert float(found.initial) >= float(found.maintenance) >= 0.0
    alone = [
        margin(replace(holdings, linear=(), options=(each,)), DERIBIT_BTC, spot)
        for each in holdings.options
    ] + [
        margin(replace(holdings, options=(), linear=(each,)), DERIBIT_BTC, spot)
        for each in holdings.linear
    ]
    for name in ("initial", "maintenance"):
        total = sum(float(getattr(each, name)) for each in alone)
        assert float(getattr(found, name)) == pytest.approx(total, rel=1e-9, abs=1e-9)


def worst_by_loops(
    holdings: Holdings, rule: PortfolioMargin, spot: float, vol_move: float, *, in_coin: bool
) -> float:
    """The tables cell by cell."""

    def value(held: Holdings, price: float, vol: float) -> float:
        shape = rule.shape if vol > 0.0 else replace(rule.shape, least_after_rise=0.0)
        worth = revalue(held, price, max(vol_move + vol, -1.0), 0.0, shape)
        return float(worth.coin) * spot if in_coin else float(worth.usd)

    base = value(holdings, spot, 0.0)
    losses = [0.0]
    for step in range(-rule.steps, rule.steps + 1):
        for vol in (-rule.vol_down, 0.0, rule.vol_up):
            moved = spot * (1.0 + rule.price_range * step / rule.steps)
            losses.append(base - value(holdings, moved, vol))
    options, futures = replace(holdings, linear=()), replace(holdings, options=(), cash=Cash())
    for move in rule.extended:
        edge = min(max(move, -rule.price_range), rule.price_range)
        after = value(options, spot * (1.0 + move), rule.vol_up)
        after += value(futures, spot * (1.0 + edge), 0.0)
        relief = rule.dampener_usd * (abs(move) / rule.price_range - 1.0)
        losses.append(base - after - relief)
    return max(losses)


@settings(max_examples=25)
@given(
    coin_books(),
    st.floats(40_000.0, 90_000.0),
    st.sampled_from([0.0, 100_000.0]),
    st.sampled_from([0.0, 0.3, -0.9]),
)
def test_portfolio_margin_is_its_worst_cell(
    holdings: Holdings, spot: float, dampener: float, vol_move: float
) -> None:
    rule = PortfolioMargin(dampener_usd=dampener)
    found = margin(holdings, rule, [spot, SPOT], [vol_move, 0.0])
    expected = worst_by_loops(holdings, rule, spot, vol_move, in_coin=True)
    assert found.initial[0] == pytest.approx(expected, rel=1e-9, abs=1e-5)
    assert found.balance[1] == pytest.approx(float(revalue(holdings, SPOT).usd))


@pytest.mark.parametrize("coins", [-1.0, 1.0])
def test_the_floor_of_a_rise_is_for_the_rises_of_the_table(coins: float) -> None:
    """At 25 % volatility, already up by 30 %, only the up column may jump to 50 %."""
    leg = OptionLeg(coins, 61_000.0, 0.1, 0.25, 1.0, in_coin=True)
    holdings = Holdings(SPOT, (leg,), (LinearLeg(-coins * 30_000.0, inverse=True),))
    rule = PortfolioMargin(dampener_usd=0.0)
    expected = worst_by_loops(holdings, rule, SPOT, 0.3, in_coin=True)
    assert float(margin(holdings, rule, SPOT, 0.3).initial) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=25)
@given(coin_books(), st.floats(-2.0, 2.0))
def test_cross_collateral_is_counted_in_dollars(holdings: Holdings, perpetuals: float) -> None:
    mixed = replace(holdings, linear=(*holdings.linear, LinearLeg(perpetuals, 58_000.0)))
    rule = PortfolioMargin(dampener_usd=0.0)
    found = margin(mixed, rule)
    expected = worst_by_loops(mixed, rule, SPOT, 0.0, in_coin=False)
    if perpetuals:
        assert float(found.initial) == pytest.approx(expected, rel=1e-9, abs=1e-5)


def test_margin_is_taken_on_the_mark() -> None:
    """A mark 5 % over the index: 5 % more for a linear contract, 5 % less USD for an inverse."""
    rule = StandardMargin(FLAT)
    linear = margin(Holdings(SPOT, linear=(LinearLeg(2.0, basis=1.05),)), rule)
    assert float(linear.maintenance) == pytest.approx(0.01 * 2.0 * 1.05 * SPOT)
    inverse = margin(Holdings(SPOT, linear=(LinearLeg(1e5, inverse=True, basis=1.05),)), rule)
    assert float(inverse.maintenance) == pytest.approx(0.01 * 1e5 / 1.05)


def test_volatility_moves_raise_the_mark_of_a_short_option() -> None:
    leg = OptionLeg(-1.0, 62_000.0, 30.0 / 365.0, 0.6, 1.0, in_coin=True)
    moved = margin(Holdings(SPOT, (leg,)), DERIBIT_BTC, SPOT, 0.5)
    other = margin(Holdings(SPOT, (replace(leg, vol=0.9),)), DERIBIT_BTC)
    assert [float(each) for each in moved] == pytest.approx([float(each) for each in other])


@settings(max_examples=40)
@given(coin_books(), coin_books())
def test_two_books_together_need_no_more_than_apart(one: Holdings, two: Holdings) -> None:
    """Without relief the worst loss of a sum is at most the sum of the worst losses."""
    rule = PortfolioMargin(dampener_usd=0.0)
    both = replace(one, options=one.options + two.options, linear=one.linear + two.linear)
    apart = float(margin(one, rule).initial) + float(margin(two, rule).initial)
    assert float(margin(both, rule).initial) <= apart * (1.0 + 1e-9) + 1e-5


def test_relief_ends_at_zero_and_never_pays() -> None:
    short = Holdings(SPOT, (OptionLeg(-0.1, 90_000.0, 0.1, 0.6, 1.0, in_coin=True),))
    wide = PortfolioMargin(dampener_usd=0.0)
    assert float(margin(short, wide).initial) > float(margin(short, PortfolioMargin()).initial)
    long = Holdings(SPOT, (OptionLeg(1.0, 90_000.0, 0.1, 0.6, 1.0, in_coin=True),))
    paid = float(revalue(long, SPOT).usd)
    assert 0.0 < float(margin(long, wide).initial) <= paid


def test_dollars_and_coins_together_are_cross_collateral() -> None:
    """A linear short hedges coin collateral: their sum moves little in USD."""
    hedged = Holdings(SPOT, linear=(LinearLeg(-1.0),), cash=Cash(coins=1.0))
    assert float(margin(hedged, PortfolioMargin()).initial) == pytest.approx(0.0, abs=1e-9)
    alone = Holdings(SPOT, linear=(LinearLeg(-1.0),), cash=Cash(usd=60_000.0))
    assert float(margin(alone, PortfolioMargin()).initial) == pytest.approx(0.16 * SPOT)


def test_empty_holdings_need_nothing() -> None:
    for rule in (DERIBIT_BTC, PortfolioMargin()):
        assert [float(each) for each in margin(Holdings(SPOT), rule)] == [0.0, 0.0, 0.0]


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="infinity"):
        Schedule((Tier(1e6, 0.02, 0.01),))
    with pytest.raises(ValueError, match="infinity"):
        Schedule(())
    with pytest.raises(ValueError, match="rising order"):
        Schedule((Tier(1e6, 0.02, 0.01), Tier(1e5, 0.02, 0.01), Tier(inf, 0.02, 0.01)))
    with pytest.raises(ValueError, match=r"Tier\.initial"):
        Schedule((Tier(inf, 0.005, 0.01),))
    with pytest.raises(ValueError, match="growth_per_coin"):
        Schedule(FLAT.tiers, nan)
    with pytest.raises(ValueError, match=r"OptionRule\.least"):
        OptionRule(least=0.01)
    with pytest.raises(TypeError, match=r"OptionRule\.start"):
        OptionRule(start="0.15")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="price_range"):
        PortfolioMargin(price_range=1.0)
    with pytest.raises(ValueError, match="vol_down"):
        PortfolioMargin(vol_down=1.5)
    with pytest.raises(ValueError, match="extended"):
        PortfolioMargin(extended=(-1.0,))
    with pytest.raises(ValueError, match="price > 0"):
        margin(Holdings(SPOT), DERIBIT_BTC, 0.0)
    with pytest.raises(ValueError, match="spots"):
        margin(Holdings(SPOT), PortfolioMargin(), nan)
    with pytest.raises(TypeError, match="spots"):
        margin(Holdings(SPOT), DERIBIT_BTC, "60000")
    assert margin(Holdings(SPOT), DERIBIT_BTC, np.empty(0)).balance.shape == (0,)
    assert margin(Holdings(SPOT), DERIBIT_BTC, np.full((2, 3), SPOT)).initial.shape == (2, 3)
