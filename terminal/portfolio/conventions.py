"""Conventions in which venues publish Greeks and premiums, and the way from each to each.

S is the index, F the forward, b = F / S; a coin option is worth c coin, c S USD. Every function
has a partner that undoes it: exact up to rounding, 2 units in the last place of the larger number
that took part. Inputs broadcast; a price, basis or multiplier that is not positive and finite
gives NaN.

The desk's own convention (`terminal.model.greeks`): Black delta in coins, gamma in coins per USD,
vega in USD per volatility point and theta in USD per calendar day, both in dollars at the index.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.pricing.rows import FloatArray, positive_or_nan

Numbers = npt.ArrayLike


class DeltaKind(StrEnum):
    """What a delta counts. The third is of an account, not of one option."""

    BLACK = "Black delta: N(d1), or N(d1) - 1 for a put"
    PREMIUM_ADJUSTED = "Black delta less the premium in coin"
    EQUITY_INCLUSIVE = "premium-adjusted delta of everything held, and equity in coin"


class GammaKind(StrEnum):
    """What a gamma is a change of, and by what."""

    PER_DOLLAR = "coins for one dollar"
    PER_PERCENT = "USD of delta for one per cent"
    PREMIUM_ADJUSTED = "coin: S^2 d2c/dS2, negative deep in the money"


class Money(StrEnum):
    """What vega and theta are counted in, for one volatility point and one day."""

    FORWARD_DOLLARS = "USD at the forward"
    INDEX_DOLLARS = "USD at the index"
    COIN = "coin"


class Published(Struct, frozen=True):
    """How one venue publishes one set of Greeks. ``vol`` is 1 for a fraction, 100 for per cent."""

    venue: str
    fields: str
    delta: DeltaKind
    gamma: GammaKind
    money: Money
    vol: float
    source: str


VENUES: tuple[Published, ...] = (
    Published(
        "deribit",
        "ticker greeks",
        DeltaKind.BLACK,
        GammaKind.PER_DOLLAR,
        Money.FORWARD_DOLLARS,
        100.0,
        "recomputed from BTC-27SEP24-40000-C; gamma is rounded to 5 decimals: recompute it",
    ),
    Published(
        "deribit",
        "account delta_total, options part",
        DeltaKind.PREMIUM_ADJUSTED,
        GammaKind.PER_DOLLAR,
        Money.FORWARD_DOLLARS,
        100.0,
        "documented: sum of Black delta less mark; equity and delta_total make the USD delta",
    ),
    Published(
        "okx",
        "deltaBS, gammaBS, vegaBS, thetaBS",
        DeltaKind.BLACK,
        GammaKind.PER_DOLLAR,
        Money.INDEX_DOLLARS,
        1.0,
        "BTC-USD-240329-32000-C of 2023-11-10; theta includes interest",
    ),
    Published(
        "okx",
        "delta, gamma, vega, theta (PA)",
        DeltaKind.PREMIUM_ADJUSTED,
        GammaKind.PREMIUM_ADJUSTED,
        Money.COIN,
        1.0,
        "the same option: deltaBS - delta = 1 / lever, gamma = gammaBS S - 2 delta, "
        "vegaBS / vega = S; theta is not thetaBS / S",
    ),
    Published(
        "bybit",
        "ticker greeks",
        DeltaKind.BLACK,
        GammaKind.PER_DOLLAR,
        Money.FORWARD_DOLLARS,
        1.0,
        "recomputed from BTC-26JAN24-39000-C with underlyingPrice",
    ),
    Published(
        "binance",
        "option mark greeks",
        DeltaKind.BLACK,
        GammaKind.PER_DOLLAR,
        Money.FORWARD_DOLLARS,
        1.0,
        "BTC-231229-40000-C, its index unknown: forward and index dollars not told apart",
    ),
)
"""Venues by what they publish. A USD-settled option (bybit, binance) is worth its Black-76 price
itself: its forward dollars are USD already, and its delta against the index is b times Black's."""


@np.errstate(all="ignore")
def premium_adjusted_delta(black_delta: Numbers, premium_coin: Numbers) -> FloatArray:
    """Delta that keeps the value in coin: Black delta less the premium c.

    Parameters
    ----------
    black_delta : array_like
        Coins, of one option or of a position.
    premium_coin : array_like
        Coin, of the same quantity; positive for a premium that was paid.

    Returns
    -------
    ndarray
        Coins. S dc/dS = dU/dS - c, as U = c S.
    """
    return np.subtract(_array(black_delta), _array(premium_coin))


@np.errstate(all="ignore")
def black_delta(adjusted_delta: Numbers, premium_coin: Numbers) -> FloatArray:
    """Black delta of a premium-adjusted one; the partner of `premium_adjusted_delta`."""
    return np.add(_array(adjusted_delta), _array(premium_coin))


