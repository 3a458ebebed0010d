"""Branch-free exponential, logarithm and Mills ratio, which LLVM turns into vector code.

Calls of ``math.exp`` keep a loop scalar. These are plain arithmetic, so a loop of them runs on
whole registers; what they promise is tested in tests/unit/pricing/test_compiled_black.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

# Without "reassoc", which would undo the roundings below; without "nnan" and "ninf", under which a
# single bad quote would make the result of its whole vector undefined.
FAST: Final = frozenset({"contract", "arcp", "nsz"})

ROOT_TWO_PI: Final = 2.5066282746310002
LOG2_E: Final = 1.4426950408889634
# ln 2 in two parts; the first ends in 22 zero bits, so that its product with an exponent is exact.
LN2_HIGH: Final = 0.6931471801362932
LN2_LOW: Final = 4.236521365809284e-10
# Adding 1.5 * 2**52 rounds to an integer that stands in the lowest bits.
ROUNDER: Final = 6755399441055744.0
LOWEST_EXPONENT: Final = -708.0
MANTISSA_BITS: Final = np.uint64(52)
HALF_STEP: Final = np.uint64(1 << 51)
ONE_BITS: Final = np.uint64(0x3FF0000000000000)
SIGNLESS: Final = np.uint64(0x7FFFFFFFFFFFFFFF)
# As bits, 2**52 + k: subtracting 2**52 turns a small integer into a float.
TWO_52: Final = 4503599627370496.0
TWO_52_BITS: Final = np.uint64(0x4330000000000000)
# Added to exponents so that their differences stay positive.
BIAS: Final = 1024.0
BIAS_BITS: Final = np.uint64(1024 << 52)

# Interpolants at Chebyshev nodes, rising powers: (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2, error
# 2e-17, and (atanh(s) / s - 1) / s^2 in s^2 <= 0.0404, error 1e-18.
EXP_SERIES: Final = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)
ATANH_SERIES: Final = (
    0.3333333333333333,
    0.20000000000004187,
    0.14285714283540604,
    0.11111111540325071,
    0.09090867550691496,
    0.07694484136448797,
    0.06603870001699784,
    0.06812043634691961,
)
# M(x) (x + 5) in q = 1 - 10 / (x + 5), likewise; relative error 2e-15 for x >= -0.03.
MILLS_SHIFT: Final = 5.0
MILLS_SERIES: Final = (
    1.9280810471531566,
    -1.6678665951889569,
    1.2415470615741326,
    -0.7859110755467584,
    0.41364471572210315,
    -0.17325473408302597,
    0.05212550257675143,
    -0.007503282855021104,
    -0.0019999632904925736,
    0.0013658592987422433,
    -0.00014882688873818769,
    -0.00012473588079399626,
    4.179648072894752e-05,
    9.974547259905168e-06,
    -6.910591885247749e-06,
    -8.343730217006197e-07,
    1.0509986284391043e-06,
    9.343947851247176e-08,
    -1.427611495681553e-07,
    -1.4231869066855157e-08,
    1.2315515272684928e-08,
    1.5852168227966446e-09,
)


def _typed(compiled: Any) -> Any:
    """What numba makes has no types that a checker could follow."""
    return compiled


def kernel(*signatures: str, nogil: bool = False) -> Callable[[Function], Function]:
    """Compile a function for good: its types are given, so no later call compiles anything."""
    made = njit(
        list(signatures), cache=True, error_model="numpy", fastmath=set(FAST), nogil=nogil
    )
    decorator: Callable[[Function], Function] = _typed(made)
    return decorator


def piece(function: Function) -> Function:
    """Make a function part of every kernel that calls it."""
    made: Function = njit(function, error_model="numpy", fastmath=set(FAST), forceinline=True)
    return made


def exact(function: Function) -> Function:
    """Make a function part of its kernels, every operation rounded as written."""
    made: Function = njit(function, error_model="numpy", forceinline=True)
    return made


def _bits_of(_context: Any, _number: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.uint64))

    return types.uint64(types.float64), generate


def _float_of(_context: Any, _bits: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.uint64), generate


def _sum_of(_context: Any, _first: Any, _second: Any) -> Any:
    def generate(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fadd(*arguments, flags=("reassoc", "nsz"))

    return types.float64(types.float64, types.float64), generate


def _use_widest_vectors(_context: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        # llvmlite does not list this attribute among those it knows: its check is passed by.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.none(), generate


bits_of: Callable[[float], Any] = _typed(intrinsic(_bits_of))
"""Bits of a float64 as a uint64."""

float_of: Callable[[Any], float] = _typed(intrinsic(_float_of))
"""Float64 of the bits in a uint64."""

sum_of: Callable[[float, float], float] = _typed(intrinsic(_sum_of))
"""Sum of two floats, of which a loop may add its own in any order, in vectors."""

use_widest_vectors: Callable[[], None] = _typed(intrinsic(_use_widest_vectors))
"""Lets a kernel fill registers of 512 bits where there are any, which makes it a third faster.

