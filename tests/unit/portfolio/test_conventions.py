"""Conventions of venues: each way back undoes the way there, and real venues agree."""

from collections.abc import Callable
from math import ulp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.portfolio import conventions as c
from terminal.pricing.position_greeks import OptionTerms, coin_balance, coin_settled_option
from terminal.pricing.rows import FloatArray

amounts = st.floats(-1e9, 1e9)
prices = st.floats(1e-3, 1e7)
bases = st.floats(0.5, 2.0)
multipliers = st.sampled_from([0.0001, 0.01, 0.1, 1.0, 10.0, 100.0])


@given(amounts, amounts)
def test_deltas_go_there_and_back(delta: float, other: float) -> None:
    last = 2.0 * ulp(max(abs(delta), abs(other)))
    assert abs(float(c.black_delta(c.premium_adjusted_delta(delta, other), other)) - delta) <= last
    there = c.equity_inclusive_delta(delta, other)
    assert abs(float(c.delta_without_equity(there, other)) - delta) <= last


PAIRS: list[
    tuple[Callable[[float, float], FloatArray], Callable[[FloatArray, float], FloatArray]]
] = [
    (c.index_dollars, c.forward_dollars),
    (c.in_usd, c.in_coin),
    (c.linear_coins, c.linear_contracts),
]


@pytest.mark.parametrize(("there", "back"), PAIRS)
@given(amount=amounts, factor=prices)
def test_scalings_go_there_and_back(
    there: Callable[[float, float], FloatArray],
    back: Callable[[FloatArray, float], FloatArray],
    amount: float,
    factor: float,
) -> None:
    close = 2.0 * max(ulp(amount), 1e-300)
    assert abs(float(back(there(amount, factor), factor)) - amount) <= close


@given(amounts, prices)
def test_gamma_goes_there_and_back(gamma: float, spot: float) -> None:
    back = float(c.gamma_per_dollar(c.gamma_per_percent(gamma, spot), spot))
    assert abs(back - gamma) <= 3.0 * max(ulp(gamma), 1e-300)


@given(amounts, amounts, prices)
def test_adjusted_gamma_goes_there_and_back(gamma: float, delta: float, spot: float) -> None:
    adjusted = c.premium_adjusted_gamma(gamma, delta, spot)
    back = float(c.gamma_of_adjusted(adjusted, delta, spot))
    assert abs(back - gamma) <= 2.0 * max(ulp(gamma), ulp(2.0 * delta) / spot)


@given(amounts, multipliers, prices)
def test_contracts_go_there_and_back(contracts: float, multiplier: float, price: float) -> None:
    coins = c.inverse_coins(contracts, multiplier, price)
    back = float(c.inverse_contracts(coins, multiplier, price))
    assert abs(back - contracts) <= 3.0 * max(ulp(contracts), 1e-300)


@given(st.floats(20_000.0, 120_000.0), st.floats(0.9, 1.1), st.floats(0.02, 2.0), st.floats(0.2, 2))
def test_what_a_coin_option_is_in_every_convention(
    strike: float, basis: float, years: float, vol: float
) -> None:
    """Our own sensitivities and a finite difference of the coin price say the same."""
    spot = 60_000.0

    def unit(price: float) -> tuple[float, float, float]:
        found = coin_settled_option(1.0, price, OptionTerms(basis * price, strike, years, vol, 1.0))
        return float(found.price_coin), float(found.delta), float(found.gamma)

    premium, delta, gamma = unit(spot)
    adjusted = float(c.premium_adjusted_delta(delta, premium))
    step = 1e-4
    up, down = unit(spot * np.exp(step))[0], unit(spot * np.exp(-step))[0]
    assert adjusted == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-7)
    in_logs = (up - 2 * premium + down) / step**2  # S^2 c'' + S c'
    curvature = float(c.premium_adjusted_gamma(gamma, adjusted, spot))
    assert curvature == pytest.approx(in_logs - adjusted, rel=1e-4, abs=1e-5)


