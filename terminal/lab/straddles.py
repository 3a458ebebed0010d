"""The book that is hedged: in each window a long straddle, bought at the money as it opens."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from terminal.core.units import YEAR
from terminal.lab.windows import Setup, Windows
from terminal.portfolio.settling import CALM
from terminal.pricing.full_greeks import full_greeks
from terminal.pricing.rows import FloatArray

_TOGETHER: Final = 256
"""Windows priced at once: nine Greeks of all of them would fill the memory."""


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
    delta, gamma, vanna : ndarray (n, w)
        Black-Scholes delta (coin), gamma (coin per USD) and vanna (coin per 1.00 of volatility) of
        the straddles.
    calm : ndarray (n, w)
        Gamma of straddles that are at least an hour from their expiry, which bands are made of.
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
    vanna: FloatArray
    calm: FloatArray
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
    value, delta, gamma, vanna, calm = (np.empty_like(price) for _ in range(5))
    last = left < CALM / YEAR
    for first in range(0, coins.size, _TOGETHER):
        part = slice(first, first + _TOGETHER)
        call = full_greeks(price[:, part], strike[part], left[:, None], vol[part], 1.0)
        value[:, part] = 2.0 * call.price - (price[:, part] - strike[part])  # by parity
        delta[:, part] = coins[part] * (2.0 * call.delta - 1.0)
        gamma[:, part] = coins[part] * 2.0 * call.gamma
        vanna[:, part] = coins[part] * 2.0 * call.vanna
        calm[:, part] = gamma[:, part]
        calmed = full_greeks(price[last][:, part], strike[part], CALM / YEAR, vol[part], 1.0)
        calm[last, part] = coins[part] * 2.0 * calmed.gamma
    profit = coins * (value[-1] - value[0])
    perfect = profit - np.sum(delta[:-1] * np.diff(price, axis=0), axis=0)
    return Straddles(
        price=price,
        years=left[:-1],
        vol=vol,
        coins=coins,
        delta=delta[:-1],
        gamma=gamma[:-1],
        vanna=vanna[:-1],
        calm=calm[:-1],
        profit=profit,
        perfect=perfect,
    )
