"""Sums over a book of options at one more spot, when nothing but spot has changed.

All that does not depend on spot S is worked out once (`fold`); a tick then costs one exponential
and one Mills ratio per option and two products of a matrix and a vector, and no row for an option.
With D(d) = sign / 2 + N(d) - 1/2 a unit is worth F D(d1) - K D(d2), which loses digits of an option
far from the money, but none of the sum that it is part of.
"""

from __future__ import annotations

from math import log1p
from typing import Final, NamedTuple

import numpy as np

from terminal.pricing.black_block import HALF, MINUS_HALF, SIGN_BIT, IntegerArray
from terminal.pricing.mills import (
    LARGEST_CENTRE,
    POWER_ROWS,
    RATIO_MATRIX,
    ROOT_TWO_PI,
    Quotient,
    divided,
    fill_powers,
    quotient_in,
)
from terminal.pricing.rows import FloatArray

STEEPEST: Final = 1e150
"""Inverse deviation of what has no time or volatility left; its square is still a number."""

FURTHEST: Final = 0.7
"""Log-move of spot after which a book must be folded anew for the sums to stay exact."""

LESS_DENSITY: Final = RATIO_MATRIX * np.array([[-1.0 / ROOT_TWO_PI], [1.0]] * 2)
"""Mills ratio times -1 / sqrt(2 pi): top and bottom of the quotient take turns in its rows."""

VOL_POINT: Final = 0.01
DAYS_PER_YEAR: Final = 365.0


class Scratch(NamedTuple):
    """Arrays that every tick overwrites, and parts of them.

    `near` and `far` are the halves of `distance`, `fallen` is the first half of `fall`; the
    quotient is that of the sizes of the distances. Everything has a name: at 500 options a call of
    numpy costs as much as what it works out, and so does a slice.
    """

    distance: FloatArray
    near: FloatArray
    far: FloatArray
    sided: FloatArray
    fall: FloatArray
    fallen: FloatArray
    quotient: Quotient
    distance_bits: IntegerArray
    sided_bits: IntegerArray


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
    linear : ndarray (5, 2 n)
        What multiplies D(d1) and D(d2): delta; value per USD of spot and in strikes; the same of
        what is worth coin.
    fixed : ndarray (5,)
        The part of it that comes from half the sign of each option.
    curved : ndarray (3, n)
        What multiplies exp(-d1^2 / 2): gamma times spot, vega and theta by spot.
    marked_coin, marked_usd : float
        Value of the options that a venue marks, coins and USD.
    is_steep : bool
        Whether a tick may reach further than the Mills ratio does.
    scratch : Scratch
        Room for what a tick works out: one tick at a time.
    """

    spot: float
    centre: FloatArray
    inverse: FloatArray
    half: FloatArray
    linear: FloatArray
    fixed: FloatArray
    curved: FloatArray
    marked_coin: float
    marked_usd: float
    is_steep: bool
    scratch: Scratch


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
    is_known, is_coin = ~np.isnan(vol), in_coin != 0.0
    with np.errstate(all="ignore"):
        units = np.where(is_known, coins * np.where(is_coin, 1.0 / basis, 1.0), 0.0)
        root = np.sqrt(np.maximum(years, 0.0))
        deviation = np.where(is_known, vol * root, 1.0)
        lives = deviation > 1.0 / STEEPEST
        inverse = np.where(lives, 1.0 / deviation, STEEPEST)
        forward = basis * spot
        gap = forward - strike
        centre = np.copysign(np.log1p(np.abs(gap) / np.minimum(forward, strike)), gap)
        bends = np.array((inverse, root * VOL_POINT, -0.5 * vol / root / DAYS_PER_YEAR))
        curved = np.where(lives & is_known, units * basis / ROOT_TWO_PI * bends, 0.0)
        marked = np.where(is_known & ~np.isnan(mark), coins * mark, 0.0)
        reach = (np.abs(centre) + FURTHEST) * inverse + deviation
    linear = _linear(columns, units)
    return Folded(
        spot=spot,
        centre=centre,
        inverse=inverse,
        half=np.where(lives, 0.5 * deviation, 0.0),
        linear=linear,
        fixed=linear.dot(np.tile(0.5 * sign, 2)),
        curved=curved,
        marked_coin=float(marked[is_coin].sum()),
        marked_usd=float(marked[~is_coin].sum()),
        is_steep=not bool((reach < LARGEST_CENTRE).all()),
        scratch=_scratch(len(strike)),
    )


def _linear(columns: FloatArray, units: FloatArray) -> FloatArray:
    """What multiplies D(d1) and D(d2); an option that a venue marks has no value here."""
    _, _, strike, _, in_coin, basis, _, _, mark = columns
    amount, by_model, is_coin = units * basis, np.isnan(mark), in_coin != 0.0
    value, paid = np.where(by_model, amount, 0.0), np.where(by_model, units * strike, 0.0)
    count = len(strike)
    linear = np.zeros((5, 2 * count))
    linear[0, :count] = amount
    linear[1, :count] = value
    linear[2, count:] = paid
    linear[3, :count] = np.where(is_coin, value, 0.0)
    linear[4, count:] = np.where(is_coin, paid, 0.0)
    return linear


def _scratch(count: int) -> Scratch:
    distance, sided, fall = np.empty((3, 2 * count))
    return Scratch(
        distance=distance,
        near=distance[:count],
        far=distance[count:],
        sided=sided,
        fall=fall,
        fallen=fall[:count],
        quotient=quotient_in(np.empty((POWER_ROWS, 2 * count)), np.empty((4, 2 * count))),
        distance_bits=distance.view(np.int64),
        sided_bits=sided.view(np.int64),
    )


def total_at(spot: float, book: Folded) -> list[float]:
    """Sums of a folded book at a spot, which may be half or twice the one it was folded at.

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
    distance, near, far, sided, fall, fallen, quotient, *bits = book.scratch
    distance_bits, sided_bits = bits
    np.add(book.centre, log1p((spot - book.spot) / book.spot), near)
    np.multiply(near, book.inverse, near)
    np.subtract(near, book.half, far)
    np.add(near, book.half, near)
    np.absolute(distance, quotient.score)
    if book.is_steep:
        np.minimum(quotient.score, LARGEST_CENTRE, out=quotient.score)
    np.square(quotient.score, quotient.square)
    np.multiply(quotient.square, MINUS_HALF, fall)
    np.exp(fall, fall)
    fill_powers(quotient)
    np.multiply(divided(LESS_DENSITY, quotient), fall, sided)
    np.add(sided, HALF, sided)
    np.bitwise_and(distance_bits, SIGN_BIT, distance_bits)  # it is not looked at any more
    np.bitwise_xor(sided_bits, distance_bits, sided_bits)
    moved = book.linear.dot(sided)
    moved += book.fixed
    delta, risen, paid, coin_risen, coin_paid = moved.tolist()
    gamma, vega, theta = book.curved.dot(fallen).tolist()
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
