"""The book that is hedged: in each window a long straddle, bought at the money as it opens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from terminal.lab.windows import Setup, Windows
from terminal.pricing import black
from terminal.pricing.rows import FloatArray


class Straddles(NamedTuple):
    """Sensitivities of one straddle a window at every decision; n decisions, w windows.

    Attributes
    ----------
    price : ndarray (n + 1, w)
        USD per coin; there is no decision at the last one.
    years : ndarray (n,)
        Time to expiry.
    vol : ndarray (w,)
        Annual volatility that prices the straddle.
    coins : ndarray (w,)
        Straddles held.
    delta, gamma : ndarray (n, w)
        Black-Scholes delta (coin) and gamma (coin per USD) of the straddles.
    profit : ndarray (w,)
        What the straddles themselves earn from first to last price, USD, without hedges.
    perfect : ndarray (w,)
        What they earn together with a costless hedge at every decision, USD: the part of the
        result that no policy has in its hands.
    """

    price: FloatArray
    years: FloatArray
    vol: FloatArray
    coins: FloatArray
    delta: FloatArray
    gamma: FloatArray
    profit: FloatArray
    perfect: FloatArray


def straddles(windows: Windows, setup: Setup) -> Straddles:
    """Straddles of the windows, held to the window's end.

    Parameters
    ----------
    windows : Windows
    setup : Setup

    Returns
    -------
    Straddles
        A straddle that outlives its window is valued at the volatility it was bought at.
    """
    price, vol = windows.price, windows.vol
    steps = price.shape[0] - 1
    strike = price[0]
    coins = setup.notional / strike
    left = setup.tenor_days / 365.0 - windows.step * np.arange(steps + 1)
    left[left < 0.5 * windows.step] = 0.0  # expiry itself, whatever rounding made of it
    value, delta, gamma = (np.zeros_like(price) for _ in range(3))
    for sign in (1.0, -1.0):
        leg = black.greeks(price, strike, left[:, None], vol, sign)
        value += leg.price
        delta += leg.delta
        gamma += leg.gamma
    profit = coins * (value[-1] - value[0])
    delta, gamma = coins * delta[:-1], coins * gamma[:-1]
    perfect = profit - np.sum(delta * np.diff(price, axis=0), axis=0)
    return Straddles(price, left[:-1], vol, coins, delta, gamma, profit, perfect)
