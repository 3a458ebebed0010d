"""Take or rest: what waiting costs in risk against what a passive fill saves.

Everything is a fraction of the order's notional, so that sizes and prices cancel.
"""

import math

YEAR_S = 365.0 * 86_400.0

USUAL_FILL_RATE = 0.05
"""Fills a second of an order at the touch before any of one's own have been seen: one in 20 s."""


def waiting_cost(risk_aversion: float, coins: float, spot: float, annual_vol: float) -> float:
    """Risk cost of leaving ``coins`` unhedged for a second.

    Parameters
    ----------
    risk_aversion : float
        1/USD, > 0.
    coins : float
        Size of the order, >= 0.
    spot : float
        USD per coin, > 0.
    annual_vol : float
        Fraction a year (0.6).

    Returns
    -------
    float
        Fraction of the order's notional per second.

    Notes
    -----
    (gamma/2) Var(P&L) = (gamma/2) (x S sigma)^2 / YEAR per second, over the notional x S.
    """
    return 0.5 * risk_aversion * coins * spot * annual_vol**2 / YEAR_S


def resting_saves(half_spread: float, taker: float, maker: float) -> float:
    """What a passive fill saves against taking; fractions of notional, a rebate is negative.

    Notes
    -----
    Half the spread once, not twice: when the price is a martingale and every fill is adversely
    selected, the other half is lost to what the price does after the fill (optional stopping).
    """
    return half_spread + taker - maker


def urgency(waiting: float, saving: float, fill_rate: float, drift: float = 0.0) -> float:
    """U: above 1, waiting costs more than resting saves.

    Parameters
    ----------
    waiting : float
        :func:`waiting_cost`.
    saving : float
        :func:`resting_saves`.
    fill_rate : float
        Fills per second of an order at the touch, > 0.
    drift : float
        Adverse drift expected, fraction of price per second.

    Returns
    -------
    float
        (waiting + drift) / (fill_rate saving); infinite when resting saves nothing.
    """
    gain = fill_rate * saving
    return (waiting + drift) / gain if gain > 0.0 else math.inf


def most_resting(saving: float, fill_rate: float, risk: float, drift: float = 0.0) -> float:
    """Largest size that is better rested than taken, coin: where U is 1.

    Parameters
    ----------
    saving, fill_rate, drift : float
        As in :func:`urgency`.
    risk : float
        :func:`waiting_cost` of one coin, which grows with the size in proportion.

    Notes
    -----
    x* = 2 A b YEAR / (gamma S sigma^2) without drift.
    """
    room = fill_rate * saving - drift
    if room <= 0.0:
        return 0.0
    return room / risk if risk > 0.0 else math.inf


def fill_chance(fill_rate: float, wait_s: float) -> float:
    """Chance that an order at the touch fills within its wait, fills coming at random."""
    return 1.0 - math.exp(-fill_rate * wait_s)


def expected_cost(chance: float, resting: float, taking: float) -> float:
    """Cost of resting first and then taking what is left: p maker + (1 - p) (hs + taker)."""
    return chance * resting + (1.0 - chance) * taking