LLVM prefers 256 bits for processors that once slowed down under wider ones.
"""


@piece
def exponential(argument: float) -> float:
    """exp(x) for x <= 700, relative error 3e-16; 0 below -708."""
    bounded = max(argument, LOWEST_EXPONENT)
    rounded = bounded * LOG2_E + ROUNDER
    whole = rounded - ROUNDER
    rest = (bounded - whole * LN2_HIGH) - whole * LN2_LOW
    c = EXP_SERIES
    square = rest * rest
    even = (((c[8] * square + c[6]) * square + c[4]) * square + c[2]) * square + c[0]
    odd = (((c[9] * square + c[7]) * square + c[5]) * square + c[3]) * square + c[1]
    value = 1.0 + (rest + square * (even + rest * odd))
    scaled = float_of(bits_of(value) + (bits_of(rounded) << MANTISSA_BITS))
    return scaled if argument >= LOWEST_EXPONENT else 0.0


@piece
def log_ratio(over: float, under: float) -> float:
    """ln(over / under) of two normal positive numbers less than 2**1000 apart, relative 4e-16.

    Their bits, read as integers, are nearly logarithms: the difference gives the power of two that
    brings the numbers within a factor of 1.5 of each other. What is left is 2 atanh of
    (x - y) / (x + y), where x - y is exact.
    """
    biased = (bits_of(over) - bits_of(under) + (BIAS_BITS + HALF_STEP)) >> MANTISSA_BITS
    scaled = over * float_of(ONE_BITS + BIAS_BITS - (biased << MANTISSA_BITS))
    ratio = (scaled - under) / (scaled + under)
    c = ATANH_SERIES
    z = ratio * ratio
    y = z * z
    even = ((c[6] * y + c[4]) * y + c[2]) * y + c[0]
    odd = ((c[7] * y + c[5]) * y + c[3]) * y + c[1]
    tail = ratio * z * (even + z * odd)
    count = float_of(biased | TWO_52_BITS) - (TWO_52 + BIAS)
    return count * LN2_HIGH + (2.0 * (ratio + tail) + count * LN2_LOW)


@piece
def mills_pair(near: float, far: float) -> tuple[float, float, float]:
    """M(near), M(far) and (M(near) - M(far)) / (far - near), for -0.03 <= near <= far.

    The quotient comes from a divided difference of the polynomial, summed along with its value by
    Horner's rule in q^2, so it keeps its digits where both arguments meet. Relative error 3e-15.
    """
    near_sum, far_sum = near + MILLS_SHIFT, far + MILLS_SHIFT
    product = 1.0 / (near_sum * far_sum)
    near_w, far_w = product * far_sum, product * near_sum
    near_q, far_q = 1.0 - 2.0 * MILLS_SHIFT * near_w, 1.0 - 2.0 * MILLS_SHIFT * far_w
    near_y, far_y = near_q * near_q, far_q * far_q
    c = MILLS_SERIES
    even, odd = c[20], c[21]
    even_slope, odd_slope = even, odd
    even, odd = even * far_y + c[18], odd * far_y + c[19]
    for k in range(16, -1, -2):
        even_slope, odd_slope = even_slope * near_y + even, odd_slope * near_y + odd
        even, odd = even * far_y + c[k], odd * far_y + c[k + 1]
    series = even + far_q * odd
    slope = (near_q + far_q) * (even_slope + near_q * odd_slope) + odd
    near_series = series + 2.0 * MILLS_SHIFT * (far_w - near_w) * slope
    quotient = product * (series - 2.0 * MILLS_SHIFT * near_w * slope)
    return near_w * near_series, far_w * series, quotient
