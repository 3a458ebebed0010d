"""Mills ratio of the normal law and its slope, the only special function pricing needs."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np

from terminal.pricing.rows import FloatArray

Term = TypeVar("Term", float, FloatArray)

ROOT_TWO_PI: Final = 2.5066282746310002
SHIFT: Final = 6.0
SMALL_WIDTH: Final = 0.05
# phi(60) underflows: where a centre is clipped to it, what it multiplies is zero anyway.
LARGEST_CENTRE: Final = 60.0

# Chebyshev interpolants of degree 23 in q = 1 - 12 / (x + 6) on [-1, 1], written in powers of q:
# M(x) (x + 6) and -M'(x) (x + 6)^2. Relative error on x >= 0 with the coefficients as rounded here:
# 1.4e-16 and 1.1e-15. tests/unit/pricing/test_mills.py derives them again with mpmath.
RATIO_SERIES: Final = (
    1.9485319307624096,
    -1.7571690543441034,
    1.4261935116084095,
    -1.0375024310762269,
    0.6717118214993386,
    -0.3827125866710828,
    0.1884280492789322,
    -0.07766866793242976,
    0.02514103196171149,
    -0.005343142050388195,
    8.239314926013543e-05,
    0.0004546040301123416,
    -0.0001623098462180588,
    2.693139265851474e-06,
    1.7036845815654614e-05,
    -4.5049251077697975e-06,
    -1.0766772253203714e-06,
    7.701827756639883e-07,
    1.7188030631684245e-08,
    -1.032793292873713e-07,
    7.0779352500458165e-09,
    1.1861686741645176e-08,
    -9.018988706533573e-10,
    -8.816732049206018e-10,
)
SLOPE_SERIES: Final = (
    3.705700985106513,
    -6.366725131905013,
    7.391087828053952,
    -6.836857010303404,
    5.272122040850248,
    -3.426843815669834,
    1.8626770205105772,
    -0.8224775995233485,
    0.2743575658442566,
    -0.05425534947971373,
    -0.004094318378304464,
    0.007402956064560714,
    -0.0021450428467491827,
    -0.0002007840240649098,
    0.00032313451646443924,
    -5.490066278723622e-05,
    -3.140665993615075e-05,
    1.3609372244614003e-05,
    2.296730821482445e-06,
    -2.2468052860680906e-06,
    -1.0392039463333027e-07,
    2.969590378269628e-07,
    1.9255184332646726e-10,
    -2.402239209985497e-08,
)

# Rows are the blocks of eight coefficients that multiply q^0, q^8 and q^16.
RATIO_BLOCKS: Final = np.array(RATIO_SERIES).reshape(3, 8)
SLOPE_BLOCKS: Final = np.array(SLOPE_SERIES).reshape(3, 8)
RATIO_DESCENDING: Final = RATIO_SERIES[::-1]
SLOPE_DESCENDING: Final = SLOPE_SERIES[::-1]


def mills(distance: FloatArray) -> FloatArray:
    """Mills ratio of the standard normal law, M(x) = N(-x) / phi(x).

    Parameters
    ----------
    distance : ndarray (n,)
        Standard deviations, >= 0; inf gives 0, NaN gives NaN.

    Returns
    -------
    ndarray (n,)
        Relative error below 1e-15.

    Notes
    -----
    M(x) = w P(q) with w = 1 / (x + 6), q = 1 - 12 w. The polynomial is summed in blocks of eight
    powers so that a short vector costs a dozen numpy calls instead of the 46 of Horner's rule.
    """
    reciprocal, powers = _powers(distance)
    ratio = _sum_blocks(RATIO_BLOCKS, powers)
    ratio *= reciprocal
    return ratio


def mills_difference(centre: FloatArray, width: FloatArray) -> FloatArray:
    """Difference M(centre - width / 2) - M(centre + width / 2) without cancellation.

    Parameters
    ----------
    centre : ndarray (n,)
        Standard deviations, 0 <= centre <= LARGEST_CENTRE.
    width : ndarray (n,)
        Standard deviations, 0 < width < SMALL_WIDTH.

    Returns
    -------
    ndarray (n,)
        Positive; relative error below 1e-14.

    Notes
    -----
    Taylor series about the centre, odd terms to order 7; the first term left out is below 2e-16 of
    the sum. M' = -slope comes from its own polynomial because x M(x) - 1 cancels in the tail; the
    higher derivatives follow from M^(n+1) = x M^(n) + n M^(n-1) and enter with factors so small
    that their own cancellation does not matter.
    """
    reciprocal, powers = _powers(centre)
    ratio = _sum_blocks(RATIO_BLOCKS, powers)
    ratio *= reciprocal
    slope = _sum_blocks(SLOPE_BLOCKS, powers)
    slope *= reciprocal
    slope *= reciprocal
    return _taylor(centre, width, ratio, slope)


def mills_scalar(distance: float) -> float:
    """Mills ratio of one number, the same polynomial as `mills` by Horner's rule.

    Parameters
    ----------
    distance : float
        Standard deviations, >= 0.

    Returns
    -------
    float
        Relative error below 1e-15.
    """
    reciprocal = 1.0 / (distance + SHIFT)
    q = 1.0 - 2.0 * SHIFT * reciprocal
    total = 0.0
    for coefficient in RATIO_DESCENDING:
        total = total * q + coefficient
    return total * reciprocal


def mills_difference_scalar(centre: float, width: float) -> float:
    """`mills_difference` for one pair of numbers.

    Parameters
    ----------
    centre, width : float
        As in `mills_difference`.

    Returns
    -------
    float
        Positive; relative error below 1e-14.
    """
    reciprocal = 1.0 / (centre + SHIFT)
    q = 1.0 - 2.0 * SHIFT * reciprocal
    slope = 0.0
    for coefficient in SLOPE_DESCENDING:
        slope = slope * q + coefficient
    return _taylor(centre, width, mills_scalar(centre), slope * reciprocal * reciprocal)


def _taylor(centre: Term, width: Term, ratio: Term, slope: Term) -> Term:
    """Odd Taylor terms of the Mills ratio about `centre`, for arrays and for floats alike."""
    first = -slope
    second = ratio + centre * first
    third = 2.0 * first + centre * second
    fourth = 3.0 * second + centre * third
    fifth = 4.0 * third + centre * fourth
    sixth = 5.0 * fourth + centre * fifth
    seventh = 6.0 * fifth + centre * sixth
    square = 0.25 * width * width
    inner = fifth / 120.0 + square * seventh / 5040.0
    return width * (slope - square * (third / 6.0 + square * inner))


def _powers(distance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Reciprocal 1 / (x + 6) of shape (n,), and q^0 .. q^8 of shape (9, n)."""
    reciprocal = distance + SHIFT
    np.reciprocal(reciprocal, reciprocal)
    powers = np.empty((9, distance.size))
    powers[0] = 1.0
    q = powers[1]
    np.multiply(reciprocal, -2.0 * SHIFT, out=q)
    q += 1.0
    np.multiply(q, q, out=powers[2])
    np.multiply(powers[1:3], powers[2], out=powers[3:5])
    np.multiply(powers[1:5], powers[4], out=powers[5:9])
    return reciprocal, powers


def _sum_blocks(blocks: FloatArray, powers: FloatArray) -> FloatArray:
    """Polynomial of degree 23: three blocks of eight terms, then Horner's rule in q^8."""
    sums: FloatArray = blocks.dot(powers[:8])
    low, middle, high = sums
    eighth = powers[8]
    high *= eighth
    high += middle
    high *= eighth
    high += low
    total: FloatArray = high
    return total
