"""Mills ratio of the normal law and its slope, the only special function pricing needs."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np

from terminal.pricing.rows import FloatArray

Term = TypeVar("Term", float, FloatArray)

ROOT_TWO_PI: Final = 2.5066282746310002
SMALL_WIDTH: Final = 0.05
# phi(60) underflows: where a centre is clipped to it, what it multiplies is zero anyway.
LARGEST_CENTRE: Final = 60.0

# M(x) and -M'(x) as quotients of polynomials in x, rising powers, through Chebyshev nodes of
# (x - 4) / (x + 4) on 0 <= x <= 60. Every coefficient is positive, so no sum cancels. The relative
# error of the approximation is 2.0e-16 and 3.3e-16; test_mills.py derives the numbers again.
RATIO_TOP: Final = (
    313190.39895143296,
    492468.54355764727,
    382457.3106706191,
    188673.25141688596,
    64555.53758977775,
    15828.684979998898,
    2782.027915490029,
    339.2989578372913,
    26.273774459671973,
    0.9999999999995813,
)
RATIO_BOTTOM: Final = (
    249889.7839150383,
    592316.2480738896,
    652811.880843718,
    441710.93796667614,
    203833.37091543773,
    67285.01659893335,
    16165.983979845156,
    2808.301689030878,
    340.2989578505627,
    26.273774459559597,
    1.0,
)
SLOPE_TOP: Final = (
    846144.1364023153,
    1106431.8136418907,
    733264.9978802234,
    314940.61377068394,
    95445.20977022062,
    21046.37202819737,
    3373.2964047737996,
    380.20948535365534,
    27.58413695178517,
    0.9999999999985957,
)
SLOPE_BOTTOM: Final = (
    846144.1364023152,
    2166916.2220015395,
    2602947.596890283,
    1940577.6178293817,
    1000516.2980546381,
    375840.63003076037,
    105399.58804266933,
    22181.000661045917,
    3456.0488120055093,
    383.2094854029533,
    27.584136951389674,
    1.0,
)

# The same ratio for compiled loops, where a second division costs more than additions:
# M(x) (x + 6) as a polynomial in q = 1 - 12 / (x + 6), through Chebyshev nodes on -1 <= q <= 1.
# Relative error on x >= 0 with the coefficients as rounded here: 1.4e-16.
SHIFT: Final = 6.0
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

RATIO_ROWS: Final = len(RATIO_BOTTOM)
SLOPE_ROWS: Final = len(SLOPE_BOTTOM)
RATIO_MATRIX: Final = np.array(((*RATIO_TOP, 0.0), RATIO_BOTTOM))
SLOPE_MATRIX: Final = np.array(((*SLOPE_TOP, 0.0, 0.0), SLOPE_BOTTOM))
# The scalar path has each coefficient under a name of its own: half the time of a loop over them.
T0, T1, T2, T3, T4, T5, T6, T7, T8, T9 = RATIO_TOP
B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, _ = RATIO_BOTTOM
SLOPE_TOP_DESCENDING: Final = SLOPE_TOP[::-1]
SLOPE_BOTTOM_DESCENDING: Final = SLOPE_BOTTOM[::-1]


def mills(distance: FloatArray) -> FloatArray:
    """Mills ratio of the standard normal law, M(x) = N(-x) / phi(x).

    Parameters
    ----------
    distance : ndarray (n,)
        Standard deviations, >= 0; beyond LARGEST_CENTRE the value there, NaN gives NaN.

    Returns
    -------
    ndarray (n,)
        Relative error below 1e-15.
    """
    powers = power_rows(RATIO_ROWS, distance.size)
    np.minimum(distance, LARGEST_CENTRE, out=powers[1])
    raise_powers(powers)
    return mills_of_powers(powers, np.empty((2, distance.size)))


def power_rows(count: int, size: int) -> FloatArray:
    """Room for x^0 .. x^(count - 1), at least x^9, of `size` numbers; row 0 is set to one."""
    powers = np.empty((count, size))
    powers[0] = 1.0
    return powers


def raise_powers(powers: FloatArray) -> None:
    """Fill rows 2 and up from the numbers in row 1, with four calls for up to sixteen rows."""
    np.multiply(powers[1], powers[1], powers[2])
    np.multiply(powers[1:3], powers[2], powers[3:5])
    np.multiply(powers[1:5], powers[4], powers[5:9])
    np.multiply(powers[1 : len(powers) - 8], powers[8], powers[9:])


def mills_of_powers(powers: FloatArray, sums: FloatArray) -> FloatArray:
    """Mills ratio from x^0 .. x^10 in `powers` (11, n); `sums` (2, n) is scratch, row 0 returned.

    Notes
    -----
    Both polynomials are one matrix product, so a short vector costs six numpy calls where Horner's
    rule needs forty.
    """
    np.dot(RATIO_MATRIX, powers, sums)
    return np.divide(sums[0], sums[1], sums[0])


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
    the sum. M' = -slope comes from its own quotient because x M(x) - 1 cancels in the tail; the
    higher derivatives follow from M^(n+1) = x M^(n) + n M^(n-1) and enter with factors so small
    that their own cancellation does not matter.
    """
    powers = power_rows(SLOPE_ROWS, centre.size)
    powers[1] = centre
    raise_powers(powers)
    top, bottom = SLOPE_MATRIX.dot(powers)
    ratio = mills_of_powers(powers[:RATIO_ROWS], np.empty((2, centre.size)))
    return _taylor(centre, width, ratio, np.divide(top, bottom, top))


def mills_scalar(distance: float) -> float:
    """Mills ratio of one number, the same quotient as `mills` by Horner's rule.

    Parameters
    ----------
    distance : float
        Standard deviations, >= 0; beyond LARGEST_CENTRE the value there.

    Returns
    -------
    float
        Relative error below 1.5e-15.
    """
    x = min(LARGEST_CENTRE, distance)
    top = (((((T9 * x + T8) * x + T7) * x + T6) * x + T5) * x + T4) * x + T3
    bottom = (((((x + B9) * x + B8) * x + B7) * x + B6) * x + B5) * x + B4
    top = ((top * x + T2) * x + T1) * x + T0
    return top / ((((bottom * x + B3) * x + B2) * x + B1) * x + B0)


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
    top = bottom = 0.0
    for coefficient in SLOPE_TOP_DESCENDING:
        top = top * centre + coefficient
    for coefficient in SLOPE_BOTTOM_DESCENDING:
        bottom = bottom * centre + coefficient
    return _taylor(centre, width, mills_scalar(centre), top / bottom)


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