@given(amounts, amounts, prices)
def test_equity_makes_the_dollar_delta_of_an_account(
    coins: float, contracts: float, spot: float
) -> None:
    """An account of coins and an inverse contract bought at spot: dU/dS is both together."""
    inverse = float(c.inverse_coins(contracts, 1.0, spot))
    whole = float(c.equity_inclusive_delta(inverse, coins))
    assert whole == float(coin_balance(coins, spot).delta) + inverse


def test_okx_publishes_both_sets() -> None:
    """BTC-USD-240329-32000-C, 2023-11-10, from the venue's own answer."""
    delta, adjusted = 0.7325502184143025, 0.5105464486882039
    gamma, adjusted_gamma = 0.000024139685826358558, -0.13183515090501083
    premium = 1.0 / 4.504428015946619  # the venue's leverage of a premium of 1
    spot = 74.44022302387287 / 0.0020207455080045846  # vega in USD over vega in coin
    assert float(c.premium_adjusted_delta(delta, premium)) == pytest.approx(adjusted, abs=1e-8)
    assert float(c.black_delta(adjusted, premium)) == pytest.approx(delta, abs=1e-8)
    found = float(c.premium_adjusted_gamma(gamma, adjusted, spot))
    assert found == pytest.approx(adjusted_gamma, rel=1e-7)
    assert float(c.gamma_of_adjusted(adjusted_gamma, adjusted, spot)) == pytest.approx(gamma)
    assert float(c.in_coin(74.44022302387287, spot)) == pytest.approx(0.0020207455080045846)


def test_deribit_vega_is_in_forward_dollars() -> None:
    """BTC-27SEP24-40000-C: 142.301 at the forward; the index was 6 % lower."""
    basis = 1.06
    assert float(c.index_dollars(142.301, basis)) == pytest.approx(134.2462, abs=1e-3)


def test_linear_and_inverse_sizes() -> None:
    assert float(c.linear_coins(50.0, 0.01)) == 0.5
    assert float(c.inverse_coins(4_500.0, 10.0, 90_000.0)) == 0.5
    assert float(c.inverse_contracts(-0.5, 10.0, 90_000.0)) == -4_500.0
    assert float(c.gamma_per_percent(1e-5, 60_000.0)) == pytest.approx(360.0)


def test_every_venue_is_named_with_its_source() -> None:
    assert {each.venue for each in c.VENUES} == {"deribit", "okx", "bybit", "binance"}
    assert all(each.source and each.vol in {1.0, 100.0} for each in c.VENUES)
    adjusted = [each for each in c.VENUES if each.delta is c.DeltaKind.PREMIUM_ADJUSTED]
    assert {each.venue for each in adjusted} == {"deribit", "okx"}


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_a_bad_price_is_flagged(bad: float) -> None:
    for function in (c.index_dollars, c.forward_dollars, c.in_usd, c.in_coin, c.linear_coins):
        assert np.isnan(function(1.0, bad))
    for other in (c.gamma_per_percent, c.gamma_per_dollar, c.linear_contracts):
        assert np.isnan(other(1.0, bad))
    assert np.isnan(c.premium_adjusted_gamma(1.0, 1.0, bad))
    assert np.isnan(c.gamma_of_adjusted(1.0, 1.0, bad))


def test_bad_amounts() -> None:
    assert np.isnan(c.premium_adjusted_delta(np.inf, 1.0))
    assert c.in_usd([], 1.0).shape == (0,)
    assert np.isinf(c.in_usd(1e300, 1e300))  # and no warning
    with pytest.raises(ValueError, match="could not convert"):
        c.in_usd("much", 1.0)
    with pytest.raises(ValueError, match="broadcast"):
        c.premium_adjusted_delta([1.0, 2.0], [1.0, 2.0, 3.0])
