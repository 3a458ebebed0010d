"""A whole book of options in one call, in numpy."""

import numpy as np

from terminal.pricing.black import greeks
from terminal.pricing.rows import FloatArray


def price_book_numpy(spot: float, columns: FloatArray, out: FloatArray, total: FloatArray) -> None:
    """Value and sensitivities of options.

    Parameters
    ----------
    spot : float
        USD per coin.
    columns : ndarray (9, n)
        Coins, entry, strike, sign, in coin (1 or 0), basis, years, volatility, mark; NaN: unknown.
    out : ndarray (11, n)
        Filled with the fields of ``Sensitivity``, the price and the profit of each option.
    total : ndarray (11,)
        Filled with the sums over options, from the first to the last.
    """
    coins, entry, strike, sign, coin, basis, years, vol, mark = columns
    forward = basis * spot
    unit = greeks(forward, strike, years, vol, sign)
    weight = np.where(coin, 1.0 / basis, 1.0)
    in_usd = np.where(coin, spot, 1.0)
    worth = np.where(np.isnan(mark), weight * unit.price, mark * in_usd)
    amount = coins * weight
    value = coins * worth
    delta = amount * basis * unit.delta
    gamma = amount * basis * basis * unit.gamma
    out[0] = value
    out[1] = out[3] = delta
    out[2] = delta - coin * value / spot
    out[4] = delta * spot
    out[5] = gamma
    out[6] = gamma * spot * spot * 0.01
    out[7] = amount * unit.vega * 0.01
    out[8] = amount * unit.theta / 365.0
    out[9] = worth / in_usd
    out[10] = coins * (worth - entry * in_usd)
    out[:, np.isnan(vol)] = 0.0
    total[:] = np.add.accumulate(out, axis=1)[:, -1] if out.shape[1] else 0.0