@np.errstate(all="ignore")
def equity_inclusive_delta(delta_total: Numbers, equity_coin: Numbers) -> FloatArray:
    """USD delta of an account kept in coin: what a venue calls delta total, and its equity.

    Parameters
    ----------
    delta_total : array_like
        Coins: premium-adjusted deltas of options plus N / S of inverse contracts.
    equity_coin : array_like
        Coin: everything that the account is worth, option values included.

    Returns
    -------
    ndarray
        Coins, dU/dS of the whole account, U = E S.
    """
    return np.add(_array(delta_total), _array(equity_coin))


@np.errstate(all="ignore")
def delta_without_equity(delta_with_equity: Numbers, equity_coin: Numbers) -> FloatArray:
    """Delta total of an account; the partner of `equity_inclusive_delta`."""
    return np.subtract(_array(delta_with_equity), _array(equity_coin))


@np.errstate(all="ignore")
def gamma_per_percent(gamma: Numbers, spot: Numbers) -> FloatArray:
    """USD by which the dollar delta changes for +1 %, of coins per USD: gamma S^2 / 100."""
    price = positive_or_nan(spot)
    return np.divide(_array(gamma) * price * price, 100.0)


@np.errstate(all="ignore")
def gamma_per_dollar(gamma_percent: Numbers, spot: Numbers) -> FloatArray:
    """Coins per USD of `gamma_per_percent`, its partner."""
    price = positive_or_nan(spot)
    return np.divide(_array(gamma_percent) * 100.0, price) / price


@np.errstate(all="ignore")
def premium_adjusted_gamma(gamma: Numbers, adjusted_delta: Numbers, spot: Numbers) -> FloatArray:
    """Curvature of the value in coin, S^2 d2c/dS2.

    Parameters
    ----------
    gamma : array_like
        Coins per USD, d2U/dS2.
    adjusted_delta : array_like
        Coins, premium-adjusted.
    spot : array_like
        USD per coin, > 0.

    Returns
    -------
    ndarray
        Coin: gamma S - 2 adjusted_delta, from c = U / S differentiated twice.
    """
    return np.subtract(_array(gamma) * positive_or_nan(spot), 2.0 * _array(adjusted_delta))


@np.errstate(all="ignore")
def gamma_of_adjusted(
    adjusted_gamma: Numbers, adjusted_delta: Numbers, spot: Numbers
) -> FloatArray:
    """Coins per USD of `premium_adjusted_gamma`, its partner."""
    total = _array(adjusted_gamma) + 2.0 * _array(adjusted_delta)
    return np.divide(total, positive_or_nan(spot))


@np.errstate(all="ignore")
def index_dollars(forward_dollars: Numbers, basis: Numbers) -> FloatArray:
    """Vega, theta or premium of a coin option in dollars at the index.

    Parameters
    ----------
    forward_dollars : array_like
        The Black-76 number, USD at the forward.
    basis : array_like
        Forward over index, > 0.

    Returns
    -------
    ndarray
        USD: the coin amount is the number over F, and worth S.
    """
    return np.divide(_array(forward_dollars), positive_or_nan(basis))


@np.errstate(all="ignore")
def forward_dollars(at_index: Numbers, basis: Numbers) -> FloatArray:
    """USD at the forward of USD at the index; the partner of `index_dollars`."""
    return np.multiply(_array(at_index), positive_or_nan(basis))


@np.errstate(all="ignore")
def in_usd(coins: Numbers, price: Numbers) -> FloatArray:
    """USD of an amount in coin (premium, vega, theta) at a price: index or forward, as asked."""
    return np.multiply(_array(coins), positive_or_nan(price))


@np.errstate(all="ignore")
def in_coin(usd: Numbers, price: Numbers) -> FloatArray:
    """Coin of an amount in USD at a price; the partner of `in_usd`."""
    return np.divide(_array(usd), positive_or_nan(price))


@np.errstate(all="ignore")
def linear_coins(contracts: Numbers, multiplier: Numbers) -> FloatArray:
    """Coins of linear contracts of ``multiplier`` coins each."""
    return np.multiply(_array(contracts), positive_or_nan(multiplier))


@np.errstate(all="ignore")
def linear_contracts(coins: Numbers, multiplier: Numbers) -> FloatArray:
    """Contracts of an amount of coins; the partner of `linear_coins`."""
    return np.divide(_array(coins), positive_or_nan(multiplier))


@np.errstate(all="ignore")
def inverse_coins(contracts: Numbers, multiplier: Numbers, price: Numbers) -> FloatArray:
    """Coins of inverse contracts of ``multiplier`` USD each: their delta N / P."""
    return in_coin(linear_coins(contracts, multiplier), price)


@np.errstate(all="ignore")
def inverse_contracts(coins: Numbers, multiplier: Numbers, price: Numbers) -> FloatArray:
    """Inverse contracts whose delta is an amount of coins; the partner of `inverse_coins`."""
    return linear_contracts(in_usd(coins, price), multiplier)


def _array(values: Numbers) -> FloatArray:
    """Numbers as an array, NaN where they are not finite."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)
