"""Leg sensitivities: each field is the derivative it claims to be, in both numeraires."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing import position_greeks as legs
from terminal.pricing.black import price
from terminal.pricing.carry import parse_expiry, years_between
from terminal.pricing.position_greeks import OptionTerms, Sensitivities

SPOT = 60_000.0
FORWARD = 61_500.0
CARRY = FORWARD / SPOT
ENTRY = 58_000.0

Leg = Callable[[float], Sensitivities]


def terms(spot: float, sign: float, strike: float = 64_000.0, vol: float = 0.62) -> OptionTerms:
    return OptionTerms(CARRY * spot, strike, 0.21, vol, sign)


LEGS: dict[str, Leg] = {
    "coin balance": lambda spot: legs.coin_balance(2.5, spot),
    "usd balance": lambda spot: legs.usd_balance(90_000.0, spot),
    "linear perpetual": lambda spot: legs.linear_perpetual(-1.5, spot, ENTRY),
    "linear future": lambda spot: legs.linear_future(1.5, spot, CARRY * spot, ENTRY),
    "inverse perpetual": lambda spot: legs.inverse_perpetual(-75_000.0, spot, ENTRY),
    "inverse future": lambda spot: legs.inverse_future(75_000.0, spot, CARRY * spot, ENTRY),
    "coin call": lambda spot: legs.coin_settled_option(3.0, spot, terms(spot, 1.0)),
    "coin put": lambda spot: legs.coin_settled_option(-3.0, spot, terms(spot, -1.0)),
    "usd call": lambda spot: legs.usd_settled_option(-3.0, spot, terms(spot, 1.0)),
    "usd put": lambda spot: legs.usd_settled_option(3.0, spot, terms(spot, -1.0)),
}
INVERSE = ("inverse perpetual", "inverse future")
USD_OPTIONS = ("usd call", "usd put")


def change(leg: Leg, field: str, step: float) -> float:
    above, below = (getattr(leg(SPOT + side), field) for side in (step, -step))
    return float((above - below) / (2.0 * step))


@pytest.mark.parametrize("name", LEGS)
def test_fields_are_derivatives_of_the_value(name: str) -> None:
    leg, here = LEGS[name], LEGS[name](SPOT)
    # A coin-margined contract's earned coin is collateral: its delta is counted there.
    elsewhere = here.price_coin if name in INVERSE else 0.0
    assert change(leg, "price_usd", 1.0) == pytest.approx(here.delta + elsewhere, rel=1e-7)
    if name not in USD_OPTIONS:
        coin_delta = SPOT * change(leg, "price_coin", 1.0)
        assert coin_delta == pytest.approx(here.delta_net_of_premium, rel=1e-7, abs=1e-12)
    step = 1e-3 * SPOT
    curvature = leg(SPOT + step).price_usd - 2.0 * here.price_usd + leg(SPOT - step).price_usd
    assert curvature / step**2 == pytest.approx(float(here.gamma), rel=1e-4, abs=1e-14)


@pytest.mark.parametrize("name", LEGS)
def test_fields_agree_with_each_other(name: str) -> None:
    here = LEGS[name](SPOT)
    assert here.price_usd == pytest.approx(here.price_coin * SPOT, rel=1e-15)
    assert here.delta_usd == pytest.approx(here.delta * SPOT, rel=1e-15)
    assert here.gamma_1pct_usd == pytest.approx(0.01 * here.gamma * SPOT**2, rel=1e-15)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("settle", ["coin", "usd"])
def test_vega_and_theta_are_usd_at_the_index(sign: float, settle: str) -> None:
    make = legs.coin_settled_option if settle == "coin" else legs.usd_settled_option
    market = terms(SPOT, sign)
    here = make(2.0, SPOT, market)
    up = make(2.0, SPOT, market._replace(vol=0.6201))
    down = make(2.0, SPOT, market._replace(vol=0.6199))
    assert (up.price_usd - down.price_usd) / 0.02 == pytest.approx(here.vega_usd, rel=1e-6)
    day = 0.001 / 365
    later = make(2.0, SPOT, market._replace(years=0.21 - day))
    earlier = make(2.0, SPOT, market._replace(years=0.21 + day))
    bleed = (later.price_usd - earlier.price_usd) / 0.002
    assert bleed == pytest.approx(here.theta_usd_day, rel=1e-6)
    assert here.theta_usd_day < 0.0 < here.vega_usd


def test_listed_option_is_reproduced() -> None:
    # Venue ticker of 2023-11-10: BTC-27SEP24-40000-C with the venue's own Greeks.
    spot, forward = 36_707.05, 39_165.86
    years = years_between(1_699_593_511_632_000_000, parse_expiry("27SEP24"))
    market = OptionTerms(forward, 40_000.0, years, 0.6086, 1.0)
    leg = legs.coin_settled_option(1.0, spot, market)
    assert leg.price_coin == pytest.approx(0.2169, abs=5e-5)
    assert leg.delta == pytest.approx(0.59833, abs=2e-5)
    assert leg.delta_net_of_premium == pytest.approx(0.59833 - 0.2169, abs=5e-5)
    forward_dollars = forward / spot
    assert leg.vega_usd * forward_dollars == pytest.approx(142.30124, rel=1e-5)
    assert leg.theta_usd_day * forward_dollars == pytest.approx(-13.4441, rel=1e-4)
    assert round(float(leg.gamma / forward_dollars), 5) == 0.00002


def test_coin_option_is_the_usd_option_paid_in_coin_at_the_forward() -> None:
    coin = legs.coin_settled_option(1.0, SPOT, terms(SPOT, 1.0))
    usd = legs.usd_settled_option(1.0, SPOT, terms(SPOT, 1.0))
    for field in ("price_usd", "delta", "gamma", "vega_usd", "theta_usd_day"):
        assert getattr(coin, field) * CARRY == pytest.approx(getattr(usd, field), rel=1e-14)
    assert usd.price_usd == pytest.approx(price(FORWARD, 64_000.0, 0.21, 0.62, 1.0), rel=1e-13)


def test_a_short_inverse_of_its_own_collateral_is_a_dollar_balance() -> None:
    coins = 1.25
    for spot in (30_000.0, 60_000.0, 90_000.0):
        collateral = legs.coin_balance(coins, spot)
        short = legs.inverse_perpetual(-coins * ENTRY, spot, ENTRY)
        assert collateral.price_usd + short.price_usd == pytest.approx(coins * ENTRY)
        earned = short.price_coin
        assert collateral.delta + earned + short.delta == pytest.approx(0.0, abs=1e-12)


def test_account_identity_between_both_numeraires() -> None:
    held = [
        LEGS[name](SPOT) for name in ("coin balance", "inverse perpetual", "coin call", "coin put")
    ]
    equity_coin = sum(float(leg.price_coin) for leg in held)
    usd_slope = sum(
        change(LEGS[name], "price_usd", 1.0)
        for name in ("coin balance", "inverse perpetual", "coin call", "coin put")
    )
    coin_neutral = sum(float(leg.delta_net_of_premium) for leg in held)
    assert usd_slope == pytest.approx(equity_coin + coin_neutral, rel=1e-7)


@pytest.mark.parametrize(
    "leg",
    [
        legs.linear_perpetual(2.0, SPOT),
        legs.linear_future(2.0, SPOT, FORWARD),
        legs.inverse_perpetual(120_000.0, SPOT),
        legs.inverse_future(120_000.0, SPOT, FORWARD),
    ],
)
def test_without_an_entry_price_a_contract_is_worth_nothing_yet(leg: Sensitivities) -> None:
    assert leg.price_usd == leg.price_coin == 0.0
    assert leg.delta == leg.delta_net_of_premium
    assert leg.delta > 0.0


@given(st.floats(-100.0, 100.0), st.sampled_from(["coin", "usd"]), st.sampled_from([1.0, -1.0]))
def test_quantity_scales_everything(qty: float, settle: str, sign: float) -> None:
    make = legs.coin_settled_option if settle == "coin" else legs.usd_settled_option
    one, many = (make(size, SPOT, terms(SPOT, sign)) for size in (1.0, qty))
    for single, scaled in zip(one, many, strict=True):
        assert scaled == pytest.approx(qty * single, rel=1e-14)


def test_a_book_in_one_call_equals_its_legs() -> None:
    count = 500
    strikes = np.linspace(20_000.0, 150_000.0, count)
    signs = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    sizes = np.linspace(-5.0, 5.0, count)
    market = OptionTerms(FORWARD, strikes, 0.1, 0.7, signs)
    book = legs.coin_settled_option(sizes, SPOT, market)
    assert all(field.shape == (count,) for field in book)
    for index in (0, 137, 499):
        alone = market._replace(strike=strikes[index], sign=signs[index])
        leg = legs.coin_settled_option(sizes[index], SPOT, alone)
        for whole, single in zip(book, leg, strict=True):
            assert whole[index] == pytest.approx(single, rel=1e-13)


def test_expired_options_keep_only_their_payoff() -> None:
    market = OptionTerms(SPOT, [50_000.0, 70_000.0], 0.0, 0.6, 1.0)
    leg = legs.coin_settled_option(1.0, SPOT, market)
    assert leg.price_usd == pytest.approx([10_000.0, 0.0])
    assert leg.delta.tolist() == [1.0, 0.0]
    assert leg.gamma.tolist() == leg.vega_usd.tolist() == leg.theta_usd_day.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_bad_index_leaves_no_usd_number(bad: float) -> None:
    for leg in LEGS.values():
        here = leg(bad)
        assert np.isnan(here.delta_usd)
        assert np.isnan(here.price_coin)
    assert np.isnan(legs.linear_perpetual(1.0, SPOT, bad).price_usd)
    assert np.isnan(legs.inverse_perpetual(1.0, SPOT, bad).price_usd)
    assert np.isnan(legs.linear_future(1.0, SPOT, bad).delta)
