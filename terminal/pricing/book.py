"""A whole book of options revalued by one call: value, sensitivities and their sums.

One rule for all options. Let b = F / S be the basis, held constant, and B the undiscounted
Black-76 price in forward dollars. A USD option is worth U = B, a coin option U = B / b, so with
w = 1 or 1 / b: dU/dS = w b B', d2U/dS2 = w b^2 B'', vega and theta are w times those of B. The
premium of a coin option is itself coin, which the coin-numeraire delta leaves out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from terminal.pricing.black import BlackGreeks, greeks
from terminal.pricing.rows import FloatArray

INPUTS: Final = 9
OUTPUTS: Final = 11
VOL_POINT: Final = 0.01
DAYS_PER_YEAR: Final = 365.0

WRONG_TYPES: Final = (
    "a book is priced from a number for spot and writeable C-contiguous float64 arrays for"
    " columns, out and total: convert them with numpy.ascontiguousarray"
)

Unit = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], BlackGreeks]
"""Prices options from forward, strike, years, volatility and sign."""


def price_book_numpy(spot: float, columns: FloatArray, out: FloatArray, total: FloatArray) -> None:
    """Value and sensitivities of a book, in numpy.

    Parameters
    ----------
    spot : float
        USD per coin, > 0.
    columns : ndarray (9, n)
        Rows: coins held (negative: short), entry price in the option's own unit, strike in USD,
        sign (+1 call, -1 put), 1 where premium and payoff are coin and 0 where they are USD,
        basis F / S, years to expiry, volatility (NaN: unknown), venue's mark in the option's own
        unit (NaN: none; the model's price then values the option). C-contiguous float64.
    out : ndarray (11, n)
        Overwritten. Rows: the nine fields of ``Sensitivity`` in order (value in USD, delta in coins
        three times: as it is, with a coin premium left out, as it is; dollar delta, gamma in coins
        per USD, dollar gamma of a move of 1 %, vega a point, theta a day), the price in the
        option's own unit, the profit in USD. All 0 where the volatility is unknown; NaN where
        another input is bad.
    total : ndarray (11,)
        Overwritten with the sums of the rows of `out`, from the first option to the last as a
        running sum adds them.

    Raises
    ------
    TypeError
        An array is not contiguous float64 that may be written to, or `spot` is no number.
    ValueError
        The shapes do not fit each other.
    """
    price_book_with(greeks, spot, columns, out, total)


def price_book_with(
    unit: Unit, spot: float, columns: FloatArray, out: FloatArray, total: FloatArray
) -> None:
    """`price_book_numpy` with the Black-76 of another engine.

    Parameters
    ----------
    unit : callable
        Undiscounted price and Greeks of options.
    spot, columns, out, total : float and ndarray
        As in `price_book_numpy`.

    Raises
    ------
    TypeError, ValueError
        As in `price_book_numpy`.
    """
    if not _are_usable(spot, (columns, out, total)):
        raise TypeError(WRONG_TYPES)
    if not _fit(columns, out, total):
        raise ValueError(wrong_shapes(columns, out, total))
    with np.errstate(all="ignore"):
        forward = columns[5] * spot
        per_option = unit(forward, columns[2], columns[6], columns[7], columns[3])
        _fill(per_option, spot, columns, out)
        is_unknown = np.isnan(columns[7])
        if is_unknown.any():
            out[:, is_unknown] = 0.0
    # Along the first axis numpy adds rows one after another; only along the last does it pair them.
    np.add.reduce(np.ascontiguousarray(out.T), axis=0, out=total)


def wrong_shapes(columns: FloatArray, out: FloatArray, total: FloatArray) -> str:
    """What to say where the arrays of a book do not fit each other."""
    return (
        f"columns {columns.shape}, out {out.shape} and total {total.shape} must be"
        f" ({INPUTS}, n), ({OUTPUTS}, n) and ({OUTPUTS},)"
    )


def _are_usable(spot: object, arrays: tuple[object, ...]) -> bool:
    return isinstance(spot, float | int | np.integer) and all(
        isinstance(each, np.ndarray) and each.dtype == np.float64 and each.flags.carray
        for each in arrays
    )


def _fit(columns: FloatArray, out: FloatArray, total: FloatArray) -> bool:
    return (
        columns.ndim == 2
        and columns.shape[0] == INPUTS
        and out.shape == (OUTPUTS, columns.shape[1])
        and total.shape == (OUTPUTS,)
    )


def _fill(unit: BlackGreeks, spot: float, columns: FloatArray, out: FloatArray) -> None:
    """Rows of `out` from the Greeks of one unit of every option."""
    coins, entry, _, _, in_coin, basis, _, _, mark = columns
    value, delta, equity, repeated, dollar, gamma, percent, vega, theta, price, profit = out
    is_coin = in_coin != 0.0
    weight = np.where(is_coin, 1.0 / basis, 1.0)
    in_usd = np.where(is_coin, spot, 1.0)
    np.multiply(mark, in_usd, price)
    worth = np.where(np.isnan(mark), weight * unit.price, price)
    np.multiply(coins, worth, value)
    np.divide(worth, in_usd, price)
    np.multiply(entry, in_usd, profit)
    np.subtract(worth, profit, profit)
    np.multiply(coins, profit, profit)

    amount = coins * weight
    np.multiply(amount, VOL_POINT, vega)
    np.multiply(vega, unit.vega, vega)
    np.multiply(amount, 1.0 / DAYS_PER_YEAR, theta)
    np.multiply(theta, unit.theta, theta)
    np.multiply(amount, basis, amount)
    np.multiply(amount, unit.delta, delta)
    np.multiply(amount, basis, gamma)
    np.multiply(gamma, unit.gamma, gamma)

    np.divide(value, -spot, equity)
    np.multiply(equity, is_coin, equity)
    np.add(equity, delta, equity)
    np.copyto(repeated, delta)
    np.multiply(delta, spot, dollar)
    np.multiply(gamma, 0.01 * spot * spot, percent)
