"""What gamma costs to hold and what must happen to pay for it, one book at a time.

All volatilities are annual fractions, time is ACT/365 and rates are zero. A book is long gamma
where its gamma is positive: it pays theta and earns on moves. Short gamma is the mirror image.
"""

from __future__ import annotations

import math
from typing import Final

DAYS_PER_YEAR: Final = 365.0
MEAN_MOVE: Final = math.sqrt(2.0 / math.pi)
"""Mean size of a standard normal move."""


def theta_bill(gamma_1pct_usd: float, vol: float) -> float:
    """Theta per day of gamma that was bought at a volatility.

    Parameters
    ----------
    gamma_1pct_usd : float
        USD of delta per 1 % move, signed.
    vol : float
        Implied, >= 0.

    Returns
    -------
    float
        USD per day, negative for long gamma: -1/2 Gamma S^2 vol^2 / 365, with
        Gamma S^2 = 100 G1%.
    """
    return -_half_dollar_gamma(gamma_1pct_usd) * vol * vol / DAYS_PER_YEAR


def gamma_gain(gamma_1pct_usd: float, realised: float, implied: float) -> float:
    """Expected gain per day of a delta-hedged book, before costs.

    Returns
    -------
    float
        USD per day: 1/2 Gamma S^2 (realised^2 - implied^2) / 365.
    """
    spread = realised * realised - implied * implied
    return _half_dollar_gamma(gamma_1pct_usd) * spread / DAYS_PER_YEAR


def break_even_move(cost_usd: float, gamma: float) -> float | None:
    """Size of the one move whose gamma profit is what holding the book costs.

    Parameters
    ----------
    cost_usd : float
        Theta of a day or any other bill, USD; positive when the book pays.
    gamma : float
        Coins per USD, signed.

    Returns
    -------
    float or None
        USD of spot, sqrt(2 cost / Gamma): a larger move gains for long gamma and loses for short
        gamma. None where bill and gamma do not oppose each other, so that no move breaks even.
    """
    return math.sqrt(2.0 * cost_usd / gamma) if cost_usd * gamma > 0.0 else None


def break_even_vol(cost_usd_day: float, gamma_1pct_usd: float) -> float | None:
    """Realised volatility at which gamma profits equal a daily bill.

    Parameters
    ----------
    cost_usd_day : float
        USD per day, positive when the book pays.
    gamma_1pct_usd : float
        USD of delta per 1 % move, signed.

    Returns
    -------
    float or None
        None where bill and gamma do not oppose each other.
    """
    if cost_usd_day * gamma_1pct_usd <= 0.0:
        return None
    return math.sqrt(cost_usd_day * DAYS_PER_YEAR / _half_dollar_gamma(gamma_1pct_usd))


def leland_number(cost: float, vol: float, hedges_per_year: float) -> float:
    """Share of the gamma profit that hedging by the clock gives away.

    Parameters
    ----------
    cost : float
        One-way proportional cost as a fraction of notional, >= 0.
    vol : float
        At which the book is hedged, > 0.
    hedges_per_year : float
        > 0.

    Returns
    -------
    float
        A = sqrt(2/pi) 2 cost / (vol sqrt(dt)).

    Notes
    -----
    Leland (1985): the mean size of a move over dt is sqrt(2/pi) vol S sqrt(dt), and each is hedged
    by trading Gamma times it.
    """
    return MEAN_MOVE * 2.0 * cost * math.sqrt(hedges_per_year) / vol


def band_share(cost: float, spot: float, gamma: float, half_width: float) -> float | None:
    """Share of the gamma profit that hedging at the edge of a band gives away.

    Parameters
    ----------
    cost : float
        One-way proportional cost as a fraction of notional, >= 0.
    spot : float
        USD per coin.
    gamma : float
        Coins per USD, signed.
    half_width : float
        Coins.

    Returns
    -------
    float or None
        cost |Gamma| S / H; None without a band.

    Notes
    -----
    Delta reflected at +-H turns over nu^2 / (2 H) coins a year with nu = |Gamma| S sigma, so its
    cost is this share of 1/2 |Gamma| S^2 sigma^2.
    """
    return cost * abs(gamma) * spot / half_width if half_width > 0.0 else None


def vol_with_costs(vol: float, share: float, gamma: float) -> float | None:
    """Break-even realised volatility once hedging costs are paid.

    Parameters
    ----------
    vol : float
        Break-even before costs.
    share : float
        Part of the gamma profit that hedging costs, from `leland_number` or `band_share`.
    gamma : float
        Its sign: long gamma has to earn the costs on top, short gamma to keep them back.

    Returns
    -------
    float or None
        vol / sqrt(1 - share) for long gamma, vol / sqrt(1 + share) for short gamma; None where
        costs eat the whole gamma profit, so that no volatility is enough.
    """
    left = 1.0 - share if gamma > 0.0 else 1.0 + share
    return vol / math.sqrt(left) if left > 0.0 else None


def hedging_noise(vega_usd: float, vol: float, hedges: float, part: float = 1.0) -> float:
    """Standard deviation of the P&L that comes from hedging only so often.

    Parameters
    ----------
    vega_usd : float
        USD per volatility point, at the money.
    vol : float
        Annual fraction.
    hedges : float
        Hedges to expiry, evenly spread, > 0.
    part : float
        Of the time to expiry, from now on, that the P&L is of; in (0, 1].

    Returns
    -------
    float
        USD: sqrt(pi/4) vega vol / sqrt(hedges), vega per unit of volatility, to expiry.

    Notes
    -----
    Derman and Kamal (1999). A hedge interval dt adds 1/2 (Gamma S^2 vol^2 dt)^2 of variance, and
    the mean of (Gamma S^2)^2 at the part s of the life is that of now over sqrt(1 - s^2): until
    then the variance sums to arcsin(s) / 2 in place of pi / 4. Checked by Monte Carlo in
    tests/unit/pricing/test_gamma_rent.py.
    """
    return math.sqrt(0.5 * math.asin(part) / hedges) * abs(vega_usd) * 100.0 * vol


def entry_cost(paid_usd: float, forward: float, years: float) -> float | None:
    """Cost of trading one straddle at the money once, as volatility.

    Parameters
    ----------
    paid_usd : float
        Half spreads and fees of call and put, USD for one coin.
    forward : float
        USD per coin, > 0.
    years : float
        To expiry.

    Returns
    -------
    float or None
        Annual fraction: paid over the vega 2 F sqrt(T / 2 pi) of a straddle at the money; None
        once it has expired.
    """
    if years <= 0.0:
        return None
    return paid_usd / (2.0 * forward * math.sqrt(years / (2.0 * math.pi)))


def _half_dollar_gamma(gamma_1pct_usd: float) -> float:
    """1/2 Gamma S^2, USD."""
    return 50.0 * gamma_1pct_usd
