"""Branch-free sine, cosine and arc tangent, which LLVM turns into vector code."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from terminal.pricing.compiled.elementary import ROUNDER, bits_of, piece

TWO_BY_PI: Final = 2.0 / math.pi
# pi / 2 in three parts; the first two have 33 bits, so that their products with up to a million
# quarter turns are exact.
QUARTER_HIGH: Final = 1.5707963267341256
QUARTER_MIDDLE: Final = 6.077100506303966e-11
QUARTER_LOW: Final = 2.0222662487959506e-21
ONE: Final = np.uint64(1)
TWO: Final = np.uint64(2)
EIGHTH_TANGENT: Final = 0.41421356237309503

# Interpolants at Chebyshev nodes in z = r^2, rising powers: (sin(r) / r - 1) / z and
# (cos(r) - 1 + z / 2) / z^2 for |r| <= pi / 4, (atan(r) / r - 1) / z for r <= tan(pi / 8).
SINE_SERIES: Final = (
    -0.16666666666666666,
    0.008333333333333331,
    -0.00019841269841265063,
    2.7557319219337312e-06,
    -2.5052106231802837e-08,
    1.6058531516797758e-10,
    -7.586691094197958e-13,
)
COSINE_SERIES: Final = (
    0.041666666666666664,
    -0.0013888888888887398,
    2.480158729876456e-05,
    -2.7557317271145144e-07,
    2.087614614655861e-09,
    -1.1382623647474604e-11,
)
ARC_SERIES: Final = (
    -0.3333333333333333,
    0.19999999999999804,
    -0.14285714285659779,
    0.11111111105150588,
    -0.09090908753259112,
    0.07692296368042296,
    -0.0666642476020052,
    0.05878927554473807,
    -0.05230443640686948,
    0.045515447340221615,
    -0.03456931506332609,
    0.016284375050043393,
)


@piece
def sine_cosine(angle: float) -> tuple[float, float]:
    """sin(x) and cos(x) to 2e-16 absolute, for |x| up to a million quarter turns."""
    rounded = angle * TWO_BY_PI + ROUNDER
    whole = rounded - ROUNDER
    rest = ((angle - whole * QUARTER_HIGH) - whole * QUARTER_MIDDLE) - whole * QUARTER_LOW
    z = rest * rest
    s, c = SINE_SERIES, COSINE_SERIES
    tail = ((((s[6] * z + s[5]) * z + s[4]) * z + s[3]) * z + s[2]) * z + s[1]
    sine = rest + rest * z * (tail * z + s[0])
    tail = (((c[5] * z + c[4]) * z + c[3]) * z + c[2]) * z + c[1]
    cosine = 1.0 - 0.5 * z + z * z * (tail * z + c[0])
    quarter = bits_of(rounded)
    is_odd = (quarter & ONE) == ONE
    first, second = cosine if is_odd else sine, sine if is_odd else cosine
    first = -first if (quarter & TWO) == TWO else first
    second = -second if ((quarter + ONE) & TWO) == TWO else second
    return first, second


@piece
def arc_tangent(y: float, x: float) -> float:
    """Angle of the point (x, y), which is not the origin, to 4e-16."""
    across, along = abs(y), abs(x)
    is_steep = across > along
    over, under = min(across, along), max(across, along)
    is_wide = over > EIGHTH_TANGENT * under
    top = over - under if is_wide else over
    bottom = over + under if is_wide else under
    ratio = top / bottom
    z = ratio * ratio
    y2 = z * z
    c = ARC_SERIES
    even = ((((c[10] * y2 + c[8]) * y2 + c[6]) * y2 + c[4]) * y2 + c[2]) * y2 + c[0]
    odd = ((((c[11] * y2 + c[9]) * y2 + c[7]) * y2 + c[5]) * y2 + c[3]) * y2 + c[1]
    angle = ratio + ratio * z * (even + z * odd)
    angle = angle + 0.25 * math.pi if is_wide else angle
    angle = 0.5 * math.pi - angle if is_steep else angle
    angle = math.pi - angle if x < 0.0 else angle
    return -angle if y < 0.0 else angle
