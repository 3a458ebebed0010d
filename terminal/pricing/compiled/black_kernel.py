"""Black-76 price and Greeks in compiled code, the numbers of `terminal.pricing.black`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from terminal.pricing.black import BlackGreeks, DiscountedGreeks
from terminal.pricing.compiled.elementary import (
    ONE_BITS,
    ROOT_TWO_PI,
    SIGNLESS,
    bits_of,
    exponential,
    kernel,
    log_ratio,
    mills_pair,
    piece,
    use_widest_vectors,
)
from terminal.pricing.compiled.inputs import kernel_columns
from terminal.pricing.rows import FloatArray

NAMES: Final = ("forward", "strike", "years", "vol", "sign")
# Below this total deviation both scores are on one side of zero, or so close to it that the
# polynomial of the Mills ratio still holds.
NARROW: Final = 0.05
# Scores beyond this have no density left.
FARTHEST: Final = 1e4
# Inputs from 2**-128 to 2**128 cannot overflow or underflow on the way to the price: they are the
# floats whose bits, less these, end below the four highest.
SMALLEST_BITS: Final = np.float64(2.0**-128).view(np.uint64)
OUTSIDE: Final = np.uint64(0xF000000000000000)
NOTHING: Final = np.uint64(0)
# Options that go through both loops of `fill` before the next ones: eleven columns of so many are
# half of the nearest cache.
BLOCK: Final = np.uint64(256)

# Fewer options are not worth a second thread; parts of this many do not wait long for the last one.
PART: Final = 50_000

Spread = Callable[[Callable[[int], bool], Iterable[int]], Iterable[bool]]
"""Calls a function with every item: the built-in ``map``, or ``map`` of a pool of threads."""

Terms = tuple[float, float, float, float, float]
Unit = tuple[float, float, float, float, float]


# A kernel is compiled as soon as it is read, so what it calls comes first.


@piece
def _strangeness(forward: float, strike: float, years: float, vol: float, sign: float) -> Any:
    """Nothing for an option the formulas hold for as they stand, some bits for any other.

    Asked of the bits of numbers, which NaN cannot mislead; "or" collects it over a whole book.
    """
    outside = (
        (bits_of(forward) - SMALLEST_BITS)
        | (bits_of(strike) - SMALLEST_BITS)
        | (bits_of(years) - SMALLEST_BITS)
        | (bits_of(vol) - SMALLEST_BITS)
    ) & OUTSIDE
    return outside | ((bits_of(sign) & SIGNLESS) ^ ONE_BITS)


@piece
def is_ordinary(forward: float, strike: float, years: float, vol: float, sign: float) -> bool:
    """Whether the formulas hold as they stand."""
    return bool(_strangeness(forward, strike, years, vol, sign) == NOTHING)


@piece
def _from_moneyness(forward: float, strike: float, moneyness: float, terms: Terms) -> Unit:
    """Price, delta, gamma, vega and theta, given moneyness |ln(F / K)|.

    The near score is |ln(F / K)| / s - s / 2, the far one has the sum. By F phi(d1) = K phi(d2)
    the time value is min(F, K) phi(near) [M(near) - M(far)] = F phi(d1) [M(near) - M(far)], where
    M(-x) = 1 / phi(x) - M(x) turns a near score that is well below zero.
    """
    root_years, vol, sign, inverse, inverse_gamma = terms
    gap = forward - strike
    deviation = vol * root_years
    ratio = min(moneyness * inverse, FARTHEST)
    half = min(0.5 * deviation, FARTHEST)
    near, far = ratio - half, ratio + half
    is_turned = (near < 0.0) & (deviation >= NARROW)
    near_mills, far_mills, slope = mills_pair(abs(near) if is_turned else near, far)

    is_above = gap > 0.0
    first = far if is_above else near
    density = exponential(-0.5 * first * first) * (1.0 / ROOT_TWO_PI)
    weight = forward * density
    straight = weight * (deviation * slope)
    turned = min(forward, strike) - weight * (near_mills + far_mills)

    # N(d1) is 1 - phi M(d1) or phi M(-d1): the constants cancel exactly in the tail.
    certain = 0.5 if is_above | is_turned else -0.5
    tail = density * (far_mills if is_above else near_mills)
    return (
        max(sign * gap, 0.0) + (turned if is_turned else straight),
        (0.5 * sign + certain) - math.copysign(tail, certain),
        density * inverse_gamma,
        weight * root_years,
        -0.5 * weight * (vol * vol) * inverse,
    )


@piece
def _scales(forward: float, strike: float, years: float, vol: float) -> tuple[float, float, float]:
    """Moneyness |ln(F / K)|, the root of the years and 1 / (F s) with s = vol sqrt(T)."""
    moneyness = log_ratio(max(forward, strike), min(forward, strike))
    root_years = math.sqrt(years)
    return moneyness, root_years, 1.0 / (vol * root_years * forward)


@piece
def ordinary_unit(forward: float, strike: float, years: float, vol: float, sign: float) -> Unit:
    """Price and Greeks of an option with ordinary inputs."""
    moneyness, root_years, shared = _scales(forward, strike, years, vol)
    terms = root_years, vol, sign, shared * forward, shared
    return _from_moneyness(forward, strike, moneyness, terms)


@piece
def any_unit(forward: float, strike: float, years: float, vol: float, sign: float) -> Unit:
    """Price and Greeks for any inputs: limits, NaN for a bad one, extreme ones with care."""
    is_valid = (
        (0.0 < forward < math.inf)
        & (0.0 < strike < math.inf)
        & (-math.inf < years < math.inf)
        & (0.0 <= vol < math.inf)
        & (abs(sign) == 1.0)
    )
    if not is_valid:
        return math.nan, math.nan, math.nan, math.nan, math.nan
    root_years = math.sqrt(max(years, 0.0))
    gap = forward - strike
    if vol * root_years == 0.0:
        intrinsic = max(sign * gap, 0.0)
        delta = sign if sign * gap > 0.0 else 0.0
        return intrinsic, 0.5 * sign if gap == 0.0 else delta, 0.0, 0.0, 0.0
    moneyness = math.log1p(abs(gap) / min(forward, strike))
    inverse = 1.0 / (vol * root_years)
    terms = root_years, vol, sign, inverse, inverse / forward
    return _from_moneyness(forward, strike, moneyness, terms)


@piece
def _fill_range(
    columns: tuple[FloatArray, ...], upper: FloatArray, lower: FloatArray, begin: Any, end: Any
) -> bool:
    """`fill` from the option `begin` until before the option `end`.

    Two loops that leave their halfway numbers in the output: in one the processor would see too few
    options at a time to hide how long a division, a root and a logarithm take. The indices are
    unsigned, which proves to LLVM that none of them counts from the end.
    """
    use_widest_vectors()
    forward, strike, years, vol, sign = columns
    price, delta, gamma, vega = upper[0], upper[1], upper[2], upper[3]
    theta, rho = lower[0], lower[1]
    size = price.size
    if not (forward.size == strike.size == years.size == vol.size == sign.size == size):
        return False
    if not (begin <= end <= np.uint64(size)):
        return False
    strange = NOTHING
    for start in range(begin, end, BLOCK):
        stop = min(start + BLOCK, end)
        for i in range(start, stop):
            delta[i], vega[i], gamma[i] = _scales(forward[i], strike[i], years[i], vol[i])
            strange |= _strangeness(forward[i], strike[i], years[i], vol[i], sign[i])
        for i in range(start, stop):
            terms = vega[i], vol[i], sign[i], gamma[i] * forward[i], gamma[i]
            unit = _from_moneyness(forward[i], strike[i], delta[i], terms)
            price[i], delta[i], gamma[i], vega[i], theta[i] = unit
            rho[i] = -years[i] * price[i]
    if strange == NOTHING:
        return True
    for i in range(begin, end):
        leg = forward[i], strike[i], years[i], vol[i], sign[i]
        if not is_ordinary(*leg):
            price[i], delta[i], gamma[i], vega[i], theta[i] = any_unit(*leg)
            rho[i] = min(-years[i], 0.0) * price[i]
    return True


@kernel("b1(UniTuple(f8[::1], 5), f8[:, ::1], f8[:, ::1])")
def fill(columns: tuple[FloatArray, ...], upper: FloatArray, lower: FloatArray) -> bool:
    """Fill `upper` (4, n) with price, delta, gamma and vega, `lower` (2, n) with theta and rho.

    False, and nothing done, where a column is not as long as they are.
    """
    return _fill_range(columns, upper, lower, NOTHING, np.uint64(upper.shape[1]))


@kernel("b1(UniTuple(f8[::1], 5), f8[:, ::1], f8[:, ::1], u8, u8)", nogil=True)
def fill_part(
    columns: tuple[FloatArray, ...], upper: FloatArray, lower: FloatArray, begin: int, end: int
) -> bool:
    """`fill` from the option `begin` until before the option `end`, while other threads run.

    To let them takes a twentieth of the time of a thousand options, so `fill` does not.
    """
    return _fill_range(columns, upper, lower, begin, end)


def greeks(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
) -> BlackGreeks:
    """Undiscounted Black-76 price and Greeks: `terminal.pricing.black.greeks`, compiled.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As there. Columns of float64 are read where they are, anything else is copied.

    Returns
    -------
    BlackGreeks
        As there, limits and flagged NaN included, equal to 1e-12 relative; a density below
        1e-307 is 0 here.

    Raises
    ------
    TypeError
        An input holds anything but real numbers.
    ValueError
        The shapes do not broadcast.
    """
    return BlackGreeks._make(_filled((forward, strike, years, vol, sign))[:-1])


def greeks_with_rho(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    vol: npt.ArrayLike,
    sign: npt.ArrayLike,
    *,
    spread: Spread = map,
) -> DiscountedGreeks:
    """Price and Greeks of `greeks`, and what a discount rate would do to the price.

    Parameters
    ----------
    forward, strike, years, vol, sign : array_like
        As in `greeks`.
    spread : callable
        The ``map`` of whoever is to do the work: that of a pool of threads uses as many cores, for
        `PART` options and more. The numbers are the same.

    Returns
    -------
    DiscountedGreeks
        At a discount rate of 0, where rho is -T P; 0 for an expired option.

    Raises
    ------
    TypeError, ValueError
        As in `greeks`.
    """
    return DiscountedGreeks._make(_filled((forward, strike, years, vol, sign), spread))


def _filled(inputs: tuple[Any, ...], spread: Spread = map) -> tuple[FloatArray, ...]:
    """Price, delta, gamma, vega, theta and rho in the common shape of inputs."""
    first = inputs[0]
    if type(first) is np.ndarray:
        # The kernel itself tells columns that it can read from all others, at once: to look at each
        # here takes as long as pricing a hundred options.
        upper, lower = _room(first.size)
        try:
            is_done = _fill_with(spread, inputs, upper, lower)
        except (TypeError, ValueError):
            is_done = False
        if is_done:
            return upper[0], upper[1], upper[2], upper[3], lower[0], lower[1]
    columns, shape = kernel_columns(NAMES, inputs)
    upper, lower = _room(columns[0].size)
    _fill_with(spread, columns, upper, lower)
    if len(shape) != 1:
        upper, lower = upper.reshape(4, *shape), lower.reshape(2, *shape)
    return upper[0], upper[1], upper[2], upper[3], lower[0], lower[1]


def _fill_with(
    spread: Spread, columns: tuple[Any, ...], upper: FloatArray, lower: FloatArray
) -> bool:
    """`fill`, by whoever is to do it."""
    count = upper.shape[1]
    if spread is map or count < PART:
        return bool(fill(columns, upper, lower))

    def filled(start: int) -> bool:
        return bool(fill_part(columns, upper, lower, start, min(start + PART, count)))

    return all(spread(filled, range(0, count, PART)))


def _room(size: int) -> tuple[FloatArray, FloatArray]:
    """Memory for four results, and for two.

    Blocks of more than 32 MiB come from the system as new pages at every call, which takes as long
    as pricing does; those of a million options in two blocks are recycled by the C library.
    """
    return np.empty((4, size)), np.empty((2, size))
