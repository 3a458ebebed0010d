"""Sums over a book of options at one more spot, when nothing but spot has changed.

All that does not depend on spot S is worked out once (`fold`); a tick then costs one exponential
and one Mills ratio per option and two products of a matrix and a vector, and no row for an option.
With D(d) = sign / 2 + N(d) - 1/2 a unit is worth F D(d1) - K D(d2), which loses digits of an option
far from the money, but none of the sum that it is part of.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.mills import ROOT_TWO_PI, mills
from terminal.pricing.rows import FloatArray

STEEPEST: Final = 1e150
"""Inverse deviation of what has no time or volatility left; its square is still a number."""

VOL_POINT: Final = 0.01
DAYS_PER_YEAR: Final = 365.0


class Folded(NamedTuple):
    """A book at one spot, ready for others; make it with `fold`.

    Attributes
    ----------
    spot : float
        Where it was folded, USD per coin.
    centre : ndarray (n,)
        ln(F / K) there.
    inverse, half : ndarray (n,)
        1 / (sigma sqrt(T)) and sigma sqrt(T) / 2.
    half_sign : ndarray (2 n,)
        Half the sign of each option, twice.
    linear : ndarray (5, 2 n)
        What multiplies D(d1) and D(d2): delta; value per USD of spot and in strikes; the same of
        what is worth coin.
    curved : ndarray (3, n)
        What multiplies exp(-d1^2 / 2): gamma times spot, vega and theta by spot.
    marked_coin, marked_usd : float
        Value of the options that a venue marks, coins and USD.
    """

    spot: float
    centre: FloatArray
    inverse: FloatArray
    half: FloatArray
    half_sign: FloatArray
    linear: FloatArray
    curved: FloatArray
    marked_coin: float
    marked_usd: float


def fold(spot: float, columns: FloatArray) -> Folded:
    """Work out what does not depend on spot.

    Parameters
    ----------
    spot : float
        USD per coin, > 0; the sums are the more exact the nearer later spots are to it.
    columns : ndarray (9, n)
        As in `terminal.pricing.book.price_book_numpy`.

    Returns
    -------
    Folded
    """
    coins, _, strike, sign, in_coin, basis, years, vol, mark = columns
    known, is_coin = ~np.isnan(vol), in_coin != 0.0
    with np.errstate(all="ignore"):
        units = np.where(known, coins * np.where(is_coin, 1.0 / basis, 1.0), 0.0)
        root = np.sqrt(np.maximum(years, 0.0))
        deviation = np.where(known, vol * root, 1.0)
        forward = basis * spot
        gap = forward - strike
        centre = np.copysign(np.log1p(np.abs(gap) / np.minimum(forward, strike)), gap)
        lives = deviation > 1.0 / STEEPEST
        inverse = np.where(lives, 1.0 / deviation, STEEPEST)
        amount = units * basis
        by_model = np.isnan(mark)
        value, paid = np.where(by_model, amount, 0.0), np.where(by_model, units * strike, 0.0)
        marked = np.where(by_model | ~known, 0.0, coins * mark)
        curved = np.where(
            lives,
            amount / ROOT_TWO_PI * np.array((
                inverse,
                root * VOL_POINT,
                -0.5 * vol / root / DAYS_PER_YEAR,
            )),
            0.0,
        )
    count = len(strike)
    linear = np.zeros((5, 2 * count))
    linear[0, :count] = amount
    linear[1, :count] = value
    linear[2, count:] = paid
    linear[3, :count] = np.where(is_coin, value, 0.0)
    linear[4, count:] = np.where(is_coin, paid, 0.0)
    curved[:, ~known] = 0.0
    return Folded(
        spot=spot,
        centre=centre,
        inverse=inverse,
        half=np.where(lives, 0.5 * deviation, 0.0),
        half_sign=np.tile(0.5 * sign, 2),
        linear=linear,
        curved=curved,
        marked_coin=float(marked[is_coin].sum()),
        marked_usd=float(marked[~is_coin].sum()),
    )


def total_at(spot: float, book: Folded) -> list[float]:
    """Sums of a folded book at a spot.

    Parameters
    ----------
    spot : float
        USD per coin, > 0.
    book : Folded

    Returns
    -------
    list of float
        The nine fields of ``Sensitivity``: those of the total of `price_book_numpy` to rounding,
        relative to the sum of absolute terms. NaN where an input is.
    """
    count = len(book.centre)
    distance = np.empty(2 * count)
    centred = book.centre + np.log1p((spot - book.spot) / book.spot)
    centred *= book.inverse
    np.add(centred, book.half, distance[:count])
    np.subtract(centred, book.half, distance[count:])
    fall = distance * distance
    fall *= -0.5
    np.exp(fall, fall)
    sided = mills(np.abs(distance))
    sided *= fall
    sided *= -1.0 / ROOT_TWO_PI
    sided += 0.5
    np.copysign(sided, distance, sided)
    sided += book.half_sign
    delta, risen, paid, coin_risen, coin_paid = book.linear.dot(sided).tolist()
    gamma, vega, theta = book.curved.dot(fall[:count]).tolist()
    marked = book.marked_coin * spot
    value = spot * risen - paid + marked + book.marked_usd
    in_coin = coin_risen - coin_paid / spot + book.marked_coin
    gamma /= spot
    return [
        value,
        delta,
        delta - in_coin,
        delta,
        delta * spot,
        gamma,
        gamma * spot * spot * 0.01,
        vega * spot,
        theta * spot,
    ]
