"""Mills ratio of the normal law and its slope, the only special function pricing needs."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

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

# M(x) once more, for -3/4 <= x <= 60 through the same nodes of that range: whoever stays above
# WIDE_LOW need not turn a negative score. Relative error as rounded here: 5e-16.
WIDE_LOW: Final = -0.75
WIDE_TOP: Final = (
    3763903.731582672,
    5995377.759001361,
    4746354.928764133,
    2405238.592585102,
    854651.314328533,
    221219.05807848187,
    42133.525155389696,
    5828.792775049723,
    561.4556070624694,
    34.12702454276456,
    1.0000000000006883,
)
WIDE_BOTTOM: Final = (
    3003160.6757781063,
    7179794.8869017195,
    8014110.469852671,
    5522265.486021924,
    2615142.3044554945,
    895671.8760922793,
    226979.59897157806,
    42692.980695419385,
    5862.919801065088,
    562.4556070410408,
    34.12702454294764,
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

WIDTH: Final = 6
POWER_ROWS: Final = WIDTH + 1


def _matrix(top: tuple[float, ...], bottom: tuple[float, ...]) -> FloatArray:
    """Coefficients of x^1 to x^5 and x^0, top and bottom, and below of x^7 to x^11 and x^6."""
    padded = np.zeros((2, 2 * WIDTH))
    for row, series in zip(padded, (top, bottom), strict=True):
        row[: len(series)] = series
    return np.roll(np.concatenate((padded[:, :WIDTH], padded[:, WIDTH:])), -1, axis=1)


RATIO_MATRIX: Final = _matrix(RATIO_TOP, RATIO_BOTTOM)
SLOPE_MATRIX: Final = _matrix(SLOPE_TOP, SLOPE_BOTTOM)
# The tops doubled: twice the ratio comes out.
WIDE_MATRIX: Final = _matrix(tuple(2.0 * each for each in WIDE_TOP), WIDE_BOTTOM)
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
    memory = quotient_in(np.empty((POWER_ROWS, distance.size)), np.empty((4, distance.size)))
    np.minimum(distance, LARGEST_CENTRE, out=memory.score)
    np.square(memory.score, memory.square)
    fill_powers(memory)
    return divided(RATIO_MATRIX, memory)


class Quotient(NamedTuple):
    """Memory of a quotient of two polynomials at n scores; every row of it has a name.

    Attributes
    ----------
    powers : ndarray (6, n)
        Powers 1 to 5 and 0, the last of them ones.
    score, square, cube, fourth, fifth, sixth : ndarray (n,)
        Powers; the sixth stands for itself.
    sums : ndarray (4, n)
        Low terms of top and bottom, then their high terms over x^6.
    low, high : ndarray (2, n)
        Halves of the sums.
    top, bottom, top_high, bottom_high : ndarray (n,)
        Rows of the sums; the top becomes the quotient.
    """

    powers: FloatArray
    score: FloatArray
    square: FloatArray
    cube: FloatArray
    fourth: FloatArray
    fifth: FloatArray
    sixth: FloatArray
    sums: FloatArray
    low: FloatArray
    high: FloatArray
    top: FloatArray
    bottom: FloatArray
    top_high: FloatArray
    bottom_high: FloatArray


def quotient_in(powers: FloatArray, sums: FloatArray) -> Quotient:
    """Lay a quotient out in `powers` (7, n) and `sums` (4, n)."""
    score, square, cube, fourth, fifth, one, sixth = powers
    one.fill(1.0)
    return Quotient(
        powers=powers[:WIDTH],
        score=score,
        square=square,
        cube=cube,
        fourth=fourth,
        fifth=fifth,
        sixth=sixth,
        sums=sums,
        low=sums[:2],
        high=sums[2:],
        top=sums[0],
        bottom=sums[1],
        top_high=sums[2],
        bottom_high=sums[3],
    )


def fill_powers(memory: Quotient) -> None:
    """Write x^3 to x^6 from x and x^2."""
    square, cube = memory.square, memory.cube
    np.multiply(memory.score, square, cube)
    np.square(square, memory.fourth)
    np.multiply(cube, square, memory.fifth)
    np.square(cube, memory.sixth)


def divided(matrix: FloatArray, memory: Quotient) -> FloatArray:
    """Quotient of two polynomials whose powers are there; the memory's own `top`.

    Notes
    -----
    Both sums are one matrix product and one step of Horner's rule in x^6, so a short vector costs
    eleven numpy calls where Horner's rule in x needs forty. That step is made row by row: numpy
    takes twice as long where it has to repeat one row for two.
    """
    sixth, top = memory.sixth, memory.top
    np.dot(matrix, memory.powers, memory.sums)
    np.multiply(memory.top_high, sixth, memory.top_high)
    np.multiply(memory.bottom_high, sixth, memory.bottom_high)
    np.add(memory.low, memory.high, memory.low)
    np.divide(top, memory.bottom, top)
    return top


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
    memory = quotient_in(np.empty((POWER_ROWS, centre.size)), np.empty((4, centre.size)))
    memory.score[:] = centre
    np.square(memory.score, memory.square)
    fill_powers(memory)
    ratio = divided(RATIO_MATRIX, memory).copy()
    return _taylor(centre, width, ratio, divided(SLOPE_MATRIX, memory))


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
